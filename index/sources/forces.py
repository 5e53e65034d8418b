"""Reads the names of police forces from `data/forces.toml`, and decides when a run of words is one of them.

A name may be followed by words such as "Police", and some names ("Beds", "the Met") are also ordinary words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from index.errors import VocabularyError

# Unlike the words of index/text/words.py: "&" is a word, an apostrophe separates two, and a possessive is recorded.
_NAME_TOKEN = re.compile(r"(?P<word>[^\W_]+)(?P<possessive>['’ʼ][sS]\b)?|&")
_KIND_OF_BODY = re.compile(r"\s+(?:Police Service|Police|Constabulary)$")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_BETWEEN_NAME_WORDS = re.compile(r"\s*|[-‐‑–]")

POLICE_WORDS = frozenset({"police", "force", "forces", "constabulary", "constabularies", "officers", "cops", "pcc"})
POLICE_ENDINGS = (("police", "service"), ("police", "force"), ("police",), ("constabulary",))
FIRE_ENDINGS = (
    ("fire", "and", "rescue", "service"), ("fire", "and", "rescue", "authority"), ("fire", "and", "rescue"),
    ("fire", "service"), ("fire", "brigade"),
)  # fmt: skip
_QUESTION_OPENERS = frozenset({
    "and", "are", "at", "but", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "how",
    "in", "is", "of", "on", "or", "should", "was", "were", "what",
})  # fmt: skip


class Rule(StrEnum):
    """When a name counts as a mention of its force. `data/forces.toml` explains each rule."""

    PLAIN = "plain"
    WITH_POLICE = "with_police"
    CAPITAL = "capital"
    INSIDE = "inside"
    EXACTLY = "exactly"
    ALONE = "alone"


@dataclass(frozen=True, slots=True)
class Name:
    """A name and the forces it may stand for: several if it is ambiguous, none if the phrase is not a force's name."""

    text: str
    forces: tuple[str, ...]
    rule: Rule = Rule.PLAIN

    @property
    def words(self) -> tuple[str, ...]:
        return name_words(self.text)


@dataclass(frozen=True, slots=True)
class Force:
    """A police force or other body: its canonical name, its kind, and all its names, the canonical one first."""

    name: str
    kind: str
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class ForceVocabulary:
    """The contents of the data file.

    `other_names` are ambiguous or not a force's at all. `ordinary_words` are never taken for a misspelt name.
    `words_before_names` are no part of a name that they precede, and `general_words` alone are no name.
    """

    forces: tuple[Force, ...]
    other_names: tuple[Name, ...]
    ordinary_words: frozenset[str]
    words_before_names: frozenset[str] = frozenset()
    general_words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NameToken:
    """A word that may be part of a name, in lower case, at `text[start:end]` (characters)."""

    start: int
    end: int
    word: str
    possessive: bool
    joined: bool  # only white space or one hyphen separates it from the token before


def name_words(text: str) -> tuple[str, ...]:
    """Returns the words of a name in lower case, with `&` as "and"."""
    return tuple(_word(match) for match in _NAME_TOKEN.finditer(text))


def tokenize_names(text: str) -> list[NameToken]:
    """Returns the tokens of a text in order."""
    tokens: list[NameToken] = []
    end = 0
    for match in _NAME_TOKEN.finditer(text):
        joined = bool(tokens) and _BETWEEN_NAME_WORDS.fullmatch(text, end, match.start()) is not None
        possessive = match["possessive"] is not None
        end = match.end("word") if match["word"] else match.end()
        tokens.append(NameToken(match.start(), end, _word(match), possessive, joined))
    return tokens


def _word(token: re.Match[str]) -> str:
    return token["word"].lower() if token["word"] else "and"


def short_name(name: str) -> str:
    """Returns a force's name without "Police", "Constabulary" or "Police Service"."""
    return _KIND_OF_BODY.sub("", name)


def make_force(name: str, kind: str, aliases: Sequence[str] = (), short: Rule = Rule.PLAIN) -> Force:
    """Returns a force whose names are its canonical name, the short form of it by the rule `short`, and the aliases."""
    others = dict.fromkeys([short_name(name), *aliases])
    rules = {short_name(name): short}
    named = (Name(text, (name,), rules.get(text, Rule.PLAIN)) for text in others if text != name)
    return Force(name, kind, (Name(name, (name,)), *named))


