"""Readers: one source file to one transcript, whose text is final from then on."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from index.errors import EmptySourceError, SourceError, UnsupportedFormatError
from index.gazetteer import Gazetteer
from index.metadata import describe
from index.readers.blocks import title_of
from index.readers.child import Parser
from index.readers.compose import Composed, compose
from index.readers.markdown import blocks_of_markdown
from index.readers.parts import Extracted, UnreadableError
from index.readers.signatures import misnamed
from index.readers.text import blocks_of_text, decode
from index.source import SourceFile
from index.transcript import Block, Transcript

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
        raise UnsupportedFormatError(source.place, f"{kind} cannot be read yet.", advice=_SAVE_AS)
    if parser is None:
        with Parser() as own:
            return _read(source, suffix, own)
    return _read(source, suffix, parser)


def _read(source: SourceFile, suffix: str, parser: Parser) -> Transcript:
    data = _bytes(source, parser)
    if fault := misnamed(suffix, data):
        raise SourceError(source.place, fault, advice=_ADVICE)
    said: Mapping[str, str] = {}  # by the file, in a place of its own
    if suffix in _TEXT:
        text = decode(source.place, data)
        composed = Composed(text, _TEXT[suffix](text), (), ())
    else:
        extracted = _parsed(source, suffix, data, parser)
        composed, said = compose(extracted), extracted.said
    if not re.search(r"\w", composed.text):
        raise EmptySourceError(source.place, "it holds no text.", advice="Remove it, or put the assessment in it.")
    title = title_of(composed.text, composed.blocks) or title_from_name(source.name)
    metadata = describe(title, composed.text, composed.blocks, Gazetteer.load())
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
    except UnreadableError as error:
        raise SourceError(source.place, str(error), advice=_ADVICE) from error


def transcript_id(name: str) -> str:
    """A readable slug of a source's name, and eight hexadecimal digits of SHA-256 of it, which tell two names apart."""
    plain = unicodedata.normalize("NFKD", PurePosixPath(name).with_suffix("").as_posix()).encode("ascii", "ignore")
    slug = re.sub(r"[^a-z0-9]+", "-", plain.decode().lower()).strip("-")[:LONGEST_SLUG].strip("-")
    return f"{slug or 'source'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def title_from_name(name: str) -> str:
    """A source's file name made readable: `westmere_2016-efficiency.txt` is "Westmere 2016 efficiency"."""
    words = re.sub(r"[\s_-]+", " ", PurePosixPath(name).stem).strip() or name
    return words[0].upper() + words[1:]


def _bytes(source: SourceFile, parser: Parser) -> bytes:
    try:
        return parser.member(source.path, source.member) if source.member else source.path.read_bytes()
    except UnreadableError as error:
        raise SourceError(source.place, str(error), advice=_ADVICE) from error
    except OSError as error:
        raise SourceError(
            source.place, f"it cannot be read: {error.strerror}.", advice="Check that it is there and its permissions."
        ) from error
