"""What the elements around a text of a web page mean for it: heading, list, table cell, definition, box, panel.

Panels open on a click, such as those of tabs and accordions. A saved page has most of them closed. What is in them is
content, and the label is its heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.readers.boilerplate import PageMeasures, name_words
from index.readers.html_measures import HEADING_TAGS, NEVER_RENDERED, Measures
from index.readers.styles import is_formal_term
from index.readers.tables import TableCell, TableGrid

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


MAX_LABEL_CHARACTERS = 160
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_TARGETS = ("aria-controls", "data-target", "data-bs-target", "data-controls")
_PANEL_WORDS = frozenset(
    {"panel", "tabpanel", "tab", "collapse", "collapsed", "collapsible", "accordion", "expandable", "expander"}
)
_TOGGLE_WORDS = frozenset(
    {"tab", "tabs", "accordion", "toggle", "toggler", "collapse", "collapsed", "expander", "trigger"}
)
_SWITCHED = frozenset({"div", "section", "article", "ul", "ol", "dl", "p", "table", "blockquote"})  # by a box to tick
_ASIDES = frozenset({"toggle", "icon", "visually", "sr", "chevron", "arrow"})  # class names within a label
_NO_LABEL = re.compile(
    r"(?:show|hide|open|close|expand|collapse|view|see|read|learn)?"
    r"(?: ?(?:all|more|less|menu|details|sections?|content))*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Panels:
    """The panels of a page by what they are.

    `labels` has the label of each panel that does not begin with it, and `controls` are the elements whose words are
    such labels, or repeat how a panel begins. `targets` are the ids that anything on the page opens.
    """

    labels: Mapping[HtmlElement, str]
    controls: frozenset[HtmlElement]
    targets: frozenset[str]

    def is_hidden(self, element: HtmlElement) -> bool:
        """Returns whether an element is hidden and nothing on the page opens it."""
        hidden = element.get("hidden")
        if hidden is None and not _HIDDEN_STYLE.search(element.get("style", "")):
            return False
        return not (hidden == "until-found" or element in self.labels or self._is_panel(element))

    def _is_panel(self, element: HtmlElement) -> bool:
        return (
            element.get("id", "") in self.targets
            or element.get("role", "").lower() == "tabpanel"
            or not name_words(element).isdisjoint(_PANEL_WORDS)
            or _is_opener(element.getprevious())
        )


def find_panels(root: HtmlElement, page: PageMeasures) -> Panels:
    """Returns the panels of a page. Those that are boilerplate, such as a menu that opens, are none."""
    by_id = {str(element.get("id")): element for element in page.of if element.get("id")}
    switched = {panel: switch for switch, panel in _switches(page, by_id) if not page.boilerplate_kind(panel)}
    labels: dict[HtmlElement, str] = {panel: label_text(switch) for panel, switch in switched.items()}
    controls: set[HtmlElement] = set(switched.values())
    targets: set[str] = set()
    for control, target in _controls(root, by_id):
        targets.add(target)
        panel = by_id.get(target)
        if panel is None or panel in labels or page.boilerplate_kind(panel):
            continue
        if _is_control(control) and is_label(label := label_text(control)):
            controls.add(control)
            labels[panel] = "" if page.of[panel].first.casefold().startswith(label.casefold()) else label
    return Panels(labels, frozenset(controls), frozenset(targets))


def _controls(root: HtmlElement, by_id: Mapping[str, HtmlElement]) -> Iterator[tuple[HtmlElement, str]]:
    """Yields each element that names the id of another one, with that id: as a control, or as the label of a panel."""
    for element in root.iter("a", "button", "li", "div", "span", "section", "summary"):
        for target in _targets_of(element):
            yield element, target
        if element.get("role", "").lower() == "tabpanel" and element.get("id"):
            for label in element.get("aria-labelledby", "").split():
                if label in by_id:
                    yield by_id[label], str(element.get("id"))


def _switches(page: PageMeasures, by_id: Mapping[str, HtmlElement]) -> Iterator[tuple[HtmlElement, HtmlElement]]:
    """Yields each label of a box to tick that shows or hides a panel by style alone, and that panel.

    Labels next to each other, as of tabs, have the panels after them in their order.
    """
    ticked = (element for element in page.of if element.tag == "label" and _is_ticked(element, by_id))
    switches = {label for label in ticked if not page.of[label].headings and is_label(label_text(label))}
    for around in dict.fromkeys(switch.getparent() for switch in switches):
        labels: list[HtmlElement] = []
        panels: list[HtmlElement] = []
        for child in around if around is not None else ():
            if child in switches:
                yield from _paired(labels, panels)
                labels, panels = ([child], []) if panels else ([*labels, child], [])
            elif child.tag in _SWITCHED and page.of[child].words:
                panels.append(child)
            elif child.tag != "input":
                yield from _paired(labels, panels)
                labels, panels = [], []
        yield from _paired(labels, panels)


def _paired(labels: list[HtmlElement], panels: list[HtmlElement]) -> Iterator[tuple[HtmlElement, HtmlElement]]:
    if len(labels) <= len(panels):
        yield from zip(labels, panels, strict=False)


def _is_ticked(label: HtmlElement, by_id: Mapping[str, HtmlElement]) -> bool:
    """Returns whether a label is of a box to tick or a button to choose."""
    named = by_id.get(label.get("for", ""))
    inputs = label.iterchildren("input") if named is None else [named]
    return any(box.tag == "input" and box.get("type", "").lower() in ("checkbox", "radio") for box in inputs)


def label_text(control: HtmlElement) -> str:
    """Returns the words of a label, without icons and notes to screen readers."""
    return " ".join(" ".join(_label_pieces(control)).split())[: MAX_LABEL_CHARACTERS + 1]


def is_label(text: str) -> bool:
    """Returns whether a text names what is in a panel, as "Read more" does not."""
    return 0 < len(text) <= MAX_LABEL_CHARACTERS and _NO_LABEL.fullmatch(text) is None


def is_aside(element: HtmlElement) -> bool:
    """Returns whether an element within a label is an icon, or repeats for screen readers what the label does."""
    return not name_words(element).isdisjoint(_ASIDES)


def _label_pieces(control: HtmlElement) -> Iterator[str]:
    waiting: list[HtmlElement | str] = [control]
    while waiting:
        step = waiting.pop()
        if isinstance(step, str):
            yield step
            continue
        if step is not control and step.tail:
            waiting.append(step.tail)
        if step.tag not in NEVER_RENDERED and (step is control or not is_aside(step)):
            waiting += list(reversed(step))
            waiting += [step.text] if step.text else []


def _targets_of(control: HtmlElement) -> Iterator[str]:
    for name in _TARGETS:
        yield from (target.lstrip("#") for target in control.get(name, "").split())
    address = control.get("href", "")
    if len(address) > 1 and address.startswith("#"):
        yield address[1:]


def _is_control(control: HtmlElement) -> bool:
    """Returns whether an element opens its target in place, unlike a link to a part of the page.

    A control in a heading is none, because the heading is read as it stands.
    """
    if next(control.iterancestors(*HEADING_TAGS), None) is not None:
        return False
    if control.tag == "button" or control.get("role", "").lower() in ("tab", "button"):
        return True
    toggles = {control.get("data-toggle"), control.get("data-bs-toggle")}
    around = control.getparent()
    names = name_words(control) | (name_words(around) if around is not None else frozenset())
    return not toggles.isdisjoint({"tab", "collapse", "pill"}) or not names.isdisjoint(_TOGGLE_WORDS)


def _is_opener(element: HtmlElement | None) -> bool:
    """Returns whether an element opens what follows it: a button, or a heading with one."""
    if element is None or element.tag not in HEADING_TAGS | {"button", "div", "a", "p", "dt"}:
        return False
    openers = [element, *element.iterchildren(), *(grandchild for child in element for grandchild in child)]
    return any(opener.tag == "button" or opener.get("aria-expanded") is not None for opener in openers[:20])


def kind_in_heading(element: HtmlElement, page: PageMeasures) -> str:
    """Returns the kind of an inline element in a heading. A button there is the heading of what it opens."""
    is_button = element.tag == "button"
    if is_aside(element) or (is_button and not is_label(label_text(element))):
        return "form control"
    return "" if is_button else page.boilerplate_kind(element)
