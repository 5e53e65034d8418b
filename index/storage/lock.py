"""A lock that allows one writer to an index folder. The system releases it when the process ends, however it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import WriterBusyError, storage_errors

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
