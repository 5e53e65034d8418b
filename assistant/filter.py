"""What a person limits every question to, beside what the question itself names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filter:
    """Forces, inspection periods and transcripts, by name, label and id, as held. Empty: no limit of that kind.

    A transcript is let through when it is of one of the forces, one of the periods and one of the transcripts.
    """

    forces: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    transcripts: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.forces or self.periods or self.transcripts)


EVERYTHING = Filter()
