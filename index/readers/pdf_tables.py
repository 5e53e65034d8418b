"""Finds the tables in a region of a PDF page: their rows, cells that run over several lines, and their heads.

Also recognises what a line begins with: the bullet or number of a list item, or the label of a speaker.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, groupby, pairwise

from index.readers.pdf_lines import TextSegment

_BULLET = re.compile(r"[•◦▪‣●○■□➢✓❖–*o-](?=\s+[\w“‘\"'(£])")
_NUMBER = re.compile(r"\(?([0-9]{1,2}|[a-z]|[ivx]{2,5})[.)](?=\s)")
LABEL_ALONE = re.compile(r"[•◦▪‣●○■□➢✓❖–*o-]|\(?(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-z]|[ivx]{1,5})[.)]?")
LABEL_OF_ITEM = re.compile(r"[•◦▪‣●○■□➢✓❖–*o-]|\(?(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-z]|[ivx]{1,5})[.)]")
_LINE_END = re.compile(r"(?:[.!?:;…,][\"'”’)\]]*|\b(?:and|or))$")
_TURN = re.compile(
    r"\[?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?\]?\s|[QA][.:]?\s{1,4}(?=\S)|"
    r"[A-Z][\w.'’-]{0,20}(?:\s[A-Z][\w.'’-]{0,20}){0,4}:\s"
)
_INITIAL = re.compile(r"[QA](?![.:])")
_SENTENCE_END = re.compile(r"[.!?:;…–—-][\"'”’)\]]*$")


def begins_turn(line: str, before: str) -> bool:
    """Returns whether a line begins with the label of a speaker, after a line that ends a sentence."""
    return _TURN.match(line) is not None and not _INITIAL.match(line) and _SENTENCE_END.search(before) is not None


@dataclass(slots=True)
class ItemLabels:
    """The labels of the list items of a region so far, by which the next ones are told from words and numbers."""

    _next: set[str] = field(default_factory=set)

    def label_of(self, line: TextSegment, last: TextSegment | None, *, is_apart: bool) -> str:
        """Returns the bullet or number that begins a line; empty when there is none.

        A number or letter is a label where it follows another or is the first, and no sentence runs on to it.
        """
        if bullet := _BULLET.match(line.text):
            return bullet[0]
        if (number := _NUMBER.match(line.text)) is None:
            return ""
        value = number[1]
        is_free = last is None or is_apart or _LINE_END.search(last.text) is not None
        begins_list = is_free and (value.isdecimal() or value in _FIRST_LETTERS)
        if value not in self._next and not begins_list:
            return ""
        self._next |= _successors(value)
        return number[0]

    def without_label(self, line: TextSegment, label: str) -> TextSegment:
        """Returns a line without its label."""
        return replace(line, text=line.text[len(label) :].lstrip()) if label else line


_FIRST_LETTERS = ("a", "i")
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


def _successors(value: str) -> set[str]:
    if value.isdecimal():
        return {str(int(value) + 1)}
    after = {chr(ord(value) + 1)} if len(value) == 1 and value < "z" else set()
    if value in _ROMAN[:-1]:
        after.add(_ROMAN[_ROMAN.index(value) + 1])
    return after


# Lengths are in font sizes unless a comment says otherwise.
MIN_WORD_GAP = 0.15  # between two segments of a row that are separate words
MIN_CELL_GAP = 2.3  # between two segments of a row that are separate cells
MIN_ALIGNED_CELL_GAP = 0.8  # where cells in other rows begin at the same place
_MIN_ALIGNED_ROWS = 3
_MIN_WHITE = 0.6  # that the gaps of two rows have in common
_COLUMN_POINTS = 3.0
_MAX_CELL_LINE_SPACING = 1.45
_MIN_LOOSER = 1.2  # times the distance of a cell's lines, at which rows are apart


Row = list[TextSegment]


@dataclass(slots=True)
class CellLines:
    """The lines of a cell, the number of its column, from 0, and how many columns it is above."""

    column: int
    span: int = 1
    lines: list[TextSegment] = field(default_factory=list)


@dataclass(slots=True)
class TableRow:
    """A row of a table. `begins_table` is true of its first."""

    cells: list[CellLines]
    begins_table: bool = False


def cells_of(rows: Sequence[Row]) -> list[Row]:
    """Returns the cells of each row. Segments without a cell gap are merged, and so is an item's label with its text.

    A smaller gap divides cells where cells of other rows begin at the same place.
    """
    starts = Counter(
        round(right.x0)
        for row in rows
        for left, right in pairwise(row)
        if right.x0 - left.x1 >= MIN_ALIGNED_CELL_GAP * right.size
    )
    gaps = [[(left.x1, right.x0) for left, right in pairwise(row)] for row in rows]
    beside = [[*above, *below] for above, below in zip([[], *gaps[:-1]], [*gaps[1:], []], strict=True)]
    return [_merged(row, starts, near) for row, near in zip(rows, beside, strict=True)]


def table_rows(rows: Sequence[Row]) -> Iterator[tuple[list[Row], TableRow | None]]:
    """Yields the rows of a region: runs of single lines, and each row of a table."""
    for is_table, group in groupby(_in_tables(rows), key=lambda item: item[0]):
        lines = [row for _, row in group]
        if not is_table:
            yield lines, None
            continue
        columns = _columns(lines)
        for number, row in enumerate(_joined(lines, columns)):
            row.begins_table = number == 0
            yield [], row


def _merged(row: Row, starts: Counter[int], gaps_beside: Sequence[tuple[float, float]]) -> Row:
    """Returns the cells of a row. `gaps_beside` are the gaps in the rows above and below it, from left to right."""
    cells = [replace(row[0], marks=list(row[0].marks))]
    for segment in row[1:]:
        last = cells[-1]
        gap = segment.x0 - last.x1
        is_cell = gap >= MIN_CELL_GAP * segment.size or (
            gap >= MIN_ALIGNED_CELL_GAP * segment.size
            and (
                _aligned(segment, starts) >= _MIN_ALIGNED_ROWS
                or _is_white_beside(last.x1, segment.x0, segment.size, gaps_beside)
            )
        )
        if not is_cell or (len(cells) == 1 and LABEL_ALONE.fullmatch(last.text)):
            last.text += (" " if gap > MIN_WORD_GAP * segment.size else "") + segment.text
            last.x1, last.size, last.marks = segment.x1, max(last.size, segment.size), last.marks + segment.marks
            last.bold += segment.bold
        else:
            cells.append(replace(segment, marks=list(segment.marks)))
    return cells


def _is_white_beside(left: float, right: float, size: float, gaps: Sequence[tuple[float, float]]) -> bool:
    """Returns whether a gap goes on in the row above or below."""
    return any(min(right, end) - max(left, start) >= _MIN_WHITE * size for start, end in gaps)


def _aligned(segment: TextSegment, starts: Counter[int]) -> int:
    return sum(starts[place] for place in range(round(segment.x0) - 1, round(segment.x0) + 2))


def _in_tables(rows: Sequence[Row]) -> Iterator[tuple[bool, Row]]:
    """Yields the rows, each with whether it belongs to a table. A single cell may continue the row above it."""
    table: list[Row] = []
    for row in rows:
        if len(row) > 1 or (table and _continues(row[0], table)):
            table.append(row)
        else:
            table = []
        yield bool(table), row


def _continues(line: TextSegment, table: Sequence[Row]) -> bool:
    """Returns whether a line alone in its row continues a cell of the row of a table above it."""
    above = [cell for row in table[-2:] for cell in row if abs(cell.x0 - line.x0) <= _COLUMN_POINTS]
    if not above or above[-1].y - line.y > _MAX_CELL_LINE_SPACING * line.size:
        return False
    right = min((cell.x0 for row in table for cell in row if cell.x0 > line.x0 + _COLUMN_POINTS), default=line.x1)
    return line.x1 <= right and not above[-1].text.endswith((".", "!", "?"))


def _columns(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Returns from where to where the columns of a table reach: its cells that are one below the other.

    The rows with most cells come first, so that a cell over several columns does not join these.
    """
    columns: list[tuple[float, float]] = []
    for cell in chain(*sorted(rows, key=len, reverse=True)):
        over = [column for column in columns if cell.x0 < column[1] + cell.size and column[0] < cell.x1 + cell.size]
        if not over:
            columns.append((cell.x0, cell.x1))
        elif len(over) == 1:
            columns.remove(over[0])
            columns.append((min(cell.x0, over[0][0]), max(cell.x1, over[0][1])))
    return sorted(columns)


