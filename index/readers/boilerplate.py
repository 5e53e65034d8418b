"""Recognises the elements of a web page that are not its content: navigation, banners, forms and link lists.

Tags and ARIA roles say so most surely. In plain elements the names of classes and the share of links decide together,
so that prose is kept whatever its class is called.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index.readers.html_measures import Measures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.html import HtmlElement

_KINDS_BY_TAG = {
    **dict.fromkeys(
        ("img", "svg", "canvas", "video", "audio", "object", "embed", "iframe", "picture", "map"), "picture"
    ),
    **dict.fromkeys(("button", "select", "option", "textarea", "datalist", "dialog", "input"), "form control"),
    **dict.fromkeys(("del", "s", "strike"), "deletion"),
    "nav": "navigation",
}
_KINDS_BY_ARIA_ROLE = {
    "navigation": "navigation",
    "menu": "navigation",
    "menubar": "navigation",
    "banner": "page header",
    "contentinfo": "page footer",
    "search": "search form",
    "dialog": "dialogue",
    "alertdialog": "dialogue",
}
_KINDS_BY_NAME = {
    **dict.fromkeys(("cookie", "cookies", "gdpr", "consent"), "cookie notice"),
    **dict.fromkeys(("breadcrumb", "breadcrumbs", "skiplink", "skiplinks", "pagination", "pager"), "navigation"),
    **dict.fromkeys(("nav", "navbar", "navigation", "menu", "submenu", "sitemap"), "menu"),
    **dict.fromkeys(("newsletter", "signup", "subscribe", "subscription", "mailing"), "sign-up box"),
    **dict.fromkeys(("share", "sharing", "social", "addthis", "sharethis"), "share links"),
    **dict.fromkeys(("related", "seealso"), "related links"),
    **dict.fromkeys(("masthead", "topbar"), "page header"),
    "footer": "page footer",
}
_NAME_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_BLOCKS = frozenset({"div", "section", "ul", "ol", "aside", "form", "p", "li", "dl", "span", "header", "footer"})
_RELATED = re.compile(
    r"(?:related|see also|more (?:on|from|about)|you (?:may|might) also|get the (?:full )?report|latest news|explore)"
    r"\b",
    re.IGNORECASE,
)
_SIGN_UP = re.compile(r"(?:sign up|subscribe|get (?:our |e-?mail|news)|stay (?:up|in)|join our|keep up)", re.IGNORECASE)
_FEEDBACK = re.compile(
    r"(?:is|was|did) (?:this|the) (?:page|information)\b.*\b(?:useful|helpful)|report a problem", re.IGNORECASE
)
_PAGE_LINK = re.compile(
    r"(?:(?:back|return) to (?:the )?top|print(?: this page)?|skip to .{0,40}|share(?: this(?: page)?)?|next(?: page)?"
    r"|previous(?: page)?|(?:show|hide|open|close) all(?: sections)?)",
    re.IGNORECASE,
)
MAX_PAGE_SHARE = 0.8  # of the words of a page; what has more is not left out whole
MAX_COOKIE_WORDS = 150
MAX_BOX_WORDS = 80  # of a sign-up or feedback box
MAX_SHARE_WORDS = 40
MAX_LINK_WORDS = 10  # on average; longer links are sentences
LINK_SHARE = 0.5  # of the words outside headings, in a list of links
RELATED_LINK_SHARE = 0.3  # the same, where the name or first words say that they are related


@dataclass(frozen=True, slots=True)
class PageMeasures:
    """The measures of a page's elements, and the number of words on the page."""

    of: Mapping[HtmlElement, Measures]
    words: int

    def boilerplate_kind(self, element: HtmlElement) -> str:
        """Returns the kind of boilerplate that an element is, such as "navigation"; empty when it is content.

        An element with the page's main part, an article or a level-one heading in it is content, unless it is a
        picture or a deletion.
        """
        measures = self.of[element]
        kind = _kind_by_tag(element, measures) or _kind_by_role(element)
        if not kind and element.tag in _BLOCKS and measures.words <= MAX_PAGE_SHARE * self.words:
            kind = _kind_by_name(element, measures) or _kind_by_measures(element, measures)
        if kind and kind not in ("picture", "deletion") and (measures.has_main or element.tag in ("html", "body")):
            return ""
        return kind


