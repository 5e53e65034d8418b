"""Routing: questions that no sentence of an assessment can answer, recognised before anything is searched."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from assistant.answer import Status
from assistant.query.kind import Kind
from assistant.query.question import Question
from assistant.query.scope import Holdings


def refused(question: Question, holdings: Holdings) -> Status | None:
    """The status of a question that is not to be searched, or None.

    Opinions and predictions are recognised only where assessments of forces are held: in other collections "will"
    and "should" ask for what a text says.
    """
    scope = question.scope
    if scope.ambiguous:
        return Status.AMBIGUOUS
    if scope.outside and not scope.parts:
        return Status.OUTSIDE_FILTER
    if not holdings.by_force:
        return None
    if _opinion().search(question.standalone.lower().replace("’", "'")):
        return Status.OPINION_OR_PREDICTION
    if scope.missing_forces and not scope.forces and not question.which_force and not question.may_be_mentioned:
        return Status.FORCE_NOT_HELD
    return Status.AMBIGUOUS if _says_too_little(question, holdings) or _needs_a_scope(question, holdings) else None


def _says_too_little(question: Question, holdings: Holdings) -> bool:
    """A question without a word of what it is about, where that is not the one assessment there is."""
    alone = question.asks_for_overview and len(holdings.transcripts) == 1
    return not (question.concepts or question.about_itself or question.scope.named or alone)


def _needs_a_scope(question: Question, holdings: Holdings) -> bool:
    """A question that any of several assessments would answer, each differently: "What was the grade?"."""
    several = len(holdings.transcripts) > 1
    unlimited = not question.scope.of_one_force and not question.which_force and not question.scope.missing_forces
    generic = question.wanted.kind is Kind.GRADE or question.judgement is not None
    nothing_else = question.about_itself or (generic and not question.has_topic)
    return several and unlimited and nothing_else


@cache
def _opinion() -> re.Pattern[str]:
    data = tomllib.loads((resources.files("assistant") / "data" / "routing.toml").read_text(encoding="utf-8"))
    return re.compile("|".join(f"(?:{pattern})" for pattern in (*data["opinion"], *data["prediction"])))
