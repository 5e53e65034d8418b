"""Themes: what inspectors look at, and which of it a sentence, a heading or a question names. By rule, no model."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from index.errors import AppError
from index.text.normalise import clean


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme: its key in addresses, its name in words and in short, and how it is named in a text in lower case."""

    key: str
    name: str
    short: str
    terms: re.Pattern[str]


def themes_named(text: str) -> tuple[str, ...]:
    """The keys of the themes a text names: the one it says most of first, of equals the one it names first."""
    written = clean(text).lower()
    found: list[tuple[int, int, str]] = []
    for theme in all_themes():
        places = [match.start() for match in theme.terms.finditer(written)]
        if places:
            found.append((-len(places), places[0], theme.key))
    return tuple(key for *_, key in sorted(found))


def theme_of(key: str) -> Theme | None:
    """The theme of a key; None where there is none."""
    return next((theme for theme in all_themes() if theme.key == key), None)


@cache
def all_themes() -> tuple[Theme, ...]:
    """Every theme, in the order they are shown. Raises `AppError` when the file of them is malformed."""
    text = (resources.files("assistant") / "data" / "themes.toml").read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
        return tuple(Theme(key, one["name"], one["short"], _compiled(one["terms"])) for key, one in data.items())
    except (tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise AppError(f"assistant/data/themes.toml is malformed: {error}.", advice="Restore the file.") from error


def _compiled(terms: list[str]) -> re.Pattern[str]:
    """One pattern of all, whose groups capture nothing: so it is several times as fast."""
    return re.compile(rf"\b(?:{'|'.join(re.sub(r'[(](?![?])', '(?:', term) for term in terms)})(?!\w)")
