"""Reads Word documents (DOCX, ECMA-376) as they read with every tracked change accepted.

Title, headings, paragraphs, list items, tables, text boxes, footnotes and endnotes are kept; a note follows the
paragraph that refers to it. Short paragraphs in bold are headings. Automatic numbers and bullets are worked out.
Tracked deletions, hidden text, running heads, comments, tables of contents, pictures and embedded objects are left out
and noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from index.readers.docx_structure import BULLET, Numbering, WordRow, is_table_of_contents, numbering_of, rows_of
from index.readers.docx_xml import (
    MC,
    ParagraphReader,
    Style,
    W,
    document_name,
    headers_and_comments,
    is_boxed,
    notes_of,
    read_xml,
    styles_of,
    value_of,
)
from index.readers.extracted import CELL, LINE, PARAGRAPH, Extracted, ExtractedPart, with_joined_boxes
from index.readers.formats import open_zip
from index.readers.styles import (
    Boxes,
    StyledText,
    can_be_heading,
    heading_depth,
    is_formal_term,
    is_in_capitals,
    joined_text,
    lines_of,
    paragraphs_of,
    typed_marker,
)
from index.readers.tables import TableCell, heads_of
from index.text.transcript import Role

if TYPE_CHECKING:
    import zipfile

    from lxml.etree import _Element as Element

_DELETIONS = (f"{W}del", f"{W}moveFrom")
_PROPERTIES = (f"{W}sectPr", f"{W}tcPr", f"{W}sdtPr")
_OUTLINE_LEVELS = 9  # level 9 means body text
_NAMED_LEVEL = re.compile(r"(?:heading|list bullet|list number) ([1-9])")
_LIST_STYLE = re.compile(r"list (?:bullet|number)")
_NUMBERED_PARAGRAPH = re.compile(r"[0-9]+\.[0-9]")
_SENTENCE_END = re.compile(r"[.!?;][\"'”’)\]]*$")


def read_docx(data: bytes) -> Extracted:
    """Returns the parts of a document. Raises `UnreadableFileError` when it is not a Word document or is damaged."""
    with open_zip(data) as archive:
        notes = {(kind, key): note for kind in ("footnote", "endnote") for key, note in notes_of(archive, kind).items()}
        reader = _DocxReader(styles_of(archive), numbering_of(archive), notes)
        parts = reader.document(archive)
        left_out = list(headers_and_comments(archive))
    for kind, text in left_out:
        reader.paragraphs.leave_out(kind, text)
    if parts and parts[0].role is Role.HEADING and not any(part.role is Role.TITLE for part in parts):
        parts[0] = replace(parts[0], role=Role.TITLE, is_cell=False)
    return Extracted(tuple(parts), reader.paragraphs.notes(), reader.has_marked_headings)


@dataclass(slots=True)
class _DocxReader:
    """A document being read. `unread_notes` are the notes that no paragraph has referred to yet, by kind and id."""

    styles: dict[str, Style]
    numbering: Numbering
    unread_notes: dict[tuple[str, str], Element]
    paragraphs: ParagraphReader = field(default_factory=ParagraphReader)
    has_marked_headings: bool = False
    _parts: list[ExtractedPart] = field(default_factory=list)
    _level: int = 0  # of the last heading that is marked
    _cell: TableCell | None = None
    _separator: str = PARAGRAPH
    _around: Boxes = ()
    _boxes: int = 0  # so far

    def document(self, archive: zipfile.ZipFile) -> list[ExtractedPart]:
        """Returns the parts of the body, and then of the notes that nothing refers to."""
        body = read_xml(archive, document_name(archive)).find(f"{W}body")
        if body is not None:
            self._container(body)
        for kind, key in list(self.unread_notes):
            self._note(kind, key)
        return with_joined_boxes(self._parts)

    def _container(self, container: Element) -> None:
        """Reads any element that contains paragraphs and tables. Paragraphs with one border around them are a box."""
        run: list[Element] = []
        for child in container:
            if child.tag == f"{W}p" and self._is_boxed(child):
                run.append(child)
                continue
            self._boxed_paragraphs(run)
            run = []
            if child.tag == f"{W}p":
                self._paragraph(child)
            elif child.tag == f"{W}tbl":
                self._table(child)
            elif not self._is_left_out(child):
                self._container(child[0] if child.tag == f"{MC}AlternateContent" and len(child) else child)
        self._boxed_paragraphs(run)

    def _is_boxed(self, paragraph: Element) -> bool:
        return self._style(paragraph).is_boxed or is_boxed(paragraph)

    def _boxed_paragraphs(self, run: Sequence[Element]) -> None:
        if run:
            with self._box(len(run) > 1):
                for paragraph in run:
                    self._paragraph(paragraph)

    @contextmanager
    def _box(self, is_box: bool) -> Iterator[None]:  # noqa: FBT001  # the only argument
        """Reads what follows as in a box, if it is one."""
        around, level, cell = self._around, self._level, self._cell
        if is_box:
            self._boxes += 1
            self._around = (*around, self._boxes)
        yield
        if is_box:
            self._around, self._level = around, level
        self._cell = cell

    def _is_left_out(self, element: Element) -> bool:
        if element.tag in _DELETIONS:
            self.paragraphs.leave_out("Tracked deletion", "".join(element.itertext()))
        elif element.tag == f"{W}sdt" and is_table_of_contents(element):
            self.paragraphs.leave_out("Table of contents", " ".join(text.text or "" for text in element.iter(f"{W}t")))
        elif element.tag == f"{W}altChunk":
            self.paragraphs.objects += 1
        else:
            return element.tag in _PROPERTIES
        return True

    def _note(self, kind: str, key: str) -> None:
        """Reads a note, unless it was read before."""
        element = self.unread_notes.pop((kind, key), None)
        if element is not None:
            self._container(element)

    def _style(self, paragraph: Element) -> Style:
        return self.styles.get(value_of(paragraph, f"pPr/{W}pStyle"), Style())

    def _paragraph(self, element: Element) -> None:
        style = self._style(element)
        paragraph = self.paragraphs.read(element, is_bold=style.is_bold)
        lines = lines_of(paragraph.pieces)
        if lines and style.name.startswith("toc "):
            self.paragraphs.leave_out("Table of contents", joined_text(lines).text)
        elif lines:
            self._lines(element, style, lines)
        for box in paragraph.boxes:
            with self._box(is_box=True):
                self._cell = None
                self._container(box)
        for kind, key in paragraph.note_references:
            self._note(kind, key)

    def _lines(self, element: Element, style: Style, lines: Sequence[StyledText]) -> None:
        """Reads the lines of a paragraph with words: as a heading, a list item, a caption, or as plain ones."""
        whole = joined_text(lines)
        level = _heading_level(element, style)
        marker, depth = self._list_place(element, style)
        if style.name == "title" or level is not None:
            self._heading(whole, Role.TITLE if style.name == "title" else Role.HEADING, marker, level or 0)
        elif marker:
            self._append(whole, Role.FINDING, marker, list_depth=depth)
        elif style.name == "caption" and not _SENTENCE_END.search(whole.text):
            self._append(whole, Role.HEADING, is_cell=True)
        elif self._cell is not None:
            self._append(whole, Role.FINDING)
        else:
            for line in paragraphs_of(lines):
                self._plain(line)

    def _heading(self, words: StyledText, role: Role, marker: str, level: int) -> None:
        """Reads a title or heading that is marked as one, with its number."""
        self.has_marked_headings = self.has_marked_headings or self._cell is None
        self._level = level
        self._append(words, role, "" if marker == BULLET else marker, level=level)

    def _plain(self, words: StyledText) -> None:
        """Reads a paragraph without a style that says what it is."""
        stands_out = words.is_bold or is_in_capitals(words.text)
        if is_formal_term(words.text) or (stands_out and can_be_heading(words.text)):
            self._append(words, Role.HEADING, level=self._level + heading_depth(words.text))
            return
        marker = typed_marker(words.text)
        rest = StyledText(words.text[len(marker) :], words.is_bold)
        self._append(rest, Role.FINDING, marker.strip(), list_depth=int(bool(marker)))

    def _list_place(self, element: Element, style: Style) -> tuple[str, int]:
        """Returns the number or bullet of a list item and the depth of its list; an empty marker for any other one."""
        numbering = element.find(f"{W}pPr/{W}numPr")
        list_id = ("" if numbering is None else value_of(numbering, "numId")) or style.list_id
        level = _list_level(numbering, style)
        if list_id in ("", "0"):
            is_item = not list_id and _LIST_STYLE.match(style.name) is not None
            return (BULLET, level + 1) if is_item else ("", 0)
        self.paragraphs.list_items += list_id not in self.numbering.levels
        marker = self.numbering.marker(list_id, level)
        return marker, 0 if _NUMBERED_PARAGRAPH.match(marker) else level + 1

    def _append(
        self,
        words: StyledText,
        role: Role,
        marker: str = "",
        *,
        level: int = 0,
        list_depth: int = 0,
        is_cell: bool = False,
    ) -> None:
        cell = self._cell
        separator = self._separator
        if marker:
            separator = f"{PARAGRAPH if separator == LINE else separator}{marker} "
        if cell is not None:
            cell.add_part(len(self._parts), words.text, is_bold=words.is_bold)
            role = Role.HEADING if cell.is_head else role
        self._parts.append(
            ExtractedPart(
                words.text, role, separator, (), is_cell or cell is not None, level, list_depth, boxes=self._around
            )
        )
        self._separator = PARAGRAPH if cell is None else LINE

    def _table(self, table: Element) -> None:
        """Reads a table. One that only arranges text, or has a single column, is a box with what is in its cells."""
        rows = rows_of(table)
        is_grid = any(len(row.cells) > 1 for row in rows) and not self._has_headings(table)
        self._separator = PARAGRAPH
        with self._box(is_box=not is_grid):
            for row in rows:
                if row.is_deleted:
                    self.paragraphs.leave_out("Tracked deletion", " ".join("".join(row.element.itertext()).split()))
                else:
                    self._row(row, is_grid=is_grid)
            if is_grid:
                self._set_heads([cell for row in rows for _, cell in row.cells])
        self._separator = PARAGRAPH if self._cell is None else LINE

    def _row(self, row: WordRow, *, is_grid: bool) -> None:
        has_words = False
        for element, cell in row.cells:
            self._cell = cell if is_grid else None
            self._separator = CELL if has_words and is_grid else self._separator
            self._container(element)
            has_words = has_words or bool(cell.parts)
        self._separator = LINE if is_grid and self._separator != PARAGRAPH else PARAGRAPH

    def _has_headings(self, table: Element) -> bool:
        return any(_heading_level(paragraph, self._style(paragraph)) is not None for paragraph in table.iter(f"{W}p"))

    def _set_heads(self, cells: Sequence[TableCell]) -> None:
        found = heads_of(cells)
        for number, heads in found.heads.items():
            self._parts[number] = replace(self._parts[number], heads=heads)
        for number in found.headings:
            self._parts[number] = replace(self._parts[number], role=Role.HEADING)


def _list_level(numbering: Element | None, style: Style) -> int:
    """Returns the level of a list item, from 0: its own, else that of its style, else that in the style's name."""
    own = "" if numbering is None else value_of(numbering, "ilvl")
    if own.isdecimal() and len(own) < 3:
        return int(own)
    named = _NAMED_LEVEL.match(style.name)
    return int(named[1]) - 1 if named and not style.list_level else style.list_level


def _heading_level(paragraph: Element, style: Style) -> int | None:
    """Returns the level of a heading, from 1; None for any other paragraph."""
    named = _NAMED_LEVEL.match(style.name) if style.name.startswith("heading ") else None
    if named:
        return int(named[1])
    own = value_of(paragraph, f"pPr/{W}outlineLvl")
    level = int(own) if own.isdecimal() and len(own) < 3 else style.level
    if level is not None and level < _OUTLINE_LEVELS:
        return level + 1
    return 1 if style.name.startswith("heading ") else None
