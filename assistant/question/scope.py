"""Resolves which transcripts a question is about, from the forces and years it names.

Nothing is guessed: a force or period asked for that the sources do not have is reported, and a name that could be
several forces' is left to the reader to choose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from assistant.question.forces_asked import ForcesAsked, forces_asked, subjects
from assistant.question.intent import AnswerKind, intent_of
from assistant.question.periods import (
    asks_about_change,
    dated_in,
    inspections_asked,
    may_be_of,
    periods_named,
    years_asked,
)
from index.sources.dates import PeriodMention, recency
from index.sources.forces import Rule
from index.sources.gazetteer import ForceMention, Gazetteer
from index.text.transcript import Metadata, Period


@dataclass(frozen=True, slots=True)
class ScopePart:
    """One force and period a question is about; `places` are indices of transcripts in the generation.

    `year` stands in place of a period that no transcript names: that of the transcripts' own dates.
    """

    places: tuple[int, ...]
    force: str = ""
    period: str = ""
    year: str = ""

    @property
    def label(self) -> str:
        return " ".join(name for name in (self.force, self.period or self.year) if name)


@dataclass(frozen=True, slots=True)
class Scope:
    """The transcripts a question is about. Without parts: all of them.

    `limit` is what a filter allows, `limited_to` that filter in words, and `outside` what was asked for but is excluded
    by the filter. `missing_*` are asked for and not among the sources. `choices` are the forces an ambiguous name may
    mean. `spans` are the stretches of the question that named the scope, so that they are not searched for as words;
    of an ambiguous question, the span of the name. `respelt` are misspelt names, each with the force that
    it was read as.
    """

    parts: tuple[ScopePart, ...] = ()
    forces: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    missing_forces: tuple[str, ...] = ()
    missing_periods: tuple[str, ...] = ()
    ambiguous: str = ""
    choices: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()
    limit: ScopePart | None = None
    limited_to: str = ""
    outside: tuple[str, ...] = ()
    respelt: tuple[tuple[str, str], ...] = ()

    @property
    def named(self) -> bool:
        """Whether the question itself names a force or period that is searched."""
        return any(part is not self.limit for part in self.parts)

    @property
    def of_one_force(self) -> bool:
        """Whether only one force's assessments are searched, or only one assessment."""
        limited = self.limit is not None and bool(self.limit.force or len(self.limit.places) == 1)
        return self.named or limited

    @property
    def is_partly_unavailable(self) -> bool:
        """Whether a force or period asked for is missing from the sources or excluded by the filter."""
        return bool(self.missing_forces or self.missing_periods or self.outside)

    @property
    def is_of_naming(self) -> bool:
        """Whether only the documents of unknown force are searched that name a force without an assessment."""
        return bool(self.missing_forces and self.parts) and not (self.forces or self.periods or self.limit)

    @property
    def years(self) -> tuple[str, ...]:
        """The years whose transcripts are searched by their dates, because none names such a period."""
        return tuple(sorted({part.year for part in self.parts if part.year}))

    @property
    def over_time(self) -> bool:
        """Whether one force is searched over several periods."""
        return len(self.parts) > 1 and len({part.force for part in self.parts}) == 1

    @property
    def places(self) -> tuple[int, ...]:
        """Every transcript in scope, in order; empty when nothing limits the search."""
        parts = self.parts or ((self.limit,) if self.limit else ())
        return tuple(sorted({place for part in parts for place in part.places}))


