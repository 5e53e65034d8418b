"""Reads plain text: bytes to characters without guessing, and paragraphs between blank lines.

Every character is kept except the byte-order mark (Unicode Standard). Nothing else is left out.
"""

from __future__ import annotations

import codecs
import re
from itertools import pairwise
from pathlib import Path

from index.errors import SourceError
from index.readers.blocks import (
    assign_sections,
    fill_with_markup,
    mark_headings,
    mark_straplines,
    mark_title,
    trimmed_block,
)
from index.text.transcript import Block, Role

# The UTF-32 marks come first, because the little-endian one begins with the UTF-16 mark.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BULLET = re.compile(r"\s*(?P<mark>[•◦▪‣●○■□➢✓*-])\s+(?=.*\w)")
_LIST_LEAD_IN = re.compile(r"[.:;,!?][\"'”’)\]]*\s*$|\b(?:and|or)\s*$")
_ADVICE = "Save it as plain text in UTF-8."


def decode_text(path: Path, data: bytes) -> str:
    """Decodes a file by its byte-order mark (dropped), else as UTF-8, else as Windows-1252.

    Line ends are kept. Raises `SourceError` for bytes that are none of these and for text with NUL characters. `path`
    is for the message only.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _without_nul(path, _decode(path, data[len(mark) :], (encoding,)))
    return _without_nul(path, _decode(path, data, ("utf-8", "cp1252")))


def blocks_of_text(text: str) -> tuple[Block, ...]:
    """Returns paragraphs between blank lines, and the items of bulleted lists, each with its role and section."""
    blocks: list[Block] = []
    paragraph_start = line_start = 0
    for line in text.splitlines(keepends=True):
        if not line.strip():
            blocks += _blocks_of_paragraph(text, paragraph_start, line_start)
            paragraph_start = line_start + len(line)
        line_start += len(line)
    blocks += _blocks_of_paragraph(text, paragraph_start, line_start)
    blocks = mark_title(text, mark_straplines(text, blocks))
    return assign_sections(text, fill_with_markup(text, mark_headings(text, blocks)))


def _blocks_of_paragraph(text: str, start: int, end: int) -> list[Block]:
    """Returns the block of a run of lines, or a block for each list item in it.

    A bullet begins an item on the first line, after another item, or after a line that ends like a lead-in. Anywhere
    else it may be a dash within a wrapped sentence.
    """
    cuts = [start]
    in_list = False
    line_start = start
    previous_line = ""
    for line in text[start:end].splitlines(keepends=True):
        bullet = _BULLET.match(line)
        if bullet and (in_list or line_start == start or _LIST_LEAD_IN.search(previous_line)):
            cuts += [line_start, line_start + bullet.end("mark")]
            in_list = True
        line_start += len(line)
        previous_line = line
    cuts.append(end)
    blocks = (trimmed_block(text, Role.FINDING, first, last) for first, last in pairwise(cuts))
    return [block for block in blocks if block is not None]


def _decode(path: Path, data: bytes, encodings: tuple[str, ...]) -> str:
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError(path, f"its bytes are not {' or '.join(encodings)} text.", advice=_ADVICE)


def _without_nul(path: Path, text: str) -> str:
    if "\0" in text:
        raise SourceError(path, "it contains NUL characters, so it is not plain text.", advice=_ADVICE)
    return text
