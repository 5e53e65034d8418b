"""Outcomes of what was found: the chosen sentences as statements, by force and period, or as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from assistant.answer import Citation, Status
from assistant.evidence import Choice
from assistant.extract import cite, compose
from assistant.finder import Finder, Found
from assistant.phrasebook import load_phrasebook
from assistant.query.demand import Demand
from assistant.query.kind import Kind
from assistant.query.question import Question
from assistant.query.scope import Holdings, Part
from assistant.reasons import Outcome
from assistant.sweep import Swept
from assistant.tally import coverage_of, in_order, notes_on, table_of
from index.catalogue import StoredSentence

LARGEST = 600  # sentences of one answer; where more state what was asked, the likeliest of each force and period do


def all_stated(question: Question, demand: Demand, finder: Finder, holdings: Holdings) -> Outcome | None:
    """Everything that states what a question asks for all of; None where nothing does."""
    swept = finder.every(question, demand)
    loose = demand.in_other_words() if not len(swept.rows) else None
    swept = finder.every(question, loose) if loose else swept
    if not len(swept.rows):
        return None
    stored = finder.sentences(swept.rows)
    most, kept = _likeliest(stored, swept)
    ordered = sorted(kept, key=lambda one: (in_order(one.metadata), one.sentence.transcript_id, one.sentence.ordinal))
    statements, citations = compose(ordered, finder.before(ordered))
    graded = demand.grades or question.wanted.kind is Kind.GRADE
    scales = notes_on(one.metadata.period for one in ordered) if graded else ()
    return Outcome(
        Status.ANSWERED,
        statements=statements,
        citations=citations,
        coverage=coverage_of(citations, question.scope, holdings),
        most=most,
        notes=(*scales, *([load_phrasebook().say("coverage.other_words")] if loose else [])),
        note_sources=_sources_of(scales, question, finder),
    )


def meeting(found: Found, demand: Demand) -> Found:
    """What was found, without the sentences that do not judge or grade as the question asks."""
    places = tuple(place for place in found.choice.places if demand.met_by(found.pool.texts[place]))
    return replace(found, choice=Choice(places))


def chosen(question: Question, found: Sequence[Found], finder: Finder, holdings: Holdings) -> Outcome | None:
    """The chosen sentences of each part; partial when something asked for was not found or is not held.

    A question about "the force" to which several forces' assessments hold an answer is ambiguous.
    """
    parted = sorted(found, key=lambda one: _in_order(one.part, holdings)) if len(found) > 1 else found
    rows = [dict.fromkeys(int(one.pool.rows[place]) for place in one.choice.places) for one in parted]
    flat = list(dict.fromkeys(row for of_part in rows for row in of_part))
    if not flat:
        return None
    stored = finder.sentences(flat)
    forces = tuple(sorted({one.metadata.force for one in stored} - {""}))
    if question.leaves_force_open and len(forces) > 1:
        return Outcome(Status.AMBIGUOUS, among=forces)
    statements, citations = compose(stored, finder.before(stored))
    numbers = {row: statement.citations for row, statement in zip(flat, statements, strict=True)}
    cells = [[number for row in of_part for number in numbers.pop(row, ())] for of_part in rows]
    parts = [one.part for one in parted if one.part is not None]
    missing = [one.part.label for one in found if one.part is not None and not one.choice.places]
    scope = question.scope
    absent = tuple(dict.fromkeys((*scope.missing_forces, *scope.missing_periods, *scope.outside, *missing)))
    scales = notes_on(one.metadata.period for one in stored) if len(parts) > 1 else ()
    return Outcome(
        Status.PARTLY_ANSWERED if absent else Status.ANSWERED,
        statements=statements,
        citations=citations,
        missing=absent,
        table=table_of(parts, cells) if len(parts) > 1 else None,
        notes=scales,
        note_sources=_sources_of(scales, question, finder),
    )


def _sources_of(scales: Sequence[str], question: Question, finder: Finder) -> tuple[Citation, ...]:
    """The sentence that says what the note on scales does, if one is held and let through by the filter."""
    limit = question.scope.limit
    stored = finder.saying_that_scales_changed(limit.places if limit else ()) if scales else []
    return tuple(cite(one, number, context=False) for number, one in enumerate(stored, 1))


def _likeliest(stored: Sequence[StoredSentence], swept: Swept) -> tuple[int, list[StoredSentence]]:
    """Of more than `LARGEST` the likeliest of each force and period, and how many of each; else all, and 0."""
    if len(stored) <= LARGEST:
        return 0, list(stored)
    ranked = sorted(range(len(stored)), key=lambda place: (-float(swept.chance[place]), place))
    of_each: Counter[object] = Counter()
    ranks = np.zeros(len(stored), dtype=np.int64)
    for place in ranked:
        metadata = stored[place].metadata
        of_each[(metadata.force, metadata.period)] += 1
        ranks[place] = of_each[(metadata.force, metadata.period)]
    sizes = np.cumsum(np.bincount(ranks))
    most = max(1, int(np.searchsorted(sizes, LARGEST, side="right")) - 1)
    return most, [one for one, rank in zip(stored, ranks, strict=True) if rank <= most]


def _in_order(part: Part | None, holdings: Holdings) -> tuple[str, int]:
    """Parts in order of force, then of time."""
    if part is None:
        return "", 0
    period = holdings.transcripts[part.places[0]].period if part.period and part.places else None
    return part.force, period.first if period else 0