def _joined(rows: Sequence[Row], columns: Sequence[tuple[float, float]]) -> list[TableRow]:
    """Returns the rows of a table, with the lines of each cell joined."""
    distances = [upper[0].y - lower[0].y for upper, lower in pairwise(rows)]
    joined: list[TableRow] = []
    for row, is_tight in zip(rows, [False, *_are_tight(distances, rows[0][0].size)], strict=True):
        cells = [CellLines(*_place(cell, columns), [cell]) for cell in row]
        if joined and (is_tight or _all_run_on(joined[-1], cells)):
            _add(joined[-1], cells)
        else:
            joined.append(TableRow(cells))
    return joined


def _are_tight(distances: Sequence[float], size: float) -> list[bool]:
    """Returns which distances are those of lines in a cell, where others are the wider ones of rows."""
    tightest = min(distances, default=0.0)
    is_mixed = tightest <= _MAX_CELL_LINE_SPACING * size and max(distances, default=0.0) >= _MIN_LOOSER * tightest
    return [is_mixed and distance < _MIN_LOOSER * tightest for distance in distances]


def _all_run_on(row: TableRow, cells: Sequence[CellLines]) -> bool:
    """Returns whether each of some cells begins within a sentence or a name that began in the row above."""
    above = {cell.column for cell in row.cells}
    return all(cell.column in above and cell.lines[0].text[:1].islower() for cell in cells)


def _add(row: TableRow, cells: Sequence[CellLines]) -> None:
    by_column = {cell.column: cell for cell in row.cells}
    for cell in cells:
        if cell.column in by_column:
            by_column[cell.column].lines += cell.lines
        else:
            row.cells.append(cell)
    row.cells.sort(key=lambda cell: cell.column)


def _place(cell: TextSegment, columns: Sequence[tuple[float, float]]) -> tuple[int, int]:
    """Returns the first column that a cell is over, or the nearest, and how many columns it is over."""
    over = [number for number, (left, right) in enumerate(columns) if cell.x0 <= (left + right) / 2 <= cell.x1]
    if over:
        return over[0], len(over)
    overlaps = [min(cell.x1, right) - max(cell.x0, left) for left, right in columns]
    return overlaps.index(max(overlaps)), 1
