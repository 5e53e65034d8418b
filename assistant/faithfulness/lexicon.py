"""The word classes by which statements are checked: `data/claims.toml`, validated and compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import Field

from assistant.answer_layout import Frozen
from assistant.question.vocabulary import Vocabulary
from assistant.question.vocabulary_files import data_folder, read_toml, read_words


class Modal(Frozen):
    """A class of modal words, and the other classes that support it."""

    words: tuple[str, ...] = Field(min_length=1)
    bears: tuple[str, ...] = ()


class Negation(Frozen):
    """Negators, phrases that only look like negators, words with the word they negate, and words for a lack."""

    negators: tuple[str, ...] = Field(min_length=1)
    idle: tuple[str, ...]
    pairs: dict[str, str]
    wanting: tuple[str, ...]


class Opposites(Frozen):
    """Two classes of words with opposite meanings. If `stated`, a statement needs a word of its class in a source."""

    stated: bool
    one: tuple[str, ...] = Field(min_length=1)
    other: tuple[str, ...] = Field(min_length=1)


class _ClaimsFile(Frozen):
    addressed: tuple[str, ...] = Field(min_length=1)
    content: tuple[str, ...]
    frame: tuple[str, ...] = Field(min_length=1)
    grades: dict[str, tuple[str, ...]] = Field(min_length=1)
    modality: dict[str, Modal] = Field(min_length=1)
    negation: Negation
    quantity: dict[str, tuple[str, ...]] = Field(min_length=1)
    opposites: tuple[Opposites, ...] = Field(min_length=1)


class Phrases:
    """Finds phrases in a list of words. A phrase is words separated by spaces; a * at its end matches any ending."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self._pattern = re.compile("|".join(sorted(map(_phrase_pattern, phrases), key=len, reverse=True)))

    def spans(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """Where the phrases occur: the index of the first word and one past the last."""
        line = " ".join(words) + " "
        found = []
        for match in self._pattern.finditer(line):
            start = line.count(" ", 0, match.start())
            found.append((start, start + match.group().rstrip().count(" ") + 1))
        return found

    def covered(self, words: Sequence[str]) -> set[int]:
        """The indexes of the words that belong to a phrase."""
        return {index for start, end in self.spans(words) for index in range(start, end)}

    def within(self, words: Sequence[str]) -> bool:
        """Whether any of the phrases occurs."""
        return self._pattern.search(" ".join(words) + " ") is not None


def _phrase_pattern(phrase: str) -> str:
    written = re.escape(phrase.removesuffix("*"))
    return rf"(?<![^ ]){written}{'[^ ]*' if phrase.endswith('*') else ''}(?= )"


@dataclass(frozen=True, slots=True)
class OppositePhrases:
    """`Opposites`, compiled."""

    stated: bool
    first: Phrases
    second: Phrases

    def sides_used(self, words: Sequence[str]) -> tuple[Phrases, Phrases] | None:
        """The side that a text uses and the other one; None where it uses neither or both."""
        first, second = self.first.within(words), self.second.within(words)
        if first == second:
            return None
        return (self.first, self.second) if first else (self.second, self.first)


@dataclass(frozen=True, slots=True, eq=False)
class ClaimWords:
    """All word classes, compiled. `function` words have no content; a word of `ordinary` is not a name."""

    addressed: re.Pattern[str]  # words that address a machine or its user
    function: frozenset[str]
    frame: Phrases
    grades: Mapping[str, Phrases]
    modality: Mapping[str, Phrases]
    supporting_modals: Mapping[str, frozenset[str]]
    negators: Phrases
    apparent_negators: Phrases
    negated_words: Mapping[str, str]  # the word that each negates
    lack: Phrases
    quantity: Mapping[str, Phrases]
    opposites: tuple[OppositePhrases, ...]
    ordinary: frozenset[str]
    vocabulary: Vocabulary


@cache
def load_claim_words() -> ClaimWords:
    """The project's own. Raises `VocabularyError` when a data file is malformed."""
    file = read_toml(data_folder() / "claims.toml", _ClaimsFile)
    vocabulary = Vocabulary.load()
    return ClaimWords(
        addressed=re.compile("|".join(file.addressed), re.IGNORECASE),
        function=vocabulary.stopwords - frozenset(file.content),
        frame=Phrases(file.frame),
        grades=_compiled(file.grades),
        modality=_compiled({name: modal.words for name, modal in file.modality.items()}),
        supporting_modals={name: frozenset({name, *modal.bears}) for name, modal in file.modality.items()},
        negators=Phrases(file.negation.negators),
        apparent_negators=Phrases(file.negation.idle),
        negated_words=file.negation.pairs,
        lack=Phrases(file.negation.wanting),
        quantity=_compiled(file.quantity),
        opposites=tuple(
            OppositePhrases(pair.stated, Phrases(pair.one), Phrases(pair.other)) for pair in file.opposites
        ),
        ordinary=read_words(data_folder() / "english.txt") | vocabulary.stopwords,
        vocabulary=vocabulary,
    )


def _compiled(classes: Mapping[str, Sequence[str]]) -> dict[str, Phrases]:
    return {name: Phrases(phrases) for name, phrases in classes.items()}
