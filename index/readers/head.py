"""What a web page's head says of the page: its address, when it was published and changed, its licence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from index.address import is_web_address

if TYPE_CHECKING:
    from lxml.html import HtmlElement

LONGEST = 200  # characters of a licence's name
# By the Open Graph protocol (ogp.me, "article") and the DCMI Metadata Terms.
_DATES = {
    "article:published_time": "published", "dcterms.issued": "published", "dc.date.issued": "published",
    "article:modified_time": "updated", "dcterms.modified": "updated", "dc.date.modified": "updated",
}  # fmt: skip
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


def said_of_page(root: HtmlElement) -> dict[str, str]:
    """Fields of `Metadata` by name, as far as the page says each once: `url`, `published`, `updated`, `licence`."""
    found: dict[str, set[str]] = {}
    for name, value in _said(root):
        found.setdefault(name, set()).add(value)
    return {name: values.pop() for name, values in sorted(found.items()) if len(values) == 1}


def _said(root: HtmlElement) -> Iterator[tuple[str, str]]:
    for one in root.iter("meta"):
        field = _DATES.get((one.get("property") or one.get("name") or "").strip().lower())
        if field and (day := _DAY.match((one.get("content") or "").strip())):
            yield field, day.group()
    for one in root.iter("link", "a"):
        relations = (one.get("rel") or "").lower().split()
        address, name = (one.get("href") or "").strip(), " ".join(one.text_content().split())
        if one.tag == "link" and "canonical" in relations and is_web_address(address):
            yield "url", address
        if one.tag == "a" and "license" in relations and 0 < len(name) <= LONGEST:
            yield "licence", name