@dataclass(frozen=True)
class Corpus:
    """The metadata of every transcript searched, by its index in the generation."""

    transcripts: Sequence[Metadata]
    gazetteer: Gazetteer = field(repr=False)

    @classmethod
    def of(cls, transcripts: Sequence[Metadata]) -> Corpus:
        """The corpus of these transcripts; its gazetteer also knows the forces that they name."""
        names = dict.fromkeys(metadata.force for metadata in transcripts if metadata.force)
        discussed = dict.fromkeys(force for metadata in transcripts for force in metadata.forces_discussed)
        return cls(transcripts, Gazetteer.load().with_forces(names).with_forces(discussed, Rule.CAPITAL))

    @property
    def every_place(self) -> range:
        """The indices of all transcripts."""
        return range(len(self.transcripts))

    @cached_property
    def unknown_force(self) -> tuple[int, ...]:
        """Indices of the transcripts whose force is not known."""
        return tuple(place for place in self.every_place if not self.transcripts[place].force)

    @cached_property
    def discussed(self) -> dict[str, tuple[int, ...]]:
        """Indices of the transcripts of unknown force that name a force, by that force."""
        found: dict[str, list[int]] = {}
        for place in self.unknown_force:
            for force in self.transcripts[place].forces_discussed:
                found.setdefault(force, []).append(place)
        return {force: tuple(found[force]) for force in sorted(found)}

    @cached_property
    def by_force(self) -> dict[str, tuple[int, ...]]:
        """Indices of transcripts by force, forces in alphabetical order."""
        found: dict[str, list[int]] = {}
        for place, metadata in enumerate(self.transcripts):
            if metadata.force:
                found.setdefault(metadata.force, []).append(place)
        return {force: tuple(found[force]) for force in sorted(found)}

    @cached_property
    def days(self) -> NDArray[np.int64]:
        """The day by which each transcript is newer or older than others, as an ordinal; 0 where it bears no date."""
        dates = [recency(metadata) for metadata in self.transcripts]
        return np.array([day.toordinal() if day else 0 for day in dates], dtype=np.int64)

    @cached_property
    def periods(self) -> tuple[Period, ...]:
        """The inspection periods of the transcripts, in order of time."""
        known = {metadata.period for metadata in self.transcripts if metadata.period}
        return tuple(sorted(known, key=lambda period: (period.first, period.last)))

    def periods_of(self, places: Sequence[int]) -> tuple[Period, ...]:
        """The inspection periods of some transcripts, in order of time."""
        if len(places) == len(self.transcripts):
            return self.periods
        chosen = {self.transcripts[place].period for place in places}
        return tuple(period for period in self.periods if period in chosen)

    def forces_of(self, places: Sequence[int]) -> tuple[str, ...]:
        """The forces of some transcripts, or of all if none is given; an empty name stands for an unknown force."""
        searched = places or range(len(self.transcripts))
        return tuple(sorted({self.transcripts[place].force for place in searched}))

    def resolve(self, question: str) -> Scope:
        """The scope that a question names."""
        asked = forces_asked(question, self.gazetteer) if self.by_force or self.discussed else ForcesAsked()
        about = subjects(question, asked.mentions, self.by_force)
        unclear = next((mention for mention in about if self._is_unclear(mention)), None)
        if unclear is not None:
            choices = tuple(self._known(unclear)) or unclear.forces
            return Scope(ambiguous=unclear.text, choices=choices, spans=((unclear.start, unclear.end),))
        known, missing = self._forces_named(about)
        missing += asked.unknown
        if not known and (naming := self._naming(missing)):
            respelt = asked.respelt(missing)
            return Scope((ScopePart(naming),), missing_forces=missing, spans=asked.spans(missing), respelt=respelt)
        years = inspections_asked(question) if self.periods or self.by_force else ()
        parts, missing_periods, unplaced = self._parts_named(question, known, years)
        periods = self._periods_of_parts(parts)
        dated = any(part.year for part in parts) and not missing
        unfound = {*missing_periods, *unplaced}
        return Scope(
            parts=tuple(parts) if known or periods or dated else (),
            forces=known,
            periods=periods,
            missing_forces=missing,
            missing_periods=tuple(missing_periods),
            spans=(
                *asked.spans(known),
                *((year.start, year.end) for year in years if year.period.label not in unfound),
                *self._years_inspected(question, parts),
            ),
            respelt=asked.respelt(known),
        )

    def _years_inspected(self, question: str, parts: Sequence[ScopePart]) -> list[tuple[int, int]]:
        """Where a question names a year of what happened in which a transcript in scope has its inspection."""
        periods = [period for part in parts for period in self.periods_of(part.places)]
        return [
            (year.start, year.end)
            for year in years_asked(question)
            if any(period.covers(year.period.first) for period in periods)
        ]

    def _naming(self, forces: Sequence[str]) -> tuple[int, ...]:
        """The transcripts of unknown force that name any of these forces, which have none of their own."""
        return tuple(sorted({place for force in forces for place in self.discussed.get(force, ())}))

    def _forces_named(self, about: Sequence[ForceMention]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The forces mentioned that have transcripts, and those that have none."""
        known = dict.fromkeys(force for mention in about for force in self._known(mention))
        missing = dict.fromkeys(mention.forces[0] for mention in about if not self._known(mention))
        return tuple(known), tuple(missing)

    def _periods_of_parts(self, parts: Sequence[ScopePart]) -> tuple[str, ...]:
        """The labels of the parts' periods, in order of time."""
        labels = {part.period for part in parts}
        return tuple(period.label for period in self.periods if period.label in labels)

    def _known(self, mention: ForceMention) -> list[str]:
        """The forces a mention may mean that have transcripts."""
        return [force for force in mention.forces if force in self.by_force]

    def _is_unclear(self, mention: ForceMention) -> bool:
        """Whether a mention may mean several forces, and not just one that has transcripts."""
        return len(mention.forces) > 1 and len(self._known(mention)) != 1

    def _parts_named(
        self, question: str, forces: Sequence[str], years: Sequence[PeriodMention]
    ) -> tuple[list[ScopePart], list[str], list[str]]:
        """One part for each force and period named; the labels of the periods without a transcript, and of those that
        limit nothing, because no transcript names its period.
        """
        parts: list[ScopePart] = []
        missing: list[str] = []
        unplaced: list[str] = []
        for force in forces or [""]:
            places = tuple(self.every_place)
            if force:  # each row of a comparison has only the force's own transcripts
                places = self._about(force) if len(forces) == 1 else self.by_force[force]
            periods, absent = periods_named(question, years, self.periods_of(places))
            dated: list[ScopePart] = []
            if self._may_mean_any_time(question, places, years):
                unplaced += [label for label in absent if label not in unplaced]
            else:
                dated = self._dated(force, places, [year.period for year in years if year.period.label in absent])
                there = {part.year for part in dated}
                missing += [label for label in absent if label not in missing and label not in there]
            parts += [*(self._parts(question, force, places, periods) if periods or not dated else ()), *dated]
        return parts, missing, unplaced

    def _dated(self, force: str, within: Sequence[int], periods: Sequence[Period]) -> list[ScopePart]:
        """One part for each period that no transcript names, but in whose years some of unknown period are dated."""
        found = {period.label: dated_in(self.transcripts, self.days, within, period) for period in periods}
        return [ScopePart(places, force, year=label) for label, places in found.items() if places]

    def _may_mean_any_time(self, question: str, places: Sequence[int], years: Sequence[PeriodMention]) -> bool:
        """Whether no transcript names its period, so that years asked for limit nothing; a grade is of a dated one."""
        if self.periods_of(places):
            return False
        days = [recency(self.transcripts[place]) for place in places]
        dated = any(day and year.period.covers(day.year) for day in days for year in years)
        return dated or intent_of(question).kind is not AnswerKind.GRADE

    def _about(self, force: str) -> tuple[int, ...]:
        """The transcripts of a force, and those of unknown force that discuss it, in order."""
        return tuple(sorted({*self.by_force[force], *self.discussed.get(force, ())}))

    def _parts(self, question: str, force: str, within: Sequence[int], periods: Sequence[Period]) -> list[ScopePart]:
        """One part for each period named; for a question about change, one for each period of the force."""
        if not periods and force and asks_about_change(question) and len(self.periods_of(self.by_force[force])) > 1:
            own = [place for place in within if self.transcripts[place].force == force]
            return [self._part(force, own, period, certain=True) for period in self.periods_of(own)]
        if not periods:
            return [ScopePart(tuple(within), force)]
        certain = len(periods) > 1 or any(period.label in question for period in periods)
        return [self._part(force, within, period, certain=certain) for period in periods]

    def _part(self, force: str, within: Sequence[int], period: Period, *, certain: bool) -> ScopePart:
        """The transcripts of a period; unless `certain`, those too that may be of it."""
        places = [
            place
            for place in within
            if self.transcripts[place].period == period or (not certain and may_be_of(self.transcripts[place], period))
        ]
        return ScopePart(tuple(places), force, period.label)
