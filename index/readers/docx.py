"""Word documents (DOCX): paragraphs, headings, lists, tables, text boxes and notes, tracked insertions among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.readers.docx_xml import Runs, W, beside_the_text, document_name, notes_of, read_xml, styles_of, value_of
from index.readers.extracted import CELL, ITEM, LINE, PARAGRAPH, Extracted, ExtractedPart, left_out
from index.readers.zip import open_zip
from index.text.transcript import Role

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

    from index.readers.docx_xml import Style

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_GONE = (f"{W}del", f"{W}moveFrom")


def read_word(data: bytes) -> Extracted:
    """The parts of a document as it reads with every tracked change accepted.

    Deletions, hidden text, running heads, comments, tables of contents and pictures are left out and noted. A note
    stands after the paragraph that refers to it. Raises `UnreadableError` for what is no Word document or is damaged.
    """
    with open_zip(data) as archive:
        notes = {(kind, key): note for kind in ("footnote", "endnote") for key, note in notes_of(archive, kind).items()}
        reader = _Document(styles_of(archive), notes)
        body = read_xml(archive, document_name(archive)).find(f"{W}body")
        parts = list(reader.blocks(body)) if body is not None else []
        for note in list(reader.notes):
            parts += reader.note(*note)
        beside = list(beside_the_text(archive))
    for what, text in beside:
        reader.runs.leave(what, text)
    if parts and parts[0].role is Role.HEADING and not any(part.role is Role.TITLE for part in parts):
        parts[0] = ExtractedPart(parts[0].text, Role.TITLE)
    told = any(part.role in (Role.HEADING, Role.TITLE) and not part.cell for part in parts)
    said = [line for what, texts in reader.runs.left.items() for line in left_out(what, texts)]
    return Extracted(tuple(parts), (*said, *reader.runs.uncounted()), told=told)


@dataclass(slots=True)
class _Document:
    """A document being read. `notes` are those that nothing has referred to yet."""

    styles: dict[str, Style]
    notes: dict[tuple[str, str], Element]
    runs: Runs = field(default_factory=Runs)

    def blocks(self, container: Element) -> Iterator[ExtractedPart]:
        """The parts of whatever holds paragraphs and tables."""
        for child in container:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                yield from self._table(child)
            elif child.tag in _GONE:
                self.runs.leave("Tracked deletion", "".join(child.itertext()))
            elif child.tag == f"{W}sdt" and _is_contents(child):
                self.runs.leave("Table of contents", " ".join(text.text or "" for text in child.iter(f"{W}t")))
            elif child.tag == f"{W}altChunk":
                self.runs.objects += 1
            elif child.tag == f"{_MC}AlternateContent":
                yield from self.blocks(child[0]) if len(child) else ()
            elif child.tag not in (f"{W}sectPr", f"{W}tcPr", f"{W}sdtPr"):
                yield from self.blocks(child)

    def note(self, kind: str, key: str) -> Iterator[ExtractedPart]:
        """The parts of a note, the first time it is asked for."""
        element = self.notes.pop((kind, key), None)
        if element is not None:
            yield from self.blocks(element)

    def _paragraph(self, element: Element) -> Iterator[ExtractedPart]:
        style = self.styles.get(value_of(element, f"pPr/{W}pStyle"))
        text, boxes, referred = self.runs.read(element)
        text = text.strip()
        if style is not None and style.name.startswith("toc "):
            self.runs.leave("Table of contents", text)
        elif text:
            role = self._role(element, style)
            listed = role is Role.FINDING and _is_listed(element, style)
            self.runs.numbered += listed
            yield ExtractedPart(text, role, ITEM if listed else PARAGRAPH)
        for box in boxes:
            yield from self.blocks(box)
        for reference in referred:
            yield from self.note(*reference)

    def _role(self, element: Element, style: Style | None) -> Role:
        name = style.name if style else ""
        level = value_of(element, f"pPr/{W}outlineLvl")
        if name == "title":
            return Role.TITLE
        if name.startswith("heading ") or (style is not None and style.level is not None and style.level < 9):
            return Role.HEADING
        return Role.HEADING if level.isdigit() and int(level) < 9 else Role.FINDING

    def _table(self, table: Element) -> Iterator[ExtractedPart]:
        first_row = True
        for row in table.iter(f"{W}tr"):
            if _owner(row, f"{W}tbl") is not table:
                continue  # of a table within a cell, read with the cell
            if row.find(f"{W}trPr/{W}del") is not None:
                self.runs.leave("Tracked deletion", " ".join("".join(row.itertext()).split()))
                continue
            heads = row.find(f"{W}trPr/{W}tblHeader") is not None
            cells = [cell for cell in row.iter(f"{W}tc") if _owner(cell, f"{W}tr") is row]
            for number, cell in enumerate(cells):
                before = CELL if number else PARAGRAPH if first_row else LINE
                for part in self.blocks(cell):
                    role = Role.HEADING if heads else part.role
                    yield ExtractedPart(part.text, role, before, cell=True)
                    before = LINE
            first_row = False


def _owner(element: Element, tag: str) -> Element | None:
    return next(element.iterancestors(tag), None)


def _is_listed(element: Element, style: Style | None) -> bool:
    number = element.find(f"{W}pPr/{W}numPr")
    if number is not None:
        return value_of(number, "numId") != "0"
    return style is not None and style.listed


def _is_contents(element: Element) -> bool:
    gallery = value_of(element, f"sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery.lower() == "table of contents"
