"""Passages: runs of consecutive sentences of one transcript, small enough to be about one thing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences `first` to `last` (ordinals, inclusive) of one transcript. Passages of a transcript tile it."""

    transcript_id: str
    ordinal: int
    first: int
    last: int
