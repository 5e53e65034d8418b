"""Whether a question asks for both sides of a force: what is good there and what is not. By rule, no model."""

from __future__ import annotations

import re

from assistant.query.question import Question
from assistant.query.scope import Holdings
from assistant.query.themes import all_themes, themes_named
from index.words import stem, words

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


def asks_for_sides(question: Question, holdings: Holdings) -> bool:
    """Whether a question asks for both sides of one force, or of the only one held."""
    asked = _PAIRED.search(question.standalone) or _OVERVIEW.search(question.standalone)
    return bool(asked) and not _is_elsewhere(question, holdings) and len(holdings.forces_of(question.scope.places)) == 1


def leaves_the_force_open(question: Question, holdings: Holdings) -> bool:
    """Whether a question asks for both sides of a force and does not say which of several, nor of which topic."""
    asked = _PAIRED.search(question.standalone) and not question.topic - _NO_TOPIC and not question.which_force
    return bool(asked) and not _is_elsewhere(question, holdings) and len(holdings.forces_of(question.scope.places)) > 1


def _is_elsewhere(question: Question, holdings: Holdings) -> bool:
    """Whether it is about something that is not looked at, or about several things to be compared."""
    scope = question.scope
    missing = scope.ambiguous or scope.missing_forces or scope.missing_periods or scope.outside
    return bool(missing) or question.about_itself or len(scope.parts) > 1 or not holdings.by_force


def themes_asked(question: Question) -> frozenset[str] | None:
    """The keys of the themes a question is limited to: all where it has no topic; None where its topic is no theme."""
    if not question.topic - _NO_TOPIC:
        return frozenset(theme.key for theme in all_themes()) | {""}
    return frozenset(themes_named(question.standalone)) or None
