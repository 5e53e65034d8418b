"""The filter a reader sets on every question, in addition to what the question itself names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.errors import FilterError
from assistant.messages import listed, load_messages
from index.published.generation import IndexedTranscript


@dataclass(frozen=True, slots=True)
class Filter:
    """Forces by name, inspection periods by label, and transcripts by id. An empty field sets no limit.

    A transcript is allowed when it is of one of the forces, one of the periods and one of the transcripts.
    """

    forces: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    transcripts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.forces or self.periods or self.transcripts)

    def allows(self, transcript: IndexedTranscript) -> bool:
        """Whether a transcript is allowed: its force by name, its period by label, itself by id."""
        limits = (
            (self.forces, transcript.force),
            (self.periods, transcript.period),
            (self.transcripts, transcript.id),
        )
        return all(not names or name in names for names, name in limits)

    def check(self, transcripts: Sequence[IndexedTranscript]) -> None:
        """Raises `FilterError` when the filter names a force, period or transcript that none of these has."""
        _check_known("force", self.forces, (transcript.force for transcript in transcripts))
        _check_known("period", self.periods, (transcript.period for transcript in transcripts))
        _check_known("transcript", self.transcripts, (transcript.id for transcript in transcripts))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The names and values of the filter in the query of a URL."""
        limits = (("force", self.forces), ("period", self.periods), ("transcript", self.transcripts))
        return tuple((name, value) for name, values in limits for value in values)


EVERYTHING = Filter()


def _check_known(kind: str, names: Iterable[str], available: Iterable[str]) -> None:
    """Raises `FilterError` when one of the names is not available; `kind` is `force`, `period` or `transcript`."""
    known = sorted({name for name in available if name})
    for name in names:
        if name not in known:
            words = load_messages()
            raise FilterError(
                words.say(f"unknown.{kind}", name=name), advice=words.say("filter.choose", held=listed(known))
            )
