"""Police forces and their names, as data: what `data/forces.toml` says, checked."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from index.errors import VocabularyError

TOKEN = re.compile(r"(?P<word>[^\W_]+)(?P<possessive>['’ʼ][sS]\b)?|&")
_KIND_OF_BODY = re.compile(r"\s+(?:Police Service|Police|Constabulary)$")


class Rule(StrEnum):
    """When a name counts as a mention; `data/forces.toml` says what each means."""

    PLAIN = "plain"
    WITH_POLICE = "with_police"
    CAPITAL = "capital"
    INSIDE = "inside"
    EXACTLY = "exactly"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Name:
    """One way of writing the forces it stands for: none for a phrase that only looks like one, several if ambiguous."""

    text: str
    forces: tuple[str, ...]
    rule: Rule = Rule.PLAIN

    @property
    def words(self) -> tuple[str, ...]:
        return words_of(self.text)


@dataclass(frozen=True, slots=True)
class Force:
    """A police force or other body: its canonical name, its kind, and every name for it, the canonical one first."""

    name: str
    kind: str
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The whole data file: forces, names that are ambiguous or no force at all, and words that are no misspelling."""

    forces: tuple[Force, ...]
    others: tuple[Name, ...]
    not_names: frozenset[str]


def words_of(text: str) -> tuple[str, ...]:
    """The words of a name in small letters, with `&` read as "and"."""
    return tuple(word_of(match) for match in TOKEN.finditer(text))


def word_of(token: re.Match[str]) -> str:
    return token["word"].lower() if token["word"] else "and"


def short_name(name: str) -> str:
    """A force's name without "Police", "Constabulary" or "Police Service"."""
    return _KIND_OF_BODY.sub("", name)


def force_named(name: str, kind: str, aliases: Sequence[str] = ()) -> Force:
    """A force with its canonical name, the short form of it, and other names."""
    texts = dict.fromkeys([name, short_name(name), *aliases])
    return Force(name, kind, tuple(Name(text, (name,)) for text in texts))


@cache
def load_vocabulary() -> Vocabulary:
    """Read the data file once. Raises `VocabularyError` when it is malformed."""
    text = resources.files("index").joinpath("data", "forces.toml").read_text(encoding="utf-8")
    try:
        return parse_vocabulary(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise VocabularyError(f"index/data/forces.toml is malformed: {error}.", advice="Restore the file.") from error


def parse_vocabulary(data: Mapping[str, Any]) -> Vocabulary:
    """Forces and names from the file's tables. Raises `KeyError` or `ValueError` for a table that does not fit."""
    forces = tuple(_force(entry) for entry in data["force"])
    known = {force.name for force in forces}
    others = []
    for entry in data["ambiguous"]:
        if unknown := set(entry["choices"]) - known:
            raise ValueError(f"{entry['name']} stands for {sorted(unknown)}, which the file does not list")
        others.append(Name(entry["name"], tuple(sorted(entry["choices"])), Rule(entry["rule"])))
    others += [Name(phrase, ()) for phrase in data["not_a_force"]["phrases"]]
    return Vocabulary(forces, tuple(others), frozenset(data["not_a_force"]["words"]))


def _force(entry: Mapping[str, Any]) -> Force:
    plain = force_named(entry["name"], entry["kind"], entry["aliases"])
    ruled = tuple(_ruled(plain.name, entry))
    words = {name.words for name in ruled}
    return Force(plain.name, plain.kind, (*(name for name in plain.names if name.words not in words), *ruled))


def _ruled(force: str, entry: Mapping[str, Any]) -> Iterator[Name]:
    for rule in (Rule.WITH_POLICE, Rule.CAPITAL, Rule.INSIDE, Rule.EXACTLY):
        for text in entry.get(rule, []):
            yield Name(text, (force,), rule)
