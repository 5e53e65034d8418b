"""Arrays mapped into memory from a private copy of their file."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_CHUNK_BYTES = 2**20  # copied at a time


def mapped(path: Path) -> NDArray[Any]:
    """Maps the array of a .npy file; it is read from disk as it is used. Raises `OSError` and `ValueError`.

    The copy is needed because a change to a file that is mapped in place changes the array, and truncating the file
    ends the process.
    """
    with tempfile.TemporaryFile() as copy, path.open("rb") as file:
        shutil.copyfileobj(file, copy, _CHUNK_BYTES)
        copy.seek(0)
        np.lib.format.read_magic(copy)
        shape, fortran, kind = np.lib.format.read_array_header_1_0(copy)
        order: Literal["C", "F"] = "F" if fortran else "C"
        # As a plain array: slicing a `memmap` takes ten times as long.
        return np.asarray(np.memmap(copy, dtype=kind, mode="r", offset=copy.tell(), shape=shape, order=order))
