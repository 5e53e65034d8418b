"""Finds the heads of table cells: cells marked as heads, bold first rows and columns, and plain ones by their look."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from index.readers.styles import is_grade

MAX_HEAD_CHARACTERS = 100
MAX_HEAD_ROWS = 4
MAX_HEAD_COLUMNS = 3
MAX_SPAN = 100  # cells that claim to reach over more rows or columns reach over this many
_NUMBER = re.compile(r"[£$€]?[0-9][0-9.,]*\s?(?:%|per cent|m|bn)?", re.IGNORECASE)
_PERIOD = re.compile(r"(?:19|20)[0-9]{2}(?:[/–-][0-9]{2}(?:[0-9]{2})?)?")
_SENTENCE_END = re.compile(r"[.!?;:…][\"'”’)\]]*$")
# A plain first row heads a column if its cell is of one of these kinds, and those below are of the other.
_HEADED_KINDS = {
    "label": frozenset({"grade", "number", "period", "sentence"}),
    "period": frozenset({"grade", "number", "label", "sentence"}),
    "grade": frozenset({"label"}),
}


@dataclass(slots=True)
class TableCell:
    """A cell by its place in the grid, with its words and the numbers of its parts. `is_head` says it is marked so."""

    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    is_head: bool = False
    is_bold: bool = False
    text: str = ""
    parts: list[int] = field(default_factory=list)

    def add_part(self, number: int, text: str, *, is_bold: bool) -> None:
        """Records a part of the cell. Of a long text the beginning is enough to tell what the cell is."""
        self.is_bold = is_bold and (self.is_bold or not self.parts)
        if len(self.text) <= MAX_HEAD_CHARACTERS:
            self.text = f"{self.text} {text}".strip()
        self.parts.append(number)

    @property
    def kind(self) -> str:
        """What the cell has in it: "blank", "grade", "period", "number", "sentence" or "label"."""
        if not self.parts:
            return "blank"
        if is_grade(self.text):
            return "grade"
        if _PERIOD.fullmatch(self.text):
            return "period"
        if _NUMBER.fullmatch(self.text):
            return "number"
        is_sentence = len(self.text) > MAX_HEAD_CHARACTERS or _SENTENCE_END.search(self.text) is not None
        return "sentence" if is_sentence else "label"


@dataclass(slots=True)
class TableGrid:
    """A table being read: the place of the next cell, and the places that cells of earlier rows reach into."""

    cells: list[TableCell] = field(default_factory=list)
    has_words: bool = False
    _row: int = -1
    _column: int = 0
    _reached: dict[int, int] = field(default_factory=dict)  # the row up to which a column is taken

    def start_row(self) -> None:
        """Begins a row."""
        self._row += 1
        self._column = 0

    def add_cell(self, row_span: int, column_span: int, *, is_head: bool) -> TableCell:
        """Adds the next cell of the row, in the first column that no cell above reaches into."""
        row_span, column_span = (min(max(span, 1), MAX_SPAN) for span in (row_span, column_span))
        self._row = max(self._row, 0)
        while self._reached.get(self._column, -1) >= self._row:
            self._column += 1
        cell = TableCell(self._row, self._column, row_span, column_span, is_head)
        self.cells.append(cell)
        for column in range(self._column, self._column + column_span):
            self._reached[column] = self._row + row_span - 1
        self._column += column_span
        return cell


@dataclass(frozen=True, slots=True)
class TableHeads:
    """Which parts of a table are heads, and the heads of each other part: of its row first, then of its column."""

    headings: frozenset[int]
    heads: Mapping[int, tuple[int, ...]]


def heads_of(cells: Sequence[TableCell]) -> TableHeads:
    """Finds the heads of the cells of a table with several columns; there are none in a table of one column."""
    width = max((cell.column + cell.column_span for cell in cells), default=0)
    if width < 2:
        return TableHeads(frozenset(), {})
    head_rows = _head_rows(cells)
    tops, body = _divided(cells, head_rows)
    head_columns = _head_columns(tops, body)
    has_bold_heads = _are_bold_heads(body, [cell for cell in body if cell.column < head_columns])
    found = _FoundHeads(width)
    for cell in tops:
        found.add_column_head(cell)
    for cell in body:
        found.add_row_or_group_head(cell, head_columns, is_bold_head=has_bold_heads)
    return TableHeads(frozenset(found.headings), found.heads(body))


@dataclass(slots=True)
class _FoundHeads:
    """The parts that head columns, rows and groups of rows, by place, in a table of some width."""

    width: int
    headings: set[int] = field(default_factory=set)
    _columns: dict[int, list[int]] = field(default_factory=dict)
    _rows: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # (column, part)
    _groups: list[tuple[int, int]] = field(default_factory=list)  # (row, part)

    def add_column_head(self, cell: TableCell) -> None:
        """Adds a cell of a head row; one as wide as the table is its title and heads no column."""
        self.headings.update(cell.parts)
        if cell.column_span < self.width:
            for column in range(cell.column, cell.column + cell.column_span):
                self._columns.setdefault(column, []).extend(cell.parts[:1])

    def add_row_or_group_head(self, cell: TableCell, head_columns: int, *, is_bold_head: bool) -> None:
        """Adds a cell of another row if it heads its row, or, as wide as the table, the rows below it."""
        if cell.column_span >= self.width and (cell.is_head or cell.is_bold):
            self.headings.update(cell.parts)
            self._groups += [(cell.row, part) for part in cell.parts[:1]]
        elif cell.column < (MAX_HEAD_COLUMNS if cell.is_head else head_columns):
            self.headings.update(cell.parts if cell.is_head or is_bold_head else ())
            self._add_row_head(cell)

    def _add_row_head(self, cell: TableCell) -> None:
        for row in range(cell.row, cell.row + cell.row_span):
            self._rows.setdefault(row, []).extend((cell.column, part) for part in cell.parts[:1])

    def heads(self, body: Sequence[TableCell]) -> dict[int, tuple[int, ...]]:
        """Returns the heads of each part below the head rows."""
        return {part: self._heads_of(cell) for cell in body for part in cell.parts}

    def _heads_of(self, cell: TableCell) -> tuple[int, ...]:
        row_heads = [part for column, part in self._rows.get(cell.row, ()) if column < cell.column]
        above = bisect_left(self._groups, (cell.row, 0))
        group = [part for _, part in self._groups[above - 1 : above]]
        return (*row_heads, *group, *self._columns.get(cell.column, ()))


def _divided(cells: Sequence[TableCell], head_rows: frozenset[int]) -> tuple[list[TableCell], list[TableCell]]:
    """Returns the cells of the head rows, and the others."""
    return [cell for cell in cells if cell.row in head_rows], [cell for cell in cells if cell.row not in head_rows]


def _head_rows(cells: Sequence[TableCell]) -> frozenset[int]:
    """Returns the rows at the top that are heads: marked or bold ones, else the first one if it looks like a head."""
    rows = _by_row(cells)
    top = sorted(rows)[:MAX_HEAD_ROWS]
    count = 0
    while count < len(top) and _is_head_row(rows[top[count]], cells, is_first=not count):
        count += 1
    if not count and _looks_like_head(rows[top[0]], cells):
        count = 1
    return frozenset(top[:count])


def _is_head_row(row: Sequence[TableCell], cells: Sequence[TableCell], *, is_first: bool) -> bool:
    """Returns whether a row is marked as a head and is no heading across the table, of the rows below it."""
    below = [cell for cell in cells if cell.row > row[0].row and cell.parts]
    is_group = not is_first and len(row) == 1
    return bool(below) and not is_group and _is_marked_row(row, below)


def _by_row(cells: Sequence[TableCell]) -> dict[int, list[TableCell]]:
    rows: dict[int, list[TableCell]] = {}
    for cell in cells:
        rows.setdefault(cell.row, []).append(cell)
    return rows


def _is_marked_row(row: Sequence[TableCell], below: Sequence[TableCell]) -> bool:
    worded = [cell for cell in row if cell.parts]
    return bool(worded) and (all(cell.is_head for cell in worded) or _are_bold_heads(below, worded))


def _are_bold_heads(cells: Sequence[TableCell], candidates: Sequence[TableCell]) -> bool:
    """Returns whether the candidates with words are bold, and not all other cells are."""
    bold = [cell.is_bold for cell in candidates if cell.parts]
    plain = sum(1 for cell in cells if cell.parts and not cell.is_bold)
    return bool(bold) and all(bold) and plain > 0


def _looks_like_head(first: Sequence[TableCell], cells: Sequence[TableCell]) -> bool:
    """Returns whether the plain cells of a first row differ in kind from all that are below them in some column."""
    if any(cell.kind in ("sentence", "number") for cell in first):
        return False
    below: dict[int, set[str]] = {}
    for cell in cells:
        if cell.row > first[0].row and cell.parts:
            below.setdefault(cell.column, set()).add(cell.kind)
    return any(
        kinds <= _HEADED_KINDS.get(cell.kind, frozenset()) for cell in first if (kinds := below.get(cell.column))
    )


def _head_columns(tops: Sequence[TableCell], body: Sequence[TableCell]) -> int:
    """Returns how many columns at the left head the rows.

    There are none in a table whose first column has a grade at its head, because that lists what has the grade.
    """
    columns = _columns_beside_spans(body)
    corners = {cell.kind for cell in tops if cell.column == 0}
    kinds = {cell.kind for cell in body if cell.column < columns}
    return 0 if "grade" in corners or "sentence" in kinds else columns


def _columns_beside_spans(body: Sequence[TableCell]) -> int:
    """Returns the number of columns at the left: the first one, and those next to cells of several rows."""
    spanned = {cell.column for cell in body if cell.row_span > 1}
    last = max((cell.column for cell in body), default=0)
    columns = 1
    while columns < min(last, MAX_HEAD_COLUMNS) and columns - 1 in spanned:
        columns += 1
    return columns
