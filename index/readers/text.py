"""Reads plain text: bytes to characters without guessing, and the structure that its lines show.

Every character is kept except the byte-order mark (Unicode Standard). Nothing else is left out. Tables are lines with
bars, tabs, or gaps of spaces at the same places. Each cell becomes a block. The first row has the heads of the columns
where it is unlike the rows below it, and the first column the heads of the rows unless it lists what the columns' heads
say.
"""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from index.errors import SourceError
from index.readers.blocks import (
    assign_sections,
    fill_with_markup,
    mark_contents,
    mark_straplines,
    mark_title,
    trimmed_block,
)
from index.readers.headings import mark_headings, mark_run_in_headings
from index.readers.levels import assign_levels, closed_terms
from index.readers.lines import Line, blocks_of_lines, lines_of, marker_end
from index.readers.lists import relate_lists
from index.text.transcript import Block, Role
from index.text.words import is_grade

Span = tuple[int, int]
Row = tuple[Span, ...]  # of the cells, an empty span for an empty cell

MIN_ROWS = 2
MIN_COLUMNS = 2
MAX_ROW_CHARACTERS = 1000
_BAR = re.compile(r"(?<!\\)\|")
_DELIMITER = re.compile(r"[\s|:+=-]*")
_TAB = re.compile(r"\t")
_GAP = re.compile(r"(?<=[^\s.!?:;,])[ \xa0]{2,}(?=\S)|(?<=[.!?:;])[ \xa0]{4,}(?=\S)")
_NUMBER = re.compile(r"[£$€(+−–-]?[0-9][0-9,.]*")
COLUMN_TOLERANCE = 2  # characters between the starts of two cells of a column
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:[/–-][0-9]{2,4})?")


@dataclass(frozen=True, slots=True)
class TextTable:
    """The rows of a table, all with as many cells. `has_header` is true where the first has the heads of columns."""

    rows: tuple[Row, ...]
    has_header: bool


def find_tables(text: str, lines: Sequence[Line]) -> list[TextTable]:
    """Returns the tables of a text."""
    tables: list[TextTable] = []
    number = 0
    while number < len(lines):
        count = 1
        for split in (_bar_cells, _tab_cells, _gap_cells):
            if rows := _rows_at(text, lines, number, split):
                count = len(rows)
                tables.append(table_of(text, [row for row in rows if row]))
                break
        number += count
    return tables


def table_of(text: str, rows: Sequence[Row], *, has_header: bool = False) -> TextTable:
    """Returns a table of rows, all with as many cells as the first."""
    rows = _without_outer_bars(rows)
    width = max(len(row) for row in rows)
    filled = tuple((*row, *[(row[-1][1],) * 2] * (width - len(row))) for row in rows)
    return TextTable(filled, has_header or _has_header(text, filled))


def bar_cells(text: str, start: int, end: int) -> Row:
    """Returns what is between the bars of a line; nothing where it is the rule below the heads of a table."""
    if _DELIMITER.fullmatch(text, start, end):
        return ()
    edges = [start - 1, *(match.start() for match in _BAR.finditer(text, start, end)), end]
    return tuple(_trimmed(text, first + 1, last) for first, last in pairwise(edges))


def blocks_of_tables(text: str, tables: Sequence[TextTable]) -> list[Block]:
    """Returns a block for each cell with words; the heads of columns are headings."""
    blocks = (
        trimmed_block(text, Role.FINDING if number or not table.has_header else Role.HEADING, *cell)
        for table in tables
        for number, row in enumerate(table.rows)
        for cell in row
    )
    return [block for block in blocks if block is not None]


def relate_tables(text: str, blocks: Sequence[Block], tables: Sequence[TextTable]) -> list[Block]:
    """Returns the blocks with the heads of the row and the column of each cell."""
    related = list(blocks)
    number_at = {block.start: number for number, block in enumerate(blocks) if block.role is not Role.MARKUP}
    for table in tables:
        for cell, heads in _cells_with_heads(text, table):
            if cell[0] in number_at:
                numbers = tuple(number_at[start] for start, _ in heads if start in number_at)
                related[number_at[cell[0]]] = replace(related[number_at[cell[0]]], heads=numbers)
    return related


def _cells_with_heads(text: str, table: TextTable) -> Iterator[tuple[Span, list[Span]]]:
    """Yields each cell with words below the heads of the columns, with the heads of its row and its column."""
    names = table.rows[0] if table.has_header else ()
    has_row_heads = not _is_listed_below(text, table)
    for row in table.rows[table.has_header :]:
        for column, cell in enumerate(row):
            heads = [*(row[:1] if has_row_heads and column else ()), *names[column : column + 1]]
            if not _is_blank(cell):
                yield cell, [head for head in heads if not _is_blank(head)]


