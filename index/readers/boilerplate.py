"""What stands on a web page beside what it says: navigation, banners, controls, and what nobody is shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

UNSEEN = frozenset({"script", "style", "template", "head", "noscript", "meta", "link", "base"})
_CONTROLS = frozenset({"button", "select", "option", "textarea", "datalist", "dialog", "input"})
_PICTURES = frozenset({"img", "svg", "canvas", "video", "audio", "object", "embed", "iframe", "picture", "map"})
_ROLES = {
    "navigation": "navigation",
    "banner": "page header",
    "contentinfo": "page footer",
    "search": "search form",
    "dialog": "dialogue",
    "alertdialog": "dialogue",
}
_NAMED = (
    (re.compile(r"(?:^|[\s_-])(?:cookies?|gdpr|consent)(?:$|[\s_-])", re.IGNORECASE), "cookie notice"),
    (
        re.compile(r"(?:^|[\s_-])(?:breadcrumbs?|skip-?links?|skip-?to|pagination)(?:$|[\s_-])", re.IGNORECASE),
        "navigation",
    ),
)
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def furniture(element: HtmlElement) -> str:
    """What an element is, in a word or two, when it is no part of what the page says; else empty.

    An element that holds the page's main part, an article or a heading of level one is never furniture.
    """
    kind = _by_tag(element) or _by_attribute(element)
    if kind and kind not in ("picture", "deletion") and _holds_the_page(element):
        return ""
    return kind


def _by_tag(element: HtmlElement) -> str:
    tag = str(element.tag)
    if tag in _PICTURES:
        return "picture"
    if tag in _CONTROLS:
        return "form control"
    if tag == "nav":
        return "navigation"
    if tag in ("del", "s", "strike"):
        return "deletion"
    if tag in ("header", "footer") and not any(one.tag in ("main", "article") for one in element.iterancestors()):
        return f"page {tag}"
    return "footnote mark" if tag == "sup" and _leads_to_a_note(element) else ""


def _by_attribute(element: HtmlElement) -> str:
    if "hidden" in element.attrib or _HIDDEN_STYLE.search(element.get("style", "")):
        return "hidden text"
    role = element.get("role", "").lower()
    if role in _ROLES:
        return _ROLES[role]
    if element.tag == "a" and element.get("href", "").startswith("#") and "skip to" in element.text_content().lower():
        return "navigation"
    names = f"{element.get('id', '')} {element.get('class', '')}"
    return next((kind for pattern, kind in _NAMED if pattern.search(names)), "")


def _leads_to_a_note(element: HtmlElement) -> bool:
    return any(link.get("href", "").startswith("#") for link in element.iter("a"))


def _holds_the_page(element: HtmlElement) -> bool:
    return (
        element.tag in ("html", "body", "main", "article", "h1")
        or next(element.iter("main", "article", "h1"), None) is not None
    )
