"""Checks that a summary's statement is a compression of one of the sentences it cites.

It has the words of that sentence in their order. What is left out are whole constituents that do not change the claim
(`constituents.py`), and nothing is added but small words. A statement that passes says less than its sentence, and is
never shown without it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from assistant.answer import Citation, ModelFault
from assistant.faithfulness.clauses import Span
from assistant.faithfulness.constituents import droppable
from assistant.faithfulness.lexicon import CompressionWords, load_compression_words
from assistant.faithfulness.parse import Word, parse_text
from index.sources.gazetteer import Gazetteer
from index.text.words import clean

MAX_STATEMENT_CHARACTERS = 320
MAX_SENTENCE_CHARACTERS = 2_000  # a longer sentence is not compared

# Latin letters with the usual accents, digits and plain punctuation: no markup, no addresses, no other script.
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ž0-9 .,;:'\"()/%£&-]+")
_ADDRESS = re.compile(
    r"//|www\.|\b[\w-]+\.(com|org|net|uk|gov|io|co|info|example|invalid|test)\b|\bmailto:", re.IGNORECASE
)

_INSPECTOR = frozenset({"inspector", "inspectors", "inspectorate", "hmicfrs"})
_INSPECTORS_OWN = frozenset({"inspector's", "inspectors", "inspectorate's", "the"})
_SPEAKERS = {"i": _INSPECTOR, "we": _INSPECTOR, "me": _INSPECTOR, "us": _INSPECTOR, "my": _INSPECTORS_OWN,
             "our": _INSPECTORS_OWN}  # fmt: skip
_RELATIVE = frozenset({"who", "which", "whose", "whom", "where", "when"})


@dataclass(frozen=True, slots=True)
class CompressionCheck:
    """Checks statements against citations. `gazetteer` knows the forces of the index."""

    gazetteer: Gazetteer
    lexicon: CompressionWords = field(default_factory=load_compression_words, repr=False)

    def fault(self, text: str, citations: Sequence[Citation]) -> ModelFault | None:
        """Why a statement may not be shown with its citations; None if it shortens one of them and may be."""
        if not is_well_formed(text):
            return ModelFault.FORM
        faults = [
            self._fault(text, citation) for citation in citations if len(citation.quote) <= MAX_SENTENCE_CHARACTERS
        ]
        if None in faults:
            return None
        return ModelFault.SHORTENED if ModelFault.SHORTENED in faults else ModelFault.WORDS

    def _fault(self, text: str, citation: Citation) -> ModelFault | None:
        statement = parse_text(text, citation.force, self.gazetteer)
        sentence = parse_text(citation.quote, citation.force, self.gazetteer)
        if is_compression(statement, sentence, droppable(sentence, self.lexicon)):
            return None
        anything = frozenset((place, place + 1) for place in range(len(sentence)))
        return ModelFault.SHORTENED if is_compression(statement, sentence, anything) else ModelFault.WORDS


def is_compression(statement: Sequence[Word], sentence: Sequence[Word], spans: frozenset[Span]) -> bool:
    """Whether a statement is a sentence without some of the spans that may be left out of it."""
    ends: dict[int, list[int]] = {}
    for start, end in spans:
        ends.setdefault(start, []).append(end)
    places = _with_left_out({0}, sentence, ends)
    for said in range(len(statement)):
        places = _with_left_out(_said_next(statement, said, sentence, places), sentence, ends)
    return len(sentence) in places


def _with_left_out(places: set[int], sentence: Sequence[Word], ends: Mapping[int, Sequence[int]]) -> set[int]:
    """Some places of a sentence, and those that are reached from them by leaving something out."""
    found: set[int] = set()
    waiting = sorted(places)
    while waiting:
        place = waiting.pop()
        if place in found:
            continue
        found.add(place)
        waiting += ends.get(place, ())
        if place < len(sentence) and sentence[place].is_free:
            waiting.append(place + 1)
    return found


def _said_next(statement: Sequence[Word], said: int, sentence: Sequence[Word], places: set[int]) -> set[int]:
    """The places of the sentence that are reached once one more word of the statement is said."""
    word = statement[said]
    found = {place + 1 for place in places if place < len(sentence) and _says(word, sentence[place])}
    if _may_be_added(statement, said):
        found |= places
    return found


def _says(word: Word, original: Word) -> bool:
    return word.same(original) or word.key in _SPEAKERS.get(original.key, ())


def _may_be_added(statement: Sequence[Word], said: int) -> bool:
    """Whether a word may be added: a free one, but no comma that turns "officers who" into all officers."""
    following = statement[said + 1].key if said + 1 < len(statement) else ""
    return statement[said].is_free and not (statement[said].key == "," and following in _RELATIVE)


def is_well_formed(text: str) -> bool:
    """Whether a text is one plain sentence of printable Latin text, mostly letters."""
    return (
        0 < len(text) <= MAX_STATEMENT_CHARACTERS
        and text == clean(text)
        and _PLAIN.fullmatch(text) is not None
        and _ADDRESS.search(text) is None
        and sum(character.isalpha() for character in text) > len(text) / 2
    )
