"""Recognises the themes, the subjects that inspectors examine, that a sentence, a heading or a question names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from pydantic import Field, RootModel

from assistant.answer_layout import Frozen
from index.text.words import clean


class ThemeEntry(Frozen):
    """One table of `themes.toml`. `terms` are regular expressions that match in lower-case text."""

    name: str
    short: str
    group: str = ""
    terms: tuple[str, ...] = Field(min_length=1)


class ThemesFile(RootModel[dict[str, ThemeEntry]]):
    """`themes.toml`: a table for each theme, by its key."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme: its key in addresses, its full and short names, its group, and the pattern of its terms.

    The pattern matches in lower-case text.
    """

    key: str
    name: str
    short: str
    group: str
    terms: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Themes:
    """Every theme, in the order in which pages show them."""

    themes: tuple[Theme, ...]

    @classmethod
    def of(cls, file: ThemesFile) -> Self:
        """The themes of a data file. Raises `re.error` when a term is no regular expression."""
        return cls(
            tuple(
                Theme(key, entry.name, entry.short, entry.group, _pattern_of(entry.terms))
                for key, entry in file.root.items()
            )
        )

    def __iter__(self) -> Iterator[Theme]:
        return iter(self.themes)

    def by_key(self, key: str) -> Theme | None:
        """The theme with this key, or None."""
        return next((theme for theme in self.themes if theme.key == key), None)

    def named(self, text: str) -> tuple[str, ...]:
        """The keys of the themes that a text names: the one named most often first, then the one named first."""
        lower = clean(text).lower()
        found: list[tuple[int, int, str]] = []
        for theme in self.themes:
            starts = [match.start() for match in theme.terms.finditer(lower)]
            if starts:
                found.append((-len(starts), starts[0], theme.key))
        return tuple(key for *_, key in sorted(found))


def _pattern_of(terms: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern that matches any of the terms. Its groups do not capture, which makes it several times as fast."""
    uncaptured = (re.sub(r"[(](?![?])", "(?:", term) for term in terms)
    return re.compile(rf"\b(?:{'|'.join(uncaptured)})(?!\w)")
