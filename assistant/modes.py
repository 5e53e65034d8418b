"""Outcomes of what was found: the chosen sentences as statements, by force and period, or as a table.

The two-sided overview of a force: what its assessments praise and what they are concerned about, by theme.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.answer import Citation, Statement, Status
from assistant.answer_layout import Aspect, Sides
from assistant.compose import cite, compose
from assistant.coverage import coverage_of, in_order, notes_on, table_of
from assistant.judgements.by_transcript import Judged, Judgements
from assistant.judgements.praise_and_concern import Side
from assistant.judgements.themes import all_themes
from assistant.messages import load_messages
from assistant.outcome import Outcome
from assistant.question.intent import AnswerKind
from assistant.question.question import Question
from assistant.question.routing import asks_for_sides, leaves_the_force_open, themes_asked
from assistant.question.scope import Corpus, ScopePart
from assistant.retrieval.list_all import ListedSentences, ListRequest, lists_all
from assistant.retrieval.retriever import RetrievedPart, Retriever
from assistant.retrieval.selection import Choice
from index.storage.reader import StoredSentence

LARGEST = 600  # sentences of one answer; where more state what was asked, the likeliest of each force and period do


def all_stated(question: Question, demand: ListRequest, finder: Retriever, holdings: Corpus) -> Outcome | None:
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
    graded = demand.grades or question.wanted.kind is AnswerKind.GRADE
    scales = notes_on(one.metadata.period for one in ordered) if graded else ()
    return Outcome(
        Status.ANSWERED,
        statements=statements,
        citations=citations,
        coverage=coverage_of(citations, question.scope, holdings),
        most=most,
        notes=(*scales, *([load_messages().say("coverage.other_words")] if loose else [])),
        note_sources=_sources_of(scales, question, finder),
    )


def meeting(found: RetrievedPart, demand: ListRequest) -> RetrievedPart:
    """What was found, without the sentences that do not judge or grade as the question asks."""
    places = tuple(place for place in found.choice.places if demand.met_by(found.pool.texts[place]))
    return replace(found, choice=Choice(places))


def chosen(question: Question, found: Sequence[RetrievedPart], finder: Retriever, holdings: Corpus) -> Outcome | None:
    """The chosen sentences of each part; partial when something asked for was not found or is not held.

    A question about "the force" to which several forces' assessments hold an answer is ambiguous.
    """
    parted = sorted(found, key=lambda one: _part_order(one.part, holdings)) if len(found) > 1 else found
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


def _sources_of(scales: Sequence[str], question: Question, finder: Retriever) -> tuple[Citation, ...]:
    """The sentence that says what the note on scales does, if one is held and let through by the filter."""
    limit = question.scope.limit
    stored = finder.saying_that_scales_changed(limit.places if limit else ()) if scales else []
    return tuple(cite(one, number, context=False) for number, one in enumerate(stored, 1))


def _likeliest(stored: Sequence[StoredSentence], swept: ListedSentences) -> tuple[int, list[StoredSentence]]:
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


def _part_order(part: ScopePart | None, holdings: Corpus) -> tuple[str, int]:
    """Parts in order of force, then of time."""
    if part is None:
        return "", 0
    period = holdings.transcripts[part.places[0]].period if part.period and part.places else None
    return part.force, period.first if period else 0


MOST = 12  # sentences of one theme and side, where there are more than anyone reads


@dataclass(frozen=True, slots=True)
class _Placed:
    """A sentence in its place: under a theme's key, empty for none, and on a side."""

    theme: str
    side: Side
    judged: Judged


def two_sided(question: Question, judgements: Judgements, finder: Retriever, holdings: Corpus) -> Outcome | None:
    """The overview a question asks for; None where it asks for none, or nothing is found to stand on a side.

    Where several forces are held and it names none, it is asked back.
    """
    if leaves_the_force_open(question, holdings) and not lists_all(question):
        return Outcome(Status.AMBIGUOUS)
    asked = themes_asked(question) if asks_for_sides(question, holdings) else None
    if asked is None:
        return None
    ids = finder.transcripts_in(question.scope.places)
    placed = [one for transcript_id in ids for one in _placed(judgements.of(transcript_id), asked)]
    shown = _by_theme(placed)
    if not shown:
        return None
    stored = finder.held_as([one.judged.sentence for one in shown])
    statements, citations = compose(stored, finder.before(stored))
    most = load_messages().say("sides.most", number=f"{MOST:,}")
    return Outcome(
        Status.ANSWERED,
        statements=statements,
        citations=citations,
        sides=_sides(shown, statements),
        notes=(most,) if len(shown) < len(placed) else (),
    )


def _placed(judged: Iterable[Judged], asked: frozenset[str]) -> list[_Placed]:
    """Each sentence that is on a side, once: under the theme it is most about among those asked for."""
    placed = []
    for one in judged:
        theme = next((theme for theme in (*one.themes, "") if theme in asked), None)
        if theme is not None and one.stated.side is not None:
            placed.append(_Placed(theme, one.stated.side, one))
    return placed


def _by_theme(placed: Sequence[_Placed]) -> list[_Placed]:
    """By theme, then by side, then as they came; of many, those that name a term or give a grade are kept first."""
    themes = [*(theme.key for theme in all_themes()), ""]
    shown: list[_Placed] = []
    for theme in themes:
        for side in Side:
            here = [one for one in placed if (one.theme, one.side) == (theme, side)]
            ranked = sorted(here, key=lambda one: not (one.judged.stated.term or one.judged.stated.grades))
            kept = {id(one) for one in ranked[:MOST]}
            shown += [one for one in here if id(one) in kept]
    return shown


def _sides(shown: Sequence[_Placed], statements: Sequence[Statement]) -> Sides:
    numbers: dict[str, dict[Side, list[int]]] = {}
    for one, statement in zip(shown, statements, strict=True):
        numbers.setdefault(one.theme, {side: [] for side in Side})[one.side] += statement.citations
    return Sides(themes=tuple(_aspect(theme, of_theme) for theme, of_theme in numbers.items()))


def _aspect(theme: str, numbers: Mapping[Side, Sequence[int]]) -> Aspect:
    name = next((one.name for one in all_themes() if one.key == theme), "")
    praise, concern, both = (tuple(numbers[side]) for side in (Side.PRAISE, Side.CONCERN, Side.BOTH))
    return Aspect(theme=name, praise=praise, concern=concern, both=both)
