"""The files of a sources folder."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index.errors import SourceError

CATALOGUE = "catalogue.toml"  # what is said of the sources in their folder: no source itself
_ADVICE = "Make the folder and put your assessments in it, as text, Word or PDF files, or point the setting at another."


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file. `name` is its path within the sources folder, with forward slashes; `sha256` is of its bytes.

    `sha256` is empty when the file could not be read just now: reading it will say why. `member` is the name within
    the archive at `path`, for a file that is packed in one.
    """

    path: Path
    name: str
    sha256: str
    member: str = ""

    @property
    def place(self) -> Path:
        """Where it is, for a message: its path, or that within its archive."""
        return self.path / self.member if self.member else self.path


def discover(folder: Path) -> tuple[SourceFile, ...]:
    """Every source in `folder` and the folders below, sorted by name.

    Hidden files and folders, files named `README…`, the folder's catalogue, anything that is not a plain file, and
    links that lead out of the folder are left out. Raises `SourceError` when there is no such folder.
    """
    if not folder.is_dir():
        problem = "is not a folder." if folder.exists() else "there is no such folder."
        raise SourceError(folder, problem, advice=_ADVICE)
    root = folder.resolve()
    paths = (path for path in _files(folder, root) if path != folder / CATALOGUE)
    sources = [SourceFile(path, _name(path.relative_to(folder)), _digest(path)) for path in paths]
    return tuple(sorted(sources, key=lambda source: source.name))


def _files(folder: Path, root: Path) -> Iterator[Path]:
    for at, folders, names in os.walk(folder, onerror=_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(at, name)
            if _is_source(name) and path.is_file() and path.resolve().is_relative_to(root):
                yield path


def _is_source(name: str) -> bool:
    return not name.startswith(".") and not name.upper().startswith("README")


def _unreadable(error: OSError) -> None:
    raise SourceError(
        Path(str(error.filename)), f"the folder cannot be read: {error.strerror}.", advice="Check its permissions."
    ) from error


def _name(relative: Path) -> str:
    """A name that can be stored and shown: bytes of a file name that are not UTF-8 become U+FFFD."""
    return os.fsencode(relative.as_posix()).decode("utf-8", "replace")


def _digest(path: Path) -> str:
    """SHA-256 in hexadecimal, read a piece at a time; empty when the file cannot be read, so that the rest go on."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def title_from_name(name: str) -> str:
    """A source's file name made readable: `westmere_2016-efficiency.txt` is "Westmere 2016 efficiency"."""
    words = re.sub(r"[\s_-]+", " ", PurePosixPath(name).stem).strip() or name
    return words[0].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be taken in, and why."""

    source: str
    reason: str
