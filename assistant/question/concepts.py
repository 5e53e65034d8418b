"""Finds the concepts of a question: what it asks about, each with every wording that counts as it.

Misspelt words are corrected to words that the sources use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from assistant.question.vocabulary import Expansion, Vocabulary, singular
from index.search.candidates import Concept, Wording
from index.text.words import clean, stem, words, words_at

MIN_CORRECTED_LETTERS = 5  # shorter words are not corrected
MIN_LETTERS_FOR_TWO_EDITS = 8


class Speller:
    """Corrects words to known ones. Building one costs a pass over `known`, so build it once for an index.

    `known` maps each word of the sources, in lower case, to the number of sentences that contain it. `ordinary` are
    words, in lower case, that are right although no source may use them.

    A word is corrected to the one known word at the least optimal string alignment distance (Damerau-Levenshtein
    without overlapping edits: Boytsov, "Indexing methods for approximate dictionary searching", 2011): 1, or 2 for
    words of eight letters or more, in a word that begins with the same letter or the same two letters swapped.
    """

    def __init__(self, known: Mapping[str, int], ordinary: Collection[str] = frozenset()) -> None:
        self._known = known
        self._ordinary = ordinary
        self._by_letter_and_length: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(known):
            if len(word) >= MIN_CORRECTED_LETTERS - 1 and word.isalpha():
                self._by_letter_and_length[word[0], len(word)].append(word)

    def corrections(self, words: Iterable[str]) -> dict[str, str]:
        """Each misspelt word, as given, with the known word that it is corrected to.

        Short words, numbers, words the sources use, ordinary words, and words with two equally likely corrections
        are not corrected.
        """
        corrected = {}
        for word in words:
            correction = self._correction(word.lower())
            if correction:
                corrected[word] = correction
        return corrected

    def _correction(self, word: str) -> str:
        """The known word that a word is corrected to; empty when it is right or nothing fits."""
        if len(word) < MIN_CORRECTED_LETTERS or not word.isalpha() or self._is_right(word):
            return ""
        edits = 2 if len(word) >= MIN_LETTERS_FOR_TWO_EDITS else 1
        found = extract(word, self._similar(word, edits), scorer=OSA.distance, score_cutoff=edits, limit=None)
        ranked = sorted((distance, -self._known[known], known) for known, distance, _ in found)
        if not ranked or (len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]):
            return ""
        return ranked[0][2]

    def _is_right(self, word: str) -> bool:
        return any(form in self._known or form in self._ordinary for form in (word, singular(word)))

    def _similar(self, word: str, edits: int) -> list[str]:
        """The known words of about the same length that begin with the same letter, or with the first two swapped."""
        lengths = range(len(word) - edits, len(word) + edits + 1)
        similar = [known for length in lengths for known in self._by_letter_and_length.get((word[0], length), ())]
        swapped = word[1] + word[0] + word[2:]
        if swapped in self._known and swapped not in similar:
            similar.append(swapped)
        return similar


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a question, in lower case, and its span."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ConceptExtractor:
    """Finds the concepts of questions about one index.

    `frame_words` occur in questions about any topic ("inspector", "report").
    """

    vocabulary: Vocabulary
    frame_words: frozenset[str]
    speller: Speller

    @classmethod
    def of(
        cls, vocabulary: Vocabulary, frame_words: frozenset[str], forms: Mapping[str, int], names: Iterable[str]
    ) -> Self:
        """The extractor for an index.

        `forms` maps the words of the index, in lower case, to the number of sentences that contain them. No word of the
        `names` of forces is corrected, and no word is corrected to a name: the gazetteer finds misspelt names.
        """
        named = [words(name) for name in names]
        single = {name[0] for name in named if len(name) == 1}
        known = {form: count for form, count in forms.items() if form not in single}
        return cls(vocabulary, frame_words, Speller(known, vocabulary.correct_words.union(*named)))

    @property
    def frame_stems(self) -> frozenset[str]:
        """The stems of the frame words."""
        return frozenset(map(stem, self.frame_words))

    def concepts(self, question: str, skip: Sequence[tuple[int, int]] = ()) -> tuple[Concept, ...]:
        """The concepts of a question, in order, without function words and without the spans in `skip`.

        A frame word is a concept only when the question has no other words.
        """
        topic = self._topic_words(question, skip)
        expansions = self.vocabulary.expand(question)
        corrections = self.speller.corrections(word.text for word in topic)
        concepts: dict[str, Concept] = {}
        for word in topic:
            meant = [expansion for expansion in expansions if expansion.covers(word.start, word.end)]
            corrected = corrections.get(word.text, word.text)
            if corrected != word.text:
                meant += self.vocabulary.expand(corrected)
            wordings = dict.fromkeys([Wording((stem(corrected),)), *self._wordings(meant)])
            concepts.setdefault(stem(word.text), Concept(stem(word.text), tuple(wordings)))
        return tuple(concepts.values())

    def _topic_words(self, question: str, skip: Sequence[tuple[int, int]]) -> list[_Word]:
        """The words of a question outside `skip` that are neither function words nor, where there are others, frame."""
        found = [
            _Word(text, start, end)
            for text, start, end in words_at(question)
            if text not in self.vocabulary.stopwords and not _is_within(start, skip)
        ]
        return [word for word in found if word.text not in self.frame_words] or found

    def _wordings(self, expansions: Sequence[Expansion]) -> list[Wording]:
        """The terms of some expansions, as stems."""
        wordings = []
        for expansion in expansions:
            for term in expansion.terms:
                stems = tuple(stem(word) for word in words(clean(term)) if word not in self.vocabulary.stopwords)
                if stems:
                    wordings.append(Wording(stems, expansion.weight))
        return wordings


def _is_within(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)
