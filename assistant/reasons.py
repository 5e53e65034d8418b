"""Reasons: why an answer has the status it has, in fixed words from the phrasebook."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.answer import Citation, Statement, Status
from assistant.kind import Kind
from assistant.phrasebook import load_phrasebook
from assistant.question import Question
from assistant.scope import Holdings, Scope

LISTED = 12  # forces or periods named one by one; more are counted


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a question ended, before it is put into words."""

    status: Status
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Citation, ...] = ()
    missing: tuple[str, ...] = ()  # parts of the question nothing was found for
    lacks: Kind | None = None


def reason(outcome: Outcome, question: Question, holdings: Holdings, limit: int) -> str:
    """The reason in one or two sentences."""
    scope = question.scope
    name = outcome.status.value
    if outcome.status is Status.AMBIGUOUS:
        name = "ambiguous_force" if scope.ambiguous else "ambiguous_scope" if question.concepts else "ambiguous_topic"
    if outcome.status is Status.PARTLY_ANSWERED and scope.missing_forces and not scope.forces:
        name = "force_mentioned"
    if outcome.status is Status.PERIOD_NOT_HELD and not holdings.periods:
        name = "no_periods"
    return load_phrasebook().say(
        f"reason.{name}",
        missing=", ".join(outcome.missing),
        scope=scope_in_words(scope, holdings),
        detail=load_phrasebook().say(f"detail.{outcome.lacks.value}") if outcome.lacks else "",
        forces=", ".join(scope.missing_forces),
        periods=", ".join(scope.missing_periods),
        held=_held(outcome.status, scope, holdings),
        name=scope.ambiguous,
        choices=_listed(scope.choices),
        characters=f"{len(question.text):,}",
        limit=f"{limit:,}",
    )


def scope_in_words(scope: Scope, holdings: Holdings) -> str:
    """What was searched: the forces and periods, or everything held."""
    if not holdings.transcripts:
        return load_phrasebook().say("scope.nothing")
    if not scope.parts:
        return load_phrasebook().say("scope.everything")
    forces = _listed(scope.forces) or load_phrasebook().say("scope.all_forces")
    return ", ".join(part for part in (forces, _listed(scope.periods)) if part)


def _held(status: Status, scope: Scope, holdings: Holdings) -> str:
    if status is Status.PERIOD_NOT_HELD:
        places = scope.places or tuple(range(len(holdings.transcripts)))
        return _listed([period.label for period in holdings.periods_of(places)])
    return _listed(list(holdings.by_force))


def _listed(names: tuple[str, ...] | list[str]) -> str:
    if len(names) <= LISTED:
        return ", ".join(names)
    return f"{', '.join(names[:LISTED])} … ({len(names)})"
