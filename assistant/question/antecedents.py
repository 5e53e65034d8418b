"""Chooses what a follow-up question refers to, among the noun phrases of the turns before, by a small linear model.

Whether a question is a follow-up at all is decided by a second model of the same kind. Both are fitted by
`assistant.evaluation.train_followups` to conversations whose stand-alone questions are known.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import Self

from assistant.question.forces_asked import asks_which_force
from assistant.question.parsing import ParsedTurn
from assistant.question.phrases import NounPhrase, ReferenceKind
from assistant.question.vocabulary_files import data_folder, read_words
from index.errors import VocabularyError
from index.text.words import stem

MODEL_FILE = "followups.json"
MAX_TURNS_BACK = 4  # turns before the question whose phrases are candidates
_MANY_WORDS = 6.0  # content words at which the length of a question counts as 1
_MANY_PHRASES = 6
_UNSPECIFIC = """
    year month week day night evening morning hour minute time spring summer autumn winter end past force police
    constabulary service improvement
"""
_FINITE = frozenset({"AUX", "MD", "VBP", "VBD"})

Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class EarlierTurn:
    """An earlier question, as it was understood, and what was answered."""

    question: ParsedTurn
    answer: ParsedTurn

    @property
    def stems(self) -> frozenset[str]:
        return self.question.stems | self.answer.stems


@dataclass(frozen=True, slots=True)
class Candidate:
    """A noun phrase that a question may refer to. `stems` are those of its content words."""

    said: ParsedTurn
    phrase: NounPhrase
    stems: frozenset[str]
    features: Features
    probability: float = 0.0

    @property
    def text(self) -> str:
        return self.said.text[self.phrase.start : self.phrase.end]


@dataclass(frozen=True, slots=True)
class FollowUpModel:
    """The weights of both models by the names of their features, and the probability of a phrase that is taken."""

    antecedent: Mapping[str, float]
    followup: Mapping[str, float]

    @classmethod
    def load(cls) -> FollowUpModel:
        """Returns the models of the package. Raises `VocabularyError` when their file is missing or malformed."""
        return _shipped_model()

    @classmethod
    def read(cls, file: Traversable) -> Self:
        """Reads the models as `train_followups` writes them."""
        try:
            data = json.loads(file.read_text(encoding="utf-8"))
            return cls(data["antecedent"], data["followup"])
        except (FileNotFoundError, ValueError, KeyError) as error:
            raise VocabularyError(f"{file} is no model of follow-ups: {error}.", advice="Install it again.") from error

    def is_followup(self, question: ParsedTurn, history: Sequence[EarlierTurn]) -> bool:
        """Whether a question takes something from the turns before."""
        return _probability(self.followup, followup_features(question, history)) >= 0.5

    def probability(self, features: Features) -> float:
        """The probability that a question refers to a phrase with these features."""
        return _probability(self.antecedent, features)


@cache
def _shipped_model() -> FollowUpModel:
    return FollowUpModel.read(data_folder() / MODEL_FILE)


def _probability(weights: Mapping[str, float], features: Features) -> float:
    total = sum(weights.get(name, 0.0) * value for name, value in features.items())
    return 1 / (1 + math.exp(-total))


def followup_features(question: ParsedTurn, history: Sequence[EarlierTurn]) -> Features:
    """What shows whether a question needs the turns before: what it names itself, and how much it refers back."""
    last = history[-1].stems if history else frozenset()
    own = question.stems
    return {
        "always": 1.0,
        "names a force": float(bool(question.forces)),
        "asks which force": float(asks_which_force(question.text)),
        "refers back": float(bool(question.references)),
        "has a verb": float(question.is_clause),
        "has a question word": float(bool(question.question_words)),
        "begins with a conjunction": float(bool(question.tokens) and question.tokens[0].tag in {"CC", "UH", "RB"}),
        "words": min(len(own) / _MANY_WORDS, 1.5),
        "words known": len(own & last) / len(own) if own else 1.0,
    }


def candidates(question: ParsedTurn, history: Sequence[EarlierTurn]) -> Iterator[Candidate]:
    """Yields the phrases of the latest turns that say something the question does not."""
    for back, exchange in enumerate(reversed(history[-MAX_TURNS_BACK:])):
        for said in (exchange.question, exchange.answer):
            for place, phrase in enumerate(said.phrases):
                stems = said.stems_of(phrase.tokens)
                if stems - question.stems - _unspecific():
                    is_answer = said is exchange.answer
                    other = exchange.question if is_answer else exchange.answer
                    features = {
                        **_features_of_place(said, phrase, place, back, is_answer=is_answer),
                        **_features_of_words(question, exchange, phrase, stems, other.stems, back),
                        **_features_of_reference(question, phrase, is_answer=is_answer),
                    }
                    yield Candidate(said, phrase, stems, features)


@cache
def _unspecific() -> frozenset[str]:
    """The stems of words that say nothing of what is asked about: time, forces, and what every question may say."""
    return frozenset(map(stem, {*read_words(data_folder() / "frame.txt"), *_UNSPECIFIC.split()}))


def _features_of_place(said: ParsedTurn, phrase: NounPhrase, place: int, back: int, *, is_answer: bool) -> Features:
    before = [token.tag for token in said.tokens if token.start < phrase.start]
    return {
        "always": 1.0,
        "in the answer": float(is_answer),
        "one turn back": float(back == 1),
        "further back": float(back > 1),
        "place": min(place, _MANY_PHRASES) / _MANY_PHRASES,
        "subject": float(is_answer and not _FINITE.intersection(before)),
    }


def _features_of_words(
    question: ParsedTurn,
    exchange: EarlierTurn,
    phrase: NounPhrase,
    stems: frozenset[str],
    other: frozenset[str],
    back: int,
) -> Features:
    return {
        "one word": float(len(stems) == 1),
        "many words": float(len(stems) > 3),
        "name": float(phrase.is_name),
        "in question and answer": len(stems & other) / len(stems),
        "word of the question": float(bool(stems & question.stems)),
        "turn that the question returns to": float(back > 0 and bool(exchange.stems & question.stems)),
    }


def _features_of_reference(question: ParsedTurn, phrase: NounPhrase, *, is_answer: bool) -> Features:
    kinds = {reference.kind for reference in question.references}
    nouns = {stem(reference.noun) for reference in question.references if reference.noun}
    length = min(len(question.stems) / _MANY_WORDS, 1.5)
    return {
        "plural for a plural": float(ReferenceKind.PLURAL in kinds and phrase.is_plural),
        "singular for a plural": float(ReferenceKind.PLURAL in kinds and not phrase.is_plural),
        "singular for a singular": float(ReferenceKind.THING in kinds and not phrase.is_plural),
        "plural for a singular": float(ReferenceKind.THING in kinds and phrase.is_plural),
        "name for a person": float(ReferenceKind.PERSON in kinds and phrase.is_name),
        "thing for a person": float(ReferenceKind.PERSON in kinds and not phrase.is_name),
        "same noun": float(stem(phrase.head.word) in nouns),
        "fragment": float(not question.is_clause),
        "no reference, of the question": float(not kinds and not is_answer),
        "no reference, of the answer": float(not kinds and is_answer),
        "length, of the question": length * (not is_answer),
        "length, of the answer": length * is_answer,
    }
