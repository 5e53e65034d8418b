"""What is read from an index, wherever it is kept: the contract of every store, and the class that the stores share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from index.published.generation import Generation
from index.records.record import FormalRecord
from index.sources.files import Failure
from index.storage.reader import IndexReader, SourceText, StoredSentence
from index.text.sentences import Sentence
from index.text.transcript import Transcript


@runtime_checkable
class OpenIndex(Protocol):
    """One published generation, and everything that answers, pages and registers are made from.

    Safe to use from several threads. What it returns never changes, also while newer generations are published. Each
    method that reads raises `CorruptDatabaseError` for what was changed, `GenerationError` for what two newer
    generations have removed, and `IndexDatabaseError` when the machine or the server prevents it.
    """

    @property
    def generation(self) -> Generation:
        """The rows, words and formal records of the generation, and the store that finds the nearest vectors."""

    def sentences(self, keys: Sequence[int]) -> list[StoredSentence]:
        """Returns sentences by key, in the order given, checked against their checksums."""

    def transcript(self, transcript_id: str) -> Transcript | None:
        """Returns a transcript, checked; None for one that is not in this generation."""

    def sentences_of(self, transcript_id: str) -> tuple[Sentence, ...]:
        """Returns every sentence of a transcript in order, each checked; none for an unknown id."""

    def neighbours(self, transcript_id: str, key: int, around: int) -> tuple[Sentence, ...]:
        """Returns a sentence with up to `around` on each side, in order, without markup; none if it is unknown."""

    def text(self, transcript_id: str) -> SourceText | None:
        """Returns the text of a transcript, checked; None for one that is not in this generation."""

    def records(self, transcript_id: str) -> tuple[FormalRecord, ...]:
        """Returns the formal records of a searched transcript in reading order; none for any other id."""

    def failures(self) -> tuple[Failure, ...]:
        """Returns the sources that could not be read when the folder was last indexed, by name."""

    def stale(self) -> bool:
        """Whether a newer generation has been published. Cheap enough to call before every question."""

    def intact(self) -> bool:
        """Whether nothing shows that what was published has been changed. As cheap as `stale`."""

    def published(self) -> float:
        """Returns when the generation was published, in seconds since 1970; 0 if that is unknown."""

    def close(self) -> None:
        """Releases what is open. Garbage collection does it for an index that was dropped unclosed."""


@dataclass(frozen=True, slots=True)
class RecordedIndex:
    """An `OpenIndex`: a generation, and the record its sentences are read from."""

    generation: Generation
    reader: IndexReader
    unchanged: Callable[[], bool]
    published_at: float  # seconds since 1970

    def sentences(self, keys: Sequence[int]) -> list[StoredSentence]:
        """See `OpenIndex.sentences`, and so for every method."""
        return self.reader.sentences(keys)

    def transcript(self, transcript_id: str) -> Transcript | None:
        """See `OpenIndex`."""
        return self.reader.transcript(transcript_id)

    def sentences_of(self, transcript_id: str) -> tuple[Sentence, ...]:
        """See `OpenIndex`."""
        return self.reader.sentences_of(transcript_id)

    def neighbours(self, transcript_id: str, key: int, around: int) -> tuple[Sentence, ...]:
        """See `OpenIndex`."""
        return self.reader.neighbours(transcript_id, key, around)

    def text(self, transcript_id: str) -> SourceText | None:
        """See `OpenIndex`."""
        return self.reader.text(transcript_id)

    def records(self, transcript_id: str) -> tuple[FormalRecord, ...]:
        """See `OpenIndex`."""
        return self.generation.records.get(transcript_id, ())

    def failures(self) -> tuple[Failure, ...]:
        """See `OpenIndex`."""
        return self.reader.failures()

    def stale(self) -> bool:
        """See `OpenIndex`."""
        return self.reader.is_outdated()

    def intact(self) -> bool:
        """See `OpenIndex`."""
        return self.unchanged()

    def published(self) -> float:
        """See `OpenIndex`."""
        return self.published_at

    def close(self) -> None:
        """See `OpenIndex`."""
        self.reader.close()
        self.generation.close()
