"""Reads the grid of a Word table: where each cell is, and over how many rows and columns it reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.readers.docx_xml import W, value_of
from index.readers.tables import MAX_SPAN, TableCell

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


@dataclass(frozen=True, slots=True)
class WordRow:
    """A row and its cells, each with its place in the grid."""

    element: Element
    cells: tuple[tuple[Element, TableCell], ...]

    @property
    def is_deleted(self) -> bool:
        """Whether a tracked change deletes it."""
        return self.element.find(f"{W}trPr/{W}del") is not None


def rows_of(table: Element) -> list[WordRow]:
    """Returns the rows of a table, without those of tables in its cells."""
    rows: list[WordRow] = []
    open_cells: dict[int, TableCell] = {}  # that cells of later rows may continue, by column
    for number, row in enumerate(_own(table, f"{W}tr", f"{W}tbl")):
        is_head = row.find(f"{W}trPr/{W}tblHeader") is not None
        cells: list[tuple[Element, TableCell]] = []
        column = 0
        for element in _own(row, f"{W}tc", f"{W}tr"):
            span = value_of(element, f"tcPr/{W}gridSpan")
            width = min(int(span), MAX_SPAN) if span.isdecimal() and len(span) < 4 and int(span) else 1
            cell = TableCell(number, column, 1, width, is_head)
            merge = element.find(f"{W}tcPr/{W}vMerge")
            if merge is not None and merge.get(f"{W}val") != "restart" and column in open_cells:
                open_cells[column].row_span = number - open_cells[column].row + 1
            elif merge is not None:
                open_cells[column] = cell
            else:
                open_cells.pop(column, None)
            cells.append((element, cell))
            column += width
        rows.append(WordRow(row, tuple(cells)))
    return rows


def _own(parent: Element, tag: str, around: str) -> Iterator[Element]:
    """Yields the elements of a tag in a table or row itself, however they are wrapped, and not in a table within it."""
    for element in parent.iter(tag):
        if next(element.iterancestors(around), None) is parent:
            yield element
