"""What a statement is held against: the sentences it cites, and the force and period each of them is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.answer import Citation
from assistant.faithfulness.lexicon import ClaimWords
from assistant.faithfulness.numbers import DateMention, Number, cleaned, courses_in, figures_in, moments_in, shares_in
from assistant.faithfulness.parse import ParsedText, read
from index.sources.dates import find_periods
from index.sources.gazetteer import Gazetteer


@dataclass(frozen=True)
class Source:
    """One cited sentence, read."""

    quote: str
    force: str
    period: str
    title: str
    forces: frozenset[str]  # named in the sentence itself
    read: ParsedText

    @cached_property
    def figures(self) -> list[Number]:
        return figures_in(self.quote, pronouns=True)

    @cached_property
    def moments(self) -> list[DateMention]:
        return moments_in(self.quote)

    @cached_property
    def courses(self) -> list[tuple[str, str]]:
        return [*courses_in(self.quote), *shares_in(self.quote)]

    @cached_property
    def about(self) -> str:
        """What is known of the sentence besides its words."""
        return f"{self.force} {self.period} {self.title}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The sentences of one statement."""

    sources: tuple[Source, ...]

    @property
    def reads(self) -> list[ParsedText]:
        return [source.read for source in self.sources]

    def stems(self, *, denied: bool) -> frozenset[str]:
        """Stems that are denied, or are not, in any sentence."""
        return frozenset(stem for source in self.sources for stem in source.read.stems(denied=denied))

    def about(self, text: str, gazetteer: Gazetteer) -> Evidence:
        """The sentences of the forces and periods that a text names; all where none is of them."""
        forces = {force for mention in gazetteer.find(text) for force in mention.forces}
        periods = {mention.period for mention in find_periods(text)}
        kept = [one for one in self.sources if not forces or one.force in forces or forces & one.forces]
        named = [one for one in kept if any(mention.period in periods for mention in find_periods(one.period))]
        return Evidence(tuple(named or kept) or self.sources)


def evidence_of(citations: Sequence[Citation], lexicon: ClaimWords, gazetteer: Gazetteer) -> Evidence:
    """The evidence that citations make."""
    return Evidence(tuple(_source(citation, lexicon, gazetteer) for citation in citations))


def _source(citation: Citation, lexicon: ClaimWords, gazetteer: Gazetteer) -> Source:
    quote = cleaned(citation.quote)
    forces = frozenset(force for mention in gazetteer.find(quote) for force in mention.forces)
    return Source(quote, citation.force, citation.period, citation.title, forces, read(quote, lexicon))
