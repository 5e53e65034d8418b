"""Zip archives among the sources: each file in one is a source of its own, named `archive.zip/file.docx`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from index.catalogue import Failure
from index.errors import SourceError
from index.readers import ARCHIVE
from index.readers.child import Parser
from index.readers.parts import UnreadableError
from index.readers.signatures import misnamed
from index.source import SourceFile

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
        except UnreadableError as error:
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
        raise UnreadableError(f"it cannot be read: {error.strerror}.") from error
    if fault := misnamed(ARCHIVE, head):
        raise UnreadableError(fault)
    members = parser.members(archive)
    if not members:
        raise UnreadableError("it holds no file.")
    return members


def _shown(name: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in name)
