"""Checks a summary's statement against the sentences it cites, guard by guard.

The guards are rules over words and prove nothing. A statement that passes has no number, date, name, force, grade,
negation, modal, quantity or direction that its sentences lack, and nearly all its words are theirs. Their words put
together in a new way can still mislead, so a statement is never shown without its sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.answer import Citation, ModelFault
from assistant.faithfulness.lexicon import ClaimWords, load_claim_words
from assistant.faithfulness.names import dates_supported, forces_supported, names_supported, numbers_supported
from assistant.faithfulness.parse import cited_evidence, parse_text
from assistant.faithfulness.wording import (
    direction_supported,
    grades_supported,
    modality_supported,
    negation_supported,
    quantity_supported,
    share_of_words,
)
from index.sources.gazetteer import Gazetteer
from index.text.normalise import clean

MAX_STATEMENT_CHARACTERS = 320
MAX_STATEMENT_SENTENCES = 2
MIN_SHARE_OF_WORDS = 0.6  # of a statement's content words; chosen on tests/fixtures/statements-labelled.jsonl

# Latin letters with the usual accents, digits and plain punctuation: no markup, no addresses, no other script.
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ž0-9 .,;:'\"()/%£&-]+")
_ADDRESS = re.compile(
    r"//|www\.|\b[\w-]+\.(com|org|net|uk|gov|io|co|info|example|invalid|test)\b|\bmailto:", re.IGNORECASE
)
# A summary speaks about the inspector and to nobody: "I" would be the model, and "you" the reader.
_FIRST_OR_SECOND_PERSON = re.compile(r"\b(I|me|my|mine|we|us|our|ours|you|your|yours)\b", re.IGNORECASE)
_SENTENCE_BREAK = re.compile(r"[.]\s+[A-Z]")


@dataclass(frozen=True, slots=True)
class Guards:
    """Checks statements against citations. `gazetteer` knows the forces of the index."""

    gazetteer: Gazetteer
    lexicon: ClaimWords = field(default_factory=load_claim_words, repr=False)

    def faults(self, text: str, citations: Sequence[Citation]) -> tuple[ModelFault, ...]:
        """Everything in a statement that its citations do not support; empty for one that may be shown."""
        if not is_well_formed(text):
            return (ModelFault.FORM,)
        all_cited = cited_evidence(citations, self.lexicon, self.gazetteer)
        evidence = all_cited.relevant_to(text, self.gazetteer)
        statement = parse_text(text, self.lexicon)
        supported = {
            ModelFault.NUMBER: numbers_supported(text, evidence, self.lexicon),
            ModelFault.DATE: dates_supported(text, evidence),
            ModelFault.FORCE: forces_supported(text, all_cited, self.gazetteer),
            ModelFault.NAME: names_supported(text, all_cited, self.gazetteer, self.lexicon),
            ModelFault.GRADE: grades_supported(statement, evidence, self.lexicon),
            ModelFault.NEGATION: negation_supported(statement, evidence, self.lexicon),
            ModelFault.MODALITY: modality_supported(statement, evidence, self.lexicon),
            ModelFault.QUANTITY: quantity_supported(statement, evidence, self.lexicon),
            ModelFault.DIRECTION: direction_supported(statement, evidence, self.lexicon),
            ModelFault.WORDS: share_of_words(statement, evidence, self.lexicon) >= MIN_SHARE_OF_WORDS,
        }
        return tuple(fault for fault, is_supported in supported.items() if not is_supported)


def is_well_formed(text: str) -> bool:
    """Whether a text is one or two plain sentences of printable Latin text, mostly letters."""
    return (
        0 < len(text) <= MAX_STATEMENT_CHARACTERS
        and text == clean(text)
        and _PLAIN.fullmatch(text) is not None
        and _ADDRESS.search(text) is None
        and _FIRST_OR_SECOND_PERSON.search(text) is None
        and len(_SENTENCE_BREAK.findall(text)) < MAX_STATEMENT_SENTENCES
        and sum(character.isalpha() for character in text) > len(text) / 2
    )
