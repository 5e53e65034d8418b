"""One writer to an index folder. The lock goes with the process that holds it, however that ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import WriterBusyError, storage_errors

LOCK = "writer.lock"
HOLDER = "writer.pid"
_TRIES = 20
_PAUSE = 0.01  # seconds


@contextmanager
def writer_lock(index: Path) -> Iterator[None]:
    """Be the only writer to an index folder.

    Raises `WriterBusyError` at once, naming the process that is, and `StorageError` for what the system refuses,
    within the block too.
    """
    with storage_errors(index):
        index.mkdir(parents=True, exist_ok=True)
        lock = FileLock(index / LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise WriterBusyError(index, _holder(index)) from error
        try:
            try:
                (index / HOLDER).write_text(str(os.getpid()), encoding="ascii")
                yield
            finally:
                (index / HOLDER).unlink(missing_ok=True)
        finally:
            lock.release()  # whatever the disk refused: or this process would keep all others out until it ends


def _holder(index: Path) -> int:
    """The process that holds the lock, 0 when it cannot be told: it may be a moment before it has written its number,
    and a killed one has left its own.
    """
    for _ in range(_TRIES):
        try:
            pid = int((index / HOLDER).read_text(encoding="ascii"))
        except (OSError, ValueError):
            pid = 0
        if pid and _runs(pid):
            return pid
        time.sleep(_PAUSE)
    return 0


def _runs(pid: int) -> bool:
    if os.name != "posix":
        return True  # elsewhere asking would end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
