"""Opens an index for searching, and rebuilds a broken generation from the database.

The size and time of change of its files tell later, without reading them, whether one has been changed.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from index.errors import GenerationError, NotIndexedError, WriterBusyError, storage_errors
from index.published.chroma import SelfCheck, selfcheck_in_child
from index.published.generation import GENERATIONS, Generation, open_generation
from index.published.publish import is_sound, publish
from index.records.record import FormalRecord
from index.sources.files import Failure
from index.storage.database import DATABASE_FILE, IndexDatabase
from index.storage.fingerprint import Fingerprint
from index.storage.ingest import writer_lock
from index.storage.reader import IndexReader, SourceText, StoredSentence, audit
from index.storage.writer import IndexWriter, PublishedGeneration
from index.text.sentences import Sentence
from index.text.transcript import Transcript

Stamp = tuple[str, int, int]  # path, size in bytes, time of the last change in nanoseconds

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FileStamps:
    """The size and the time of the last change of every file below a folder."""

    stamps: tuple[Stamp, ...]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Returns the stamps of a folder's files; none if there is no folder. Raises `OSError` if a file goes."""
        paths = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)  # noqa: PTH118
        return cls(tuple(_stamp(path) for path in paths))

    def unchanged(self) -> bool:
        """Whether every file still has its stamp. Takes about 40 microseconds for a generation."""
        try:
            return all(_stamp(stamp[0]) == stamp for stamp in self.stamps)
        except OSError:
            return False


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """A generation, and the database its sentences are read from. Safe to use from several threads."""

    generation: Generation
    reader: IndexReader
    files: FileStamps

    def sentences(self, keys: Sequence[int]) -> list[StoredSentence]:
        """Returns sentences by key, in the order given, checked against their checksums. See `IndexReader`."""
        return self.reader.sentences(keys)

    def transcript(self, transcript_id: str) -> Transcript | None:
        """Returns a transcript, checked; None for one that is not in this generation."""
        return self.reader.transcript(transcript_id)

    def sentences_of(self, transcript_id: str) -> tuple[Sentence, ...]:
        """Returns every sentence of a transcript in order, each checked; none for an unknown id."""
        return self.reader.sentences_of(transcript_id)

    def neighbours(self, transcript_id: str, key: int, around: int) -> tuple[Sentence, ...]:
        """Returns a sentence with up to `around` on each side, in order, without markup. See `IndexReader`."""
        return self.reader.neighbours(transcript_id, key, around)

    def text(self, transcript_id: str) -> SourceText | None:
        """Returns the text of a transcript, checked; None for one that is not in this generation."""
        return self.reader.text(transcript_id)

    def records(self, transcript_id: str) -> tuple[FormalRecord, ...]:
        """Returns the formal records of a searched transcript in reading order; none for any other id."""
        return self.generation.records.get(transcript_id, ())

    def failures(self) -> tuple[Failure, ...]:
        """Returns the sources that could not be read when the folder was last indexed, by name."""
        return self.reader.failures()

    def stale(self) -> bool:
        """Whether a newer generation has been published. Cheap enough to call before every question."""
        return self.reader.is_outdated()

    def intact(self) -> bool:
        """Whether the generation's files have the size and time they had when opened. As cheap as `stale`."""
        return self.files.unchanged()

    def published(self) -> float:
        """Returns when the last file of the generation was written, in seconds since 1970; 0 if it has no files."""
        return max((changed for _, _, changed in self.files.stamps), default=0) / 1e9

    def close(self) -> None:
        """Closes the database and the vector store. Garbage collection closes an index that was dropped unclosed."""
        self.reader.close()
        self.generation.close()


def open_current(
    index: Path,
    fingerprint: Fingerprint,
    *,
    exact: bool = False,
    repair: bool = True,
    self_check: SelfCheck = selfcheck_in_child,
) -> OpenIndex:
    """Opens the current generation with a fingerprint; with `exact`, to search its vectors without Chroma.

    A broken generation is rebuilt from the database, which embeds nothing. While another process is writing, the
    generation before it is opened instead. Without `repair`, nothing is written, and a broken generation raises
    `GenerationError`.

    Raises `NotIndexedError` when nothing was published, `CorruptDatabaseError` when the database is damaged
    (`build_index` repairs it), `WriterBusyError` when no sound generation can be opened before the writer has finished,
    and `StorageError` for errors of the machine.
    """
    with storage_errors(index):
        folder = fingerprint.folder(index)
        generations: list[PublishedGeneration] = []
        while (newest := _generations(folder, fingerprint)) != generations:  # again if one was published meanwhile
            generations = newest
            try:
                return _open(folder, fingerprint, generations[0], exact=exact)
            except GenerationError as error:
                _log.warning("%s", error)
                broken = error
        if not repair:
            raise broken
        try:
            with writer_lock(index):
                rebuild_if_broken(folder, fingerprint, self_check=self_check)
        except WriterBusyError:
            if len(generations) == 1:
                raise
            return _open(folder, fingerprint, generations[1], exact=exact)
        return _open(folder, fingerprint, _generations(folder, fingerprint)[0], exact=exact)


def rebuild_if_broken(folder: Path, fingerprint: Fingerprint, *, self_check: SelfCheck = selfcheck_in_child) -> None:
    """Rebuilds the current generation from the database if it is broken. The caller must have the writer's lock.

    `folder` is that of the fingerprint. Raises `CorruptDatabaseError` when the database is damaged too.
    """
    with closing(IndexDatabase(folder / DATABASE_FILE, fingerprint)) as database:
        writer = IndexWriter(database)
        current = writer.current()
        if current is not None and not is_sound(folder, current):
            audit(database)
            publish(writer, fingerprint, writer.members(current).values(), broken=current, self_check=self_check)


def _stamp(path: str) -> Stamp:
    status = os.stat(path)  # noqa: PTH116  # called for many files before every question
    return path, status.st_size, status.st_mtime_ns


def _generations(folder: Path, fingerprint: Fingerprint) -> list[PublishedGeneration]:
    """Returns the published generations, the current one first. Raises `NotIndexedError` when there is none."""
    with closing(IndexDatabase(folder / DATABASE_FILE, fingerprint, read_only=True)) as database:
        generations = IndexWriter(database).generations()
    if not generations:
        raise NotIndexedError(f"Nothing has been indexed in {folder} yet.", advice="Index the sources first.")
    return generations


def _open(folder: Path, fingerprint: Fingerprint, published: PublishedGeneration, *, exact: bool) -> OpenIndex:
    database = IndexDatabase(folder / DATABASE_FILE, fingerprint, read_only=True)
    try:
        files = FileStamps.of(folder / GENERATIONS / published.id)
        generation = open_generation(folder / GENERATIONS / published.id, published.manifest_sha256, exact=exact)
    except BaseException:
        database.close()
        raise
    transcripts = (*generation.transcripts, *generation.superseded)
    metadata = {transcript.id: transcript.metadata for transcript in transcripts}
    return OpenIndex(generation, IndexReader(database, published.number, metadata), files)
