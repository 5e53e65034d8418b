"""Counts, for each force, period and theme, how the sentences judge, and lists those sentences.

A count is of sentences in which the rules recognise praise or concern. The findings are the sentences, not the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import Citation
from assistant.answer_layout import Place
from assistant.filter import Filter
from assistant.judgements.by_transcript import JudgedSentence, Judgements
from assistant.judgements.praise_and_concern import CONCERNS, Side
from assistant.sources import cite
from assistant.work import checked
from index.published.generation import IndexedTranscript
from index.records.record import RecordKind


@dataclass(frozen=True, slots=True)
class Cell:
    """How many sentences on one theme praise, state a concern, do both or do neither, and which terms they name."""

    theme: str
    praise: int = 0
    concern: int = 0
    both: int = 0
    other: int = 0
    terms: tuple[RecordKind, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.praise or self.concern or self.both or self.other)

    @property
    def shade(self) -> str:
        """The cell's judgements in one word: `praise`, `concern`, `both`, `other` or `none`."""
        if self.both or (self.praise and self.concern):
            return "both"
        if self.praise or self.concern:
            return "praise" if self.praise else "concern"
        return "other" if self.other else "none"


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One force and period, with one cell for each theme, in the order of the themes."""

    place: Place
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class CellSentence:
    """One sentence of a cell: its citation, which way it judges the theme, and the term it names.

    `before` is the sentence before it if it would be misread alone; else empty.
    """

    citation: Citation
    side: Side | None
    term: RecordKind | None
    before: str


def places_within(judgements: Judgements, within: Filter) -> tuple[Place, ...]:
    """The forces and periods that a filter allows, in order. Raises `FilterError` as `Judgements.transcripts` does."""
    transcripts = judgements.transcripts(within)
    return tuple(Place(force=force, period=period) for force, period in dict.fromkeys(map(_place, transcripts)))


def row_of(judgements: Judgements, place: Place) -> OverviewRow:
    """The row of one force and period."""
    judged = _judged_at(judgements, place)
    return OverviewRow(place, tuple(_cell(judgements, theme.key, judged) for theme in judgements.themes))


def sentences_of_cell(judgements: Judgements, place: Place, theme: str) -> tuple[CellSentence, ...]:
    """The sentences of one cell in the order of their sources, their citations numbered from 1."""
    on_theme = [judged for judged in _judged_at(judgements, place) if theme in judged.themes]
    stored = judgements.sources.reread([judged.sentence for judged in on_theme])
    return tuple(
        CellSentence(cite(sentence, number), judgements.side_on(judged, theme), judged.stated.term, judged.text_before)
        for number, (sentence, judged) in enumerate(zip(stored, checked(on_theme), strict=True), 1)
    )


def _judged_at(judgements: Judgements, place: Place) -> list[JudgedSentence]:
    at_place = _transcripts_at(judgements, place)
    return [sentence for transcript in at_place for sentence in judgements.of(transcript.id)]


def _transcripts_at(judgements: Judgements, place: Place) -> list[IndexedTranscript]:
    everything = judgements.transcripts(Filter())
    return [transcript for transcript in everything if _place(transcript) == (place.force, place.period)]


def _place(transcript: IndexedTranscript) -> tuple[str, str]:
    return transcript.force, transcript.period


def _cell(judgements: Judgements, theme: str, judged: Sequence[JudgedSentence]) -> Cell:
    on_theme = [sentence for sentence in judged if theme in sentence.themes]
    sides = Counter(judgements.side_on(sentence, theme) for sentence in on_theme)
    named = {sentence.stated.term for sentence in on_theme}
    terms = tuple(term for term in CONCERNS if term in named)
    return Cell(theme, sides[Side.PRAISE], sides[Side.CONCERN], sides[Side.BOTH], sides[None], terms)
