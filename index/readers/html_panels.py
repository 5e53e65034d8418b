"""Finds the panels of a web page that open on a click, such as those of tabs and accordions, and their labels.

A saved page has most of them closed. What is in them is content, and the label is its heading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.readers.boilerplate import PageMeasures, name_words
from index.readers.html_measures import HEADING_TAGS, NEVER_RENDERED

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_LABEL_CHARACTERS = 160
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_TARGETS = ("aria-controls", "data-target", "data-bs-target", "data-controls")
_PANEL_WORDS = frozenset(
    {"panel", "tabpanel", "tab", "collapse", "collapsed", "collapsible", "accordion", "expandable", "expander"}
)
_TOGGLE_WORDS = frozenset(
    {"tab", "tabs", "accordion", "toggle", "toggler", "collapse", "collapsed", "expander", "trigger"}
)
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
        return not (hidden == "until-found" or self._is_panel(element))

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
    labels: dict[HtmlElement, str] = {}
    controls: set[HtmlElement] = set()
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
