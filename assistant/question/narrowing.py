"""Narrows a question's scope to the filter that the reader has set.

Nothing outside the filter is searched. What a question names and the filter excludes is reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.errors import FilterError
from assistant.filter import Filter
from assistant.messages import load_messages
from assistant.question.scope import Scope, ScopePart
from index.published.generation import IndexedTranscript


@dataclass(frozen=True, slots=True)
class ScopeLimit:
    """The transcripts a filter allows, and the filter in words."""

    part: ScopePart
    label: str


def limit_of(chosen: Filter, transcripts: Sequence[IndexedTranscript]) -> ScopeLimit | None:
    """The transcripts that a filter allows; None for a filter that limits nothing.

    Raises `FilterError` when the filter names what is not among the sources, or when it allows no transcript.
    """
    if not chosen:
        return None
    chosen.check(transcripts)
    places = tuple(place for place, transcript in enumerate(transcripts) if chosen.allows(transcript))
    label = _in_words(chosen, transcripts)
    if not places:
        words = load_messages()
        raise FilterError(words.say("filter.nothing", filter=label), advice=words.say("filter.widen"))
    forces = {transcripts[place].force for place in places}
    return ScopeLimit(ScopePart(places, forces.pop() if len(forces) == 1 else ""), label)


def _in_words(chosen: Filter, transcripts: Sequence[IndexedTranscript]) -> str:
    titles = [transcript.title or transcript.id for transcript in transcripts if transcript.id in chosen.transcripts]
    return ", ".join([*chosen.forces, *chosen.periods, *titles])


def narrowed(scope: Scope, limit: ScopeLimit) -> Scope:
    """The scope within a limit: its parts without what the filter excludes; the limit itself where it has no parts."""
    allowed = set(limit.part.places)
    within = [replace(part, places=tuple(place for place in part.places if place in allowed)) for part in scope.parts]
    return replace(
        scope,
        parts=tuple(part for part in within if part.places) if scope.parts else (limit.part,),
        limit=limit.part,
        limited_to=limit.label,
        outside=tuple(part.label for part in within if not part.places),
    )