def column_heads(text: str, tables: Sequence[TextTable]) -> set[int]:
    """Returns where the heads of columns start."""
    return {block.start for block in blocks_of_tables(text, tables) if block.role is Role.HEADING}


def _rows_at(text: str, lines: Sequence[Line], first: int, split: Callable[[str, Line], Row]) -> list[Row]:
    """Returns the rows of the table that begins at a line; none where no table begins there."""
    header = split(text, lines[first])
    if sum(not _is_blank(cell) for cell in header) < MIN_COLUMNS:
        return []
    rows = [header]
    for number in range(first + 1, len(lines)):
        line = lines[number]
        row = split(text, line)
        is_rule = _DELIMITER.fullmatch(line.content) is not None
        if line.after_gap or not (is_rule or _is_alike(header, row, split, lines[first], line)):
            break
        rows.append(() if is_rule else row)
    return rows if len(rows) - rows.count(()) >= MIN_ROWS else []


def _is_alike(first: Row, row: Row, split: Callable[[str, Line], Row], first_line: Line, line: Line) -> bool:
    """Whether two rows belong to one table: as many cells and, where only gaps separate them, at the same places."""
    if split is not _gap_cells:
        return len(row) >= MIN_COLUMNS and (split is _bar_cells or len(row) <= len(first))
    starts = zip(first, row, strict=False)
    aligned = all(
        abs((cell[0] - first_line.row[0]) - (other[0] - line.row[0])) <= COLUMN_TOLERANCE for cell, other in starts
    )
    return len(first) == len(row) and (aligned or len(row) == 2)


def _bar_cells(text: str, line: Line) -> Row:
    return bar_cells(text, *line.row) if "|" in line.content else ()


def _tab_cells(text: str, line: Line) -> Row:
    """Returns the cells between tabs; a tab at the start of a line comes after an empty cell."""
    start, end = line.row
    if marker_end(line.content) or end - start > MAX_ROW_CHARACTERS:
        return ()
    edges = [start - 1, *(match.start() for match in _TAB.finditer(text, start, end)), end]
    return tuple(_trimmed(text, first + 1, last) for first, last in pairwise(edges))


def _gap_cells(text: str, line: Line) -> Row:
    if marker_end(line.content) or len(line.content) > MAX_ROW_CHARACTERS:
        return ()
    gaps = [match.span() for match in _GAP.finditer(text, line.start, line.end)]
    edges = [line.start, *(edge for gap in gaps for edge in gap), line.end]
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _without_outer_bars(rows: Sequence[Row]) -> Sequence[Row]:
    """Returns the rows without the empty cells that bars at their ends make."""
    left = all(_is_blank(row[0]) for row in rows)
    right = all(_is_blank(row[-1]) for row in rows)
    inner = [row[left : len(row) - right] for row in rows]
    width = len(inner[0])
    return [row if len(row) <= width else row[_is_blank(row[0]) :][:width] for row in inner]


def _trimmed(text: str, start: int, end: int) -> Span:
    words = text[start:end]
    start += len(words) - len(words.lstrip())
    return start, start + len(words.strip())


def _is_blank(span: Span) -> bool:
    return span[0] >= span[1]


def _has_header(text: str, rows: Sequence[Row]) -> bool:
    """Whether the first row is of other kinds of cells than the rows below it, or all its cells are grades."""
    kinds = [[_cell_kind(text[start:end].strip()) for start, end in row] for row in rows]
    if set(kinds[0]) <= {"grade", ""} and len(rows[0]) > MIN_COLUMNS:
        return True
    columns = list(zip(*kinds, strict=True))[1:]
    if any(column[0] in ("grade", "number") for column in columns):
        return False
    is_wide = len(rows) > MIN_ROWS and len(rows[0]) > MIN_COLUMNS
    return any(map(_is_unlike_below, columns)) or (is_wide and set(kinds[0]) == {"words"})


def _is_unlike_below(column: Sequence[str]) -> bool:
    """Whether the first cell of a column is of a kind that no other has, and another has words."""
    return column[0] not in column[1:] and any(column[1:])


def _is_listed_below(text: str, table: TextTable) -> bool:
    """Whether the first column lists what its head says, as where the heads of the columns are grades."""
    start, end = table.rows[0][0]
    return table.has_header and is_grade(text[start:end])


def _cell_kind(words: str) -> str:
    """Returns "grade", "year", "number", "words", or nothing for an empty cell."""
    if not words:
        return ""
    if is_grade(words):
        return "grade"
    if _YEAR.fullmatch(words):
        return "year"
    return "number" if _NUMBER.match(words) else "words"


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
