"""`python -m index.proof FOLDER`: show that Chroma can open a folder and find what is in it.

Chroma ends the process that opens a damaged folder; so before a generation is published, another process tries.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

from index.chroma import ChromaStore
from index.errors import GenerationError
from index.generation import CHROMA, load_arrays

SAMPLE = 200  # vectors looked up
FOUND_ENOUGH = 0.98  # of them must be their own nearest
SECONDS = 600.0


def prove(folder: Path) -> None:
    """Open a generation's Chroma folder in this process, count, and look up a sample of its own vectors.

    Raises `GenerationError` when it does not hold what the arrays say.
    """
    arrays = load_arrays(folder)
    rows = np.flatnonzero(arrays.searched)
    store = ChromaStore(folder / CHROMA)
    try:
        if len(store) != len(rows):
            raise GenerationError(f"{folder}: Chroma holds {len(store)} vectors of {len(rows)}.")
        sample = rows[:: max(1, len(rows) // SAMPLE)]
        found = [store.search(arrays.vectors[row], 1)[0] for row in sample]
    finally:
        store.close()
    # By cosine, not by key: two sentences of the same words are equally near.
    share = np.mean([cosine > 1 - 1e-4 for _, cosine in found]) if found else 1.0
    if share < FOUND_ENOUGH:
        raise GenerationError(f"{folder}: Chroma finds {share:.0%} of a sample of its own vectors.")


def prove_in_child(folder: Path) -> None:
    """`prove` in another process. Raises `GenerationError` when it fails, however it ends."""
    try:
        subprocess.run(  # noqa: S603  # this very program
            [sys.executable, "-m", "index.proof", str(folder.absolute())],
            check=True, capture_output=True, text=True, timeout=SECONDS, cwd=Path(__file__).parents[1],
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines()[-1:] or [f"it ended with status {error.returncode}"]
        raise GenerationError(f"A new generation failed its trial: {said[0]}.", advice="Run again.") from error
    except subprocess.TimeoutExpired as error:
        raise GenerationError(f"A new generation's trial took over {SECONDS:.0f} s.", advice="Run again.") from error


if __name__ == "__main__":
    prove(Path(sys.argv[1]))
