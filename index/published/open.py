"""Opens an index for searching, and rebuilds a broken generation from the database.

The size and time of change of its files tell later, without reading them, whether one has been changed.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from index.errors import GenerationError, NotIndexedError, WriterBusyError, storage_errors
from index.published.chroma import SelfCheck, selfcheck_in_child
from index.published.generation import GENERATIONS, open_generation
from index.published.open_index import OpenIndex, RecordedIndex
from index.published.open_postgres import open_in_database
from index.published.publish import FilePublisher, Publisher, is_sound, publish
from index.published.publish_postgres import DatabasePublisher
from index.storage.database import DATABASE_FILE, IndexDatabase, RecordDatabase
from index.storage.fingerprint import Fingerprint
from index.storage.ingest import writer_lock
from index.storage.postgres import DatabaseAddress, IndexPlace, PostgresDatabase, database_lock
from index.storage.reader import IndexReader, audit
from index.storage.writer import IndexWriter, PublishedGeneration

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

    def latest(self) -> float:
        """Returns the time of the last change of any file, in seconds since 1970; 0 if there are none."""
        return max((changed for _, _, changed in self.stamps), default=0) / 1e9


@contextmanager
def open_publisher(
    index: IndexPlace, fingerprint: Fingerprint, *, self_check: SelfCheck = selfcheck_in_child
) -> Iterator[Publisher]:
    """Makes this process the only writer to an index, and yields what publishes there. Raises as `writer_lock` does."""
    if isinstance(index, DatabaseAddress):
        with database_lock(index) as session, storage_errors(index.work):
            yield DatabasePublisher(index, fingerprint, session)
    else:
        with writer_lock(index):
            yield FilePublisher(fingerprint.folder(index), fingerprint, self_check)


def open_record(index: IndexPlace, fingerprint: Fingerprint) -> RecordDatabase:
    """Opens the record of an index, to be read. Raises `NotIndexedError` when there is none."""
    if isinstance(index, DatabaseAddress):
        return PostgresDatabase(index, fingerprint)
    return IndexDatabase(fingerprint.folder(index) / DATABASE_FILE, fingerprint, read_only=True)


def open_current(
    index: IndexPlace,
    fingerprint: Fingerprint,
    *,
    exact: bool = False,
    repair: bool = True,
    self_check: SelfCheck = selfcheck_in_child,
) -> OpenIndex:
    """Opens the current generation with a fingerprint; with `exact`, to search its vectors without Chroma.

    In a folder, a broken generation is rebuilt from the record, which embeds nothing. While another process is writing,
    the generation before it is opened instead. In a database, or without `repair`, nothing is written, and a broken
    generation raises `GenerationError`.

    Raises `NotIndexedError` when nothing was published, `CorruptDatabaseError` when the database is damaged
    (`build_index` repairs it), `WriterBusyError` when no sound generation can be opened before the writer has finished,
    and `StorageError` for errors of the machine.
    """
    if isinstance(index, DatabaseAddress):
        return open_in_database(index, fingerprint, exact=exact)
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
    return RecordedIndex(generation, IndexReader(database, published.number, metadata), files.unchanged, files.latest())
