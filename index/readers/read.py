"""Finds the sources in archives, and reads a source into a `Transcript`, whose text is final from then on.

A zip archive is treated as a folder: each file in it is a source, named `archive.zip/file.docx`. `read` checks the
size of a file and that its first bytes fit its name, has it divided into blocks in the sandbox, and describes the
transcript.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from index.errors import EmptySourceError, SourceError, UnsupportedFormatError
from index.readers.blocks import title_of
from index.readers.extracted import ComposedText, UnreadableFileError, compose_text
from index.readers.formats import (
    ARCHIVE,
    FORMATS,
    ZIP_ARCHIVE,
    ArchiveMember,
    ParsedFormat,
    Signature,
    TextFormat,
    signature_fault,
)
from index.readers.sandbox import SandboxedParser
from index.readers.text import decode_text
from index.readers.turns import with_turns
from index.sources.cover import read_cover
from index.sources.files import Failure, SourceFile, title_from_name
from index.sources.gazetteer import Gazetteer
from index.sources.metadata import extract_metadata
from index.text.transcript import Metadata, Transcript

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


MAX_SLUG_CHARACTERS = 60
_ADVICE = "Open it and save it again, or save its text as plain text in UTF-8."
_SAVE_AS = f"Save it as one of: {', '.join((*FORMATS, ARCHIVE))}."


def read(source: SourceFile, parser: SandboxedParser | None = None) -> Transcript:
    """Reads a source. The transcript's `sha256` is of the bytes that were read, whatever `source` says.

    Without a `parser`, one is started for this source alone if it is needed. Raises `UnsupportedFormatError` for a
    format without a reader, `EmptySourceError` for a file without a word, and `SourceError` for a file that cannot be
    opened, is not what its name says, or cannot be parsed.
    """
    if parser is None:
        with SandboxedParser() as own_parser:
            return read(source, own_parser)
    suffix = PurePosixPath(source.name).suffix.lower()
    if suffix not in FORMATS:
        kind = f"{suffix} files" if suffix else "files without a suffix"
        raise UnsupportedFormatError(source.location, f"{kind} cannot be read.", advice=_SAVE_AS)
    try:
        data = _bytes_of(source, parser)
        composed = _compose(source, suffix, data, parser)
    except UnreadableFileError as error:
        raise SourceError(source.location, str(error), advice=_ADVICE) from error
    if not re.search(r"\w", composed.text):
        raise EmptySourceError(
            source.location, "it contains no text.", advice="Remove it, or put the assessment in it."
        )
    own_title = _own_title(composed)
    title = own_title or title_from_name(source.name)
    metadata = extract_metadata(title, composed.text, composed.blocks, Gazetteer.load(), has_own_title=bool(own_title))
    return Transcript(
        id=transcript_id(source.name),
        source=source.name,
        sha256=hashlib.sha256(data).hexdigest(),
        title=title,
        text=composed.text,
        blocks=composed.blocks,
        metadata=_with_declared(metadata, composed.metadata),
        locators=composed.locators,
        notes=composed.notes,
    )


def _own_title(composed: ComposedText) -> str:
    """Returns the title that a text gives; empty if it gives none. Subtitles have no cover."""
    marked = title_of(composed.text, composed.blocks)
    is_timed = any(locator.kind == "time" for locator in composed.locators)
    return "" if is_timed and not marked else read_cover(composed.text, composed.blocks).title or marked


def transcript_id(name: str) -> str:
    """Returns the id of a source by name: a readable slug and the first eight hexadecimal digits of its SHA-256."""
    plain = unicodedata.normalize("NFKD", PurePosixPath(name).with_suffix("").as_posix()).encode("ascii", "ignore")
    slug = re.sub(r"[^a-z0-9]+", "-", plain.decode().lower()).strip("-")[:MAX_SLUG_CHARACTERS].strip("-")
    return f"{slug or 'source'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _bytes_of(source: SourceFile, parser: SandboxedParser) -> bytes:
    """Returns the bytes of a source, in an archive or not. Raises `UnreadableFileError` or `SourceError`."""
    try:
        if source.member:
            return parser.read_member(source.path, source.member)
        parser.limits.check_size(source.path.stat().st_size)
        return source.path.read_bytes()
    except OSError as error:
        advice = "Check that it exists and that its permissions allow reading."
        raise SourceError(source.location, f"it cannot be read: {error.strerror}.", advice=advice) from error


def _compose(source: SourceFile, suffix: str, data: bytes, parser: SandboxedParser) -> ComposedText:
    """Returns the text of a file with its blocks. Raises `UnreadableFileError` or `SourceError`."""
    match FORMATS[suffix]:
        case TextFormat():
            _check_signature(suffix, data, None)
            return with_turns(ComposedText(decode_text(source.location, data), parser.split(data, suffix)))
        case ParsedFormat(_, signature):
            _check_signature(suffix, data, signature)
            return with_turns(compose_text(parser.extract(data, suffix)))


def _check_signature(suffix: str, data: bytes, expected: Signature | None) -> None:
    if fault := signature_fault(suffix, data, expected):
        raise UnreadableFileError(fault)


def _with_declared(metadata: Metadata, declared: Mapping[str, str]) -> Metadata:
    """Returns the metadata found in the text, and what the file declares where the text says nothing."""
    return replace(
        metadata,
        url=metadata.url or declared.get("url", ""),
        published=metadata.published or declared.get("published", ""),
        updated=metadata.updated or declared.get("updated", ""),
        licence=metadata.licence or declared.get("licence", ""),
    )
