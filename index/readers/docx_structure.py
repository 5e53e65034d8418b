"""Works out what a Word document leaves to its reader: automatic numbers and bullets, and the grid of a table.

The numbers follow ECMA-376, part 1, 17.9. A cell of the grid has its place, and the rows and columns it reaches over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.readers.docx_xml import W, read_xml, value_of
from index.readers.tables import MAX_SPAN, TableCell

if TYPE_CHECKING:
    import zipfile

    from lxml.etree import _Element as Element


BULLET = "•"
MAX_NUMBER = 9_999  # a higher number is shown as a bullet
_LEVELS = 9
_PLACEHOLDER = re.compile(r"%([1-9])")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NumberedLevel:
    """How one level of a list is numbered: the format of its number, the text around it, and the first number."""

    number_format: str = "bullet"
    text: str = ""
    start: int = 1


@dataclass(slots=True)
class Numbering:
    """The lists of a document: their levels by the id of the list, and the numbers that were given last."""

    levels: dict[str, dict[int, NumberedLevel]]
    lists: dict[str, str]  # lists of one abstract definition go on counting together
    _counts: dict[str, list[int]] = field(default_factory=dict)

    def marker(self, list_id: str, level: int) -> str:
        """Returns the number or bullet of the next item of a list, as printed: "3.", "(a)", "•"."""
        levels = self.levels.get(list_id, {})
        level = min(max(level, 0), _LEVELS - 1)
        counts = self._counts.setdefault(self.lists.get(list_id, list_id), [0] * _LEVELS)
        own = levels.get(level, NumberedLevel())
        counts[level] = counts[level] + 1 if counts[level] else own.start
        counts[level + 1 :] = [0] * (_LEVELS - 1 - level)
        if own.number_format in ("bullet", "none") or not _PLACEHOLDER.search(own.text):
            return BULLET
        return _PLACEHOLDER.sub(lambda found: _number(levels, counts, int(found[1]) - 1), own.text).strip() or BULLET


def numbering_of(archive: zipfile.ZipFile) -> Numbering:
    """Returns the lists of a package; none when it has no numbering."""
    if "word/numbering.xml" not in archive.namelist():
        return Numbering({}, {})
    root = read_xml(archive, "word/numbering.xml")
    abstract = {
        str(definition.get(f"{W}abstractNumId")): _levels(definition) for definition in root.iter(f"{W}abstractNum")
    }
    levels: dict[str, dict[int, NumberedLevel]] = {}
    lists: dict[str, str] = {}
    for number in root.iter(f"{W}num"):
        list_id, definition = str(number.get(f"{W}numId")), value_of(number, "abstractNumId")
        overrides = number.findall(f"{W}lvlOverride")
        levels[list_id] = {**abstract.get(definition, {}), **_levels(number)}
        if not any(override.find(f"{W}startOverride") is not None for override in overrides):
            lists[list_id] = f"abstract {definition}"
    return Numbering(levels, lists)


def _levels(definition: Element) -> dict[int, NumberedLevel]:
    found = {}
    for level in definition.iter(f"{W}lvl"):
        number, start = level.get(f"{W}ilvl", ""), value_of(level, "start")
        if number.isdecimal():
            first = int(start) if start.isdecimal() and len(start) < 5 else 1
            found[int(number)] = NumberedLevel(value_of(level, "numFmt"), value_of(level, "lvlText"), first)
    return found


def _number(levels: dict[int, NumberedLevel], counts: list[int], level: int) -> str:
    """Returns the number of a level in its format, as part of the number of an item at or below it."""
    count = counts[level] or 1
    number_format = levels.get(level, NumberedLevel("decimal")).number_format
    if number_format in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1) if count <= MAX_NUMBER else BULLET
        return letters.upper() if number_format == "upperLetter" else letters
    if number_format in ("lowerRoman", "upperRoman"):
        roman = _roman(count) if count <= MAX_NUMBER else BULLET
        return roman.upper() if number_format == "upperRoman" else roman
    return str(count)


def _roman(count: int) -> str:
    letters = ""
    for value, letter in _ROMAN:
        letters += letter * (count // value)
        count %= value
    return letters


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


def is_table_of_contents(element: Element) -> bool:
    """Whether a structured document tag is a table of contents that Word made."""
    gallery = value_of(element, f"sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery.lower() == "table of contents"