def name_words(element: HtmlElement) -> frozenset[str]:
    """Returns the words of an element's id and classes, in small letters: "tabPanel main-nav" has four."""
    names = f"{element.get('id', '')} {element.get('class', '')}"
    return frozenset(word.lower() for word in _NAME_WORD.findall(names))


def _kind_by_tag(element: HtmlElement, measures: Measures) -> str:
    tag = str(element.tag)
    if tag in ("header", "footer") and next(element.iterancestors("main", "article"), None) is None:
        return f"page {tag}"
    if tag == "sup" and measures.local_links:
        return "footnote mark"
    return _KINDS_BY_TAG.get(tag, "")


def _kind_by_role(element: HtmlElement) -> str:
    role = element.get("role", "").lower()
    if role in _KINDS_BY_ARIA_ROLE:
        return _KINDS_BY_ARIA_ROLE[role]
    is_skip_link = element.tag == "a" and element.get("href", "").startswith("#")
    return "navigation" if is_skip_link and "skip to" in element.text_content().lower() else ""


def _kind_by_name(element: HtmlElement, measures: Measures) -> str:
    """Returns the kind that the names of an element claim, if what is in it fits."""
    words = name_words(element)
    kinds = [_KINDS_BY_NAME[word] for word in sorted(words & _KINDS_BY_NAME.keys())]
    if {"skip", "link"} <= words or {"skip", "to"} <= words:
        kinds.append("navigation")
    if {"sign", "up"} <= words:
        kinds.append("sign-up box")
    return next((kind.replace("menu", "navigation") for kind in kinds if _fits(kind, element, measures)), "")


def _fits(kind: str, element: HtmlElement, measures: Measures) -> bool:
    match kind:
        case "menu":
            return measures.prose == 0 and _link_share(measures) >= LINK_SHARE
        case "sign-up box":
            return measures.words <= MAX_BOX_WORDS and not measures.grades
        case "share links":
            return measures.words <= MAX_SHARE_WORDS and measures.links + measures.buttons > 0 and not measures.prose
        case "related links":
            return measures.links > 0 and _link_share(measures) >= RELATED_LINK_SHARE and not measures.grades
        case "page footer" | "page header":
            return next(element.iterancestors("main", "article"), None) is None and not measures.grades
    return True


def _kind_by_measures(element: HtmlElement, measures: Measures) -> str:
    pressed = measures.fields + measures.buttons
    if measures.cookies and measures.words <= MAX_COOKIE_WORDS and (element.tag == "p" or pressed + measures.links):
        return "cookie notice"
    if measures.grades or not measures.words:
        return ""
    return _box_kind(measures, pressed) or (_link_list_kind(element, measures) if measures.links else "")


def _box_kind(measures: Measures, pressed: int) -> str:
    """Returns the kind of a box in which something is to be typed or pressed; empty for any other element."""
    if measures.words > MAX_BOX_WORDS:
        return ""
    if measures.newsletters and (pressed or (measures.links and _SIGN_UP.match(measures.first))):
        return "sign-up box"
    if pressed and _FEEDBACK.match(measures.first):
        return "feedback form"
    return "form" if measures.fields and measures.prose <= 1 else ""


def _link_list_kind(element: HtmlElement, measures: Measures) -> str:
    """Returns the kind of a list of links without prose; empty for any other element."""
    share = _link_share(measures)
    if measures.words <= MAX_SHARE_WORDS:
        if measures.sharing_links > 1:
            return "share links"
        if _is_page_link(measures, share):
            return "navigation"
    if measures.prose or measures.sentence_links or measures.link_words > MAX_LINK_WORDS * measures.links:
        return ""
    if _RELATED.match(measures.first) and share >= RELATED_LINK_SHARE:
        return "related links"
    is_list = element.tag not in ("p", "li") and measures.links > 1
    return "list of links" if is_list and share >= LINK_SHARE else ""


def _is_page_link(measures: Measures, share: float) -> bool:
    """Returns whether a few words only lead elsewhere: "Back to top", or a trail that begins at home."""
    is_alone = measures.links == 1 and share == 1
    is_trail = measures.first.lower() == "home" and not measures.prose
    return is_trail or (is_alone and _PAGE_LINK.fullmatch(measures.first) is not None)


def _link_share(measures: Measures) -> float:
    """Returns the share of links among the words that are not headings."""
    return measures.link_words / max(1, measures.words - measures.heading_words, measures.link_words)
