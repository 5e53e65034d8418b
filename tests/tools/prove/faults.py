"""Faults at the edge of libc: `faults.c`, compiled once a run, loaded before a part's process begins, armed in it."""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import subprocess
from dataclasses import dataclass
from enum import IntFlag
from pathlib import Path

SOURCE = Path(__file__).with_name("faults.c")
LIBRARY = "ASSISTANT_PROOF_FAULTS"  # the variable that names what was compiled, for the process it is loaded into
DIE, TEAR = -1, -2


class Kind(IntFlag):
    """Calls of one kind, as faults.c numbers them."""

    WRITE = 1
    SYNC = 2
    NAME = 4
    OPEN = 8
    SIZE = 16
    READ = 32
    MAP = 64


CHANGES = Kind.WRITE | Kind.SYNC | Kind.NAME | Kind.OPEN | Kind.SIZE


@dataclass(frozen=True)
class Fault:
    """What happens at the n-th call of some kinds: the process ends, or the call fails, with `lasting` from then on."""

    name: str
    action: int
    kinds: Kind
    lasting: bool = False


KILLS = (
    Fault("SIGKILL", DIE, CHANGES),
    Fault("SIGKILL in the middle of a write", TEAR, Kind.WRITE),
)
FAILURES = (
    Fault("ENOSPC from then on", errno.ENOSPC, Kind.WRITE | Kind.NAME | Kind.SIZE, lasting=True),
    Fault("EIO", errno.EIO, CHANGES | Kind.READ),
    Fault("EACCES from then on", errno.EACCES, Kind.NAME | Kind.OPEN, lasting=True),
    Fault("ENOMEM", errno.ENOMEM, Kind.OPEN | Kind.READ | Kind.MAP),
)


def compiler() -> str | None:
    """The C compiler there is."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def compiled(folder: Path) -> dict[str, str]:
    """What to add to a process's environment so that faults can be armed in it. Raises where there is no compiler."""
    command = compiler()
    if command is None:
        raise SystemExit("This part needs a C compiler (apt install gcc).")
    library = folder / "faults.so"
    subprocess.run([command, "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE), "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), LIBRARY: str(library)}


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(os.environ[LIBRARY])
    library.fault_counted.restype = ctypes.c_long
    library.fault_arm.argtypes = [ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.c_int, ctypes.c_int]
    return library


def arm(folder: Path, fault: Fault, nth: int) -> None:
    """From now on, in this process, the n-th call that regards this folder meets the fault; with 0 they are counted."""
    _library().fault_arm(os.fsencode(folder), nth, fault.action, fault.kinds, fault.lasting and nth > 0)


def disarm() -> int:
    """No faults any more; how many calls there were since it was armed."""
    library = _library()
    library.fault_disarm()
    return int(library.fault_counted())
