"""Plain text: bytes to characters without guessing, and paragraphs between blank lines."""

from __future__ import annotations

import codecs
import re
from itertools import pairwise
from pathlib import Path

from index.errors import SourceError
from index.readers.blocks import mark_headings, mark_straplines, mark_title, markup_between, piece, with_sections
from index.text.transcript import Block, Role

# UTF-32's mark begins with that of UTF-16, so it is asked for first.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BULLET = re.compile(r"\s*(?P<mark>[•◦▪‣●○■□➢✓*-])\s+(?=.*\w)")
_BEFORE_LIST = re.compile(r"[.:;,!?][\"'”’)\]]*\s*$|\b(?:and|or)\s*$")
_ADVICE = "Save it as plain text in UTF-8."


def decode(path: Path, data: bytes) -> str:
    """The characters of a file: by its byte-order mark (dropped), else UTF-8, else Windows-1252; never guessed.

    Line ends stay as they are. Raises `SourceError` for bytes that are none of these, and for binary content.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _checked(path, _decoded(path, data[len(mark) :], (encoding,)))
    return _checked(path, _decoded(path, data, ("utf-8", "cp1252")))


def blocks_of_text(text: str) -> tuple[Block, ...]:
    """Paragraphs between blank lines, and the items of bulleted lists, each with its role and section."""
    paragraphs: list[Block] = []
    run_start = at = 0
    for line in text.splitlines(keepends=True):
        if not line.strip():
            paragraphs += _paragraph(text, run_start, at)
            run_start = at + len(line)
        at += len(line)
    paragraphs += _paragraph(text, run_start, at)
    blocks = mark_title(text, mark_straplines(text, paragraphs))
    return with_sections(text, markup_between(text, mark_headings(text, blocks)))


def _paragraph(text: str, start: int, end: int) -> list[Block]:
    """A run of lines as one block, or as one block for each item where lines begin with bullets.

    A bullet begins an item at the head of a run, after another item, or after a line that ends like an introduction;
    anywhere else it may be a dash within a wrapped sentence.
    """
    cuts = [start]
    listed = False
    at = start
    before = ""
    for line in text[start:end].splitlines(keepends=True):
        if (bullet := _BULLET.match(line)) and (listed or at == start or _BEFORE_LIST.search(before)):
            cuts += [at, at + bullet.end("mark")]
            listed = True
        at += len(line)
        before = line
    cuts.append(end)
    pieces = (piece(text, Role.FINDING, a, b) for a, b in pairwise(cuts))
    return [block for block in pieces if block is not None]


def _decoded(path: Path, data: bytes, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError(path, f"its bytes are not {' or '.join(encodings)} text.", advice=_ADVICE)


def _checked(path: Path, text: str) -> str:
    if "\0" in text:
        raise SourceError(path, "it holds NUL characters, so it is not plain text.", advice=_ADVICE)
    return text
