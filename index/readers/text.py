"""Reads plain text: bytes to characters without guessing, and the structure that its lines show.

Every character is kept except the byte-order mark (Unicode Standard). Nothing else is left out.
"""

from __future__ import annotations

import codecs
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

from index.errors import SourceError
from index.readers.blocks import assign_sections, fill_with_markup, mark_contents, mark_straplines, mark_title
from index.readers.headings import mark_headings, mark_run_in_headings
from index.readers.levels import assign_levels, closed_terms
from index.readers.lines import Line, blocks_of_lines, lines_of
from index.readers.lists import relate_lists
from index.readers.text_tables import TextTable, blocks_of_tables, column_heads, find_tables, relate_tables
from index.text.transcript import Block

# The UTF-32 marks come first, because the little-endian one begins with the UTF-16 mark.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
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
    """Returns paragraphs, headings, list items and table cells, each with its role, section, lead-in and heads."""
    lines = lines_of(text)
    tables = find_tables(text, lines)
    cells = blocks_of_tables(text, tables)
    blocks = sorted([*_paragraphs(text, lines, tables), *cells], key=lambda block: block.start)
    blocks = mark_run_in_headings(text, mark_title(text, mark_contents(text, mark_straplines(text, blocks))))
    blocks = mark_headings(text, blocks, {cell.start for cell in cells})
    return _related(text, fill_with_markup(text, blocks), tables)


def _paragraphs(text: str, lines: Sequence[Line], tables: Sequence[TextTable]) -> list[Block]:
    """Returns the blocks of the lines that are not rows of tables."""
    blocks: list[Block] = []
    position = 0
    for table in tables:
        first = bisect_left(lines, table.rows[0][0][0], lo=position, key=lambda line: line.row[1])
        blocks += blocks_of_lines(text, lines[position:first])
        position = bisect_left(lines, table.rows[-1][-1][1], lo=first, key=lambda line: line.row[1]) + 1
    return blocks + blocks_of_lines(text, lines[position:])


def _related(text: str, blocks: Sequence[Block], tables: Sequence[TextTable]) -> tuple[Block, ...]:
    """Returns the blocks with what relates them to each other: lead-ins, heads of tables, levels and sections."""
    table_heads = column_heads(text, tables)
    related = relate_tables(text, relate_lists(text, blocks), tables)
    related = assign_levels(text, related, table_heads)
    return assign_sections(text, related, table_heads, closed_terms(text, related))


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
