"""Police forces and their names, as data: what `data/forces.toml` says, checked.

When a stretch of words is a mention of a force: whole names, what may follow them, and names that are also words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
class ForceVocabulary:
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
def load_vocabulary() -> ForceVocabulary:
    """Read the data file once. Raises `VocabularyError` when it is malformed."""
    text = resources.files("index").joinpath("data", "forces.toml").read_text(encoding="utf-8")
    try:
        return parse_vocabulary(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise VocabularyError(f"index/data/forces.toml is malformed: {error}.", advice="Restore the file.") from error


def parse_vocabulary(data: Mapping[str, Any]) -> ForceVocabulary:
    """Forces and names from the file's tables. Raises `KeyError` or `ValueError` for a table that does not fit."""
    forces = tuple(_force(entry) for entry in data["force"])
    known = {force.name for force in forces}
    others = []
    for entry in data["ambiguous"]:
        if unknown := set(entry["choices"]) - known:
            raise ValueError(f"{entry['name']} stands for {sorted(unknown)}, which the file does not list")
        others.append(Name(entry["name"], tuple(sorted(entry["choices"])), Rule(entry["rule"])))
    others += [Name(phrase, ()) for phrase in data["not_a_force"]["phrases"]]
    return ForceVocabulary(forces, tuple(others), frozenset(data["not_a_force"]["words"]))


def _force(entry: Mapping[str, Any]) -> Force:
    plain = force_named(entry["name"], entry["kind"], entry["aliases"])
    ruled = tuple(_ruled(plain.name, entry))
    words = {name.words for name in ruled}
    return Force(plain.name, plain.kind, (*(name for name in plain.names if name.words not in words), *ruled))


def _ruled(force: str, entry: Mapping[str, Any]) -> Iterator[Name]:
    for rule in (Rule.WITH_POLICE, Rule.CAPITAL, Rule.INSIDE, Rule.EXACTLY):
        for text in entry.get(rule, []):
            yield Name(text, (force,), rule)


POLICE = frozenset({"police", "force", "forces", "constabulary", "constabularies", "officers", "cops", "pcc"})
BODY = (("police", "service"), ("police", "force"), ("police",), ("constabulary",))
FIRE = (
    ("fire", "and", "rescue", "service"), ("fire", "and", "rescue", "authority"), ("fire", "and", "rescue"),
    ("fire", "service"), ("fire", "brigade"),
)  # fmt: skip
_OPENERS = frozenset({
    "and", "are", "at", "but", "can", "could", "did", "do", "does", "for", "from", "had", "has", "have", "how",
    "in", "is", "of", "on", "or", "should", "was", "were", "what",
})  # fmt: skip
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_WITHIN_NAME = re.compile(r"\s*|[-‐‑–]")


@dataclass(frozen=True, slots=True)
class Token:
    start: int
    end: int
    word: str
    possessive: bool
    joined: bool  # nothing but white space or a hyphen stands between it and the token before


def tokens_of(text: str) -> list[Token]:
    """The words of a text, where they stand in it."""
    tokens: list[Token] = []
    end = 0
    for match in TOKEN.finditer(text):
        joined = bool(tokens) and _WITHIN_NAME.fullmatch(text, end, match.start()) is not None
        possessive = match["possessive"] is not None
        stop = match.end("word") if match["word"] else match.end()
        tokens.append(Token(match.start(), stop, word_of(match), possessive, joined))
        end = stop
    return tokens


def reads(tokens: Sequence[Token], at: int, words: tuple[str, ...]) -> bool:
    """Whether these words stand at a token, with nothing but white space or a hyphen between them."""
    return at + len(words) <= len(tokens) and all(
        tokens[at + n].word == word and (n == 0 or tokens[at + n].joined) for n, word in enumerate(words)
    )


def tail_length(tokens: Sequence[Token], after: int, tails: Iterable[tuple[str, ...]]) -> int:
    """How many tokens of the first tail that stands here."""
    for words in tails:
        if after < len(tokens) and tokens[after].joined and reads(tokens, after, words):
            return len(words)
    return 0


def counts(text: str, tokens: Sequence[Token], at: int, name: Name) -> bool:
    """Whether a name that is also an ordinary word stands where it names a force."""
    last = at + len(name.words) - 1
    written = text[tokens[at].start : tokens[last].end]
    before = tokens[at - 1].word if at else ""
    match name.rule:
        case Rule.PLAIN:
            return True
        case Rule.EXACTLY:
            return written == name.text
        case Rule.WITH_POLICE:
            return last + 1 < len(tokens) and tokens[last + 1].word in POLICE
        case Rule.CAPITAL:
            return written == written.capitalize() or _beside(tokens, last)
        case Rule.INSIDE:
            return (written == written.capitalize() and at > 0) or before == "the" or _beside(tokens, last)
        case Rule.ALONE:
            return before != "the" and written == written.capitalize() and _alone(text, tokens, at)


def _beside(tokens: Sequence[Token], last: int) -> bool:
    """Whether a police word, an apostrophe-s or a year follows."""
    following = tokens[last + 1 : last + 3]
    words = [token.word for token in following if token.word not in ("in", "for", "peel")]
    if tokens[last].possessive:
        return True
    return bool(words) and (words[0] in POLICE or _YEAR.fullmatch(words[0]) is not None)


def _alone(text: str, tokens: Sequence[Token], at: int) -> bool:
    """Whether no capitalised word stands on either side, save one that opens a question, and a word stands before."""
    before, after = tokens[at - 1 : at], tokens[at + 1 : at + 2]
    if not before or (after and after[0].joined and (after[0].word == "of" or text[after[0].start].isupper())):
        return False
    return before[0].word in _OPENERS or not text[before[0].start].isupper()
