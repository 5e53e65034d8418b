"""An indexer at work beside a server: changes a source, indexes, waits, and again.

`python -m tests.tools.prove.indexer SOURCES INDEX MODEL EVERY SECONDS SEED` prints a line of JSON: how many generations
it published, and the longest that one took in seconds.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

from index.build import build_index
from index.embedding.models import open_embedder

WORDS = ("custody", "supervision", "training", "officers", "victims", "demand", "fraud", "patrol", "response")
LEAST = 2  # generations, however slow the machine
BULLETIN = "Northshire Constabulary – PEEL 2021/22 – bulletin\n\n"


def bulletin(number: int, random_: random.Random) -> str:
    """A source whose sentences differ each time, in number too."""
    said = [f"In week {number} the force improved its {' and '.join(random_.sample(WORDS, 3))}."]
    return BULLETIN + "\n\n".join(said * random_.randint(1, 4)) + "\n"


def main(sources: Path, index: Path, model: str, every: float, seconds: float, seed: int) -> dict[str, float]:
    """Publish a generation every so many seconds, until the time is over."""
    embedder, random_ = open_embedder(model), random.Random(seed)
    until, published, longest = time.monotonic() + seconds, 0, 0.0
    while time.monotonic() < until or published < LEAST:
        began = time.monotonic()
        (sources / "bulletin.txt").write_text(bulletin(published, random_), encoding="utf-8")
        build_index(sources, index, embedder)
        published += 1
        longest = max(longest, time.monotonic() - began)
        time.sleep(max(0.0, began + every - time.monotonic()))
    return {"published": published, "longest": round(longest, 1)}


if __name__ == "__main__":
    where, what = (Path(sys.argv[1]), Path(sys.argv[2])), sys.argv[3]
    print(json.dumps(main(*where, what, float(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6]))))  # noqa: T201
