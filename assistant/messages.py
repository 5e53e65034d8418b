"""Loads the words that the pages, the exports and the printed answer add to the sources, by language and name.

`python -m assistant.messages cy` lists the messages that a language does not have.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

MAX_LISTED_NAMES = 12
_QUALITY = re.compile(r"q=([01](?:\.\d{0,3})?)", re.ASCII)


LANGUAGES = ("en", "cy")  # BCP 47; the first has every message
LANGUAGE: ContextVar[str] = ContextVar("language", default=LANGUAGES[0])
"""The language of the page or the command that is being answered. A thread has that of the request it works for."""


class Messages:
    """The messages of a language; without one, of `LANGUAGE` at the time of each call. English where it has none."""

    def __init__(self, language: str = "") -> None:
        self._language = language

    @property
    def language(self) -> str:
        """The BCP 47 code, such as `en`."""
        return self._language or LANGUAGE.get()

    @property
    def texts(self) -> Mapping[str, str]:
        """The messages by their dotted names."""
        return _with_english(self.language)

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


def load_messages(language: str = "") -> Messages:
    """Returns the messages of a language; without one, of the page or command that is being answered."""
    return Messages(language)


@cache
def read_messages(language: str) -> Mapping[str, str]:
    """Reads the file of a language, by dotted names. Raises `FileNotFoundError` when there is none."""
    data = resources.files("assistant").joinpath("data", f"messages.{language}.toml").read_text(encoding="utf-8")
    return MappingProxyType(dict(_flatten(tomllib.loads(data))))


@cache
def _with_english(language: str) -> Mapping[str, str]:
    return MappingProxyType({**read_messages(LANGUAGES[0]), **read_messages(language)})


def missing_messages(language: str) -> list[str]:
    """Returns the names of the messages that a language does not have."""
    return sorted(read_messages(LANGUAGES[0]).keys() - read_messages(language).keys())


def preferred_language(accepted: str, offered: Sequence[str]) -> str:
    """Returns which of the languages offered a browser asks for (RFC 9110, section 12.5.4); empty if for none."""
    weighed = []
    for position, item in enumerate(accepted.split(",")):
        tag, _, quality = item.partition(";")
        code = tag.strip().lower().partition("-")[0]
        found = _QUALITY.fullmatch(quality.strip() or "q=1")
        if code in offered and found and float(found[1]):
            weighed.append((-float(found[1]), position, code))
    return min(weighed)[2] if weighed else ""


def _flatten(table: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Returns the messages of a table and of the tables in it, each with its dotted name."""
    texts: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}.{key}" if prefix else key
        texts += _flatten(value, name) if isinstance(value, dict) else [(name, value)]
    return texts


if __name__ == "__main__":
    sys.stdout.writelines(f"{name}\n" for name in missing_messages(sys.argv[1]))
