"""What can go wrong between a file and a search result, as a tree.

IndexingError                    anything below; carries `advice`, what the reader can do
├── SourceError                  one file could not be taken in; the others go on
│   ├── UnsupportedFormatError   the format has no reader
│   └── EmptySourceError         a file without a word in it
├── CatalogueError               sources/catalogue.toml is wrong: nothing is indexed until it is mended
├── EmbeddingModelError          the model is missing, or is not the one it should be
├── VocabularyError              a data file of ours is malformed
├── StorageError                 the machine lets nothing be read or written: a full disk, permissions, memory
├── RecordError                  the SQLite record cannot be read or written
│   └── CorruptRecordError       it can be read, and what it holds is damaged: to be rebuilt from the sources
├── GenerationError              a published index is broken, or could not be built
├── WriterBusyError              another process is indexing this folder
└── NotIndexedError              there is nothing to search yet

What the machine refuses while an index is read or written, told as an error of ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FAULTS_SAID = 10


class AppError(Exception):
    """Base of every error of this project: a message that says what is wrong, and advice that says what to do."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class IndexingError(AppError):
    """Something went wrong between a source file and a search result."""


class SourceError(IndexingError):
    """One source file could not be taken in. `path` names it."""

    def __init__(self, path: Path, message: str, *, advice: str = "") -> None:
        super().__init__(f"{path}: {message}", advice=advice)
        self.path = path
        self.reason = message


class UnsupportedFormatError(SourceError):
    """No reader takes this format."""


class EmptySourceError(SourceError):
    """The file holds no text."""


@dataclass(frozen=True, slots=True)
class CatalogueFault:
    """One thing wrong with a catalogue, in a sentence, and its line; 0 where the line is not known."""

    line: int
    problem: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.problem}" if self.line else self.problem


class CatalogueError(IndexingError):
    """The sources' catalogue cannot be taken as it is. `faults` are all that was found wrong with it."""

    def __init__(self, path: Path, faults: Sequence[CatalogueFault]) -> None:
        said = " ".join(map(str, faults[:_FAULTS_SAID]))
        more = f" And {len(faults) - _FAULTS_SAID} more." if len(faults) > _FAULTS_SAID else ""
        advice = "Mend it and run again; until then, what was indexed stays as it was."
        super().__init__(f"{path}: {said}{more}", advice=advice)
        self.path = path
        self.faults = tuple(faults)


class EmbeddingModelError(IndexingError):
    """The embedding model is missing, broken, or not the one that was pinned."""


class VocabularyError(IndexingError):
    """A data file that ships with the project is malformed."""


class StorageError(IndexingError):
    """The machine does not let an index be read or written. What was published before is as it was."""


class RecordError(IndexingError):
    """The record (SQLite) cannot be read or written."""


class CorruptRecordError(RecordError):
    """The record is damaged or was changed by someone else. It holds nothing that the sources do not."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path}: {message}", advice="Index the sources again: the record is rebuilt from them.")


class GenerationError(IndexingError):
    """A generation is broken or could not be built."""


class WriterBusyError(IndexingError):
    """Another process holds the writer's lock. `pid` is its process id, 0 when it could not be read."""

    def __init__(self, folder: Path, pid: int) -> None:
        owner = f"process {pid}" if pid else "another process"
        super().__init__(
            f"{owner} is indexing into {folder}.", advice="Wait until it has finished, or stop it, then run again."
        )
        self.pid = pid


class NotIndexedError(IndexingError):
    """There is no published generation to search."""


@contextmanager
def storage_errors(index: Path) -> Iterator[None]:
    """Raises `StorageError` for whatever the system refuses within: a full disk, a fault of it, permissions, memory.

    What was published before is untouched by any of them, so that the same work can be done again later.
    """
    try:
        yield
    except OSError as error:
        where = error.filename or index
        what = error.strerror or str(error)
        raise StorageError(
            f"{where} cannot be read or written: {what}.", advice="Check the disk and its permissions, then run again."
        ) from error
    except MemoryError as error:
        raise _no_memory(index) from error
    except RuntimeError as error:
        if str(error) != "can't start new thread":  # all that Python says when the system has no memory for one
            raise
        raise _no_memory(index) from error


def _no_memory(index: Path) -> StorageError:
    return StorageError(
        f"There is not enough memory for the index in {index}.", advice="Close other programs, then run again."
    )
