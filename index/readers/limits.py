"""What a parser of foreign formats may use, and how a process holds itself to it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one file's parsing. Memory and processor time are held where the system can (not on Windows)."""

    memory: int = 2**30  # bytes of address space of the process
    processor_seconds: int = 60
    wall_seconds: float = 90.0
    file_bytes: int = 50 * 2**20
    reply_bytes: int = 64 * 2**20


def hold_memory(limit: int) -> None:
    """Hold this process to an address space of `limit` bytes, and to writing no file, where the system can."""
    if sys.platform == "win32":
        return
    import resource

    for what, most in ((resource.RLIMIT_AS, limit), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def hold_time(seconds: int) -> None:
    """Have the system end this process after `seconds` more of processor time, where it can."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def seal() -> None:
    """Refuse this process connections, other programs, and files to write, as far as Python is asked for them."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[1], str) and bool(set("wax+") & set(arguments[1]))
        if writes or event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec"):
            raise PermissionError(f"a parser may not do this: {event}")

    sys.addaudithook(refuse)
