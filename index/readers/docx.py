"""Reads Word documents (DOCX, ECMA-376) as they read with every tracked change accepted.

Title, headings, paragraphs, list items, tables, text boxes, footnotes and endnotes are kept; a note follows the
paragraph that refers to it. Tracked deletions, hidden text, running heads, comments, tables of contents, pictures and
embedded objects are left out and noted. An automatic bullet or number is shown as a bullet and noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.readers.docx_xml import (
    MC,
    ParagraphReader,
    Style,
    W,
    document_name,
    headers_and_comments,
    notes_of,
    read_xml,
    styles_of,
    value_of,
)
from index.readers.extracted import CELL, ITEM, LINE, PARAGRAPH, Extracted, ExtractedPart
from index.readers.zip import open_zip
from index.text.transcript import Role

if TYPE_CHECKING:
    import zipfile

    from lxml.etree import _Element as Element

_DELETIONS = (f"{W}del", f"{W}moveFrom")
_PROPERTIES = (f"{W}sectPr", f"{W}tcPr", f"{W}sdtPr")
_OUTLINE_LEVELS = 9  # level 9 means body text


def read_docx(data: bytes) -> Extracted:
    """Returns the parts of a document. Raises `UnreadableFileError` when it is not a Word document or is damaged."""
    with open_zip(data) as archive:
        notes = {(kind, key): note for kind in ("footnote", "endnote") for key, note in notes_of(archive, kind).items()}
        reader = _DocxReader(styles_of(archive), notes)
        parts = list(reader.document(archive))
        left_out = list(headers_and_comments(archive))
    for kind, text in left_out:
        reader.paragraphs.leave_out(kind, text)
    if parts and parts[0].role is Role.HEADING and not any(part.role is Role.TITLE for part in parts):
        parts[0] = ExtractedPart(parts[0].text, Role.TITLE)
    declares_headings = any(part.role in (Role.HEADING, Role.TITLE) and not part.is_cell for part in parts)
    return Extracted(tuple(parts), reader.paragraphs.notes(), declares_headings)


@dataclass(slots=True)
class _DocxReader:
    """A document being read. `unread_notes` are the notes that no paragraph has referred to yet, by kind and id."""

    styles: dict[str, Style]
    unread_notes: dict[tuple[str, str], Element]
    paragraphs: ParagraphReader = field(default_factory=ParagraphReader)

    def document(self, archive: zipfile.ZipFile) -> Iterator[ExtractedPart]:
        """Yields the parts of the body, and then the notes that nothing refers to."""
        body = read_xml(archive, document_name(archive)).find(f"{W}body")
        if body is not None:
            yield from self._container(body)
        for kind, key in list(self.unread_notes):
            yield from self._note(kind, key)

    def _container(self, container: Element) -> Iterator[ExtractedPart]:
        """Yields the parts of any element that contains paragraphs and tables."""
        for child in container:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self._table(child)
            elif not self._is_left_out(child):
                yield from self._container(child[0] if child.tag == f"{MC}AlternateContent" and len(child) else child)

    def _is_left_out(self, element: Element) -> bool:
        if element.tag in _DELETIONS:
            self.paragraphs.leave_out("Tracked deletion", "".join(element.itertext()))
        elif element.tag == f"{W}sdt" and _is_table_of_contents(element):
            self.paragraphs.leave_out("Table of contents", " ".join(text.text or "" for text in element.iter(f"{W}t")))
        elif element.tag == f"{W}altChunk":
            self.paragraphs.objects += 1
        else:
            return element.tag in _PROPERTIES
        return True

    def _note(self, kind: str, key: str) -> Iterator[ExtractedPart]:
        """Yields the parts of a note; nothing when it was read before."""
        element = self.unread_notes.pop((kind, key), None)
        if element is not None:
            yield from self._container(element)

    def _paragraph(self, element: Element) -> Iterator[ExtractedPart]:
        style = self.styles.get(value_of(element, f"pPr/{W}pStyle"), Style())
        paragraph = self.paragraphs.read(element)
        text = paragraph.text.strip()
        if style.name.startswith("toc "):
            self.paragraphs.leave_out("Table of contents", text)
        elif text:
            role = _role(element, style)
            is_item = role is Role.FINDING and _is_list_item(element, style)
            self.paragraphs.list_items += is_item
            yield ExtractedPart(text, role, ITEM if is_item else PARAGRAPH)
        for box in paragraph.boxes:
            yield from self._container(box)
        for kind, key in paragraph.note_references:
            yield from self._note(kind, key)

    def _table(self, table: Element) -> Iterator[ExtractedPart]:
        separator = PARAGRAPH
        for row in table.iter(f"{W}tr"):
            if _enclosing(row, f"{W}tbl") is not table:
                continue  # a row of a table within a cell, which is read with the cell
            if row.find(f"{W}trPr/{W}del") is not None:
                self.paragraphs.leave_out("Tracked deletion", " ".join("".join(row.itertext()).split()))
                continue
            yield from self._row(row, separator)
            separator = LINE

    def _row(self, row: Element, separator: str) -> Iterator[ExtractedPart]:
        is_header = row.find(f"{W}trPr/{W}tblHeader") is not None
        for cell in row.iter(f"{W}tc"):
            if _enclosing(cell, f"{W}tr") is not row:
                continue  # a cell of a table within a cell
            for part in self._container(cell):
                yield ExtractedPart(part.text, Role.HEADING if is_header else part.role, separator, is_cell=True)
                separator = LINE
            separator = CELL


def _role(paragraph: Element, style: Style) -> Role:
    level = value_of(paragraph, f"pPr/{W}outlineLvl")
    if style.name == "title":
        return Role.TITLE
    if style.name.startswith("heading ") or (style.level is not None and style.level < _OUTLINE_LEVELS):
        return Role.HEADING
    return Role.HEADING if level.isdigit() and int(level) < _OUTLINE_LEVELS else Role.FINDING


def _is_list_item(paragraph: Element, style: Style) -> bool:
    numbering = paragraph.find(f"{W}pPr/{W}numPr")
    return style.is_list if numbering is None else value_of(numbering, "numId") != "0"


def _is_table_of_contents(element: Element) -> bool:
    gallery = value_of(element, f"sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery.lower() == "table of contents"


def _enclosing(element: Element, tag: str) -> Element | None:
    return next(element.iterancestors(tag), None)
