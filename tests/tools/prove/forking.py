"""Work done in forked processes, so that a death by signal is a finding and not the end of the proof.

They are forked from one that has imported Chroma but never opened it: an import of its own for each would take most of
the time.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401  # once, here

from index.errors import GenerationError
from index.published.chroma import selfcheck

LARGEST = 1 << 20  # bytes a process may tell


@dataclass(frozen=True)
class Ended:
    """How a forked process ended: its exit status, or the signal as a negative number; and what its work returned."""

    status: int
    told: Any


def forked(work: Callable[[], object]) -> int:
    """Run in a forked process; its process id. It ends with 0, or 1 and a traceback."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:  # noqa: BLE001  # the end of a process, whatever ended it
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def ended_well(pid: int, what: str) -> None:
    """Wait for a process. Raises AssertionError unless it ended with 0."""
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"{what}: status {os.waitstatus_to_exitcode(status)}"


def run(work: Callable[[], object], log: Path) -> Ended:
    """Run in a forked process to its end. What it returns is carried over as JSON; what it writes goes to `log`."""
    reads, writes = os.pipe()

    def telling() -> None:
        with log.open("ab", buffering=0) as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        said = json.dumps(work()).encode()
        assert len(said) < LARGEST
        os.write(writes, said)

    pid = forked(telling)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    return Ended(os.waitstatus_to_exitcode(status), json.loads(said) if said else None)


def well(work: Callable[[], object], log: Path, what: str) -> Any:
    """What the work returns, of a forked process that must end well; otherwise AssertionError with what it wrote."""
    ended = run(work, log)
    assert ended.status == 0, f"{what}: status {ended.status}\n{log.read_text(errors='replace')[-4000:]}"
    return ended.told


def _tried(folder: Path) -> str:
    """How a generation's trial ended, in words."""
    try:
        selfcheck(folder)
    except GenerationError as error:
        return str(error)
    return "good"


class Trial:
    """Proves generations in processes forked from one that was forked before this one opens Chroma.

    Each has its own: Chroma ends a process that opens a damaged folder.
    """

    def __init__(self) -> None:
        asks, self._ask = os.pipe()
        self._told, tells = os.pipe()

        def serve() -> None:
            os.close(self._ask)
            while path := os.read(asks, 4096):
                folder = Path(os.fsdecode(path))
                ended = run(lambda: _tried(folder), Path(os.devnull))  # noqa: B023  # called at once
                os.write(tells, (ended.told or f"it ended with status {ended.status}").encode())

        forked(serve)
        os.close(asks)
        os.close(tells)

    def __call__(self, folder: Path) -> float:
        os.write(self._ask, os.fsencode(folder))
        said = os.read(self._told, 4096).decode()
        if said != "good":
            raise GenerationError(f"A new generation failed its trial: {said}", advice="Run again.")
        return 1.0
