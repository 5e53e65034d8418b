"""Reads the sources that the database does not have yet, splits them, finds their formal records, and stages them.

Finds sources of nearly the same words, such as the subtitles and the text of one recording. One process at a time
writes to an index folder. The system releases its lock when the process ends, however it ends.
"""

from __future__ import annotations

import os
import re
import time
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from index.errors import SourceError, WriterBusyError, storage_errors
from index.readers.read import read
from index.readers.sandbox import SandboxedParser
from index.records.find import find_records
from index.sources.catalogue import CatalogueLookup
from index.sources.files import Failure, SourceFile
from index.storage.writer import IndexWriter
from index.text.sentences import group_passages, split_sentences
from index.text.transcript import Role

if TYPE_CHECKING:
    from index.storage.database import IndexDatabase


LOCK_FILE = "writer.lock"
PID_FILE = "writer.pid"
_PID_ATTEMPTS = 20
_PID_RETRY_SECONDS = 0.01


@contextmanager
def writer_lock(index: Path) -> Iterator[None]:
    """Makes this process the only writer to an index folder.

    Raises `WriterBusyError` at once, with the process id of the writer, when there is one. Raises `StorageError` for
    errors of the machine, also within the block.
    """
    with storage_errors(index):
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / LOCK_FILE, timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise WriterBusyError(index, _writer_pid(index)) from error
        try:
            try:
                (index / PID_FILE).write_text(str(os.getpid()), encoding="ascii")
                yield
            finally:
                (index / PID_FILE).unlink(missing_ok=True)
        finally:
            lock.release()  # even if the disk fails, or this process would exclude all others until it ends


def _writer_pid(index: Path) -> int:
    """Returns the process id of the writer, or 0 if it is not known.

    A new writer may take a moment to write its id, and one that was killed has left its own.
    """
    for _ in range(_PID_ATTEMPTS):
        try:
            pid = int((index / PID_FILE).read_text(encoding="ascii"))
        except (OSError, ValueError):
            pid = 0
        if pid and _is_running(pid):
            return pid
        time.sleep(_PID_RETRY_SECONDS)
    return 0


def _is_running(pid: int) -> bool:
    if os.name != "posix":
        return True  # on Windows os.kill would end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


TRANSACTION_SENTENCES = 512  # sentences after which a transaction is committed
MIN_SHARED = 0.7  # share of the runs of words of the shorter source that the other has too
MIN_RUNS = 5  # compared, below which nothing can be said
RUN_WORDS = 6
SAMPLED_RUNS = 4  # one run in so many is compared

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class SourceWarning:
    """A part of a source that was left out or could not be read, and its position."""

    source: str
    note: str


@dataclass(slots=True)
class IngestResult:
    """The version of each source that could be read, by name; the failures; and the warnings of sources read now."""

    versions: dict[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    warnings: list[SourceWarning] = field(default_factory=list)


def ingest(
    writer: IndexWriter,
    sources: Sequence[SourceFile],
    catalogue: CatalogueLookup,
    indexed_before: Collection[str],
    progress: Callable[[int], None],
    parser: SandboxedParser | None = None,
) -> IngestResult:
    """Finds or stages a version of every source, with several to a transaction.

    `indexed_before` are the names of the sources in the current generation: the failure of one of them says that it
    is withdrawn. `progress` is called with the number of sources done.
    """
    run = _IngestRun(writer, catalogue, frozenset(indexed_before), parser)
    done = 0
    while done < len(sources):
        with writer.database.transaction():
            staged = 0
            while done < len(sources) and staged < TRANSACTION_SENTENCES:
                staged += run.add(sources[done])
                done += 1
        progress(done)
    return run.result


@dataclass(frozen=True, slots=True)
class _IngestRun:
    writer: IndexWriter
    catalogue: CatalogueLookup
    indexed_before: frozenset[str]
    parser: SandboxedParser | None
    result: IngestResult = field(default_factory=IngestResult)

    def add(self, source: SourceFile) -> int:
        """Adds a source's version, or its failure, to the result. Returns the number of sentences staged."""
        try:
            return self._add_version(source)
        except SourceError as error:
            self.result.failures.append(self._failure(source, error))
            return 0

    def _add_version(self, source: SourceFile) -> int:
        if source.name in self.result.versions:  # bytes that are not UTF-8 are replaced, so two names may become one
            raise SourceError(
                source.location, "another file has the same name.", advice="Rename it with plain letters and digits."
            )
        fields = self.catalogue[source.name]
        version = self.writer.find_version(source.name, source.sha256, fields)
        staged = 0
        if version is None:
            transcript = fields.applied_to(read(source, self.parser))
            version = self.writer.find_version(source.name, transcript.sha256, fields)  # it may just have changed
            if version is None:
                sentences = split_sentences(transcript)
                staged = len(sentences)
                records = find_records(transcript, sentences)
                version = self.writer.stage(transcript, sentences, group_passages(sentences), records)
                self.result.warnings += [SourceWarning(source.name, note) for note in transcript.notes]
        self.result.versions[source.name] = version
        return staged

    def _failure(self, source: SourceFile, error: SourceError) -> Failure:
        withdrawn = "Its earlier version is withdrawn from the index." if source.name in self.indexed_before else ""
        return Failure(source.name, " ".join(filter(None, [error.reason, error.advice, withdrawn])))


def near_identical(database: IndexDatabase, versions: Mapping[str, int]) -> list[tuple[str, str]]:
    """Returns each source of nearly the same words as an earlier one, by name, with that one. Takes linear time."""
    first_source: dict[int, str] = {}
    counts: dict[str, int] = {}
    found = []
    for source in sorted(versions):
        runs = set(_runs(database, versions[source]))
        counts[source] = len(runs)
        shared = Counter(first_source[run] for run in runs if run in first_source)
        if shared:
            other, count = min(shared.items(), key=lambda item: (-item[1], item[0]))
            shorter = min(counts[other], len(runs))
            if shorter >= MIN_RUNS and count >= MIN_SHARED * shorter and max(counts[other], len(runs)) <= 2 * shorter:
                found.append((source, other))
        for run in runs:
            first_source.setdefault(run, source)
    return found


def _runs(database: IndexDatabase, version: int) -> Iterator[int]:
    """Yields numbers for a sample of the runs of words in the findings of a version, wherever its sentences end."""
    rows = database.query(
        "SELECT text FROM sentence WHERE version = ? AND role IN (?, ?) ORDER BY ordinal",
        version,
        Role.FINDING,
        Role.QUESTION,
    )
    words = [word for (text,) in rows for word in _WORD.findall(str(text).casefold())]
    for start in range(len(words) - RUN_WORDS + 1):
        if zlib.crc32(words[start].encode()) % SAMPLED_RUNS == 0:
            yield zlib.crc32(" ".join(words[start : start + RUN_WORDS]).encode())
