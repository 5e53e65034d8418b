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
_HEADINGS = frozenset({"h2", "h3", "h4", "h5", "h6"})
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
_INVITATION = re.compile(r"share\b", re.IGNORECASE)
_SHARED = re.compile(r"\b(?:page|article)\b", re.IGNORECASE)  # what a report does not ask a force to share
_COOKIE_NOTICE = re.compile(  # how a paragraph begins that is one, and not about a force and its cookies
    r"\W*(?:we|our|this|cookies?|by (?:continuing|using|clicking)|you (?:can|may|have)|to find out)\b", re.IGNORECASE
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
        if not kind and measures.words <= MAX_PAGE_SHARE * self.words:
            kind = _kind_by_content(element, measures)
        is_content = measures.has_main or element.tag in ("html", "body")
        return "" if is_content and kind not in ("picture", "deletion") else kind


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


def _kind_by_content(element: HtmlElement, measures: Measures) -> str:
    """Returns the kind of a block by its names and by what is in it."""
    if _invites_to_share(element, measures):
        return "share links"
    if element.tag not in _BLOCKS:
        return ""
    return _kind_by_name(element, measures) or _kind_by_measures(element, measures)


def _invites_to_share(element: HtmlElement, measures: Measures) -> bool:
    """Returns whether a block, a heading or a link that is a line of its own only offers to share the page."""
    if not 0 < measures.words <= MAX_SHARE_WORDS or not (element.tag in _BLOCKS | _HEADINGS or _is_own_line(element)):
        return False
    if measures.share_words < measures.words:
        return False
    is_offered = measures.links + measures.buttons > 0 or _SHARED.search(measures.first) is not None
    return measures.sharing_links > 0 or (is_offered and _INVITATION.match(measures.first) is not None)


def _is_own_line(element: HtmlElement) -> bool:
    """Returns whether an element is a link that no text surrounds."""
    around, before = element.getparent(), element.getprevious()
    if element.tag != "a" or around is None or around.tag not in ("body", "main", "article", "div", "section"):
        return False
    beside = (around.text if before is None else before.tail, element.tail)
    return not any(text and text.strip() for text in beside)


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
    """Returns whether what is in an element can be of a kind. Navigation and cookie notices need no further sign."""
    if kind in ("navigation", "cookie notice"):
        return True
    if measures.grades:
        return False
    if kind in ("page footer", "page header"):
        return next(element.iterancestors("main", "article"), None) is None
    if kind == "sign-up box":
        return measures.words <= MAX_BOX_WORDS
    if kind == "related links":
        return measures.links > 0 and _link_share(measures) >= RELATED_LINK_SHARE
    return not measures.prose and _has_only_links(kind, measures)


def _has_only_links(kind: str, measures: Measures) -> bool:
    if kind == "menu":
        return _link_share(measures) >= LINK_SHARE
    return measures.words <= MAX_SHARE_WORDS and measures.links + measures.buttons > 0


def _kind_by_measures(element: HtmlElement, measures: Measures) -> str:
    pressed = measures.fields + measures.buttons
    if measures.cookies and measures.words <= MAX_COOKIE_WORDS:
        is_notice = element.tag == "p" and _COOKIE_NOTICE.match(measures.first)
        if is_notice or pressed + measures.links:
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
    if measures.words <= MAX_SHARE_WORDS and (kind := _short_kind(measures, share)):
        return kind
    if measures.prose or _has_long_links(measures):
        return ""
    if _RELATED.match(measures.first) and share >= RELATED_LINK_SHARE:
        return "related links"
    is_list = element.tag not in ("p", "li") and measures.links > 1
    return "list of links" if is_list and share >= LINK_SHARE else ""


def _has_long_links(measures: Measures) -> bool:
    """Returns whether the links are sentences, such as recommendations that lead to the report."""
    return measures.sentence_links > 0 or measures.link_words > MAX_LINK_WORDS * measures.links


def _short_kind(measures: Measures, share: float) -> str:
    if measures.sharing_links > 1:
        return "share links"
    return "navigation" if _is_page_link(measures, share) else ""


def _is_page_link(measures: Measures, share: float) -> bool:
    """Returns whether a few words only lead elsewhere: "Back to top", or a trail that begins at home."""
    is_alone = measures.links == 1 and share == 1
    is_trail = measures.first.lower() == "home" and not measures.prose
    return is_trail or (is_alone and _PAGE_LINK.fullmatch(measures.first) is not None)


def _link_share(measures: Measures) -> float:
    """Returns the share of links among the words that are not headings."""
    return measures.link_words / max(1, measures.words - measures.heading_words, measures.link_words)
