"""Expands the words of a question into the words that assessments use: abbreviations, synonyms and spellings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, Self

from assistant.question.vocabulary_files import (
    Abbreviations,
    Classes,
    SynonymGroup,
    Synonyms,
    data_folder,
    read_toml,
    read_words,
)
from index.text.words import WordSpan, words, words_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable


class WordingKind(StrEnum):
    """Why one wording is an expansion of another."""

    ABBREVIATION = "abbreviation"
    SPELLING = "spelling"
    SYNONYM = "synonym"


@dataclass(frozen=True, slots=True)
class Expansion:
    """`question[start:end]` may be written as any of `terms`; `weight`, in (0, 1], is how close they are in meaning."""

    start: int
    end: int
    terms: tuple[str, ...]
    weight: float
    kind: WordingKind

    def covers(self, start: int, end: int) -> bool:
        """Whether it expands the whole span of the question."""
        return self.start <= start and end <= self.end


class _Token(NamedTuple):
    start: int
    end: int
    raw: str
    word: str  # lower case, singular
    key: str  # the same in British spelling


class _Reading(NamedTuple):
    """The expansions of a phrase. `exact`, unless empty, is the only spelling of the phrase that has them."""

    terms: tuple[str, ...]
    weight: float
    kind: WordingKind
    exact: str


_Phrase = tuple[str, ...]
_Table = dict[_Phrase, dict[tuple[float, WordingKind, str], list[str]]]


class Vocabulary:
    """Abbreviations, near-synonyms and spellings, prepared for finding them in questions. Immutable."""

    def __init__(self, abbreviations: Abbreviations, synonyms: Synonyms, words: Mapping[str, frozenset[str]]) -> None:
        self.stopwords = words["stopwords"]
        self._british = {singular(american): singular(british) for american, british in synonyms.spellings.items()}
        self._phrases_of: dict[str, tuple[_Phrase, ...]] = {}  # a term can be in many groups
        self._joined = {joined: self._phrase(apart) for joined, apart in synonyms.compounds.items()}
        table: _Table = {phrase: {} for guard in synonyms.guards for phrase in self._phrases(guard)}
        for entry in abbreviations.abbreviation:
            self._add_abbreviation(table, entry.short, entry.long, weight=entry.weight, exact=entry.exact)
        for group in synonyms.groups.values():
            self._add_group(table, group, synonyms.weights.model_dump())
        self._readings = {phrase: _readings(found) for phrase, found in table.items()}
        self._longest = _longest(self._readings)
        self._spellings = _spellings(synonyms)
        listed = chain(*self._readings, *self._spellings)
        # Words, in lower case, that are spelt correctly: those of the vocabulary, ordinary English words and names.
        self.correct_words = frozenset(chain(words["english"], words["names"], self.stopwords, listed))

    @classmethod
    def load(cls, folder: Traversable | None = None) -> Self:
        """Reads the data files of `folder`, or of the package. Raises `VocabularyError` when one is malformed."""
        folder = folder or data_folder()
        return cls(
            read_toml(folder / "abbreviations.toml", Abbreviations),
            read_toml(folder / "synonyms.toml", Synonyms),
            {name: read_words(folder / f"{name}.txt") for name in ("stopwords", "english", "names")},
        )

    def expand(self, text: str) -> tuple[Expansion, ...]:
        """The expansions of the phrases in `text`, by position and then by falling weight.

        Of phrases that overlap, the one that begins first is expanded, and of those the longest; other spellings of a
        word are added. Terms are in their dictionary form, so the search has to stem them.
        """
        tokens = [self._token(text, span) for span in words_at(text)]
        shouted = text.isupper()
        found = [*self._phrases_in(tokens, shouted=shouted), *self._spellings_in(tokens)]
        return tuple(sorted(found, key=lambda expansion: (expansion.start, -expansion.weight, expansion.terms)))

    def _token(self, text: str, span: WordSpan) -> _Token:
        word = singular(span.word)
        return _Token(span.start, span.end, text[span.start : span.end], word, self._british.get(word, word))

    def _phrase(self, term: str) -> _Phrase:
        return tuple(self._token(term, span).key for span in words_at(term))

    def _phrases(self, term: str) -> tuple[_Phrase, ...]:
        """The term as a phrase, with each compound in it as one word and as two."""
        if term not in self._phrases_of:
            self._phrases_of[term] = tuple(self._wordings(self._phrase(term)))
        return self._phrases_of[term]

    def _wordings(self, phrase: _Phrase) -> Iterator[_Phrase]:
        yield phrase
        for joined, apart in self._joined.items():
            for other in (_replaced(phrase, (joined,), apart), _replaced(phrase, apart, (joined,))):
                if other != phrase:
                    yield other

    def _add_abbreviation(
        self, table: _Table, short: tuple[str, ...], long: tuple[str, ...], *, weight: float, exact: bool
    ) -> None:
        for term in short + long:
            only = term if exact and term in short else ""
            self._add(table, term, long + short, (weight, WordingKind.ABBREVIATION, only))

    def _add_group(self, table: _Table, group: SynonymGroup, weights: Mapping[str, float]) -> None:
        for term, weight in chain(_weighted(group, weights), _weighted(group.asked, weights)):
            for name, other_weight in weights.items():
                self._add(table, term, getattr(group, name), (round(weight * other_weight, 3), WordingKind.SYNONYM, ""))

    def _add(self, table: _Table, term: str, others: tuple[str, ...], how: tuple[float, WordingKind, str]) -> None:
        own = self._phrases(term)
        first = {other: self._phrases(other)[0] for other in others}
        added = [other for other in others if first[other] != own[0] and not self.stopwords.issuperset(first[other])]
        for phrase in own:
            terms = table.setdefault(phrase, {}).setdefault(how, [])
            terms.extend(other for other in added if other not in terms)

    def _phrases_in(self, tokens: list[_Token], *, shouted: bool) -> Iterator[Expansion]:
        position = 0
        while position < len(tokens):
            size, readings = self._longest_phrase_at(tokens, position, shouted=shouted)
            start, end = tokens[position].start, tokens[position + size - 1].end
            for reading in readings:
                yield Expansion(start, end, reading.terms, reading.weight, reading.kind)
            position += size

    def _longest_phrase_at(self, tokens: list[_Token], position: int, *, shouted: bool) -> tuple[int, list[_Reading]]:
        """The size of the longest known phrase at a token, and its readings; 1 and none where there is no phrase.

        A guard is a phrase without readings: it prevents the expansion of the phrases inside it.
        """
        longest = min(self._longest.get(tokens[position].key, 0), len(tokens) - position)
        for size in range(longest, 0, -1):
            matched = tokens[position : position + size]
            readings = self._readings.get(tuple(token.key for token in matched))
            if readings is None:
                continue
            meant = [reading for reading in readings if _is_meant(reading, matched[0].raw, shouted=shouted)]
            if meant or not readings:
                return size, meant
        return 1, []

    def _spellings_in(self, tokens: list[_Token]) -> Iterator[Expansion]:
        for position, token in enumerate(tokens):
            for size in (1, 2):
                matched = tokens[position : position + size]
                other = self._spellings.get(tuple(part.word for part in matched))
                if other and len(matched) == size:
                    yield Expansion(token.start, matched[-1].end, (other,), 1.0, WordingKind.SPELLING)


def _weighted(classes: Classes, weights: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    return ((term, weight) for name, weight in weights.items() for term in getattr(classes, name))


def _readings(found: Mapping[tuple[float, WordingKind, str], list[str]]) -> tuple[_Reading, ...]:
    return tuple(_Reading(tuple(terms), *how) for how, terms in found.items() if terms)


def _longest(phrases: Iterable[_Phrase]) -> dict[str, int]:
    """The size of the longest phrase that begins with each word."""
    longest: dict[str, int] = {}
    for phrase in phrases:
        longest[phrase[0]] = max(len(phrase), longest.get(phrase[0], 0))
    return longest


def _spellings(synonyms: Synonyms) -> dict[_Phrase, str]:
    pairs = (synonyms.spellings | synonyms.compounds).items()
    both_ways = [*pairs, *((other, spelling) for spelling, other in pairs)]
    return {tuple(map(singular, words(spelling))): other for spelling, other in both_ways}


def _replaced(phrase: _Phrase, old: _Phrase, new: _Phrase) -> _Phrase:
    """The phrase with the first occurrence of `old` replaced by `new`."""
    for position in range(len(phrase) - len(old) + 1):
        if phrase[position : position + len(old)] == old:
            return phrase[:position] + new + phrase[position + len(old) :]
    return phrase


def singular(word: str) -> str:
    """The word without a regular plural ending: "parties" gives "party", "gangs" "gang", "crisis" itself."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _is_meant(reading: _Reading, raw: str, *, shouted: bool) -> bool:
    return not reading.exact or (reading.exact == raw and not shouted)
