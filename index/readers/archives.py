"""Zip archives among the sources: each file in one is a source of its own, named `archive.zip/file.docx`.

The files within a zip archive on disk, listed and read one at a time.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from index.errors import SourceError
from index.readers.extracted import UnreadableFileError
from index.readers.read import ARCHIVE, misnamed
from index.readers.sandbox import Parser
from index.readers.zip import fault_of, member_bytes, open_zip
from index.sources.files import Failure, SourceFile

_HEAD = 1024  # bytes that tell what a file is
_LEFT = "The files in it are left out."


def unpacked(sources: Sequence[SourceFile], parser: Parser) -> tuple[tuple[SourceFile, ...], tuple[Failure, ...]]:
    """The sources with every archive replaced by the files in it, by name; and what of the archives is no source."""
    found: list[SourceFile] = []
    failed: list[Failure] = []
    for source in sources:
        if PurePosixPath(source.name).suffix.lower() != ARCHIVE:
            found.append(source)
            continue
        try:
            listed = _members(source.path, parser)
        except UnreadableFileError as error:
            failed.append(Failure(source.name, f"{error} {_LEFT}"))
            continue
        for name, sha256, fault in listed:
            if fault:
                failed.append(Failure(f"{source.name}/{_shown(name)}", fault))
            else:
                found.append(SourceFile(source.path, f"{source.name}/{name}", sha256, name))
    return tuple(sorted(found, key=lambda source: source.name)), tuple(failed)


def locate(folder: Path, name: str) -> SourceFile:
    """The source of that name in a folder of sources, in an archive or not. Its `sha256` is left empty.

    Raises `SourceError` when the name leads out of the folder, or there is no such file.
    """
    parts = PurePosixPath(name).parts
    path = folder.joinpath(*parts)
    if ".." in parts or not path.resolve().is_relative_to(folder.resolve()):
        raise SourceError(path, "it is not within the sources folder")
    for depth in range(1, len(parts)):
        archive = folder.joinpath(*parts[:depth])
        if archive.suffix.lower() == ARCHIVE and archive.is_file():
            return SourceFile(archive, name, "", name.removeprefix("/".join(parts[:depth]) + "/"))
    if not path.is_file():
        raise SourceError(path, f"the file is missing from {folder}")
    return SourceFile(path, name, "")


def _members(archive: Path, parser: Parser) -> list[tuple[str, str, str]]:
    try:
        with archive.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        raise UnreadableFileError(f"it cannot be read: {error.strerror}.") from error
    if fault := misnamed(ARCHIVE, head):
        raise UnreadableFileError(fault)
    members = parser.members(archive)
    if not members:
        raise UnreadableFileError("it holds no file.")
    return members


def _shown(name: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in name)


def list_members(path: str) -> list[tuple[str, str, str]]:
    """Every file in an archive by name: (name, SHA-256 of its bytes, why it is not taken), the last two or one empty.

    Folders, hidden files, and files named `README…` are left out, as in a folder of sources. Raises
    `UnreadableFileError` for an archive that cannot be read or is over the limits, and `OSError` for one that is not
    there.
    """
    archive = _opened(path)
    members = [member for member in archive.infolist() if not member.is_dir() and not _is_beside(member.filename)]
    times = Counter(member.filename for member in members)
    listed = {member.filename: _listed(archive, member, times) for member in members}
    return [listed[name] for name in sorted(listed)]


def read_member(path: str, name: str) -> bytes:
    """A member's bytes. Raises as `list_members` does, and `UnreadableFileError` for a member that is not taken."""
    archive = _opened(path)
    times = Counter(member.filename for member in archive.infolist())
    found = next((member for member in archive.infolist() if member.filename == name), None)
    if found is None:
        raise UnreadableFileError("the archive holds no such file.")
    if fault := fault_of(found, times):
        raise UnreadableFileError(fault)
    return member_bytes(archive, name)


def _listed(archive: zipfile.ZipFile, member: zipfile.ZipInfo, times: Counter[str]) -> tuple[str, str, str]:
    name = member.filename
    if fault := fault_of(member, times):
        return name, "", fault
    try:
        return name, hashlib.sha256(member_bytes(archive, name)).hexdigest(), ""
    except UnreadableFileError as error:
        return name, "", str(error)


def _is_beside(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or parts[0] == "__MACOSX" or parts[-1].upper().startswith("README") or _is_hidden(parts)


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") and part != ".." for part in parts)


def _opened(path: str) -> zipfile.ZipFile:
    state = Path(path).stat()
    return _archive(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=1)  # the members of one archive are asked for one after the other
def _archive(path: str, _modified: int, _size: int) -> zipfile.ZipFile:
    return open_zip(Path(path))
