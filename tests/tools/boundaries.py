"""Where sentences begin and end, against the quotations of a gold file: `python -m tests.tools.boundaries
QUESTIONS.jsonl`.

The file is of the form that `assistant evaluate` reads, its sources beside it, and its quotations were cut by other
hands. Each gives two boundaries that must be ours too; one of ours within a quotation is one too many.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.readers.read import read
from index.sources.files import discover
from index.text.sentences import split_sentences

CONTEXT = 40  # characters shown on either side of a boundary that is not the same


@dataclass
class Counted:
    """Boundaries that are the same, that are missing, and that are too many; and where."""

    same: int = 0
    missing: int = 0
    extra: int = 0

    @property
    def f1(self) -> float:
        """Harmonic mean of the share found and the share of what was found that is right."""
        return 2 * self.same / max(2 * self.same + self.missing + self.extra, 1)


def quotations(questions: Path) -> Iterator[tuple[str, str]]:
    """Every quotation once: the name of its source, and its text."""
    lines = map(json.loads, questions.read_text(encoding="utf-8").splitlines())
    facts = (one for line in lines for fact in line["evidence"] for one in fact)
    yield from dict.fromkeys((one["source"], one["quote"]) for one in facts)


def compared(questions: Path, sources: Path, *, show: bool = False) -> Counted:
    """Count them over a gold file; with `show`, print those that are not the same."""
    counted = Counted()
    held = {}
    for file in discover(sources):
        transcript = read(file)
        sentences = split_sentences(transcript)
        bounds = ({one.start for one in sentences}, {one.end for one in sentences})
        held[file.name] = (transcript.text, *bounds)
    for source, quote in quotations(questions):
        text, starts, ends = held[source]
        first = text.index(quote)
        last = first + len(quote)
        lacking = [at for at, bounds in ((first, starts), (last, ends)) if at not in bounds]
        inner = [at for at in range(first + 1, last) if at in ends]
        counted.same += 2 - len(lacking)
        counted.missing += len(lacking)
        counted.extra += len(inner)
        for what, places in (("missing", lacking), ("too many", inner)):
            for at in places if show else ():
                print(f"{what}: {text[max(0, at - CONTEXT) : at]!r} | {text[at : at + CONTEXT]!r}")  # noqa: T201
    return counted


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("questions", type=Path)
    parser.add_argument("--sources", type=Path, help="by default the folder `sources` beside it")
    parser.add_argument("--show", action="store_true", help="print each boundary that is not the same")
    given = parser.parse_args()
    found = compared(given.questions, given.sources or given.questions.parent / "sources", show=given.show)
    print(f"{found}, F1 {found.f1:.4f}")  # noqa: T201
