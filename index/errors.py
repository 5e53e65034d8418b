"""The errors raised between a source file and a search result.

AppError                         base of every error of the project: a message, and advice on what to do
└── IndexingError                all below
    ├── SourceError              one source cannot be indexed; the others are
    │   ├── UnsupportedFormatError   no reader takes the format
    │   └── EmptySourceError     the file has no text
    ├── CatalogueError           sources/catalogue.toml is invalid; nothing is indexed until it is corrected
    ├── EmbeddingModelError      the model is missing or is not the expected one
    ├── VocabularyError          a data file of the project is malformed
    ├── StorageError             the disk, the permissions or the memory prevent reading or writing an index
    ├── IndexDatabaseError       the database of an index cannot be read or written
    │   └── CorruptDatabaseError     it is damaged and must be rebuilt from the sources
    ├── GenerationError          a published generation is broken, or could not be built
    ├── NoSourcesError       an index would be emptied, because its folder has no source that can be read
    ├── WriterBusyError          another process is indexing into the folder
    └── NotIndexedError          nothing has been published yet
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_MAX_FAULTS_SHOWN = 10


class AppError(Exception):
    """Base of every error of this project: a message that says what is wrong, and advice that says what to do."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class IndexingError(AppError):
    """Base of the errors raised between a source file and a search result."""


class SourceError(IndexingError):
    """One source file cannot be indexed. `path` names it and `reason` is the message without the path."""

    def __init__(self, path: Path, message: str, *, advice: str = "") -> None:
        super().__init__(f"{path}: {message}", advice=advice)
        self.path = path
        self.reason = message


class UnsupportedFormatError(SourceError):
    """No reader takes the format of the file."""


class EmptySourceError(SourceError):
    """The file has no text."""


@dataclass(frozen=True, slots=True)
class CatalogueFault:
    """One fault of a catalogue, as a sentence, and its line, or 0 if that is unknown."""

    line: int
    problem: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.problem}" if self.line else self.problem


class CatalogueError(IndexingError):
    """The catalogue of the sources is invalid. `faults` has all its faults; the message shows the first ten."""

    def __init__(self, path: Path, faults: Sequence[CatalogueFault]) -> None:
        shown = " ".join(map(str, faults[:_MAX_FAULTS_SHOWN]))
        more = f" And {len(faults) - _MAX_FAULTS_SHOWN} more." if len(faults) > _MAX_FAULTS_SHOWN else ""
        advice = "Correct the file, then run again. Until then the index stays as it was."
        super().__init__(f"{path}: {shown}{more}", advice=advice)
        self.path = path
        self.faults = tuple(faults)


class EmbeddingModelError(IndexingError):
    """The embedding model is missing, damaged, or not the one whose digest is pinned."""


class VocabularyError(IndexingError):
    """A data file that is installed with the project is malformed."""


class StorageError(IndexingError):
    """The machine prevents an index from being read or written. What was published before is unchanged."""


class IndexDatabaseError(IndexingError):
    """The database of an index, in SQLite or PostgreSQL, cannot be read or written."""


class CorruptDatabaseError(IndexDatabaseError):
    """The database of an index is damaged, or was changed by another program. The sources have all that it had."""

    def __init__(self, path: object, message: str) -> None:
        super().__init__(
            f"{path}: {message}", advice="Index the sources again: the database is then rebuilt from them."
        )


class GenerationError(IndexingError):
    """A generation is broken or could not be built."""


class NoSourcesError(IndexingError):
    """A folder has no source that can be read, so that indexing it would empty the index. The index was left as it was.

    `first_failure` says why the first source could not be read; it is empty when the folder has none.
    """

    def __init__(self, sources: Path, first_failure: str = "") -> None:
        problem = f"no source that can be read ({first_failure})" if first_failure else "no sources"
        super().__init__(
            f"{sources} has {problem}, so the index stays as it was.",
            advice="Check that the folder is mounted. To empty the index, run `assistant index --allow-empty`.",
        )


class WriterBusyError(IndexingError):
    """Another process is writing to the index folder or database. `pid` is its process id, or 0 if that is unknown."""

    def __init__(self, folder: object, pid: int) -> None:
        owner = f"Process {pid}" if pid else "Another process"
        super().__init__(
            f"{owner} is indexing into {folder}.", advice="Wait until it has finished, or stop it, then run again."
        )
        self.pid = pid


class NotIndexedError(IndexingError):
    """There is no published generation to search."""


@contextmanager
def storage_errors(index: Path) -> Iterator[None]:
    """Raises `StorageError` for every error of the machine within the block: disk, permissions or memory.

    None of them changes what was published before, so the same work can be done again later.
    """
    try:
        yield
    except OSError as error:
        path = error.filename or index
        reason = error.strerror or str(error)
        raise StorageError(
            f"{path} cannot be read or written: {reason}.",
            advice="Check the disk and the permissions, then run again.",
        ) from error
    except MemoryError as error:
        raise _no_memory(index) from error
    except RuntimeError as error:
        if str(error) != "can't start new thread":  # Python's message when the system has no memory for a thread
            raise
        raise _no_memory(index) from error


def _no_memory(index: Path) -> StorageError:
    return StorageError(
        f"There is not enough memory for the index in {index}.", advice="Close other programs, then run again."
    )
