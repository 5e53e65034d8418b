"""Readers: one source file to one transcript, whose text is final from then on."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from pathlib import PurePosixPath

from index.errors import EmptySourceError, SourceError, UnsupportedFormatError
from index.gazetteer import Gazetteer
from index.metadata import describe
from index.readers.blocks import title_of
from index.readers.markdown import blocks_of_markdown
from index.readers.text import blocks_of_text, decode
from index.source import SourceFile
from index.transcript import Block, Transcript

_READERS: dict[str, Callable[[str], tuple[Block, ...]]] = {
    ".txt": blocks_of_text,
    ".text": blocks_of_text,
    ".md": blocks_of_markdown,
    ".markdown": blocks_of_markdown,
}
SUPPORTED = tuple(_READERS)
LONGEST_SLUG = 60  # characters


def read(source: SourceFile) -> Transcript:
    """Read a source into a transcript. Its `sha256` is of the bytes that were read, whatever `source` says.

    Raises `UnsupportedFormatError` for a format without a reader, `EmptySourceError` for a file without a word, and
    `SourceError` for a file that cannot be opened or is not text.
    """
    blocks_of = _READERS.get(source.path.suffix.lower())
    if blocks_of is None:
        kind = f"{source.path.suffix} files" if source.path.suffix else "files without a suffix"
        raise UnsupportedFormatError(
            source.path, f"{kind} cannot be read yet.", advice=f"Save it as one of: {', '.join(SUPPORTED)}."
        )
    data = _bytes(source)
    text = decode(source.path, data)
    if not re.search(r"\w", text):
        raise EmptySourceError(source.path, "it holds no text.", advice="Remove it, or put the assessment in it.")
    blocks = blocks_of(text)
    title = title_of(text, blocks) or title_from_name(source.name)
    return Transcript(
        id=transcript_id(source.name),
        source=source.name,
        sha256=hashlib.sha256(data).hexdigest(),
        title=title,
        text=text,
        blocks=blocks,
        metadata=describe(title, text, blocks, Gazetteer.load()),
    )


def transcript_id(name: str) -> str:
    """A readable slug of a source's name, and eight hexadecimal digits of SHA-256 of it, which tell two names apart."""
    plain = unicodedata.normalize("NFKD", PurePosixPath(name).with_suffix("").as_posix()).encode("ascii", "ignore")
    slug = re.sub(r"[^a-z0-9]+", "-", plain.decode().lower()).strip("-")[:LONGEST_SLUG].strip("-")
    return f"{slug or 'source'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def title_from_name(name: str) -> str:
    """A source's file name made readable: `westmere_2016-efficiency.txt` is "Westmere 2016 efficiency"."""
    words = re.sub(r"[\s_-]+", " ", PurePosixPath(name).stem).strip() or name
    return words[0].upper() + words[1:]


def _bytes(source: SourceFile) -> bytes:
    try:
        return source.path.read_bytes()
    except OSError as error:
        raise SourceError(
            source.path, f"it cannot be read: {error.strerror}.", advice="Check that it is there and its permissions."
        ) from error
