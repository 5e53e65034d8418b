"""Treats a zip archive among the sources as a folder: each file in it is a source, named `archive.zip/file.docx`.

`expand_archives` and `find_source` run in the main process; `list_members` and `read_member` open the archive and
run in the sandbox.
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
from index.readers.formats import ARCHIVE, ZIP_ARCHIVE, signature_fault
from index.readers.sandbox import SandboxedParser
from index.readers.zip import ArchiveMember, member_bytes, member_fault, open_zip
from index.sources.files import Failure, SourceFile

_HEAD_BYTES = 1024  # enough to recognise the type of a file


def expand_archives(
    sources: Sequence[SourceFile], parser: SandboxedParser
) -> tuple[tuple[SourceFile, ...], tuple[Failure, ...]]:
    """Replaces every archive by the files in it. Returns the sources sorted by name, and what cannot be a source."""
    files: list[SourceFile] = []
    failures: list[Failure] = []
    for source in sources:
        if PurePosixPath(source.name).suffix.lower() != ARCHIVE:
            files.append(source)
            continue
        try:
            members = _members(source.path, parser)
        except UnreadableFileError as error:
            failures.append(Failure(source.name, f"{error} The files in it are left out."))
            continue
        for member in members:
            if member.fault:
                failures.append(Failure(f"{source.name}/{_printable(member.name)}", member.fault))
            else:
                files.append(SourceFile(source.path, f"{source.name}/{member.name}", member.sha256, member.name))
    return tuple(sorted(files, key=lambda source: source.name)), tuple(failures)


def find_source(folder: Path, name: str) -> SourceFile:
    """Returns the source of that name in a folder of sources or in an archive there. Its `sha256` is left empty.

    Raises `SourceError` when the name points outside the folder or there is no such file.
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


def list_members(path: str) -> list[ArchiveMember]:
    """Returns the files in an archive, sorted by name.

    Folders, hidden files and files named `README…` are left out, as they are in a folder of sources. Raises
    `UnreadableFileError` when the archive cannot be read or is over a limit, and `OSError` when there is none.
    """
    archive = _open_archive(path)
    files = [member for member in archive.infolist() if not member.is_dir() and not _is_ignored(member.filename)]
    name_counts = Counter(member.filename for member in files)
    by_name = {member.filename: _describe(archive, member, name_counts) for member in files}
    return [by_name[name] for name in sorted(by_name)]


def read_member(path: str, name: str) -> bytes:
    """Returns the bytes of a file in an archive. Raises as `list_members` does, and also when it cannot be a source."""
    archive = _open_archive(path)
    name_counts = Counter(member.filename for member in archive.infolist())
    member = next((member for member in archive.infolist() if member.filename == name), None)
    if member is None:
        raise UnreadableFileError("the archive contains no such file.")
    if fault := member_fault(member, name_counts):
        raise UnreadableFileError(fault)
    return member_bytes(archive, name)


def _members(archive: Path, parser: SandboxedParser) -> list[ArchiveMember]:
    try:
        with archive.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        raise UnreadableFileError(f"it cannot be read: {error.strerror}.") from error
    if fault := signature_fault(ARCHIVE, head, ZIP_ARCHIVE):
        raise UnreadableFileError(fault)
    members = parser.list_members(archive)
    if not members:
        raise UnreadableFileError("it contains no files.")
    return members


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in name)


def _describe(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name_counts: Counter[str]) -> ArchiveMember:
    name = member.filename
    if fault := member_fault(member, name_counts):
        return ArchiveMember(name, "", fault)
    try:
        return ArchiveMember(name, hashlib.sha256(member_bytes(archive, name)).hexdigest(), "")
    except UnreadableFileError as error:
        return ArchiveMember(name, "", str(error))


def _is_ignored(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or parts[0] == "__MACOSX" or parts[-1].upper().startswith("README") or _is_hidden(parts)


def _is_hidden(parts: tuple[str, ...]) -> bool:
    return any(part.startswith(".") and part != ".." for part in parts)


def _open_archive(path: str) -> zipfile.ZipFile:
    status = Path(path).stat()
    return _cached_archive(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1)  # the members of one archive are requested one after the other
def _cached_archive(path: str, _modified: int, _size: int) -> zipfile.ZipFile:
    return open_zip(Path(path))
