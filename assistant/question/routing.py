"""Routing: questions that no sentence of an assessment can answer, recognised before anything is searched.

Whether a question asks for both sides of a force: what is good there and what is not. By rule, no model.

Choices: the questions that one which can be read in several ways may mean, each of them complete.

A name that could be several forces' is written out; a question that names no force or no period, where each held would
answer differently, is asked of each.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources

from assistant.answer import Status
from assistant.judgements.themes import all_themes, themes_named
from assistant.question.intent import AnswerKind
from assistant.question.question import Question
from assistant.question.scope import Corpus
from index.published.bm25 import stem, words


def refused(question: Question, holdings: Corpus) -> Status | None:
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


def _says_too_little(question: Question, holdings: Corpus) -> bool:
    """A question without a word of what it is about, where that is not the one assessment there is."""
    alone = question.asks_for_overview and len(holdings.transcripts) == 1
    return not (question.concepts or question.about_itself or question.scope.named or alone)


def _needs_a_scope(question: Question, holdings: Corpus) -> bool:
    """A question that any of several assessments would answer, each differently: "What was the grade?"."""
    several = len(holdings.transcripts) > 1
    unlimited = not question.scope.of_one_force and not question.which_force and not question.scope.missing_forces
    generic = question.wanted.kind is AnswerKind.GRADE or question.judgement is not None
    nothing_else = question.about_itself or (generic and not question.has_topic)
    return several and unlimited and nothing_else


@cache
def _opinion() -> re.Pattern[str]:
    data = tomllib.loads((resources.files("assistant") / "data" / "routing.toml").read_text(encoding="utf-8"))
    return re.compile("|".join(f"(?:{pattern})" for pattern in (*data["opinion"], *data["prediction"])))


_GOOD = r"(?:strengths?|strong points?|good(?: points?| things?)?|positives?|prais\w+|pros|well|best|pleased|successes)"
_BAD = (
    r"(?:weakness(?:es)?|weak points?|concerns?|concerned|bad(?:ly)?(?: points?| things?)?|poor(?:ly)?|negatives?"
    r"|criticis\w+|cons|problems?|failings?|shortcomings?|areas? for improvement|causes? of concern|worst"
    r"|not (?:so )?(?:good|well)|(?:need\w* to|must|should)(?: \w+)? (?:improve|(?:do|get) better))"
)
_JOIN = r"\b[^.?!]{0,30}?(?:\band\b|\bor\b|\bbut\b|\bversus\b|\bvs\b|&|/|,)[^.?!]{0,40}?\b"
_PAIRED = re.compile(rf"\b{_GOOD}{_JOIN}{_BAD}\b|\b{_BAD}{_JOIN}{_GOOD}\b", re.IGNORECASE)
_OVERVIEW = re.compile(r"\boverview\b", re.IGNORECASE)
_SAID_OF_BOTH = (
    "strengths strong positives praise praised pros cons overview weaknesses weak concerns concerned criticisms"
    " criticised negatives problems failings shortcomings points things good well best bad badly poor poorly worst"
    " improve areas causes main key give need successes pleased what"
)
_NO_TOPIC = frozenset(map(stem, words(_SAID_OF_BOTH)))


def asks_for_sides(question: Question, holdings: Corpus) -> bool:
    """Whether a question asks for both sides of one force, or of the only one held."""
    asked = _PAIRED.search(question.standalone) or _OVERVIEW.search(question.standalone)
    return bool(asked) and not _is_elsewhere(question, holdings) and len(holdings.forces_of(question.scope.places)) == 1


def leaves_the_force_open(question: Question, holdings: Corpus) -> bool:
    """Whether a question asks for both sides of a force and does not say which of several, nor of which topic."""
    asked = _PAIRED.search(question.standalone) and not question.topic - _NO_TOPIC and not question.which_force
    return bool(asked) and not _is_elsewhere(question, holdings) and len(holdings.forces_of(question.scope.places)) > 1


def _is_elsewhere(question: Question, holdings: Corpus) -> bool:
    """Whether it is about something that is not looked at, or about several things to be compared."""
    scope = question.scope
    missing = scope.ambiguous or scope.missing_forces or scope.missing_periods or scope.outside
    return bool(missing) or question.about_itself or len(scope.parts) > 1 or not holdings.by_force


def themes_asked(question: Question) -> frozenset[str] | None:
    """The keys of the themes a question is limited to: all where it has no topic; None where its topic is no theme."""
    if not question.topic - _NO_TOPIC:
        return frozenset(theme.key for theme in all_themes()) | {""}
    return frozenset(themes_named(question.standalone)) or None


MOST = 8  # choices that are quicker to read than to type


def choices_of(question: Question, holdings: Corpus, among: Sequence[str] = ()) -> tuple[str, ...]:
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


def _lacking(question: Question, holdings: Corpus) -> list[str]:
    """The forces of which one is to be named; where only one is looked at, its periods."""
    forces = [force for force in holdings.forces_of(question.scope.places) if force]
    places = question.scope.places or range(len(holdings.transcripts))
    return forces if len(forces) > 1 else [period.label for period in holdings.periods_of(places)]


def _few(questions: list[str]) -> tuple[str, ...]:
    return tuple(questions) if 1 < len(questions) <= MOST else ()
