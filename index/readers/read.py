"""Reads a source file into a `Transcript`, whose text is final from then on.

`read` checks the size of the file and that its first bytes fit its name, has it divided into blocks in the sandbox,
and describes the transcript.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from index.errors import EmptySourceError, SourceError, UnsupportedFormatError
from index.readers.blocks import title_of
from index.readers.extracted import ComposedText, UnreadableFileError, compose_text
from index.readers.formats import ARCHIVE, FORMATS, ParsedFormat, Signature, TextFormat, signature_fault
from index.readers.sandbox import SandboxedParser
from index.readers.text import decode_text
from index.readers.turns import with_turns
from index.sources.cover import read_cover
from index.sources.files import SourceFile, title_from_name
from index.sources.gazetteer import Gazetteer
from index.sources.metadata import extract_metadata
from index.text.transcript import Metadata, Transcript

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
