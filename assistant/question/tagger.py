"""Tags the words of a text with their parts of speech, by a small linear model.

The tags are those of the Penn Treebank, fewer: AUX for be, do and have as auxiliaries, WH for every question word, VBP
for both forms of the present, JJ and RB for all degrees of comparison, NNP for names of one and of many, and "." for
all punctuation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources.abc import Traversable
from typing import Self

from assistant.question.vocabulary_files import data_folder
from index.errors import VocabularyError

MODEL_FILE = "tagger.json"
_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[^\w\s]")
CACHED_TEXTS = 4096
_OUTSIDE = "-"


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark of punctuation, `text[start:end]` of its text, with its part of speech."""

    text: str
    start: int
    end: int
    tag: str

    @property
    def word(self) -> str:
        """The word in lower case."""
        return self.text.lower().replace("’", "'")


class Tagger:
    """Tags each word by the words around it and the tags of the two before. Immutable; safe to share."""

    def __init__(self, weights: Mapping[str, Mapping[str, float]]) -> None:
        self._weights = weights
        self._tags = sorted({tag for by_tag in weights.values() for tag in by_tag})
        self.tag = lru_cache(CACHED_TEXTS)(self._tag)

    @classmethod
    def load(cls) -> Tagger:
        """Returns the tagger of the package. Raises `VocabularyError` when its file is missing or malformed."""
        return _shipped_tagger()

    @classmethod
    def read(cls, file: Traversable) -> Self:
        """Reads a model as `train_tagger` writes it. Raises `VocabularyError` when it is missing or malformed."""
        try:
            return cls(json.loads(file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, AttributeError) as error:
            raise VocabularyError(f"{file} is no tagger: {error}.", advice="Install the project again.") from error

    def _tag(self, text: str) -> tuple[Token, ...]:
        """Returns the words and punctuation of a text in order."""
        found = list(_TOKEN.finditer(text))
        written = [match.group() for match in found]
        forms = [form(word) for word in written]
        tags: list[str] = []
        for place in range(len(forms)):
            tags.append(self._best(features(written, forms, tags, place)))
        return tuple(
            Token(match.group(), match.start(), match.end(), tag) for match, tag in zip(found, tags, strict=True)
        )

    def _best(self, found: Sequence[str]) -> str:
        scores = dict.fromkeys(self._tags, 0.0)
        for feature in found:
            for tag, weight in self._weights.get(feature, {}).items():
                scores[tag] += weight
        return max(self._tags, key=lambda tag: scores[tag])


@cache
def _shipped_tagger() -> Tagger:
    return Tagger.read(data_folder() / MODEL_FILE)


def form(word: str) -> str:
    """The word as the model sees it: in lower case, and every number alike."""
    return "#" if word[0].isdigit() else word.lower().replace("’", "'")


def features(written: Sequence[str], forms: Sequence[str], tags: Sequence[str], place: int) -> tuple[str, ...]:
    """The features of the word at a place: itself, its ending, its capital, its neighbours and the tags before."""
    word = forms[place]
    before = forms[place - 1] if place else _OUTSIDE
    after = forms[place + 1] if place + 1 < len(forms) else _OUTSIDE
    last, second = (tags[place - 1] if place else _OUTSIDE), (tags[place - 2] if place > 1 else _OUTSIDE)
    case = ("c" if written[place][0].isupper() else "l") + ("0" if place == 0 else "")
    return (
        f"w {word}", f"s {word[-3:]}", f"b {before}", f"a {after}", f"e {after[-3:]}", f"1 {last}",
        f"2 {last} {second}", f"c {case} {last}",
    )  # fmt: skip
