"""Every word the pages and the printed answer add to what the sources say, in one catalogue per language."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

LISTED = 12  # names listed one by one; more are counted


@dataclass(frozen=True, slots=True)
class Messages:
    """One language's catalogue. `language` is a BCP 47 code, e.g. `en`; `phrases` are by dotted name."""

    language: str
    phrases: MappingProxyType[str, str]

    def say(self, name: str, /, **values: object) -> str:
        """The phrase called `name`, with its braces filled in. The result is plain text, never markup.

        Raises `KeyError` when the catalogue has no such phrase: the names are fixed in code, and a test walks them.
        """
        return self.phrases[name].format(**values)

    def count(self, noun: str, number: int) -> str:
        """A number of things: `1 sentence`, `3,583 sentences`."""
        form = "one" if number == 1 else "other"
        return self.say(f"count.{noun}.{form}", n=f"{number:,}")


def listed(names: Sequence[str]) -> str:
    """Names one after the other; of many, the first few and how many there are."""
    if len(names) <= LISTED:
        return ", ".join(names)
    return f"{', '.join(names[:LISTED])} … ({len(names)})"


@cache
def load_messages(language: str = "en") -> Messages:
    """Read the catalogue of `language` from the package's data. Raises `FileNotFoundError` when there is none."""
    data = resources.files("assistant").joinpath("data", f"phrases.{language}.toml").read_text(encoding="utf-8")
    return Messages(language, MappingProxyType(dict(_flattened(tomllib.loads(data)))))


def _flattened(table: dict[str, Any], above: str = "") -> list[tuple[str, str]]:
    phrases: list[tuple[str, str]] = []
    for name, value in table.items():
        dotted = f"{above}.{name}" if above else name
        phrases += _flattened(value, dotted) if isinstance(value, dict) else [(dotted, value)]
    return phrases
