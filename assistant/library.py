"""The transcripts of an opened index, for reading: whole, or the sentences around one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from assistant.reading import Held, SourcePage
from index.generation import SupersededFacts, TranscriptFacts
from index.opening import OpenIndex
from index.sentence import Sentence, split
from index.transcript import Role


class Library:
    """A `SourceReader` over one opened index."""

    def __init__(self, index: OpenIndex) -> None:
        self._index = index

    def neighbours(self, transcript_id: str, sentence_id: str, around: int = 2) -> tuple[Sentence, ...]:
        """See `SourceReader`."""
        page = self.transcript_page(transcript_id)
        readable = [sentence for sentence in page.sentences if sentence.role is not Role.MARKUP] if page else []
        places = [place for place, sentence in enumerate(readable) if sentence.id == sentence_id]
        return tuple(readable[max(0, places[0] - around) : places[0] + around + 1]) if places else ()

    def transcript_page(self, transcript_id: str) -> SourcePage | None:
        """See `SourceReader`."""
        transcript = self._index.transcript(transcript_id)
        if transcript is None:
            return None
        by = next((one.superseded_by for one in self._superseded if one.transcript_id == transcript_id), "")
        later = next((one for one in self._held if one.transcript_id == by), None)
        return SourcePage(transcript, split(transcript), later)

    def held(self) -> tuple[Held, ...]:
        """See `SourceReader`."""
        return self._held

    def superseded(self) -> tuple[Held, ...]:
        """See `SourceReader`."""
        return self._superseded

    @cached_property
    def _held(self) -> tuple[Held, ...]:
        return _in_order(_held(found, found.rows) for found in self._index.generation.transcripts)

    @cached_property
    def _superseded(self) -> tuple[Held, ...]:
        return _in_order(_held(found, found.sentences, found.by) for found in self._index.generation.superseded)


def _held(found: TranscriptFacts | SupersededFacts, sentences: int, superseded_by: str = "") -> Held:
    period = found.metadata.period
    return Held(
        transcript_id=found.id,
        source=found.source,
        title=found.title,
        force=found.metadata.force,
        period=period.label if period else "",
        sentences=sentences,
        superseded_by=superseded_by,
    )


def _in_order(listed: Iterable[Held]) -> tuple[Held, ...]:
    return tuple(sorted(listed, key=lambda held: (held.force, held.period, held.title, held.source)))
