"""Lists every sentence that names a cause of concern or an area for improvement, or whose heading does."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.answer import Citation
from assistant.filter import Filter
from assistant.judgements.by_transcript import Judgements
from assistant.judgements.praise_and_concern import Term
from assistant.messages import Messages
from assistant.sources import citation_of
from index.published.generation import IndexedTranscript


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One line: a sentence, and the term it is listed for.

    The citation's number is that of the line, from 1. `before` is the sentence before it if it would be misread alone;
    else empty.
    """

    term: Term
    citation: Citation
    before: str


@dataclass(frozen=True, slots=True)
class Register:
    """The entries by force, then by time, and the transcripts they were looked for in, in the same order."""

    entries: tuple[RegisterEntry, ...]
    transcripts: tuple[IndexedTranscript, ...]

    @property
    def forces(self) -> tuple[str, ...]:
        """The forces of the transcripts; an empty name stands for sources that name none."""
        return tuple(dict.fromkeys(transcript.force for transcript in self.transcripts))


def register_of(judgements: Judgements, within: Filter) -> Register:
    """The register of the transcripts a filter allows. Raises `FilterError` when it names one that is not there."""
    transcripts = judgements.transcripts(within)
    entries: list[RegisterEntry] = []
    for page, judged in judgements.on_pages(transcripts):
        if judged.stated.term is not None:
            citation = citation_of(page, judged.sentence, len(entries) + 1)
            entries.append(RegisterEntry(judged.stated.term, citation, judged.text_before))
    return Register(tuple(entries), transcripts)


def term_in_words(term: Term, words: Messages) -> str:
    """The term in words; for `CLOSED`, that the source says it is closed."""
    return words.say(f"term.{term.value}")
