"""Choices: the questions that one which can be read in several ways may mean, each of them complete.

A name that could be several forces' is written out; a question that names no force or no period, where each held would
answer differently, is asked of each.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.query.question import Question
from assistant.query.scope import Holdings

MOST = 8  # choices that are quicker to read than to type


def choices_of(question: Question, holdings: Holdings, among: Sequence[str] = ()) -> tuple[str, ...]:
    """The complete questions that an ambiguous one may mean; none where they are too many, or are not known.

    `among` are the forces whose assessments hold an answer, where that is known.
    """
    scope, alone = question.scope, question.standalone
    if scope.ambiguous:
        start, end = scope.spans[0]
        return _few([alone[:start] + name + alone[end:] for name in scope.choices])
    if not question.concepts:  # it does not say what it is about, and no force would make it do so
        return ()
    return _few([f"{alone} ({name})" for name in among or _lacking(question, holdings)])


def _lacking(question: Question, holdings: Holdings) -> list[str]:
    """The forces of which one is to be named; where only one is looked at, its periods."""
    forces = [force for force in holdings.forces_of(question.scope.places) if force]
    places = question.scope.places or range(len(holdings.transcripts))
    return forces if len(forces) > 1 else [period.label for period in holdings.periods_of(places)]


def _few(questions: list[str]) -> tuple[str, ...]:
    return tuple(questions) if 1 < len(questions) <= MOST else ()
