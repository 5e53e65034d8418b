"""The words people use: what the words of a question stand for in the words of an assessment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, Self

from assistant.question.spelling import Speller, singular
from assistant.question.vocabulary_files import (
    Abbreviations,
    Classes,
    SynonymGroup,
    Synonyms,
    data_folder,
    read_toml,
    read_words,
)
from index.text.tokens import WordSpan, words, words_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable


class WordingKind(StrEnum):
    """Why one wording stands for another."""

    ABBREVIATION = "abbreviation"
    SPELLING = "spelling"
    SYNONYM = "synonym"


@dataclass(frozen=True, slots=True)
class Expansion:
    """`question[start:end]` may be written as any of `terms`; `weight`, in (0, 1], is how nearly they mean the same."""

    start: int
    end: int
    terms: tuple[str, ...]
    weight: float
    kind: WordingKind


class _Token(NamedTuple):
    start: int
    end: int
    raw: str
    word: str  # lower case, singular
    key: str  # the same in British spelling


class _Reading(NamedTuple):
    """What a phrase stands for. `exact`, when not empty, is the one spelling of the phrase that is meant."""

    terms: tuple[str, ...]
    weight: float
    kind: WordingKind
    exact: str


_Phrase = tuple[str, ...]
_Table = dict[_Phrase, dict[tuple[float, WordingKind, str], list[str]]]


class Vocabulary:
    """Abbreviations, near-synonyms and spellings, ready to be found in a question. Immutable once made."""

    def __init__(self, abbreviations: Abbreviations, synonyms: Synonyms, words: Mapping[str, frozenset[str]]) -> None:
        self.stopwords = words["stopwords"]
        self._british = {singular(american): singular(british) for american, british in synonyms.spellings.items()}
        self._read: dict[str, tuple[_Phrase, ...]] = {}  # a term stands in many groups
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
        self._right = frozenset(chain(words["english"], words["names"], self.stopwords, listed))

    @classmethod
    def load(cls, folder: Traversable | None = None) -> Self:
        """Read the data files of the project, or of `folder`. Raises VocabularyError when one is malformed."""
        return cls._own() if folder is None else cls._of(folder)

    @classmethod
    @cache
    def _own(cls) -> Self:
        return cls._of(data_folder())

    @classmethod
    def _of(cls, folder: Traversable) -> Self:
        return cls(
            read_toml(folder / "abbreviations.toml", Abbreviations),
            read_toml(folder / "synonyms.toml", Synonyms),
            {name: read_words(folder / f"{name}.txt") for name in ("stopwords", "english", "names")},
        )

    def expand(self, text: str) -> tuple[Expansion, ...]:
        """What the words of `text` stand for, by place and then by falling weight.

        Of phrases that overlap, the one that begins first is read, and of those the longest; other spellings of a
        word are given besides. Terms are in the form a dictionary would have them, so the search has to stem them.
        """
        tokens = [self._token(text, span) for span in words_at(text)]
        shouted = text.isupper()
        found = [*self._phrases_in(tokens, shouted=shouted), *self._spellings_in(tokens)]
        return tuple(sorted(found, key=lambda expansion: (expansion.start, -expansion.weight, expansion.terms)))

    def speller(self, known: Mapping[str, int], *, names: Iterable[str] = ()) -> Speller:
        """A speller for an index: `known` maps its words, in lower case, to the number of sentences that hold them.

        Words of the vocabulary, ordinary English words, places, and `names` (in lower case) are never corrected.
        """
        return Speller(known, self._right.union(names))

    def _token(self, text: str, span: WordSpan) -> _Token:
        word = singular(span.word)
        return _Token(span.start, span.end, text[span.start : span.end], word, self._british.get(word, word))

    def _phrase(self, term: str) -> _Phrase:
        return tuple(self._token(term, span).key for span in words_at(term))

    def _phrases(self, term: str) -> tuple[_Phrase, ...]:
        """The term as a phrase, with each compound in it as one word and as two."""
        if term not in self._read:
            self._read[term] = tuple(self._wordings(self._phrase(term)))
        return self._read[term]

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
        meant = [o for o in others if first[o] != own[0] and not self.stopwords.issuperset(first[o])]
        for phrase in own:
            terms = table.setdefault(phrase, {}).setdefault(how, [])
            terms.extend(other for other in meant if other not in terms)

    def _phrases_in(self, tokens: list[_Token], *, shouted: bool) -> Iterator[Expansion]:
        place = 0
        while place < len(tokens):
            length = 1
            for size in range(min(self._longest.get(tokens[place].key, 0), len(tokens) - place), 0, -1):
                matched = tokens[place : place + size]
                readings = self._readings.get(tuple(token.key for token in matched))
                if readings is None:
                    continue
                meant = [reading for reading in readings if _is_meant(reading, matched[0].raw, shouted=shouted)]
                if meant or not readings:
                    start, end = matched[0].start, matched[-1].end
                    yield from (Expansion(start, end, r.terms, r.weight, r.kind) for r in meant)
                    length = size
                    break
            place += length

    def _spellings_in(self, tokens: list[_Token]) -> Iterator[Expansion]:
        for place, token in enumerate(tokens):
            for size in (1, 2):
                matched = tokens[place : place + size]
                other = self._spellings.get(tuple(part.word for part in matched))
                if other and len(matched) == size:
                    yield Expansion(token.start, matched[-1].end, (other,), 1.0, WordingKind.SPELLING)


def _weighted(classes: Classes, weights: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    return ((term, weight) for name, weight in weights.items() for term in getattr(classes, name))


def _readings(found: Mapping[tuple[float, WordingKind, str], list[str]]) -> tuple[_Reading, ...]:
    return tuple(_Reading(tuple(terms), *how) for how, terms in found.items() if terms)


def _longest(phrases: Iterable[_Phrase]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for phrase in phrases:
        longest[phrase[0]] = max(len(phrase), longest.get(phrase[0], 0))
    return longest


def _spellings(synonyms: Synonyms) -> dict[_Phrase, str]:
    pairs = (synonyms.spellings | synonyms.compounds).items()
    ways = [(a, b) for a, b in pairs] + [(b, a) for a, b in pairs]
    return {tuple(map(singular, words(this))): other for this, other in ways}


def _replaced(phrase: _Phrase, this: _Phrase, other: _Phrase) -> _Phrase:
    for place in range(len(phrase) - len(this) + 1):
        if phrase[place : place + len(this)] == this:
            return phrase[:place] + other + phrase[place + len(this) :]
    return phrase


def _is_meant(reading: _Reading, raw: str, *, shouted: bool) -> bool:
    return not reading.exact or (reading.exact == raw and not shouted)
