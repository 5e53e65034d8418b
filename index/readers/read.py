"""Reads a source file into a `Transcript`, whose text is final from then on.

`read` checks that the first bytes of the file fit its name, decodes or parses it, divides the text into blocks and
describes the transcript.

To add a format, add its suffix to `FORMATS`. A text format needs a function that divides decoded text into blocks.
Any other needs a parser: a function from the bytes of a file to `Extracted`, which is run in the sandbox and therefore
given by name, so that its libraries are loaded only there.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from index.errors import EmptySourceError, SourceError, UnsupportedFormatError
from index.readers.blocks import title_of
from index.readers.extracted import ComposedText, UnreadableFileError, compose_text
from index.readers.markdown import blocks_of_markdown
from index.readers.sandbox import SandboxedParser
from index.readers.text import blocks_of_text, decode_text
from index.readers.turns import with_turns
from index.sources.cover import read_cover
from index.sources.files import SourceFile, title_from_name
from index.sources.gazetteer import Gazetteer
from index.sources.metadata import extract_metadata
from index.text.transcript import Block, Metadata, Transcript


@dataclass(frozen=True, slots=True)
class Signature:
    """Bytes by which a file of some type is recognised: `mark` lies within its first `within` bytes."""

    name: str  # of the type, with its article
    mark: bytes
    within: int

    def matches(self, data: bytes) -> bool:
        return self.mark in data[: self.within]


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A format that is plain text: `split` divides its text into blocks."""

    split: Callable[[str], tuple[Block, ...]]


@dataclass(frozen=True, slots=True)
class ParsedFormat:
    """A format that is parsed in the sandbox, by the function named "module:function"."""

    parser: str
    signature: Signature | None = None


_PDF = Signature("a PDF", b"%PDF-", within=1024)  # as other PDF readers allow
_WORD_DOCUMENT = Signature("a Word document", b"PK\x03\x04", within=4)
ZIP_ARCHIVE = Signature("a zip archive", b"PK\x03\x04", within=4)
ARCHIVE = ".zip"
FORMATS: Mapping[str, TextFormat | ParsedFormat] = {
    ".txt": TextFormat(blocks_of_text),
    ".text": TextFormat(blocks_of_text),
    ".md": TextFormat(blocks_of_markdown),
    ".markdown": TextFormat(blocks_of_markdown),
    ".html": ParsedFormat("index.readers.html:read_html"),
    ".htm": ParsedFormat("index.readers.html:read_html"),
    ".docx": ParsedFormat("index.readers.docx:read_docx", _WORD_DOCUMENT),
    ".pdf": ParsedFormat("index.readers.pdf:read_pdf", _PDF),
    ".vtt": ParsedFormat("index.readers.subtitles:read_subtitles"),
    ".srt": ParsedFormat("index.readers.subtitles:read_subtitles"),
}
MAX_SLUG_CHARACTERS = 60
_FILE_TYPES = (
    ("a PDF", b"%PDF-"),
    ("a zip archive or a Word document", b"PK\x03\x04"),
    ("an empty zip archive", b"PK\x05\x06"),
    ("an old Office document or an encrypted one", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    ("a Rich Text document", b"{\\rtf"),
    ("a picture", b"\x89PNG"),
    ("a picture", b"\xff\xd8\xff"),
    ("a picture", b"GIF8"),
    ("a gzip archive", b"\x1f\x8b"),
    ("a program", b"\x7fELF"),
    ("a program", b"MZ\x90"),
)
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
    """Returns the title that a text gives; empty if it gives none. Timed text has no cover."""
    marked = title_of(composed.text, composed.blocks)
    is_timed = any(locator.kind == "time" for locator in composed.locators)
    return marked if is_timed else read_cover(composed.text, composed.blocks).title or marked


def transcript_id(name: str) -> str:
    """Returns the id of a source by name: a readable slug and the first eight hexadecimal digits of its SHA-256."""
    plain = unicodedata.normalize("NFKD", PurePosixPath(name).with_suffix("").as_posix()).encode("ascii", "ignore")
    slug = re.sub(r"[^a-z0-9]+", "-", plain.decode().lower()).strip("-")[:MAX_SLUG_CHARACTERS].strip("-")
    return f"{slug or 'source'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def signature_fault(suffix: str, data: bytes, expected: Signature | None) -> str:
    """Checks the first bytes of a file. Returns what is wrong with it, beginning with "it", or an empty text.

    A format without a signature must not begin like a known file of another type, and may be empty.
    """
    if not data:
        return "it is empty." if expected else ""
    actual = next((name for name, mark in _FILE_TYPES if data.startswith(mark)), "")
    if expected is None:
        return f"it is named {suffix} but is {actual}." if actual else ""
    return "" if expected.matches(data) else f"it is named {suffix} but is {actual or f'not {expected.name}'}."


def _bytes_of(source: SourceFile, parser: SandboxedParser) -> bytes:
    """Returns the bytes of a source, in an archive or not. Raises `UnreadableFileError` or `SourceError`."""
    try:
        return parser.read_member(source.path, source.member) if source.member else source.path.read_bytes()
    except OSError as error:
        advice = "Check that it exists and that its permissions allow reading."
        raise SourceError(source.location, f"it cannot be read: {error.strerror}.", advice=advice) from error


def _compose(source: SourceFile, suffix: str, data: bytes, parser: SandboxedParser) -> ComposedText:
    """Returns the text of a file with its blocks. Raises `UnreadableFileError` or `SourceError`."""
    match FORMATS[suffix]:
        case TextFormat(split):
            _check_signature(suffix, data, None)
            text = decode_text(source.location, data)
            return with_turns(ComposedText(text, split(text)))
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
