"""Arranges an answer by force and period: a list with its coverage, and a comparison as a table.

Coverage says in how many assessments and forces sentences were found. The findings are the quotations, not the counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.answer import Citation
from assistant.answer_layout import Coverage, Group, Place, Row, Table
from assistant.judgements.grades import has_five_grades
from assistant.messages import listed, load_messages
from assistant.question.scope import Corpus, Scope, ScopePart
from index.text.transcript import Metadata, Period


def sort_key(metadata: Metadata) -> tuple[str, int, int, str]:
    """The key that sorts assessments by force, then by time."""
    return metadata.force, *_when(metadata.period), _label(metadata)


def coverage_of(citations: Sequence[Citation], scope: Scope, corpus: Corpus) -> Coverage:
    """The citations, sorted by force and time, in groups by force and period; and the periods without any."""
    groups = tuple(
        Group(force=force, period=period, citations=tuple(citation.number for citation in run))
        for (force, period), run in groupby(citations, key=lambda citation: (citation.force, citation.period))
    )
    searched = _places_searched(scope, corpus)
    return Coverage(
        groups=groups,
        nothing_found=_without(searched, groups),
        held_forces=tuple(dict.fromkeys(place.force for place in searched if place.force)),
        not_held=_missing_forces(scope, corpus),
        unknown_force=len(set(corpus.unknown_force) & set(scope.places or corpus.every_place)),
        found_in_unknown=len({citation.transcript_id for citation in citations if not citation.force}),
    )


def _without(places: Sequence[Place], groups: Sequence[Group]) -> tuple[Place, ...]:
    found = {(group.force, group.period) for group in groups}
    return tuple(place for place in places if (place.force, place.period) not in found)


def _places_searched(scope: Scope, corpus: Corpus) -> list[Place]:
    """The forces and periods in scope, in order, without the transcripts whose force is not known."""
    transcripts = [corpus.transcripts[place] for place in scope.places or corpus.every_place]
    named = sorted((metadata for metadata in transcripts if metadata.force), key=sort_key)
    pairs = dict.fromkeys((metadata.force, _label(metadata)) for metadata in named)
    return [Place(force=force, period=period) for force, period in pairs]


def in_words(coverage: Coverage, scope: Scope, most: int) -> str:
    """In how many of the assessments searched something was found, and in which nothing was.

    `most` is the number of sentences shown of each force and period; 0 where all are.
    """
    words = load_messages()
    if len(coverage.held_forces) > 1:
        empty, searched, found = coverage.empty_forces, len(coverage.held_forces), len(coverage.found_forces)
        name = "coverage.forces_of_period" if scope.periods else "coverage.forces"
    else:
        empty = tuple(" ".join((place.force, place.period)).strip() for place in coverage.nothing_found)
        found = sum(bool(group.force) for group in coverage.groups)
        searched = found + len(empty)
        name = "coverage.assessments"
    sentences = []
    if searched:
        sentences.append(words.say(name, found=f"{found:,}", held=f"{searched:,}", periods=listed(scope.periods)))
    if empty:
        sentences.append(words.say("coverage.nothing", number=f"{len(empty):,}", names=listed(empty)))
        sentences.append(words.say("coverage.meaning"))
    if coverage.unknown_force:
        unknown = words.count("documents", coverage.unknown_force)
        sentences.append(words.say("coverage.unknown_force", documents=unknown, found=f"{coverage.found_in_unknown:,}"))
    if coverage.not_held:
        sentences.append(words.say("coverage.not_held", number=f"{len(coverage.not_held):,}"))
    if most:
        sentences.append(words.say("coverage.limit", number=f"{most:,}"))
    return " ".join(sentences)


@dataclass(frozen=True, slots=True)
class Quoted:
    """What is known of the document of a sentence of the answer, and the numbers of the sentence's citations."""

    metadata: Metadata
    citations: tuple[int, ...]

    @property
    def place(self) -> tuple[str, str]:
        """The force and the period of its document, empty where they are not known."""
        return self.metadata.force, _label(self.metadata)

    def is_of(self, part: ScopePart) -> bool:
        """Whether its document is of the force and the period of a part."""
        force, period = self.place
        return part.force in ("", force) and part.period in ("", period)


def comparison(compared: Sequence[tuple[ScopePart, Sequence[int]]], quoted: Mapping[int, Quoted]) -> Table | None:
    """Several parts of a question as a table, given the rows that answer each, and what is quoted of each row.

    A sentence of two parts is in the first only. A document about many forces may speak of the force of a part: what
    it says has a row of its own, as it is nobody else's assessment. None for fewer than two parts.
    """
    if len(compared) < 2:
        return None
    left = dict(quoted)
    rows: list[Row] = []
    elsewhere: list[Quoted] = []
    for part, answering in compared:
        here = [left.pop(row) for row in dict.fromkeys(answering) if row in left]
        own = [one for one in here if one.is_of(part)]
        elsewhere += [one for one in here if not one.is_of(part)]
        numbers = tuple(number for one in own for number in one.citations)
        rows.append(Row(force=part.force, period=part.period, citations=numbers))
    return Table(rows=(*rows, *_rows_by_place(elsewhere)))


def over_time(quoted: Iterable[Quoted]) -> Table | None:
    """What several inspections of one force say, as a table with a row for each, in the order of the sentences."""
    rows = _rows_by_place(quoted)
    forces = {row.force for row in rows}
    if len(forces) != 1 or "" in forces or len(rows) < 2 or not all(row.period for row in rows):
        return None
    return Table(rows=rows)


def _rows_by_place(quoted: Iterable[Quoted]) -> tuple[Row, ...]:
    """A row for each force and period, in the order in which they are first quoted."""
    numbers: dict[tuple[str, str], tuple[int, ...]] = {}
    for one in quoted:
        numbers[one.place] = (*numbers.get(one.place, ()), *one.citations)
    return tuple(Row(force=force, period=period, citations=cited) for (force, period), cited in numbers.items())


def notes_on(periods: Iterable[Period | None]) -> tuple[str, ...]:
    """The note that the scale of grades changed, if the periods lie on both sides of the change."""
    scales = set(map(has_five_grades, periods))
    return (load_messages().say("coverage.grades"),) if scales >= {True, False} else ()


def _missing_forces(scope: Scope, corpus: Corpus) -> tuple[str, ...]:
    """The territorial forces without an assessment of the periods asked for.

    None where the question names forces, or no territorial force has an assessment. A force that a document of unknown
    force discusses may have one, so it is left out.
    """
    territorial = _territorial_forces(corpus)
    if scope.forces or not any(force in corpus.by_force for force in territorial):
        return ()
    assessed = {
        metadata.force for metadata in corpus.transcripts if not scope.periods or _label(metadata) in scope.periods
    }
    return tuple(force for force in territorial if force not in assessed and force not in corpus.discussed)


def _territorial_forces(corpus: Corpus) -> list[str]:
    gazetteer = corpus.gazetteer
    return sorted(force.name for force in gazetteer.forces if gazetteer.kind(force.name) == "territorial")


def _label(metadata: Metadata) -> str:
    return metadata.period.label if metadata.period else ""


def _when(period: Period | None) -> tuple[int, int]:
    return (period.first, period.last) if period else (0, 0)
