"""The transcripts of an opened index, for reading: whole, or the sentences around one."""

from __future__ import annotations

from functools import cached_property

from assistant.reading import Held, SourcePage
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
        return SourcePage(transcript, split(transcript)) if transcript else None

    def held(self) -> tuple[Held, ...]:
        """See `SourceReader`."""
        return self._held

    @cached_property
    def _held(self) -> tuple[Held, ...]:
        listed = [
            Held(
                transcript_id=found.id,
                source=found.source,
                title=found.title,
                force=found.metadata.force,
                period=found.metadata.period.label if found.metadata.period else "",
                sentences=found.rows,
            )
            for found in self._index.generation.transcripts
        ]
        return tuple(sorted(listed, key=lambda held: (held.force, held.period, held.title, held.source)))
