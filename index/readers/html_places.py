"""What the block elements around a text of a web page mean for it: heading, list, table cell, definition, box."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.readers.boilerplate import name_words
from index.readers.html_measures import HEADING_TAGS, Measures
from index.readers.tables import TableCell, TableGrid
from index.readers.unmarked_headings import is_formal_term

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_BOX_DEPTH = 8
LISTS = frozenset({"ul", "ol", "menu", "dir"})
_CELLS = frozenset({"td", "th"})
_BOXES = frozenset({"div", "section", "aside", "details", "blockquote", "fieldset", "table", "li", "dd", "figure"})
_BOX_ROLES = frozenset({"note", "complementary", "tabpanel", "alert", "status"})
_BOX_WORDS = frozenset(
    {
        *("callout", "box", "inset", "panel", "alert", "notice", "pullout", "infobox", "highlight", "admonition"),
        *("card", "accordion"),
    }
)
_HEADING_WORDS = frozenset({"heading", "subheading", "title", "header"})
_BOX_STYLE = re.compile(
    r"(?:background(?:-color)?|border(?:-left)?)\s*:\s*(?!none|transparent|inherit|0)[#a-z0-9]", re.IGNORECASE
)
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_SPAN = re.compile(r"\s*([0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class HtmlPlace:
    """Where a text is. `level` is that of the heading it is in; `term` is the part that it defines."""

    tag: str = ""
    is_preformatted: bool = False
    is_bold: bool = False
    level: int = 0
    list_depth: int = 0
    cell: TableCell | None = None
    table: TableGrid | None = None
    boxes: tuple[int, ...] = ()
    is_named_heading: bool = False
    term: int | None = None

    def within(self, element: HtmlElement, measures: Measures, level_above: int) -> HtmlPlace:
        """Returns the place of the text directly in a child element. `level_above` is that of the last heading."""
        tag = str(element.tag)
        place = replace(
            self,
            tag=tag,
            is_preformatted=self.is_preformatted or tag == "pre",
            is_bold=self.is_bold or is_bold(element),
            level=_level(element, level_above) or self.level,
            list_depth=self.list_depth + (tag in LISTS),
            is_named_heading=tag in ("div", "p") and not name_words(element).isdisjoint(_HEADING_WORDS),
        )
        if tag == "table":
            return replace(place, cell=None, table=TableGrid() if _is_grid(element, measures) else None)
        return place if place.table is None else _in_table(place, place.table, element)


def _in_table(place: HtmlPlace, table: TableGrid, element: HtmlElement) -> HtmlPlace:
    if place.tag == "tr":
        table.start_row()
    elif place.tag in _CELLS:
        spans = _span(element, "rowspan"), _span(element, "colspan")
        return replace(place, list_depth=0, cell=table.add_cell(*spans, is_head=place.tag == "th"))
    return place


def is_bold(element: HtmlElement) -> bool:
    """Returns whether an element makes the text in it bold."""
    return element.tag in ("b", "strong") or _BOLD_STYLE.search(element.get("style", "")) is not None


def is_box(element: HtmlElement, measures: Measures) -> bool:
    """Returns whether an element is set apart from the text around it, so that a heading in it heads nothing else.

    One that has only a heading in it is none.
    """
    if element.tag not in _BOXES or measures.has_main:
        return False
    if measures.words <= max(measures.heading_words, len(measures.first.split())):
        return False
    if element.tag in ("aside", "details", "table") or element.get("role", "").lower() in _BOX_ROLES:
        return True
    words = name_words(element)
    if not words.isdisjoint(_BOX_WORDS):
        return words.isdisjoint(_HEADING_WORDS)
    return is_formal_term(measures.first) or _BOX_STYLE.search(element.get("style", "")) is not None


def _level(element: HtmlElement, level_above: int) -> int:
    """Returns the level of the heading that an element is; 0 when it is none."""
    if element.tag in HEADING_TAGS:
        return int(element.tag[1])
    if element.get("role", "").lower() == "heading":
        level = element.get("aria-level", "")
        return int(level) if level in tuple("123456") else level_above + 1
    return level_above + 1 if element.tag in ("summary", "caption") else 0


def _is_grid(table: HtmlElement, measures: Measures) -> bool:
    """Returns whether a table has data, and does not only arrange what is in its cells."""
    is_arrangement = table.get("role", "").lower() in ("presentation", "none")
    return measures.cells > 1 and not measures.headings and measures.tables == 1 and not is_arrangement


def _span(cell: HtmlElement, name: str) -> int:
    number = _SPAN.match(cell.get(name, ""))
    return int(number[1]) if number else 1
