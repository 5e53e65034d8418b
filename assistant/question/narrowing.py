"""Narrowing: a question's scope brought within what a person limits every question to.

Nothing outside the filter is looked at. What a question names and the filter leaves out is reported, not searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.errors import FilterError
from assistant.filter import Filter, check_known
from assistant.messages import load_messages
from assistant.question.scope import Scope, ScopePart
from index.text.transcript import Metadata


@dataclass(frozen=True, slots=True)
class CorpusEntry:
    """What is known of one transcript held, by its place in the generation."""

    id: str
    title: str
    metadata: Metadata

    @property
    def period(self) -> str:
        return self.metadata.period.label if self.metadata.period else ""


@dataclass(frozen=True, slots=True)
class ScopeLimit:
    """What a filter lets through, and the filter in words."""

    part: ScopePart
    label: str


def limit_of(chosen: Filter, held: Sequence[CorpusEntry]) -> ScopeLimit | None:
    """What a filter lets through of what is held; None for a filter that limits nothing.

    Raises `FilterError` when it names what is not held, or when nothing is left.
    """
    if not chosen:
        return None
    check_known("force", chosen.forces, (one.metadata.force for one in held))
    check_known("period", chosen.periods, (one.period for one in held))
    check_known("transcript", chosen.transcripts, (one.id for one in held))
    places = tuple(
        place for place, one in enumerate(held) if chosen.lets_through(one.metadata.force, one.period, one.id)
    )
    titles = [one.title or one.id for one in held if one.id in chosen.transcripts]
    label = ", ".join([*chosen.forces, *chosen.periods, *titles])
    words = load_messages()
    if not places:
        raise FilterError(words.say("filter.nothing", filter=label), advice=words.say("filter.widen"))
    forces = {held[place].metadata.force for place in places}
    return ScopeLimit(ScopePart(places, forces.pop() if len(forces) == 1 else ""), label)


def narrowed(scope: Scope, limit: ScopeLimit) -> Scope:
    """The scope within a limit: its parts without what is left out, the limit itself where it named none."""
    allowed = set(limit.part.places)
    within = [replace(part, places=tuple(place for place in part.places if place in allowed)) for part in scope.parts]
    return replace(
        scope,
        parts=tuple(part for part in within if part.places) if scope.parts else (limit.part,),
        limit=limit.part,
        limited_to=limit.label,
        outside=tuple(part.label for part in within if not part.places),
    )
