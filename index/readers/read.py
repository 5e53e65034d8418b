"""Readers: one source file to one transcript, whose text is final from then on.

What a file is by its first bytes, held against what its name says.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from index.errors import EmptySourceError, SourceError, UnsupportedFormatError
from index.readers.blocks import title_of
from index.readers.extracted import ComposedText, Extracted, UnreadableFileError, compose_text
from index.readers.markdown import blocks_of_markdown
from index.readers.sandbox import Parser
from index.readers.text import blocks_of_text, decode
from index.sources.files import SourceFile, title_from_name
from index.sources.gazetteer import Gazetteer
from index.sources.metadata import extract_metadata
from index.text.transcript import Block, Transcript

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKED = (".docx", ".zip")
_KINDS = (
    (b"%PDF-", "a PDF"),
    (_ZIP, "a zip archive or a Word document"),
    (_EMPTY_ZIP, "an empty zip archive"),
    (_OLD_OFFICE, "an Office document of the old kind, or an encrypted one"),
    (b"{\\rtf", "a Rich Text document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_PDF_HEADER_WITHIN = 1024  # bytes, as readers of PDF allow


def misnamed(suffix: str, data: bytes) -> str:
    """What is wrong with a file of this suffix by its first bytes; empty when nothing is, and for an empty file."""
    if not data:
        return "it is empty." if suffix == ".pdf" or suffix in _PACKED else ""
    kind = next((kind for mark, kind in _KINDS if data.startswith(mark)), "")
    if suffix == ".pdf":
        return "" if b"%PDF-" in data[:_PDF_HEADER_WITHIN] else f"it is named {suffix} and is {kind or 'no PDF'}."
    if suffix in _PACKED:
        wanted = "no Word document" if suffix == ".docx" else "no zip archive"
        return "" if data.startswith(_ZIP) else f"it is named {suffix} and is {kind or wanted}."
    return f"it is named {suffix} and is {kind}." if kind else ""


_TEXT: dict[str, Callable[[str], tuple[Block, ...]]] = {
    ".txt": blocks_of_text,
    ".text": blocks_of_text,
    ".md": blocks_of_markdown,
    ".markdown": blocks_of_markdown,
}
ARCHIVE = ".zip"
PARSED = (".html", ".htm", ".docx", ".pdf", ".vtt", ".srt")  # in a process of their own
SUPPORTED = (*_TEXT, *PARSED, ARCHIVE)
LONGEST_SLUG = 60  # characters
_ADVICE = "Open it and save it anew, or save what it says as plain text in UTF-8."
_SAVE_AS = f"Save it as one of: {', '.join(SUPPORTED)}."


def read(source: SourceFile, parser: Parser | None = None) -> Transcript:
    """Read a source into a transcript. Its `sha256` is of the bytes that were read, whatever `source` says.

    Formats that are no plain text are parsed by `parser`, or by one started for this source alone. Raises
    `UnsupportedFormatError` for a format without a reader, `EmptySourceError` for a file without a word, and
    `SourceError` for a file that cannot be opened, is not what its name says, or broke what parsed it.
    """
    suffix = PurePosixPath(source.name).suffix.lower()
    if suffix not in SUPPORTED:
        kind = f"{suffix} files" if suffix else "files without a suffix"
        raise UnsupportedFormatError(source.location, f"{kind} cannot be read yet.", advice=_SAVE_AS)
    if parser is None:
        with Parser() as own:
            return _read(source, suffix, own)
    return _read(source, suffix, parser)


def _read(source: SourceFile, suffix: str, parser: Parser) -> Transcript:
    data = _bytes(source, parser)
    if fault := misnamed(suffix, data):
        raise SourceError(source.location, fault, advice=_ADVICE)
    said: Mapping[str, str] = {}  # by the file, in a place of its own
    if suffix in _TEXT:
        text = decode(source.location, data)
        composed = ComposedText(text, _TEXT[suffix](text), (), ())
    else:
        extracted = _parsed(source, suffix, data, parser)
        composed, said = compose_text(extracted), extracted.said
    if not re.search(r"\w", composed.text):
        raise EmptySourceError(source.location, "it holds no text.", advice="Remove it, or put the assessment in it.")
    title = title_of(composed.text, composed.blocks) or title_from_name(source.name)
    metadata = extract_metadata(title, composed.text, composed.blocks, Gazetteer.load())
    return Transcript(
        id=transcript_id(source.name),
        source=source.name,
        sha256=hashlib.sha256(data).hexdigest(),
        title=title,
        text=composed.text,
        blocks=composed.blocks,
        metadata=replace(
            metadata,
            url=metadata.url or said.get("url", ""),
            published=metadata.published or said.get("published", ""),
            updated=metadata.updated or said.get("updated", ""),
            licence=metadata.licence or said.get("licence", ""),
        ),
        locators=composed.locators,
        notes=composed.notes,
    )


def _parsed(source: SourceFile, suffix: str, data: bytes, parser: Parser) -> Extracted:
    try:
        return parser.extract(data, suffix)
    except UnreadableFileError as error:
        raise SourceError(source.location, str(error), advice=_ADVICE) from error


def transcript_id(name: str) -> str:
    """A readable slug of a source's name, and eight hexadecimal digits of SHA-256 of it, which tell two names apart."""
    plain = unicodedata.normalize("NFKD", PurePosixPath(name).with_suffix("").as_posix()).encode("ascii", "ignore")
    slug = re.sub(r"[^a-z0-9]+", "-", plain.decode().lower()).strip("-")[:LONGEST_SLUG].strip("-")
    return f"{slug or 'source'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _bytes(source: SourceFile, parser: Parser) -> bytes:
    try:
        return parser.member(source.path, source.member) if source.member else source.path.read_bytes()
    except UnreadableFileError as error:
        raise SourceError(source.location, str(error), advice=_ADVICE) from error
    except OSError as error:
        raise SourceError(
            source.location,
            f"it cannot be read: {error.strerror}.",
            advice="Check that it is there and its permissions.",
        ) from error
