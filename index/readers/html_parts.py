"""Divides a web page into parts: headings, paragraphs, list items, table cells and definitions, in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lxml import etree

from index.readers.boilerplate import PageMeasures
from index.readers.extracted import CELL, ITEM, LINE, PARAGRAPH, ExtractedPart, with_joined_boxes
from index.readers.html_measures import NEVER_RENDERED, measure
from index.readers.html_places import (
    LISTS,
    MAX_BOX_DEPTH,
    HtmlPlace,
    Panels,
    find_panels,
    is_bold,
    is_box,
    is_label,
    kind_in_heading,
    label_text,
)
from index.readers.styles import (
    BREAK,
    StyledText,
    can_be_heading,
    collapse,
    heading_depth,
    is_formal_term,
    joined_text,
    lines_of,
    paragraphs_of,
    typed_marker,
)
from index.readers.tables import TableCell, TableGrid, heads_of
from index.text.transcript import Role

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_INLINE = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "ins"),
        *("kbd", "label", "mark", "output", "q", "rp", "rt", "ruby", "samp", "small", "span", "strong", "sub", "sup"),
        *("time", "tt", "u", "var", "wbr", "button"),
    }
)
_SENTENCE_END = re.compile(r"[.!?;][\"'”’)\]]*$")


@dataclass(slots=True)
class HtmlReader:
    """The parts read so far, the texts left out by kind, and the text of the block that is being read."""

    parts: list[ExtractedPart] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)
    pictures: int = 0
    has_headings: bool = False
    _places: list[HtmlPlace] = field(default_factory=lambda: [HtmlPlace()])
    _pending: list[StyledText] = field(default_factory=list)  # of the current block
    _separator: str = PARAGRAPH
    _bold: int = 0  # inline elements open that make text bold
    _level: int = 1  # of the last heading that is marked
    _levels: list[int] = field(default_factory=list)  # the same before each open box
    _boxes: int = 0  # so far
    _numbers: list[int | None] = field(default_factory=list)  # of the last item of each open list; None with bullets
    _row_has_words: bool = False
    _term: int | None = None  # the part of the last term of a definition list
    _has_title: bool = False

    def read(self, root: HtmlElement) -> None:
        """Reads every element below a root in order, without recursion, because pages may be nested deeply."""
        measures = measure(root)
        page = PageMeasures(measures, measures[root].words)
        panels = find_panels(root, page)
        skipped: set[HtmlElement] = set()
        steps = etree.iterwalk(root, events=("start", "end"))
        for event, element in steps:
            if event == "start":
                if self._is_left_out(element, page, panels):
                    skipped.add(element)
                    steps.skip_subtree()
                else:
                    self._start(element, page, panels)
                continue
            if element in skipped:
                skipped.discard(element)
            else:
                self._end(element)
            if element is not root and element.tail:
                self._add(element.tail)
        self._finish_block()
        self.parts = with_joined_boxes(self.parts)

    def _is_left_out(self, element: HtmlElement, page: PageMeasures, panels: Panels) -> bool:
        """Returns whether an element is left out, and if so records it for the notes."""
        if element.tag in NEVER_RENDERED or element in panels.controls:
            return True
        kind = self._kind(element, page, panels)
        if kind == "picture":
            self.pictures += 1
        elif kind:
            self.left_out.setdefault(kind, []).append(" ".join(_rendered_text(element)))
        return bool(kind)

    def _kind(self, element: HtmlElement, page: PageMeasures, panels: Panels) -> str:
        """Returns the kind of boilerplate that an element is; empty when it is content."""
        if self._places[-1].level and element.tag in _INLINE:
            return kind_in_heading(element, page)
        if element.tag == "summary" and not is_label(label_text(element)):
            return "form control"
        if element.get("role", "").lower() == "tablist":
            return ""
        return page.boilerplate_kind(element) or ("hidden text" if panels.is_hidden(element) else "")

    def _start(self, element: HtmlElement, page: PageMeasures, panels: Panels) -> None:
        tag = str(element.tag)
        if tag == "br":
            self._pending.append(StyledText(BREAK, is_bold=False))
        elif tag in _INLINE:
            self._bold += is_bold(element)
        else:
            self._finish_block()
            self._open_block(element, page, panels)
        if element.text:
            self._add(element.text)

    def _open_block(self, element: HtmlElement, page: PageMeasures, panels: Panels) -> None:
        around, measures = self._places[-1], page.of[element]
        place = around.within(element, measures, self._level)
        label = panels.labels.get(element)
        if len(around.boxes) < MAX_BOX_DEPTH and (label is not None or is_box(element, measures)):
            self._boxes += 1
            place = replace(place, boxes=(*around.boxes, self._boxes))
            self._levels.append(self._level)
        self._places.append(place)
        if label:
            self._append(label, Role.HEADING, level=self._level + 1)
        self._begin(element, place)

    def _begin(self, element: HtmlElement, place: HtmlPlace) -> None:
        """Sets the separator and the numbers that a list, row, cell or definition begins with."""
        tag = place.tag
        if tag in LISTS:
            self._numbers.append(_first_number(element) - 1 if tag == "ol" else None)
        elif tag == "li":
            self._separator = self._item_separator(element)
        elif tag == "dd":
            self._places[-1] = replace(place, term=self._term)
            self._separator = LINE if self._term is not None else PARAGRAPH
        elif place.table is not None:
            self._begin_in_table(tag, place.table)

    def _begin_in_table(self, tag: str, table: TableGrid) -> None:
        if tag == "tr":
            self._separator = LINE if table.has_words else PARAGRAPH
            self._row_has_words = False
        elif tag in ("td", "th") and self._row_has_words:
            self._separator = CELL

    def _item_separator(self, element: HtmlElement) -> str:
        if not self._numbers or (number := self._numbers[-1]) is None:
            return ITEM
        value = element.get("value", "")
        self._numbers[-1] = number = int(value) if value.isdecimal() and len(value) < 6 else number + 1
        return f"{PARAGRAPH}{number}. "

    def _end(self, element: HtmlElement) -> None:
        tag = str(element.tag)
        if tag in _INLINE:
            self._bold -= is_bold(element)
        elif tag != "br":
            self._finish_block()
            self._close_block()

    def _close_block(self) -> None:
        place = self._places.pop()
        around = self._places[-1]
        if place.boxes != around.boxes:
            self._level = self._levels.pop()
        if place.tag in LISTS:
            self._numbers.pop()
        elif place.tag == "table" and place.table is not None:
            found = heads_of(place.table.cells)
            for number, heads in found.heads.items():
                self.parts[number] = replace(self.parts[number], heads=heads)
            for number in found.headings:
                self.parts[number] = replace(self.parts[number], role=Role.HEADING)
        elif place.tag == "dl":
            self._term = None
        if place.tag not in ("td", "th") and around.cell is None:
            self._separator = PARAGRAPH

    def _add(self, text: str) -> None:
        place = self._places[-1]
        words = text if place.is_preformatted else collapse(text)
        self._pending.append(StyledText(words, self._bold > 0 or place.is_bold))

    def _finish_block(self) -> None:
        """Makes parts of the pending text, unless it is only white space."""
        pending, self._pending = self._pending, []
        place = self._places[-1]
        if place.is_preformatted:
            text = "".join(piece.text for piece in pending).strip()
            lines = [StyledText(text, is_bold=False)] if text else []
        else:
            lines = [StyledText(collapse(line.text), line.is_bold) for line in lines_of(pending)]
        if not lines:
            return
        if place.level:
            self._append_heading(joined_text(lines).text, place.level)
        elif place.cell is not None and place.table is not None:
            self._append_to_cell(place.cell, place.table, joined_text(lines))
        else:
            for paragraph in paragraphs_of(lines):
                self._append_paragraph(paragraph)

    def _append_heading(self, text: str, level: int) -> None:
        is_title = level == 1 and not self._has_title
        self._has_title = self._has_title or is_title
        self._level = max(level, 1)
        self._append(text, Role.TITLE if is_title else Role.HEADING, level=level)

    def _append_to_cell(self, cell: TableCell, table: TableGrid, words: StyledText) -> None:
        cell.add_part(len(self.parts), words.text, is_bold=words.is_bold)
        self._append(words.text, Role.HEADING if cell.is_head else Role.FINDING, is_cell=True)
        self._separator = LINE
        self._row_has_words = table.has_words = True

    def _append_paragraph(self, words: StyledText) -> None:
        place = self._places[-1]
        if place.tag in ("dt", "figcaption") or place.term is not None:
            self._append_defined(words.text, place)
        elif self._is_heading(words, place):
            self._append(words.text, Role.HEADING, level=self._level + heading_depth(words.text))
        else:
            marker = typed_marker(words.text) if self._separator in (PARAGRAPH, LINE) else ""
            self._separator += marker
            self._append(words.text[len(marker) :], Role.FINDING, list_depth=max(place.list_depth, bool(marker)))

    def _append_defined(self, text: str, place: HtmlPlace) -> None:
        """Makes a part of a term, a definition or a caption. A term or caption that is a sentence heads nothing."""
        if place.term is not None:
            self._append(text, Role.FINDING, is_cell=True, heads=(place.term,))
            return
        is_head = not _SENTENCE_END.search(text)
        if place.tag == "dt":
            self._term = len(self.parts) if is_head else None
        self._append(text, Role.HEADING if is_head else Role.FINDING, is_cell=is_head)

    def _is_heading(self, words: StyledText, place: HtmlPlace) -> bool:
        """Returns whether a paragraph heads what follows it, although it is not marked as a heading."""
        if place.tag == "li":
            return False
        stands_out = words.is_bold or place.is_named_heading
        return is_formal_term(words.text) or (stands_out and can_be_heading(words.text))

    def _append(
        self,
        text: str,
        role: Role,
        *,
        level: int = 0,
        list_depth: int | None = None,
        is_cell: bool = False,
        heads: tuple[int, ...] = (),
    ) -> None:
        place = self._places[-1]
        depth = place.list_depth if list_depth is None else list_depth
        depth = depth if role is Role.FINDING else 0
        self.parts.append(
            ExtractedPart(text, role, self._separator, (), is_cell, level, depth, heads, boxes=place.boxes)
        )
        self.has_headings = self.has_headings or (role is not Role.FINDING and not is_cell)
        self._separator = PARAGRAPH


def _first_number(element: HtmlElement) -> int:
    start = element.get("start", "")
    return int(start) if start.isdecimal() and len(start) < 6 else 1


def _rendered_text(element: HtmlElement) -> Iterator[str]:
    """Yields the runs of text within an element that a browser would show."""
    for descendant in element.iter():
        if descendant.tag in NEVER_RENDERED:
            continue
        for text in (descendant.text, descendant.tail if descendant is not element else ""):
            if text and text.strip():
                yield text.strip()
