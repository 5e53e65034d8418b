"""Misspelt question words, against the words the sources themselves use."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

SHORTEST = 5
TWO_SLIPS_FROM = 8


class Speller:
    """Corrects words to known ones. Building costs a pass over `known`; build it once for an index.

    `known` maps each word of the sources, in lower case, to the number of sentences that hold it. `ordinary` holds
    words (in lower case) that are right as they stand although no source may use them.

    A word is corrected to the one known word at the least optimal string alignment distance (Damerau-Levenshtein
    without overlapping edits: Boytsov, "Indexing methods for approximate dictionary searching", 2011): 1, or 2 for
    words of eight letters or more, in a word that begins with the same letter or the same two letters swapped.
    """

    def __init__(self, known: Mapping[str, int], ordinary: Collection[str] = frozenset()) -> None:
        self._known = known
        self._ordinary = ordinary
        self._shelves: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in sorted(known):
            if len(word) >= SHORTEST - 1 and word.isalpha():
                self._shelves[word[0], len(word)].append(word)

    def respell(self, words: Iterable[str]) -> dict[str, str]:
        """Each misspelt word, as given, with the known word it stands for; a word that is right is left out.

        Short words, numbers, words the sources use, ordinary words, and words with two equally likely corrections
        are left as they are.
        """
        corrected = {}
        for word in words:
            correction = self._correct(word.lower())
            if correction:
                corrected[word] = correction
        return corrected

    def _correct(self, word: str) -> str:
        if len(word) < SHORTEST or not word.isalpha() or self._is_right(word):
            return ""
        slips = 2 if len(word) >= TWO_SLIPS_FROM else 1
        found = extract(word, self._nearby(word, slips), scorer=OSA.distance, score_cutoff=slips, limit=None)
        ranked = sorted((distance, -self._known[near], near) for near, distance, _ in found)
        if not ranked or (len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]):
            return ""
        return ranked[0][2]

    def _is_right(self, word: str) -> bool:
        return any(form in self._known or form in self._ordinary for form in (word, singular(word)))

    def _nearby(self, word: str, slips: int) -> list[str]:
        lengths = range(len(word) - slips, len(word) + slips + 1)
        near = [known for length in lengths for known in self._shelves.get((word[0], length), ())]
        swapped = word[1] + word[0] + word[2:]
        if swapped in self._known and swapped not in near:
            near.append(swapped)
        return near


def singular(word: str) -> str:
    """The word without a regular plural ending: "parties" gives "party", "gangs" "gang", "crisis" itself."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
