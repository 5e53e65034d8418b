"""What a person limits every question to, beside what the question itself names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from assistant.errors import FilterError
from assistant.messages import listed, load_messages


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

    def lets_through(self, force: str, period: str, transcript: str) -> bool:
        """Whether a transcript is let through: its force by name, its period by label, itself by id."""
        asked = ((self.forces, force), (self.periods, period), (self.transcripts, transcript))
        return all(not names or name in names for names, name in asked)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The names and values that say it in the query of an address."""
        limits = (("force", self.forces), ("period", self.periods), ("transcript", self.transcripts))
        return tuple((name, value) for name, values in limits for value in values)


EVERYTHING = Filter()


def check_known(kind: str, names: Iterable[str], held: Iterable[str]) -> None:
    """Raises `FilterError` when one of some names is not held; `kind` is `force`, `period` or `transcript`."""
    known = sorted({name for name in held if name})
    for name in names:
        if name not in known:
            words = load_messages()
            raise FilterError(
                words.say(f"unknown.{kind}", name=name), advice=words.say("filter.choose", held=listed(known))
            )
