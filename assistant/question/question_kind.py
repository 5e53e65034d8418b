"""Reads what kind of question is asked, by a linear model over the question's vector and its words.

The model was fitted by `python -m assistant.evaluation.train_intents` to the labelled questions of
`tests/training/intents.jsonl`, which writes `data/intents.json`. Nothing is learned at run time. A kind that is less
than probable counts as `FACT`, which has no treatment of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from index.text.normalise import clean

MIN_PROBABILITY = 0.5  # of the likeliest kind; below it a question counts as FACT
OPENING_WORDS = 3  # words at the beginning of a question that are features of their own
_WORD = re.compile(r"[a-z]+|[0-9]+")

Floats = NDArray[np.float32]


class QuestionKind(StrEnum):
    """What a question asks for. `tests/training/README.md` says how each is told from the others."""

    FACT = "fact"
    NUMBER = "number"
    DATE = "date"
    PERSON = "person"
    WHY = "why"
    HOW = "how"
    YES_NO = "yes_no"
    JUDGEMENT = "judgement"
    LIST = "list"
    THEME = "theme"
    CHANGE = "change"
    COMPARISON = "comparison"
    DEFINITION = "definition"
    RECOMMENDATION = "recommendation"
    SPEAKER = "speaker"
    ABOUT_DOCUMENTS = "about_documents"
    OPINION = "opinion"
    OFF_TOPIC = "off_topic"


@dataclass(frozen=True, slots=True, eq=False)
class KindModel:
    """The weights of k kinds, those of `QuestionKind` in its order, for w words and d dimensions of the vector."""

    words: Mapping[str, int]  # each word feature, and its row in `word_weights`
    word_weights: Floats  # (w, k)
    vector_weights: Floats  # (d, k)
    bias: Floats  # (k,)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Returns the model that `train_intents` wrote. Raises `KeyError` or `ValueError` when it is another thing."""
        if data["kinds"] != list(QuestionKind):
            raise ValueError("its kinds are not those of QuestionKind")
        count = len(QuestionKind)
        return cls(
            {word: row for row, word in enumerate(data["words"])},
            np.array(list(data["words"].values()), dtype=np.float32).reshape(-1, count),
            np.array(data["vector"], dtype=np.float32).reshape(-1, count),
            np.array(data["bias"], dtype=np.float32).reshape(count),
        )

    def probabilities(self, question: str, vector: Floats | None) -> Floats:
        """Returns the probability of each kind: (k,). `vector` is that of the packaged model; None where it is not run.

        Without the vector the words decide alone, with less certainty.
        """
        rows = [self.words[word] for word in word_features(question) if word in self.words]
        score = self.bias + self.word_weights[rows].sum(axis=0)
        if vector is not None:
            score = score + vector @ self.vector_weights
        likelihood = np.exp(score - score.max())
        return np.asarray(likelihood / likelihood.sum(), dtype=np.float32)

    def kind(self, question: str, vector: Floats | None) -> QuestionKind:
        """Returns the likeliest kind, `FACT` where none is probable."""
        probability = self.probabilities(question, vector)
        best = int(probability.argmax())
        return list(QuestionKind)[best] if probability[best] >= MIN_PROBABILITY else QuestionKind.FACT


def word_features(question: str) -> Sequence[str]:
    """Returns the features of a question's words, each once: words, pairs, the opening words, and the question mark."""
    text = clean(question).lower().replace("’", "'")
    words = ["0" if word.isdigit() else word for word in _WORD.findall(text)]
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    opening = [f"^{word}" for word in words[:OPENING_WORDS]] + [f"^{pair}" for pair in pairs[:1]]
    mark = ["?"] if text.rstrip().endswith("?") else []
    return list(dict.fromkeys([*words, *pairs, *opening, *mark]))
