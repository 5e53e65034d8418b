"""Puts the newest first: of what several documents say of one thing, and of the praise and concern in one of them.

What is older stands beside what is newer and is never shown alone. A question about how things are now is answered from
the newest document that speaks of the thing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from assistant.judgements.praise_and_concern import Side, StatedJudgement
from assistant.question.intent import AnswerKind, contains_kind
from assistant.question.question import Question
from assistant.retrieval.evidence import RankedCandidates

MIN_SHARE_OF_BEST = 0.25  # of the highest probability, from which a candidate speaks of the thing asked about
MIN_PROBABILITY = 0.05  # below it none does
MIN_COSINE = 0.6  # of the vectors of two sentences that state the same thing of different times
MIN_OTHER_SIDE_COSINE = 0.35  # of a sentence of praise and one of concern about the same thing
MAX_BESIDE = 6  # sentences of other times, shown beside those chosen

Floats = NDArray[np.float32]


def of_newest(question: Question, ranked: RankedCandidates, probability: Floats) -> Floats:
    """The probability (n,) of each candidate, 0 for one with a newer document of the same force on the same thing.

    A candidate that states what a more probable one states of another time is as probable as that one.
    """
    stated = np.where(probability > 0, _of_same_thing(ranked, probability), 0.0).astype(np.float32)
    newest: dict[str, int] = {}
    groups = _groups(question, ranked)
    for position in np.flatnonzero(_speaking(stated)).tolist():
        newest[groups[position]] = max(newest.get(groups[position], 0), int(ranked.days[position]))
    current = [newest.get(group, 0) == day for group, day in zip(groups, ranked.days.tolist(), strict=True)]
    return np.where(current, stated, 0.0).astype(np.float32)


def _of_same_thing(ranked: RankedCandidates, probability: Floats) -> Floats:
    """The highest probability of a candidate that states the same thing as each: (n,)."""
    alike = ranked.vectors @ ranked.vectors.T >= MIN_COSINE
    np.fill_diagonal(alike, val=True)
    return np.asarray(np.where(alike, probability[np.newaxis, :], 0.0).max(axis=1), dtype=np.float32)


def newest_first(ranked: RankedCandidates, positions: Sequence[int]) -> list[int]:
    """The positions by force in reading order, and of each force the newest first."""
    first_row: dict[str, int] = {}
    for position in ranked.in_reading_order(positions):
        first_row.setdefault(ranked.forces[position], int(ranked.rows[position]))
    return sorted(
        positions,
        key=lambda position: (
            first_row[ranked.forces[position]],
            -int(ranked.days[position]),
            int(ranked.rows[position]),
        ),
    )


def beside(
    question: Question,
    ranked: RankedCandidates,
    probability: Floats,
    chosen: Sequence[int],
    read: Callable[[str], StatedJudgement],
) -> list[int]:
    """The positions of the candidates that state what a chosen one states, of another time: the nearest of each.

    Only judgements, grades and figures are compared. `read` says what a sentence states.
    """
    if question.names_a_time or len(question.scope.parts) > 1:
        return []
    groups = _groups(question, ranked)
    found: dict[int, None] = {}
    for one in (position for position in chosen if ranked.days[position]):
        kind = _kind(question, ranked.texts[one], read)
        cosine = ranked.vectors @ ranked.vectors[one]
        dated = (probability > 0) & (cosine >= MIN_COSINE) & (ranked.days > 0) & (ranked.days != ranked.days[one])
        seen = {int(ranked.days[one])}
        for other in sorted(np.flatnonzero(dated).tolist(), key=lambda position: -float(cosine[position])):
            if not kind or groups[other] != groups[one] or int(ranked.days[other]) in seen:
                continue
            if _kind(question, ranked.texts[other], read) == kind:
                seen.add(int(ranked.days[other]))
                found[other] = None
    return [position for position in found if position not in chosen][:MAX_BESIDE]


def other_side(
    question: Question,
    ranked: RankedCandidates,
    probability: Floats,
    chosen: Sequence[int],
    read: Callable[[str], StatedJudgement],
) -> list[int]:
    """The position of the most probable candidate that judges the other way, where all that are chosen judge one way.

    None unless the question asks how good something is. One of the newest document chosen goes before all others.
    """
    if not question.asks_about_quality or not chosen:
        return []
    sides = {read(ranked.texts[position]).side for position in chosen} - {None}
    if len(sides) != 1 or Side.BOTH in sides:
        return []
    newest = max(int(ranked.days[position]) for position in chosen)
    able = [position for position in np.flatnonzero(_speaking(probability)).tolist() if position not in chosen]
    for position in sorted(able, key=lambda position: int(ranked.days[position]) != newest):  # the most probable first
        side = read(ranked.texts[position]).side
        if side is not None and side not in sides and _is_near(ranked, position, chosen, MIN_OTHER_SIDE_COSINE):
            return [position]
    return []


def _speaking(probability: Floats) -> NDArray[np.bool_]:
    """Which candidates are probable enough to speak of the thing asked about: (n,)."""
    floor = max(MIN_PROBABILITY, MIN_SHARE_OF_BEST * float(probability.max(initial=0.0)))
    return np.asarray(probability >= floor, dtype=np.bool_)


def _groups(question: Question, ranked: RankedCandidates) -> list[str]:
    """The force that each candidate is compared within: its own; that of the question, if it asks about only one."""
    asked = question.scope.forces
    return [asked[0] if len(asked) == 1 else force for force in ranked.forces]


def _is_near(ranked: RankedCandidates, position: int, chosen: Iterable[int], cosine: float) -> bool:
    return any(float(ranked.vectors[position] @ ranked.vectors[one]) >= cosine for one in chosen)


def _kind(question: Question, text: str, read: Callable[[str], StatedJudgement]) -> str:
    """What a sentence states that changes with time: a figure, a grade or a judgement; empty for anything else."""
    has_figure = contains_kind(AnswerKind.NUMBER, text, question.intent) is True
    if has_figure and question.intent.kind is AnswerKind.NUMBER:
        return "figure"
    stated = read(text)
    if stated.grades:
        return "grade"
    if stated.side is not None:
        return "judgement"
    return "figure" if has_figure else ""
