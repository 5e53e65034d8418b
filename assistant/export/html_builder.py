"""HTML by construction: a child that is not already `Html` is text, and text is always escaped.

The result is one line. Line ends and tabs of a text become character references, so that no step between here and
the reader's screen (a Markdown pass, a dedent) can take them for its own syntax.
"""

from __future__ import annotations

import html
from contextvars import ContextVar

ASCII_CONTROLS = {code: f"&#{code};" for code in (9, 10, 13)}
ADDRESSES = frozenset({"action", "href", "src"})
SITE_ROOT: ContextVar[str] = ContextVar("site_root", default="")
"""The path at which this site's root is reached by whoever the markup is for; empty where it is the host's root."""
EMPTY_ELEMENTS = frozenset({"br", "hr", "input", "link", "meta"})


class Html(str):
    """Markup that was built here. Nothing outside this module makes one from a string it was given."""

    __slots__ = ()


def text(value: str) -> Html:
    """`value` as HTML that displays exactly these characters."""
    return Html(html.escape(value, quote=True).translate(ASCII_CONTROLS))


def join(*children: str) -> Html:
    """Children side by side: text is escaped, markup is kept."""
    return Html("".join(child if isinstance(child, Html) else text(child) for child in children))


def element(tag: str, /, *children: str, **attributes: str | None) -> Html:
    """One element. An attribute that is None is left out; `class_` and `aria_label` are `class` and `aria-label`.

    An address that begins with one slash is from the root of this site, and is written from the host's root.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(_from_host(name, value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in EMPTY_ELEMENTS:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{join(*children)}</{tag}>")


def _from_host(name: str, value: str) -> str:
    ours = name in ADDRESSES and value.startswith("/") and not value.startswith("//")
    return SITE_ROOT.get() + value if ours else value


def isolated(value: str) -> Html:
    """A text among other words: its direction, whatever it is, stops at its ends."""
    return element("bdi", value)
