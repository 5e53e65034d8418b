"""Concepts: what a question asks about, each with every wording that counts as it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from assistant.question.spelling import Speller
from assistant.question.vocabulary import Expansion, Vocabulary
from index.search.search import Concept, Wording
from index.text.normalise import clean
from index.text.tokens import stem, words, words_at


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The vocabulary, and a speller that knows the words of one index."""

    vocabulary: Vocabulary
    speller: Speller
    frame: frozenset[str]

    @classmethod
    def of(cls, vocabulary: Vocabulary, forms: dict[str, int], names: Sequence[str]) -> Lexicon:
        """A lexicon for an index: `forms` are its words with counts, `names` words never to be corrected."""
        listed = (resources.files("assistant") / "data" / "frame.txt").read_text(encoding="utf-8").splitlines()
        frame = frozenset(line for line in listed if line and not line.startswith("#"))
        return cls(vocabulary, vocabulary.speller(forms, names=names), frame)

    @property
    def frame_stems(self) -> frozenset[str]:
        """The stems of the frame's words."""
        return frozenset(map(stem, self.frame))

    def concepts(self, question: str, skip: Sequence[tuple[int, int]] = ()) -> tuple[Concept, ...]:
        """The concepts of a question, in order; stretches in `skip` and function words are none.

        A word of the question's frame ("inspector", "said") is a concept only when there is no other.
        """
        found = [
            (word, start, end)
            for word, start, end in words_at(question)
            if word not in self.vocabulary.stopwords and not any(a <= start < b for a, b in skip)
        ]
        topic = [entry for entry in found if entry[0] not in self.frame] or found
        expansions = self.vocabulary.expand(question)
        respelt = self.speller.respell(word for word, _, _ in topic)
        concepts: dict[str, Concept] = {}
        for word, start, end in topic:
            right = respelt.get(word, word)
            covering = [entry for entry in expansions if entry.start <= start and end <= entry.end]
            if right != word:
                covering += self.vocabulary.expand(right)
            wordings = dict.fromkeys([Wording((stem(right),)), *self._others(covering)])
            concepts.setdefault(stem(word), Concept(stem(word), tuple(wordings)))
        return tuple(concepts.values())

    def _others(self, expansions: Sequence[Expansion]) -> list[Wording]:
        others = []
        for expansion in expansions:
            for term in expansion.terms:
                stems = tuple(stem(word) for word in words(clean(term)) if word not in self.vocabulary.stopwords)
                if stems:
                    others.append(Wording(stems, expansion.weight))
        return others
