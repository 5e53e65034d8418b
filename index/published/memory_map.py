"""Arrays mapped into memory from a copy that only this process has."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

_CHUNK = 2**20  # bytes copied at a time


def mapped(path: Path) -> NDArray[Any]:
    """The array of a .npy file, on disk and not in memory until it is read. Raises `OSError`, `ValueError`.

    Mapped in place, a file that is changed changes what is searched, and one that is cut short ends the process.
    """
    with tempfile.TemporaryFile() as copy, path.open("rb") as file:
        shutil.copyfileobj(file, copy, _CHUNK)
        copy.seek(0)
        np.lib.format.read_magic(copy)
        shape, fortran, kind = np.lib.format.read_array_header_1_0(copy)
        order: Literal["C", "F"] = "F" if fortran else "C"
        # A plain array over the map: slices of a `memmap` cost ten times as much.
        return np.asarray(np.memmap(copy, dtype=kind, mode="r", offset=copy.tell(), shape=shape, order=order))