@cache
def load_vocabulary() -> ForceVocabulary:
    """Reads `data/forces.toml`, once. Raises `VocabularyError` when it is malformed."""
    text = resources.files("index").joinpath("data", "forces.toml").read_text(encoding="utf-8")
    try:
        return parse_vocabulary(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise VocabularyError(
            f"index/data/forces.toml is malformed: {error}.", advice="Install the program again to restore the file."
        ) from error


def parse_vocabulary(data: Mapping[str, Any]) -> ForceVocabulary:
    """Returns the vocabulary in the file's tables. Raises `KeyError` or `ValueError` for a table that is malformed."""
    forces = tuple(_force(entry) for entry in data["force"])
    known = {force.name for force in forces}
    other_names = []
    for entry in data["ambiguous"]:
        if unknown := set(entry["choices"]) - known:
            raise ValueError(f"{entry['name']} stands for {sorted(unknown)}, which the file does not list")
        other_names.append(Name(entry["name"], tuple(sorted(entry["choices"])), Rule(entry["rule"])))
    other_names += [Name(phrase, ()) for phrase in data["not_a_force"]["phrases"]]
    in_front = data["in_front"]
    return ForceVocabulary(
        forces,
        tuple(other_names),
        frozenset(data["not_a_force"]["words"]),
        frozenset(in_front["words"]),
        frozenset(in_front["general"]),
    )


def _force(entry: Mapping[str, Any]) -> Force:
    plain = make_force(entry["name"], entry["kind"], entry["aliases"])
    ruled = tuple(_names_with_rules(plain.name, entry))
    words = {name.words for name in ruled}
    return Force(plain.name, plain.kind, (*(name for name in plain.names if name.words not in words), *ruled))


def _names_with_rules(force: str, entry: Mapping[str, Any]) -> Iterator[Name]:
    for rule in (Rule.WITH_POLICE, Rule.CAPITAL, Rule.INSIDE, Rule.EXACTLY):
        for text in entry.get(rule, []):
            yield Name(text, (force,), rule)


def has_words(tokens: Sequence[NameToken], at: int, words: tuple[str, ...]) -> bool:
    """Whether the tokens from number `at` are these words, separated only by white space or a hyphen."""
    return at + len(words) <= len(tokens) and all(
        tokens[at + offset].word == word and (offset == 0 or tokens[at + offset].joined)
        for offset, word in enumerate(words)
    )


def ending_length(tokens: Sequence[NameToken], after: int, endings: Iterable[tuple[str, ...]]) -> int:
    """Returns the number of tokens of the first ending that a name has at token `after`; 0 if it has none."""
    for words in endings:
        if after < len(tokens) and tokens[after].joined and has_words(tokens, after, words):
            return len(words)
    return 0


def is_mention(text: str, tokens: Sequence[NameToken], at: int, name: Name) -> bool:
    """Whether a name at token `at`, which may also be an ordinary word, counts as a mention of a force there."""
    found = _Occurrence(text, tokens, at, at + len(name.words) - 1)
    return name.rule is Rule.PLAIN or _CONDITIONS[name.rule](found, name.text)


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """The words of a name in a text: tokens `first` to `last` (inclusive)."""

    text: str
    tokens: Sequence[NameToken]
    first: int
    last: int

    @property
    def written(self) -> str:
        return self.text[self.tokens[self.first].start : self.tokens[self.last].end]

    @property
    def is_capitalised(self) -> bool:
        return self.written == self.written.capitalize()

    @property
    def follows_the(self) -> bool:
        return self.first > 0 and self.tokens[self.first - 1].word == "the"

    @property
    def precedes_police_word(self) -> bool:
        return self.last + 1 < len(self.tokens) and self.tokens[self.last + 1].word in POLICE_WORDS

    @property
    def has_sign_after(self) -> bool:
        """Whether an apostrophe-s, a police word or a year follows: signs that the name is a force's."""
        if self.tokens[self.last].possessive:
            return True
        following = [token.word for token in self.tokens[self.last + 1 : self.last + 3]]
        words = [word for word in following if word not in ("in", "for", "peel")]
        return bool(words) and (words[0] in POLICE_WORDS or _YEAR.fullmatch(words[0]) is not None)

    @property
    def is_alone(self) -> bool:
        """Whether a word precedes it, and no capitalised word is next to it save one that opens a question."""
        before, after = self.tokens[self.first - 1 : self.first], self.tokens[self.first + 1 : self.first + 2]
        if not before or (after and after[0].joined and (after[0].word == "of" or self._has_capital(after[0]))):
            return False
        return before[0].word in _QUESTION_OPENERS or not self._has_capital(before[0])

    def _has_capital(self, token: NameToken) -> bool:
        return self.text[token.start].isupper()


_CONDITIONS: Mapping[Rule, Callable[[_Occurrence, str], bool]] = {
    Rule.EXACTLY: lambda found, name: found.written == name,
    Rule.WITH_POLICE: lambda found, _: found.precedes_police_word,
    Rule.CAPITAL: lambda found, _: found.is_capitalised or found.has_sign_after,
    Rule.INSIDE: lambda found, _: (
        (found.is_capitalised and found.first > 0) or found.follows_the or found.has_sign_after
    ),
    Rule.ALONE: lambda found, _: found.is_capitalised and not found.follows_the and found.is_alone,
}
