"""Builds HTML that escapes every text: single elements in Python, whole pages from Jinja2 templates."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assistant.question.vocabulary_files import data_folder, read_words
from index.text.words import stem, words, words_at

LINE_CHARACTERS = {code: f"&#{code};" for code in (9, 10, 13)}  # tab, line feed, carriage return
_SPECIAL = re.compile(r"[&<>\"'\t\n\r]")
IN_NEARLY_EVERY_SENTENCE = ("assessment", "constabulary", "force", "inspection", "inspector", "police")
VOID_ELEMENTS = frozenset({"br", "hr", "input", "link", "meta"})


def escape_text(text: str) -> Markup:
    """Returns HTML that displays exactly the characters of `text`, even if it is `Markup`.

    Tabs and line ends become character references, so that no later step, such as a Markdown renderer, reads them as
    syntax.
    """
    plain = str(text)
    if _SPECIAL.search(plain) is None:  # true of most, and a page of a long source has tens of thousands
        return Markup(plain)
    return Markup(html.escape(plain, quote=True).translate(LINE_CHARACTERS))


def join(*children: str) -> Markup:
    """Joins children: text is escaped, `Markup` is kept."""
    return Markup("".join(child if isinstance(child, Markup) else escape_text(child) for child in children))


def element(tag: str, /, *children: str, **attributes: str | None) -> Markup:
    """Returns one element on one line. Children are escaped unless they are `Markup`; attributes always are.

    An attribute that is None is left out. `class_` stands for `class`, and `aria_label` for `aria-label`.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape_text(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in VOID_ELEMENTS:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{join(*children)}</{tag}>")


def isolated(text: str) -> Markup:
    """Returns `text` in a `bdi` element, so that its writing direction does not affect the words around it."""
    return element("bdi", text)


def set_apart(text: str, parts: Sequence[str], class_: str) -> Markup:
    """Returns `text` with the last occurrence of each part, which are in its order, in a `span` of that class."""
    after = Markup()
    for part in reversed(parts):
        before, found, behind = text.rpartition(part)
        if found:
            text, after = before, join(element("span", part, class_=class_), behind, after)
    return join(text, after)


def marked(quote: str, question: str) -> Markup:
    """Returns a quotation in which the words of the question are marked, by the stems that the search compares.

    Words that many questions have, such as "what" and "force", are not. The text stays the same.
    """
    asked = {stem(word) for word in words(question)} - _common_stems()
    parts: list[str] = []
    end = 0
    for found in words_at(quote):
        if stem(found.word) in asked:
            parts += [quote[end : found.start], element("mark", quote[found.start : found.end])]
            end = found.end
    return join(*parts, quote[end:])


@cache
def _common_stems() -> frozenset[str]:
    lists = (read_words(data_folder() / name) for name in ("frame.txt", "stopwords.txt"))
    return frozenset(stem(word) for listed in (*lists, IN_NEARLY_EVERY_SENTENCE) for word in listed)


def template_environment(package: str) -> Environment:
    """Returns a Jinja2 environment for the templates in the folder `templates` of `package`.

    Values are escaped by `escape_text`. A name that is not defined and a value that is None are errors.
    """
    return Environment(
        loader=PackageLoader(package),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_escape_value,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _escape_value(value: object) -> Markup:
    if value is None:
        raise TypeError("A template writes None. Test for it in the template, or give the view a text.")
    return value if isinstance(value, Markup) else escape_text(str(value))
