"""Measures every element of a web page in one pass: its words, links, form fields and cells.

Whether an element is content depends on what is in it. Measuring once keeps that decision cheap however deep it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from index.text.words import GRADES, alternatives

if TYPE_CHECKING:
    from lxml.html import HtmlElement

NEVER_RENDERED = frozenset({"script", "style", "template", "head", "noscript", "meta", "link", "base"})
HEADING_TAGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
MAX_FIRST_CHARACTERS = 100
_MAIN = frozenset({"main", "article", "h1"})
_FIELD_TYPES = frozenset({"text", "email", "search", "tel", "password", "url", "number"})
_GRADE = re.compile(rf"\b(?:{alternatives(GRADES)})\b", re.IGNORECASE)
_PROSE_END = re.compile(r"[.;:!]['\"’”)]*$")
_LONG_RUN_WORDS = 8  # of text outside links and headings, which makes it prose
_SHORT_RUN_WORDS = 4  # the same, when it ends like a sentence
_COOKIES = re.compile(
    r"\b(?:us(?:e|es|ing) (?:\w+ ){0,3}cookies|accept (?:\w+ ){0,2}cookies"
    r"|cookies? (?:on|policy|settings|preferences))\b",
    re.IGNORECASE,
)
_NEWSLETTER = re.compile(
    r"\b(?:newsletters?|subscribe|mailing list|e-?mail (?:alerts|updates|bulletins?))\b", re.IGNORECASE
)
_SHARE_WORDS = frozenset(
    [
        *("", "share", "this", "page", "article", "report", "publication", "story", "news", "on", "via", "by", "to"),
        *("with", "using", "through", "and", "or", "social", "media", "copy", "link", "facebook", "twitter", "x"),
        *("linkedin", "whatsapp", "email", "e-mail", "mastodon", "bluesky", "threads", "reddit"),
        *("opens", "in", "a", "new", "window", "tab"),
    ]
)
_SHARING_ADDRESS = re.compile(
    r"(?:facebook\.com/shar|(?:twitter|x)\.com/(?:intent|share)|linkedin\.com/share|wa\.me/|whatsapp:|mailto:\?)",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Measures:
    """What is in an element, its descendants included. `first` has its first words."""

    first: str = ""
    words: int = 0
    heading_words: int = 0
    link_words: int = 0
    links: int = 0
    local_links: int = 0
    sharing_links: int = 0
    sentence_links: int = 0  # whose words end like a sentence
    prose: int = 0  # runs of text outside links and headings that are prose
    grades: int = 0  # runs of text outside links with a grade
    cookies: int = 0  # runs of text that mention them
    newsletters: int = 0
    share_words: int = 0  # of which invitations to share a page consist
    fields: int = 0
    buttons: int = 0
    headings: int = 0
    tables: int = 0
    cells: int = 0  # of the longest row
    has_main: bool = False

    def add(self, child: Measures) -> None:
        """Adds what is in a child."""
        self.first = self.first or child.first
        for name in _SUMMED:
            setattr(self, name, getattr(self, name) + getattr(child, name))
        self.cells = max(self.cells, child.cells)
        self.has_main = self.has_main or child.has_main


_SUMMED = (
    "words", "heading_words", "link_words", "links", "local_links", "sharing_links", "sentence_links", "prose",
    "grades", "cookies", "newsletters", "share_words", "fields", "buttons", "headings", "tables",
)  # fmt: skip


def measure(root: HtmlElement) -> dict[HtmlElement, Measures]:
    """Returns the measures of every rendered element."""
    found: dict[HtmlElement, Measures] = {}
    has_inner_title = root.find(".//main//h1") is not None  # then one outside it is the name of the site
    links = headings = mains = 0  # that are open
    steps = etree.iterwalk(root, events=("start", "end"))
    for event, element in steps:
        tag = element.tag
        is_link, is_heading = tag == "a" and element.get("href") is not None, tag in HEADING_TAGS
        if event == "start":
            if tag in NEVER_RENDERED:
                steps.skip_subtree()
                continue
            links, headings = links + is_link, headings + is_heading
            mains += tag in ("main", "article")
            found[element] = _own(element, is_link=is_link)
            found[element].has_main = mains > 0 if tag == "h1" and has_inner_title else tag in _MAIN
            _add_text(found[element], element.text, in_link=links > 0, in_heading=headings > 0)
            continue
        links, headings, mains = links - is_link, headings - is_heading, mains - (tag in ("main", "article"))
        parent = None if element is root else found.get(element.getparent())
        own = found.get(element)
        if parent is not None:
            if own is not None:
                parent.add(own)
            _add_text(parent, element.tail, in_link=links > 0, in_heading=headings > 0)
    return found


def _own(element: HtmlElement, *, is_link: bool) -> Measures:
    """Returns the measures of an element without what is in it."""
    tag = element.tag
    own = Measures(headings=int(tag in HEADING_TAGS), tables=int(tag == "table"))
    if tag == "tr":
        own.cells = sum(1 for child in element if child.tag in ("td", "th"))
    own.buttons = int(tag == "button" or (tag == "input" and element.get("type", "").lower() in ("submit", "button")))
    own.fields = int(
        tag in ("select", "textarea") or (tag == "input" and element.get("type", "text").lower() in _FIELD_TYPES)
    )
    if is_link:
        address = element.get("href", "").strip()
        own.links = 1
        own.local_links = int(address.startswith("#"))
        own.sharing_links = int(_SHARING_ADDRESS.search(address) is not None)
    return own


def _add_text(measures: Measures, text: str | None, *, in_link: bool, in_heading: bool) -> None:
    words = text.split() if text else []
    line = " ".join(words)
    if not any(character.isalnum() for character in line):
        return
    measures.first = measures.first or line[:MAX_FIRST_CHARACTERS]
    measures.words += len(words)
    measures.cookies += _COOKIES.search(line) is not None
    measures.share_words += sum(word.strip("|·•,.:()–-").lower() in _SHARE_WORDS for word in words)
    measures.newsletters += _NEWSLETTER.search(line) is not None
    is_sentence = len(words) >= _SHORT_RUN_WORDS and _PROSE_END.search(line) is not None
    if in_heading:
        measures.heading_words += len(words)
    elif not in_link:
        measures.prose += is_sentence or len(words) >= _LONG_RUN_WORDS
        measures.grades += _GRADE.search(line) is not None
    if in_link:
        measures.link_words += len(words)
        measures.sentence_links += is_sentence
