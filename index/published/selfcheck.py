"""`python -m index.published.selfcheck FOLDER` opens a generation with Chroma and prints the recall of its search.

Opening a damaged Chroma folder can end the process, so a generation is tried in a child process before it is published.
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

SAMPLE_SIZE = 100  # vectors searched for
NEIGHBOURS = 10
COSINE_TOLERANCE = 1e-5  # below the cosine of the last neighbour, at which a hit counts as equally near
TIMEOUT_SECONDS = 600.0


def selfcheck(folder: Path) -> float:
    """Opens a generation's Chroma folder and returns recall@10 against exact search over a sample of its vectors.

    Raises `GenerationError` when Chroma cannot open it or does not contain as many vectors as the arrays say.
    """
    arrays = load_arrays(folder)
    rows = np.flatnonzero(arrays.searched)
    store = ChromaStore(folder / CHROMA)
    try:
        if len(store) != len(rows):
            raise GenerationError(f"{folder}: Chroma has {len(store)} of {len(rows)} vectors.", advice="Run again.")
        exact = ExactStore(arrays.keys[rows], arrays.vectors[rows], [""] * len(rows))
        sample = arrays.vectors[rows[:: max(1, len(rows) // SAMPLE_SIZE)]]
        found = wanted = 0
        for vector in sample:
            nearest = exact.search(vector, NEIGHBOURS)
            wanted += len(nearest)
            found += sum(cosine >= nearest[-1][1] - COSINE_TOLERANCE for _, cosine in store.search(vector, NEIGHBOURS))
    finally:
        store.close()
    return found / wanted if wanted else 1.0


def selfcheck_in_child(folder: Path) -> float:
    """Runs `selfcheck` in a child process. Raises `GenerationError` when that fails, however it ends."""
    try:
        child = subprocess.run(  # noqa: S603  # this very program
            [sys.executable, "-m", "index.published.selfcheck", str(folder.absolute())],
            check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, cwd=Path(__file__).parents[2],
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()[-1:] or [f"exit status {error.returncode}"]
        raise GenerationError(f"A new generation failed its self-check: {reason[0]}.", advice="Run again.") from error
    except subprocess.TimeoutExpired as error:
        raise GenerationError(
            f"The self-check of a new generation took over {TIMEOUT_SECONDS:.0f} s.", advice="Run again."
        ) from error
    return float(child.stdout.split()[-1])


if __name__ == "__main__":
    sys.stdout.write(f"{selfcheck(Path(sys.argv[1]))}\n")
