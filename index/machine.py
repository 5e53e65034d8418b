"""What the machine refuses while an index is read or written, told as an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import StorageError


@contextmanager
def refusals_named(index: Path) -> Iterator[None]:
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
