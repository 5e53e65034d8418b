"""The register: every sentence that names a cause of concern or an area for improvement, or stands under its name."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.answer import Citation
from assistant.filter import Filter
from assistant.judgements.by_transcript import Judgements
from assistant.judgements.praise_and_concern import Term
from assistant.messages import Messages
from assistant.sources import Held, citation_of


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One line: the sentence, which term it is listed for, and the sentence before where it would be misread alone.

    The citation's number is the line's, from 1.
    """

    term: Term
    citation: Citation
    before: str


@dataclass(frozen=True, slots=True)
class Register:
    """The lines for what was looked at, by force, then by time; `looked_at` are the transcripts, in that order."""

    entries: tuple[RegisterEntry, ...]
    looked_at: tuple[Held, ...]

    @property
    def forces(self) -> tuple[str, ...]:
        """The forces looked at; the empty name stands for sources that name none."""
        return tuple(dict.fromkeys(one.force for one in self.looked_at))


def register_of(judgements: Judgements, within: Filter) -> Register:
    """The register of what a filter lets through. Raises `FilterError` when it names what is not held."""
    looked_at = judgements.held(within)
    entries: list[RegisterEntry] = []
    for page, one in judgements.on_pages(looked_at):
        if one.stated.term is not None:
            citation = citation_of(page, one.sentence, len(entries) + 1)
            entries.append(RegisterEntry(one.stated.term, citation, one.text_before))
    return Register(tuple(entries), looked_at)


def term_in_words(term: Term, words: Messages) -> str:
    """The inspectorate's term, or that one is said to be closed."""
    return words.say(f"term.{term.value}")
