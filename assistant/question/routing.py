"""Chooses the one mode in which a question is answered, before anything is searched.

Opinions, predictions and questions that say too little are refused; a question about the documents themselves, for
both sides of a force, or for all of something has a mode of its own; every other question is searched. Where the
chosen mode finds nothing, the route says which mode follows.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from assistant.answer import Status
from assistant.judgements.themes import all_themes, themes_named
from assistant.question.intent import AnswerKind
from assistant.question.list_request import ListRequest, list_request_of, lists_all
from assistant.question.question import Question
from assistant.question.scope import Corpus
from index.text.tokens import stem, words


class Mode(StrEnum):
    """The ways in which a question is answered."""

    REFUSE = "refuse"
    ABOUT_DOCUMENTS = "about_documents"
    TWO_SIDED = "two_sided"
    LIST_ALL = "list_all"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Route:
    """The mode chosen for a question, and what that mode needs to know.

    `otherwise` is the route to follow where the mode finds nothing; None where it always ends in an outcome.
    """

    mode: Mode
    status: Status | None = None  # of a refusal
    with_nearest: bool = False  # whether a refusal shows the nearest sentences
    request: ListRequest | None = None  # of LIST_ALL; of SEARCH, what every sentence must state
    themes: frozenset[str] = frozenset()  # of TWO_SIDED, the keys of the themes asked for
    otherwise: Route | None = None


def route(question: Question, corpus: Corpus, max_characters: int) -> Route:
    """The route of a question; one of more than `max_characters` is refused."""
    if question.is_empty:
        return Route(Mode.REFUSE, Status.EMPTY_QUESTION)
    if len(question.text) > max_characters:
        return Route(Mode.REFUSE, Status.QUESTION_TOO_LONG)
    status = refused(question, corpus)
    if status is not None and status is not Status.AMBIGUOUS:
        return Route(Mode.REFUSE, status, with_nearest=status is not Status.OPINION_OR_PREDICTION)
    request = list_request_of(question, corpus)
    if status is None:
        found = _two_sided(question, corpus, _list_or_search(request))
        return Route(Mode.ABOUT_DOCUMENTS, otherwise=found) if question.about_itself else found
    # "all causes of concern" names no force, but says what it means: those of every force
    by_term = request.by_term_only() if request is not None and lists_all(question) else None
    ambiguous = Route(Mode.REFUSE, Status.AMBIGUOUS, with_nearest=True)
    listed = Route(Mode.LIST_ALL, request=by_term, otherwise=ambiguous) if by_term else ambiguous
    return _two_sided(question, corpus, listed)


def _list_or_search(request: ListRequest | None) -> Route:
    """List everything that states the request; without one, or where nothing states it, search."""
    search = Route(Mode.SEARCH, request=request)
    return search if request is None else Route(Mode.LIST_ALL, request=request, otherwise=search)


def _two_sided(question: Question, corpus: Corpus, otherwise: Route) -> Route:
    """Both sides of one force, where the question asks for them; of several, it is asked back which."""
    if leaves_the_force_open(question, corpus) and not lists_all(question) and otherwise.mode is not Mode.REFUSE:
        return Route(Mode.REFUSE, Status.AMBIGUOUS)
    themes = themes_asked(question) if asks_for_sides(question, corpus) else None
    return otherwise if themes is None else Route(Mode.TWO_SIDED, themes=themes, otherwise=otherwise)


def refused(question: Question, corpus: Corpus) -> Status | None:
    """The status with which a question is refused, or None.

    Opinions and predictions are recognised only where the sources are assessments of forces: in other collections
    "will" and "should" ask for what a text says.
    """
    scope = question.scope
    if scope.ambiguous:
        return Status.AMBIGUOUS
    if scope.outside and not scope.parts:
        return Status.OUTSIDE_FILTER
    if not corpus.by_force:
        return None
    if _opinion().search(question.standalone.lower().replace("’", "'")):
        return Status.OPINION_OR_PREDICTION
    if _asks_about_missing_force(question):
        return Status.FORCE_NOT_HELD
    return Status.AMBIGUOUS if _says_too_little(question, corpus) or _needs_a_scope(question, corpus) else None


def _asks_about_missing_force(question: Question) -> bool:
    """Whether it is only about a force without transcripts, which no other force's assessment would mention."""
    scope = question.scope
    only_missing = bool(scope.missing_forces) and not scope.forces
    return only_missing and not question.which_force and not question.may_be_mentioned


def _says_too_little(question: Question, corpus: Corpus) -> bool:
    """A question without a word of what it is about, where that is not the one assessment there is."""
    alone = question.asks_for_overview and len(corpus.transcripts) == 1
    return not (question.concepts or question.about_itself or question.scope.named or alone)


def _needs_a_scope(question: Question, corpus: Corpus) -> bool:
    """A question that any of several assessments would answer, each differently: "What was the grade?"."""
    several = len(corpus.transcripts) > 1
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


def asks_for_sides(question: Question, corpus: Corpus) -> bool:
    """Whether a question asks for both sides of one force, or of the only one held."""
    asked = _PAIRED.search(question.standalone) or _OVERVIEW.search(question.standalone)
    return bool(asked) and not _is_elsewhere(question, corpus) and len(corpus.forces_of(question.scope.places)) == 1


def leaves_the_force_open(question: Question, corpus: Corpus) -> bool:
    """Whether a question asks for both sides of a force and does not say which of several, nor of which topic."""
    asked = _PAIRED.search(question.standalone) and not question.topic - _NO_TOPIC and not question.which_force
    return bool(asked) and not _is_elsewhere(question, corpus) and len(corpus.forces_of(question.scope.places)) > 1


def _is_elsewhere(question: Question, corpus: Corpus) -> bool:
    """Whether it is about something that is not looked at, or about several things to be compared."""
    scope = question.scope
    missing = scope.ambiguous or scope.missing_forces or scope.missing_periods or scope.outside
    return bool(missing) or question.about_itself or len(scope.parts) > 1 or not corpus.by_force


def themes_asked(question: Question) -> frozenset[str] | None:
    """The keys of the themes a question is limited to: all where it has no topic; None where its topic is no theme."""
    if not question.topic - _NO_TOPIC:
        return frozenset(theme.key for theme in all_themes()) | {""}
    return frozenset(themes_named(question.standalone)) or None


MOST = 8  # choices that are quicker to read than to type


def choices_of(question: Question, corpus: Corpus, among: Sequence[str] = ()) -> tuple[str, ...]:
    """The complete questions that an ambiguous one may mean; none where they are too many, or are not known.

    `among` are the forces whose assessments hold an answer, where that is known.
    """
    scope, alone = question.scope, question.standalone
    if scope.ambiguous:
        start, end = scope.spans[0]
        return _few([alone[:start] + name + alone[end:] for name in scope.choices])
    if not question.concepts:  # it does not say what it is about, and no force would make it do so
        return ()
    return _few([f"{alone} ({name})" for name in among or _lacking(question, corpus)])


def _lacking(question: Question, corpus: Corpus) -> list[str]:
    """The forces of which one is to be named; where only one is looked at, its periods."""
    forces = [force for force in corpus.forces_of(question.scope.places) if force]
    places = question.scope.places or range(len(corpus.transcripts))
    return forces if len(forces) > 1 else [period.label for period in corpus.periods_of(places)]


def _few(questions: list[str]) -> tuple[str, ...]:
    return tuple(questions) if 1 < len(questions) <= MOST else ()
