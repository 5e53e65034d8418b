"""Opening an index to be searched. A broken generation is rebuilt from the record on the way.

Files as they were at one moment, so that it can be seen, without reading them, that one was changed since.
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
from index.published.generation import GENERATIONS, Generation, open_generation
from index.published.publish import SelfCheck, is_sound, publish
from index.published.selfcheck import selfcheck_in_child
from index.sources.files import Failure
from index.storage.database import DATABASE_FILE, IndexDatabase
from index.storage.fingerprint import Fingerprint
from index.storage.lock import writer_lock
from index.storage.reader import IndexReader, SourceText, StoredSentence, audit
from index.storage.writer import IndexWriter, PublishedGeneration
from index.text.transcript import Transcript

Stamp = tuple[str, int, int]  # path, size in bytes, time of the last change in nanoseconds


@dataclass(frozen=True, slots=True)
class FileStamps:
    """The size and the time of the last change of every file below a folder."""

    stamps: tuple[Stamp, ...]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """The files as they are now; none where there is no folder. Raises `OSError` for one that goes just then."""
        paths = sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names)  # noqa: PTH118
        return cls(tuple(_stamp(path) for path in paths))

    def holds(self) -> bool:
        """Whether each of them is still so. Some forty microseconds for the files of a generation."""
        try:
            return all(_stamp(stamp[0]) == stamp for stamp in self.stamps)
        except OSError:
            return False


def _stamp(path: str) -> Stamp:
    found = os.stat(path)  # noqa: PTH116  # many at every question
    return path, found.st_size, found.st_mtime_ns


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """A generation, and the record its sentences are read from. Safe to use from several threads."""

    generation: Generation
    catalogue: IndexReader
    witness: FileStamps

    def sentences(self, keys: Sequence[int]) -> list[StoredSentence]:
        """Sentences by key, in the order asked for, read from the record and checked. See `IndexReader.sentences`."""
        return self.catalogue.sentences(keys)

    def transcript(self, transcript_id: str) -> Transcript | None:
        """A transcript, read from the record and checked; None for one that this generation does not hold."""
        return self.catalogue.transcript(transcript_id)

    def text(self, transcript_id: str) -> SourceText | None:
        """A transcript's text alone, read and checked likewise."""
        return self.catalogue.text(transcript_id)

    def failures(self) -> tuple[Failure, ...]:
        """The sources that could not be taken in when the folder was last indexed, by name."""
        return self.catalogue.failures()

    def stale(self) -> bool:
        """Whether a newer generation has been published. Cheap enough to ask before every question."""
        return self.catalogue.is_outdated()

    def intact(self) -> bool:
        """Whether the generation's files are, by size and time, as they were when opened. As cheap as `stale`."""
        return self.witness.holds()

    def close(self) -> None:
        """Close the record and the vector store. What is dropped unclosed is let go of when it is collected."""
        self.catalogue.close()
        self.generation.close()


def open_current(
    index: Path, maker: Fingerprint, *, exact: bool = False, prove: SelfCheck = selfcheck_in_child
) -> OpenIndex:
    """Open a maker's current generation; with `exact`, to search its vectors without Chroma.

    A broken one is rebuilt from the record, which embeds nothing; while another process is writing, the one before it
    answers instead. Raises `NotIndexedError` when nothing was published, `CorruptDatabaseError` when the record is
    damaged (`build_index` mends that), `WriterBusyError` when nothing sound is there to open before the writer is done,
    `StorageError` for what the machine refuses.
    """
    with storage_errors(index):
        return _open_current(index, maker, exact=exact, prove=prove)


def _open_current(index: Path, maker: Fingerprint, *, exact: bool, prove: SelfCheck) -> OpenIndex:
    folder = maker.folder(index)
    kept: list[PublishedGeneration] = []
    while (now := _kept(folder, maker)) != kept:  # again, when another was published while we were opening
        kept = now
        try:
            return _open(folder, maker, kept[0], exact=exact)
        except GenerationError as error:
            _log.warning("%s", error)
    try:
        with writer_lock(index):
            heal(folder, maker, prove=prove)
    except WriterBusyError:
        if len(kept) == 1:
            raise
        return _open(folder, maker, kept[1], exact=exact)
    return _open(folder, maker, _kept(folder, maker)[0], exact=exact)


def heal(folder: Path, maker: Fingerprint, *, prove: SelfCheck = selfcheck_in_child) -> None:
    """Rebuild a maker's current generation from the record if it is broken. To be called by the one writer.

    Raises `CorruptDatabaseError` when the record is damaged too.
    """
    with closing(IndexDatabase(folder / DATABASE_FILE, maker)) as record:
        ledger = IndexWriter(record)
        current = ledger.current()
        if current is not None and not is_sound(folder, current):
            audit(record)
            publish(ledger, maker, ledger.members(current).values(), broken=current, prove=prove)


def _kept(folder: Path, maker: Fingerprint) -> list[PublishedGeneration]:
    """The generations there are to open, the current one first. Raises `NotIndexedError` when there is none."""
    with closing(IndexDatabase(folder / DATABASE_FILE, maker, read_only=True)) as record:
        kept = IndexWriter(record).generations()
    if not kept:
        raise NotIndexedError(f"Nothing has been indexed in {folder} yet.", advice="Index the sources first.")
    return kept


def _open(folder: Path, maker: Fingerprint, published: PublishedGeneration, *, exact: bool) -> OpenIndex:
    record = IndexDatabase(folder / DATABASE_FILE, maker, read_only=True)
    try:
        witness = FileStamps.of(folder / GENERATIONS / published.id)
        generation = open_generation(folder / GENERATIONS / published.id, published.manifest_sha256, exact=exact)
    except BaseException:
        record.close()
        raise
    return OpenIndex(generation, IndexReader(record, published.number), witness)
