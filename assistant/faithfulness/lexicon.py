"""The words by which claims are held against sentences: `data/claims.toml`, checked and made ready."""

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
    """A class of modal words, and the classes that bear it out besides itself."""

    words: tuple[str, ...] = Field(min_length=1)
    bears: tuple[str, ...] = ()


class Negation(Frozen):
    """Words that deny, those that only seem to, words with what they deny, and words of want."""

    negators: tuple[str, ...] = Field(min_length=1)
    idle: tuple[str, ...]
    pairs: dict[str, str]
    wanting: tuple[str, ...]


class Opposites(Frozen):
    """Two classes of words of which the one belies the other."""

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
    """Finds phrases in a run of words. A phrase is words apart by spaces; one ending in * is a beginning."""

    def __init__(self, phrases: Sequence[str]) -> None:
        self.pattern = re.compile("|".join(sorted(map(_phrase, phrases), key=len, reverse=True)))

    def spans(self, words: Sequence[str]) -> list[tuple[int, int]]:
        """Where phrases stand, as places in `words`: the first, and one past the last."""
        line = " ".join(words) + " "
        found = []
        for match in self.pattern.finditer(line):
            first = line.count(" ", 0, match.start())
            found.append((first, first + match.group().rstrip().count(" ") + 1))
        return found

    def within(self, words: Sequence[str]) -> bool:
        """Whether any phrase stands there."""
        return self.pattern.search(" ".join(words) + " ") is not None


def _phrase(phrase: str) -> str:
    written = re.escape(phrase.removesuffix("*"))
    return rf"(?<![^ ]){written}{'[^ ]*' if phrase.endswith('*') else ''}(?= )"


@dataclass(frozen=True, slots=True, eq=False)
class ClaimWords:
    """All the classes, each ready to be found. `function` words say nothing; `ordinary` ones are no name."""

    addressed: re.Pattern[str]
    function: frozenset[str]
    frame: Phrases
    grades: Mapping[str, Phrases]
    modality: Mapping[str, Phrases]
    bears: Mapping[str, frozenset[str]]
    negators: Phrases
    idle: Phrases
    denials: Mapping[str, str]
    wanting: Phrases
    quantity: Mapping[str, Phrases]
    opposites: tuple[tuple[bool, Phrases, Phrases], ...]
    ordinary: frozenset[str]
    vocabulary: Vocabulary


@cache
def claim_words() -> ClaimWords:
    """The project's own. Raises `VocabularyError` when a data file is malformed."""
    file = read_toml(data_folder() / "claims.toml", _ClaimsFile)
    vocabulary = Vocabulary.load()
    return ClaimWords(
        addressed=re.compile("|".join(file.addressed), re.IGNORECASE),
        function=vocabulary.stopwords - frozenset(file.content),
        frame=Phrases(file.frame),
        grades={name: Phrases(words) for name, words in file.grades.items()},
        modality={name: Phrases(modal.words) for name, modal in file.modality.items()},
        bears={name: frozenset({name, *modal.bears}) for name, modal in file.modality.items()},
        negators=Phrases(file.negation.negators),
        idle=Phrases(file.negation.idle),
        denials=file.negation.pairs,
        wanting=Phrases(file.negation.wanting),
        quantity={name: Phrases(words) for name, words in file.quantity.items()},
        opposites=tuple((pair.stated, Phrases(pair.one), Phrases(pair.other)) for pair in file.opposites),
        ordinary=read_words(data_folder() / "english.txt") | vocabulary.stopwords,
        vocabulary=vocabulary,
    )
