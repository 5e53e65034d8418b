"""Recognises the elements of a web page that are not its content: navigation, banners, controls and hidden text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

NEVER_RENDERED = frozenset({"script", "style", "template", "head", "noscript", "meta", "link", "base"})
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
    "banner": "page header",
    "contentinfo": "page footer",
    "search": "search form",
    "dialog": "dialogue",
    "alertdialog": "dialogue",
}
_KINDS_BY_NAME = (
    (re.compile(r"(?:^|[\s_-])(?:cookies?|gdpr|consent)(?:$|[\s_-])", re.IGNORECASE), "cookie notice"),
    (
        re.compile(r"(?:^|[\s_-])(?:breadcrumbs?|skip-?links?|skip-?to|pagination)(?:$|[\s_-])", re.IGNORECASE),
        "navigation",
    ),
)
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def boilerplate_kind(element: HtmlElement) -> str:
    """Returns the kind of boilerplate that an element is, such as "navigation"; empty when it is content.

    An element with the page's main part, an article or a level-one heading in it is content, unless it is a picture
    or a deletion.
    """
    kind = _kind_by_tag(element) or _kind_by_attributes(element)
    if kind and kind not in ("picture", "deletion") and _has_main_content(element):
        return ""
    return kind


def _kind_by_tag(element: HtmlElement) -> str:
    tag = str(element.tag)
    if tag in ("header", "footer") and next(element.iterancestors("main", "article"), None) is None:
        return f"page {tag}"
    if tag == "sup" and _links_within_page(element):
        return "footnote mark"
    return _KINDS_BY_TAG.get(tag, "")


def _kind_by_attributes(element: HtmlElement) -> str:
    if "hidden" in element.attrib or _HIDDEN_STYLE.search(element.get("style", "")):
        return "hidden text"
    role = element.get("role", "").lower()
    if role in _KINDS_BY_ARIA_ROLE:
        return _KINDS_BY_ARIA_ROLE[role]
    if element.tag == "a" and element.get("href", "").startswith("#") and "skip to" in element.text_content().lower():
        return "navigation"
    names = f"{element.get('id', '')} {element.get('class', '')}"
    return next((kind for pattern, kind in _KINDS_BY_NAME if pattern.search(names)), "")


def _links_within_page(element: HtmlElement) -> bool:
    return any(link.get("href", "").startswith("#") for link in element.iter("a"))


def _has_main_content(element: HtmlElement) -> bool:
    return (
        element.tag in ("html", "body", "main", "article", "h1")
        or next(element.iter("main", "article", "h1"), None) is not None
    )
