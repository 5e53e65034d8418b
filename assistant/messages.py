"""Loads the words that the pages, the exports and the printed answer add to the sources, by language and name."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

MAX_LISTED_NAMES = 12


@dataclass(frozen=True, slots=True)
class Messages:
    """The messages of one language. `language` is a BCP 47 code such as `en`; `texts` maps dotted names to messages."""

    language: str
    texts: MappingProxyType[str, str]

    def say(self, name: str, /, **values: object) -> str:
        """Returns the message `name` with `values` in its placeholders, as plain text.

        Raises `KeyError` when there is no such message. The names are fixed in code, and a test checks them all.
        """
        return self.texts[name].format(**values)

    def count(self, noun: str, number: int) -> str:
        """Returns a number with its noun: `1 sentence`, `3,583 sentences`."""
        form = "one" if number == 1 else "other"
        return self.say(f"count.{noun}.{form}", n=f"{number:,}")


def listed(names: Sequence[str]) -> str:
    """Joins names with commas. Over `MAX_LISTED_NAMES`, gives the first ones and the total: `Eastvale, Kent … (43)`."""
    if len(names) <= MAX_LISTED_NAMES:
        return ", ".join(names)
    return f"{', '.join(names[:MAX_LISTED_NAMES])} … ({len(names)})"


@cache
def load_messages(language: str = "en") -> Messages:
    """Loads the messages of `language` from the package's data. Raises `FileNotFoundError` when there are none."""
    data = resources.files("assistant").joinpath("data", f"messages.{language}.toml").read_text(encoding="utf-8")
    return Messages(language, MappingProxyType(dict(_flatten(tomllib.loads(data)))))


def _flatten(table: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Returns the messages of a table and of the tables in it, each with its dotted name."""
    texts: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}.{key}" if prefix else key
        texts += _flatten(value, name) if isinstance(value, dict) else [(name, value)]
    return texts
