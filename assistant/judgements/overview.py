"""The overview: for each force and period and each theme, how the sentences held judge; and those sentences.

A number is of sentences in which the rules see praise or concern. It is never a finding: those are the sentences.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import Citation
from assistant.answer_layout import Place
from assistant.filter import Filter
from assistant.judgements.by_transcript import Judged, Judgements
from assistant.judgements.praise_and_concern import Side, Term
from assistant.judgements.themes import all_themes
from assistant.sources import Held, citation_of


@dataclass(frozen=True, slots=True)
class Cell:
    """How many sentences on one theme praise, are concerned, do both, or are not seen to judge; and the terms named."""

    theme: str
    praise: int = 0
    concern: int = 0
    both: int = 0
    other: int = 0
    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.praise or self.concern or self.both or self.other)

    @property
    def shade(self) -> str:
        """The one word for the cell's judgements: `praise`, `concern`, `both`, `other` or `none`."""
        if self.both or (self.praise and self.concern):
            return "both"
        if self.praise or self.concern:
            return "praise" if self.praise else "concern"
        return "other" if self.other else "none"


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One force and period, a cell a theme, in the themes' order."""

    place: Place
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class OpenedCell:
    """One sentence of a cell: its citation, which way it judges the theme, what it names, and the sentence before it
    where it would be misread alone.
    """

    citation: Citation
    side: Side | None
    term: Term | None
    before: str


def places_held(judgements: Judgements, within: Filter) -> tuple[Place, ...]:
    """The forces and periods that a filter lets through, in order. Raises `FilterError` as `Judgements.held` does."""
    held = judgements.held(within)
    return tuple(Place(force=force, period=period) for force, period in dict.fromkeys(map(_place, held)))


def row_of(judgements: Judgements, place: Place) -> OverviewRow:
    """The row of one force and period."""
    judged = [one for held in _held_at(judgements, place) for one in judgements.of(held.transcript_id)]
    return OverviewRow(place, tuple(_cell(theme.key, judged) for theme in all_themes()))


def opened(judgements: Judgements, place: Place, theme: str) -> tuple[OpenedCell, ...]:
    """The sentences of one cell in the order of their sources, their citations numbered from 1."""
    found = judgements.on_pages(_held_at(judgements, place))
    here = [(page, one) for page, one in found if theme in one.themes]
    return tuple(
        OpenedCell(citation_of(page, one.sentence, number), one.side_on(theme), one.stated.term, one.text_before)
        for number, (page, one) in enumerate(here, 1)
    )


def _held_at(judgements: Judgements, place: Place) -> list[Held]:
    return [one for one in judgements.held(Filter()) if _place(one) == (place.force, place.period)]


def _place(held: Held) -> tuple[str, str]:
    return held.force, held.period


def _cell(theme: str, judged: Sequence[Judged]) -> Cell:
    here = [one for one in judged if theme in one.themes]
    sides = Counter(one.side_on(theme) for one in here)
    named = {one.stated.term for one in here}
    terms = tuple(term for term in Term if term in named)
    return Cell(theme, sides[Side.PRAISE], sides[Side.CONCERN], sides[Side.BOTH], sides[None], terms)
