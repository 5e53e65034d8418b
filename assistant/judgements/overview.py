"""Counts, for each force, period and theme, how the sentences judge, and lists those sentences; and the grades given.

A count is of sentences in which the rules recognise praise or concern, or of formal records. The findings are the
sentences, not the counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.answer import Citation
from assistant.answer_layout import Place
from assistant.filter import Filter
from assistant.judgements.by_transcript import JudgedSentence, Judgements
from assistant.judgements.grades import has_five_grades
from assistant.judgements.praise_and_concern import CONCERNS, Side
from assistant.judgements.register import RegisterEntry, register_of
from assistant.judgements.themes import Themes
from assistant.sources import cite
from assistant.work import checked
from index.published.generation import IndexedTranscript
from index.records.record import FormalRecord, RecordKind, RecordStatus
from index.text.words import GRADES

PILLARS = ("effectiveness", "efficiency", "legitimacy", "leadership")
OTHER_GRADED = "other"  # what is neither a pillar nor a theme
COUNTED = (RecordKind.CAUSE_OF_CONCERN, RecordKind.AREA_FOR_IMPROVEMENT)


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


@dataclass(frozen=True, slots=True)
class GradedCell:
    """The grades that one force got for one pillar or theme in one period, the best first; usually one.

    `change` is `better`, `worse` or `same` than in `since`, the last period in which the force got one grade for it on
    the same scale; both are empty if there is none.
    """

    graded: str
    grades: tuple[str, ...] = ()
    change: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class GradesRow:
    """The grades of one force and period, a cell for each of what is graded, and the number of records of a kind."""

    place: Place
    cells: tuple[GradedCell, ...]
    counts: Mapping[RecordKind, int]


@dataclass(frozen=True, slots=True)
class GradesTable:
    """What is graded, pillars first, and a row for each force and period; whether these had two scales of grades."""

    graded: tuple[str, ...]
    rows: tuple[GradesRow, ...]
    has_two_scales: bool

    def __bool__(self) -> bool:
        return any(cell.grades for row in self.rows for cell in row.cells) or self.most > 0

    @property
    def most(self) -> int:
        """The largest number of records of one kind in a row; 0 where there are none."""
        return max((number for row in self.rows for number in row.counts.values()), default=0)

    @property
    def is_of_one_force(self) -> bool:
        """Whether all rows are periods of one force, so that they can be read as a change over time."""
        forces = {row.place.force for row in self.rows}
        return len(forces) == 1 < len(self.rows) and "" not in forces


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


def grades_table(judgements: Judgements, places: Sequence[Place]) -> GradesTable:
    """The grades, causes of concern and areas for improvement of the places, which are in order of force and time."""
    themes, found = judgements.themes, {place: _records_at(judgements, place) for place in places}
    given = {place: _grades_given(records, themes) for place, records in found.items()}
    order = (*PILLARS, *(theme.key for theme in themes if theme.key not in PILLARS), OTHER_GRADED)
    graded = tuple(key for key in order if any(key in grades for grades in given.values()))
    five = {place: _has_five_grades(judgements, place) for place in places}
    rows = tuple(
        GradesRow(
            place,
            tuple(_graded_cell(key, place, _comparable(place, places[:number], five), given) for key in graded),
            {kind: _made(found[place], kind) for kind in COUNTED},
        )
        for number, place in enumerate(places)
    )
    return GradesTable(graded, rows, {True, False} <= set(five.values()))


def _comparable(place: Place, before: Sequence[Place], five: Mapping[Place, bool | None]) -> list[Place]:
    """Those of the places before it that have its force and its scale of grades, the last first."""
    return [
        earlier
        for earlier in reversed(before)
        if earlier.force == place.force and five[earlier] is five[place] is not None
    ]


def _made(records: Sequence[FormalRecord], kind: RecordKind) -> int:
    return sum(record.kind is kind and record.status is RecordStatus.MADE for record in records)


def entries_of_grade(judgements: Judgements, place: Place, graded: str) -> tuple[RegisterEntry, ...]:
    """The records that give a pillar or theme its grades at a place, with their full text; the best grade first."""
    transcripts = tuple(transcript.id for transcript in _transcripts_at(judgements, place))
    if not transcripts:
        return ()
    entries = register_of(judgements, Filter(transcripts=transcripts), (RecordKind.GRADE,)).entries
    of_it = [entry for entry in entries if graded_by(entry.record, judgements.themes) == graded]
    return tuple(sorted(of_it, key=lambda entry: GRADES.index(entry.record.grade)))


def graded_by(record: FormalRecord, themes: Themes) -> str:
    """What a grade is given to: a pillar, the key of a theme, or `OTHER_GRADED`. Empty for what gives no grade."""
    if record.kind is not RecordKind.GRADE or record.status is not RecordStatus.MADE or record.grade not in GRADES:
        return ""
    name = record.subject.lower().removeprefix("the ").strip()
    if name in PILLARS:
        return name
    named = themes.named(record.subject) or tuple(key for head in record.section[-1:] for key in themes.named(head))
    return named[0] if named else OTHER_GRADED


def _graded_cell(
    graded: str, place: Place, earlier: Sequence[Place], given: Mapping[Place, Mapping[str, tuple[str, ...]]]
) -> GradedCell:
    """The cell of a place; `earlier` are those of its force that can be compared with it, the last first."""
    grades = given[place].get(graded, ())
    since = next((then for then in earlier if len(given[then].get(graded, ())) == 1), None)
    if len(grades) != 1 or since is None:
        return GradedCell(graded, grades)
    now, then = GRADES.index(grades[0]), GRADES.index(given[since][graded][0])
    return GradedCell(graded, grades, "better" if now < then else "worse" if now > then else "same", since.period)


def _grades_given(records: Sequence[FormalRecord], themes: Themes) -> dict[str, tuple[str, ...]]:
    """The grades by what they are given to, each once and the best first."""
    given: dict[str, set[str]] = {}
    for record in records:
        key = graded_by(record, themes)
        if key:
            given.setdefault(key, set()).add(record.grade)
    return {key: tuple(grade for grade in GRADES if grade in grades) for key, grades in given.items()}


def _records_at(judgements: Judgements, place: Place) -> list[FormalRecord]:
    at_place = _transcripts_at(judgements, place)
    return [record for transcript in at_place for record in judgements.records_of(transcript.id)]


def _has_five_grades(judgements: Judgements, place: Place) -> bool | None:
    """Whether a place has the scale of five grades; None where its period does not say."""
    scales = {has_five_grades(transcript.metadata.period) for transcript in _transcripts_at(judgements, place)}
    return scales.pop() if len(scales) == 1 else None


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
