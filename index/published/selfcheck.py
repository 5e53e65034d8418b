"""`python -m index.published.selfcheck FOLDER`: show that Chroma can open a folder, and print how much of what is near
it finds.

Chroma ends the process that opens a damaged folder; so before a generation is published, another process tries.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from index.errors import GenerationError
from index.published.chroma import ChromaStore
from index.published.generation import CHROMA, load_arrays
from index.published.vector_store import ExactStore

SAMPLE = 100  # vectors looked up
NEIGHBOURS = 10
NEAR = 1e-5  # a cosine this close to that of the last neighbour is as good
SECONDS = 600.0


def selfcheck(folder: Path) -> float:
    """Open a generation's Chroma folder in this process: recall@10 against exact search, over a sample of its vectors.

    Raises `GenerationError` when it does not open or does not hold as many vectors as the arrays say.
    """
    arrays = load_arrays(folder)
    rows = np.flatnonzero(arrays.searched)
    store = ChromaStore(folder / CHROMA)
    try:
        if len(store) != len(rows):
            raise GenerationError(f"{folder}: Chroma holds {len(store)} vectors of {len(rows)}.", advice="Run again.")
        exact = ExactStore(arrays.keys[rows], arrays.vectors[rows], [""] * len(rows))
        sample = arrays.vectors[rows[:: max(1, len(rows) // SAMPLE)]]
        found = wanted = 0
        for vector in sample:
            nearest = exact.search(vector, NEIGHBOURS)
            wanted += len(nearest)
            found += sum(cosine >= nearest[-1][1] - NEAR for _, cosine in store.search(vector, NEIGHBOURS))
    finally:
        store.close()
    return found / wanted if wanted else 1.0


def selfcheck_in_child(folder: Path) -> float:
    """`selfcheck` in another process. Raises `GenerationError` when that fails, however it ends."""
    try:
        child = subprocess.run(  # noqa: S603  # this very program
            [sys.executable, "-m", "index.published.selfcheck", str(folder.absolute())],
            check=True, capture_output=True, text=True, timeout=SECONDS, cwd=Path(__file__).parents[2],
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()[-1:] or [f"it ended with status {error.returncode}"]
        raise GenerationError(f"A new generation failed its trial: {said[0]}.", advice="Run again.") from error
    except subprocess.TimeoutExpired as error:
        raise GenerationError(f"A new generation's trial took over {SECONDS:.0f} s.", advice="Run again.") from error
    return float(child.stdout.split()[-1])


if __name__ == "__main__":
    sys.stdout.write(f"{selfcheck(Path(sys.argv[1]))}\n")
