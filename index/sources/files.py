"""Finds the files of a sources folder."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index.errors import SourceError

CATALOGUE_FILE = "catalogue.toml"  # describes the sources in its folder and is not a source itself
_NO_FOLDER_ADVICE = (
    "Make the folder and put your assessments in it, as text, Word or PDF files, or change the setting `sources`."
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the sources folder.

    `name` is its path within the folder, with forward slashes. `sha256` is of its bytes, and empty when the file could
    not be read: reading it again will raise the reason. `member` is its name within the archive at `path`, and empty
    for a file that is not in an archive.
    """

    path: Path
    name: str
    sha256: str
    member: str = ""

    @property
    def location(self) -> Path:
        """The path to show in messages: that of the file, or that within its archive."""
        return self.path / self.member if self.member else self.path


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that could not be indexed, and the reason."""

    source: str
    reason: str


def discover(folder: Path) -> tuple[SourceFile, ...]:
    """Returns every source in a folder and its subfolders, sorted by name.

    Hidden files and folders, files named `README…`, the folder's catalogue, anything but regular files, and links that
    lead out of the folder are left out. Raises `SourceError` when there is no such folder.
    """
    if not folder.is_dir():
        problem = "it is not a folder." if folder.exists() else "there is no such folder."
        raise SourceError(folder, problem, advice=_NO_FOLDER_ADVICE)
    root = folder.resolve()
    paths = (path for path in _files(folder, root) if path != folder / CATALOGUE_FILE)
    sources = [SourceFile(path, _name(path.relative_to(folder)), _digest(path)) for path in paths]
    return tuple(sorted(sources, key=lambda source: source.name))


def title_from_name(name: str) -> str:
    """Returns a title made from a file name: `westmere_2016-efficiency.txt` gives "Westmere 2016 efficiency"."""
    words = re.sub(r"[\s_-]+", " ", PurePosixPath(name).stem).strip() or name
    return words[0].upper() + words[1:]


def _files(folder: Path, root: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=_raise_unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            path = Path(parent, name)
            if _is_source(name) and path.is_file() and path.resolve().is_relative_to(root):
                yield path


def _is_source(name: str) -> bool:
    return not name.startswith(".") and not name.upper().startswith("README")


def _raise_unreadable(error: OSError) -> None:
    raise SourceError(
        Path(str(error.filename)),
        f"the folder cannot be read: {error.strerror}.",
        advice="Change its permissions, then run again.",
    ) from error


def _name(relative: Path) -> str:
    """Returns a name that can be stored and displayed: bytes that are not UTF-8 become U+FFFD."""
    return os.fsencode(relative.as_posix()).decode("utf-8", "replace")


def _digest(path: Path) -> str:
    """Returns the SHA-256 of a file in hexadecimal, or nothing when it cannot be read, so that the others go on."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
