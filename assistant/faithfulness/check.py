"""A statement held against the sentences it cites: what of it they do not bear out.

Rules over words, and no proof: a statement that passes holds no number, date, name, force, grade, denial, modal,
quantity or direction that its sentences lack, and is nearly all in their words. Words of theirs put together anew can
still mislead, which is why a statement is never shown without its sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.answer import Citation, ModelFault
from assistant.faithfulness.evidence import evidence_of
from assistant.faithfulness.lexicon import ClaimWords, claim_words
from assistant.faithfulness.names import dates_borne_out, forces_borne_out, names_borne_out, numbers_borne_out
from assistant.faithfulness.parse import read
from assistant.faithfulness.wording import (
    denials_borne_out,
    directions_borne_out,
    grades_borne_out,
    modals_borne_out,
    quantities_borne_out,
    share_of_words,
)
from index.sources.gazetteer import Gazetteer
from index.text.normalise import clean

LONGEST = 320  # characters of a statement
ENOUGH = 0.6  # share of a statement's content words that its sentences must hold; chosen on tests/claims
# Latin letters with their usual accents, digits and the marks of plain prose: no markup, no address, no other script.
_PLAIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ž0-9 .,;:'\"()/%£&-]+")
_ADDRESS = re.compile(
    r"//|www\.|\b[\w-]+\.(com|org|net|uk|gov|io|co|info|example|invalid|test)\b|\bmailto:", re.IGNORECASE
)
# A summary speaks of the inspector, and to nobody: "I" would be the model, and "you" the reader.
_PERSON = re.compile(r"\b(I|me|my|mine|we|us|our|ours|you|your|yours)\b", re.IGNORECASE)
_MORE_SENTENCES = re.compile(r"[.]\s+[A-Z]")
_SENTENCES = 2


@dataclass(frozen=True, slots=True)
class Guards:
    """Holds statements against citations. `gazetteer` knows the forces held."""

    gazetteer: Gazetteer
    lexicon: ClaimWords = field(default_factory=claim_words, repr=False)

    def faults(self, text: str, citations: Sequence[Citation]) -> tuple[ModelFault, ...]:
        """Everything in a statement that its citations do not bear out; none for one that may be shown."""
        if not well_formed(text):
            return (ModelFault.FORM,)
        whole = evidence_of(citations, self.lexicon, self.gazetteer)
        evidence = whole.about(text, self.gazetteer)
        said = read(text, self.lexicon)
        borne_out = {
            ModelFault.NUMBER: numbers_borne_out(text, evidence, self.lexicon),
            ModelFault.DATE: dates_borne_out(text, evidence),
            ModelFault.FORCE: forces_borne_out(text, whole, self.gazetteer),
            ModelFault.NAME: names_borne_out(text, whole, self.gazetteer, self.lexicon),
            ModelFault.GRADE: grades_borne_out(said, evidence, self.lexicon),
            ModelFault.NEGATION: denials_borne_out(said, evidence, self.lexicon),
            ModelFault.MODALITY: modals_borne_out(said, evidence, self.lexicon),
            ModelFault.QUANTITY: quantities_borne_out(said, evidence, self.lexicon),
            ModelFault.DIRECTION: directions_borne_out(said, evidence, self.lexicon),
            ModelFault.WORDS: share_of_words(said, evidence, self.lexicon) >= ENOUGH,
        }
        return tuple(fault for fault, held in borne_out.items() if not held)


def well_formed(text: str) -> bool:
    """Whether a text is one or two plain sentences, exactly as it would be shown."""
    return (
        0 < len(text) <= LONGEST
        and text == clean(text)
        and _PLAIN.fullmatch(text) is not None
        and _ADDRESS.search(text) is None
        and _PERSON.search(text) is None
        and len(_MORE_SENTENCES.findall(text)) < _SENTENCES
        and sum(character.isalpha() for character in text) > len(text) / 2
    )
