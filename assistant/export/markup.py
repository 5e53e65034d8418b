"""HTML by construction: a child that is not already `Html` is text, and text is always escaped.

The result is one line. Line ends and tabs of a text become character references, so that no step between here and
the reader's screen (a Markdown pass, a dedent) can take them for its own syntax.
"""

from __future__ import annotations

import html

ASCII_CONTROLS = {code: f"&#{code};" for code in (9, 10, 13)}
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
    """One element. An attribute that is None is left out; `class_` and `aria_label` are `class` and `aria-label`."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in EMPTY_ELEMENTS:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{join(*children)}</{tag}>")


def isolated(value: str) -> Html:
    """A text among other words: its direction, whatever it is, stops at its ends."""
    return element("bdi", value)
