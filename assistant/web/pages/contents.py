"""The page `/sources`: every transcript in the index by force, with links to read it and to ask about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.filter import Filter
from assistant.messages import Messages
from assistant.sources import Held, asking_address
from assistant.web.layout import render_page


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """One transcript, and the later one that superseded it, if one did."""

    transcript: Held
    later: Held | None

    @property
    def ask_address(self) -> str:
        """The address of the form that asks about this transcript alone."""
        return asking_address("", Filter(transcripts=(self.transcript.transcript_id,)))


@dataclass(frozen=True, slots=True)
class ForceContents:
    """The transcripts of one force; the force is empty for transcripts that name none."""

    force: str
    entries: tuple[ContentsEntry, ...]

    @property
    def current(self) -> tuple[Held, ...]:
        """The transcripts that are searched."""
        return tuple(entry.transcript for entry in self.entries if entry.later is None)

    @property
    def ask_address(self) -> str:
        """The address of the form that asks about this force."""
        return asking_address("", Filter(forces=(self.force,)))


@dataclass(frozen=True, slots=True)
class ContentsPage:
    """The view of `contents.html`. `current` are the transcripts that are searched."""

    current: Sequence[Held]
    forces: tuple[ForceContents, ...]


def contents_html(
    current: Sequence[Held], messages: Messages, *, superseded: Sequence[Held] = (), root: str = ""
) -> str:
    """Renders the page, ordered by force, period and title; transcripts that name no force come last.

    Each of the `superseded` links to the one that superseded it. They are not counted.
    """
    later = {transcript.transcript_id: transcript for transcript in current}
    ordered = sorted(
        [*current, *superseded], key=lambda held: (not held.force, held.force, held.period, held.title, held.source)
    )
    entries = [
        ContentsEntry(transcript, later[transcript.superseded_by] if transcript.superseded_by else None)
        for transcript in ordered
    ]
    by_force = groupby(entries, key=lambda entry: entry.transcript.force)
    forces = tuple(ForceContents(force, tuple(of_force)) for force, of_force in by_force)
    return render_page("contents.html", ContentsPage(current, forces), messages, root=root)
