"""The sentences that a statement cites, parsed, each with its force, period and title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.answer import Citation
from assistant.faithfulness.lexicon import ClaimWords
from assistant.faithfulness.numbers import DateMention, Number, changes_in, months_in, numbers_in, ratios_in
from assistant.faithfulness.parse import ParsedText, parse_text
from index.sources.dates import find_periods
from index.sources.gazetteer import Gazetteer
from index.text.normalise import clean
from index.text.transcript import Period


@dataclass(frozen=True)
class CitedSentence:
    """One cited sentence, parsed."""

    quote: str
    force: str
    period: str
    title: str
    forces: frozenset[str]  # that the sentence itself names
    parsed: ParsedText

    @cached_property
    def numbers(self) -> list[Number]:
        return numbers_in(self.quote, pronouns=True)

    @cached_property
    def months(self) -> list[DateMention]:
        return months_in(self.quote)

    @cached_property
    def ordered_pairs(self) -> list[tuple[str, str]]:
        """Pairs of values in the order given: from one to another, or one out of another."""
        return [*changes_in(self.quote), *ratios_in(self.quote)]

    @cached_property
    def metadata(self) -> str:
        return f"{self.force} {self.period} {self.title}"

    def concerns(self, forces: set[str]) -> bool:
        """Whether the sentence is about one of the forces, or names one."""
        return self.force in forces or not forces.isdisjoint(self.forces)


@dataclass(frozen=True, slots=True)
class CitedEvidence:
    """The sentences that one statement cites."""

    sentences: tuple[CitedSentence, ...]

    @property
    def parsed(self) -> list[ParsedText]:
        return [sentence.parsed for sentence in self.sentences]

    def stems(self, *, negated: bool) -> frozenset[str]:
        """Stems that are negated in any sentence, or that are not."""
        return frozenset(stem for sentence in self.sentences for stem in sentence.parsed.stems(negated=negated))

    def relevant_to(self, text: str, gazetteer: Gazetteer) -> CitedEvidence:
        """The sentences about the forces and periods that a text names; all of them where that leaves none."""
        forces = {force for mention in gazetteer.find(text) for force in mention.forces}
        periods = _periods_in(text)
        of_forces = [sentence for sentence in self.sentences if not forces or sentence.concerns(forces)]
        of_periods = [sentence for sentence in of_forces if periods & _periods_in(sentence.period)]
        return CitedEvidence(tuple(of_periods or of_forces) or self.sentences)


def cited_evidence(citations: Sequence[Citation], lexicon: ClaimWords, gazetteer: Gazetteer) -> CitedEvidence:
    """The cited sentences, parsed."""
    return CitedEvidence(tuple(_cited_sentence(citation, lexicon, gazetteer) for citation in citations))


def _cited_sentence(citation: Citation, lexicon: ClaimWords, gazetteer: Gazetteer) -> CitedSentence:
    quote = clean(citation.quote)
    forces = frozenset(force for mention in gazetteer.find(quote) for force in mention.forces)
    parsed = parse_text(quote, lexicon)
    return CitedSentence(quote, citation.force, citation.period, citation.title, forces, parsed)


def _periods_in(text: str) -> set[Period]:
    return {mention.period for mention in find_periods(text)}
