"""Files as they were at one moment, so that it can be seen, without reading them, that one was changed since."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

Stamp = tuple[str, int, int]  # path, size in bytes, time of the last change in nanoseconds


@dataclass(frozen=True, slots=True)
class Witness:
    """The size and the time of the last change of every file below a folder."""

    stamps: tuple[Stamp, ...]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The files as they are now; none where there is no folder. Raises `OSError` for one that goes just then."""
        paths = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)  # noqa: PTH118
        return cls(tuple(_stamp(path) for path in paths))

    def holds(self) -> bool:
        """Whether each of them is still so. Some forty microseconds for the files of a generation."""
        try:
            return all(_stamp(stamp[0]) == stamp for stamp in self.stamps)
        except OSError:
            return False


def _stamp(path: str) -> Stamp:
    found = os.stat(path)  # noqa: PTH116  # many at every question
    return path, found.st_size, found.st_mtime_ns
