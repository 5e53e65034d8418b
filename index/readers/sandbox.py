"""The process that parses foreign formats, seen from the one that asks: started when needed, and again when it died.

What a parser of foreign formats may use, and how a process holds itself to it.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from base64 import b64decode
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Timer
from types import TracebackType
from typing import Any, Self

from index.readers.extracted import Extracted, UnreadableFileError, decode, dump


@dataclass(frozen=True, slots=True)
class ParserLimits:
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


def restrict_process() -> None:
    """Refuse this process connections, other programs, and files to write, as far as Python is asked for them."""

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[1], str) and bool(set("wax+") & set(arguments[1]))
        if writes or event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec"):
            raise PermissionError(f"a parser may not do this: {event}")

    sys.addaudithook(refuse)


_MB = 2**20


class Parser:
    """Parses files of foreign formats in a child process. A context: leaving it ends the process. For one thread.

    Whatever a file does to the child, the method raises `UnreadableFileError` with the reason, and the next call finds
    a child again.
    """

    def __init__(self, limits: ParserLimits | None = None) -> None:
        self._limits = limits or ParserLimits()
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def extract(self, data: bytes, suffix: str) -> Extracted:
        """The parts of a file with these bytes, of the format named by its suffix (".pdf")."""
        if len(data) > self._limits.file_bytes:
            raise UnreadableFileError(
                f"it has {len(data) // _MB} MB; the limit is {self._limits.file_bytes // _MB} MB."
            )
        reply = self._ask({"suffix": suffix, "size": len(data)}, data)
        try:
            return decode(reply)
        except (KeyError, TypeError, ValueError) as error:
            self.close()
            raise UnreadableFileError("its parser gave a reply that makes no sense.") from error

    def members(self, archive: Path) -> list[tuple[str, str, str]]:
        """The files in an archive: see `index.readers.archives.list_members`."""
        listed = self._ask({"archive": str(archive.absolute())})["members"]
        return [(str(name), str(sha256), str(fault)) for name, sha256, fault in listed]

    def member(self, archive: Path, name: str) -> bytes:
        """The bytes of a file in an archive."""
        return b64decode(self._ask({"archive": str(archive.absolute()), "member": name})["data"])

    def close(self) -> None:
        """End the child process, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def _ask(self, request: dict[str, Any], data: bytes = b"") -> dict[str, Any]:
        child = self._started()
        expired = Event()

        def expire() -> None:
            expired.set()
            child.kill()

        late = Timer(self._limits.wall_seconds, expire)
        late.start()
        try:
            line = self._exchange(child, dump({**request, "processor_seconds": self._limits.processor_seconds}) + data)
        finally:
            late.cancel()
            late.join()
        reply = _parsed(line)
        if reply is None:
            reason = self._cause(child, line, expired=expired.is_set())
            self.close()
            raise UnreadableFileError(reason)
        if reply.get("last"):
            self.close()
        if "failed" in reply:
            raise UnreadableFileError(str(reply["failed"]))
        return reply

    def _exchange(self, child: subprocess.Popen[bytes], message: bytes) -> bytes:
        """Send a message and wait for the line that answers it; empty or cut short when the child died of it."""
        assert child.stdin is not None  # noqa: S101  # both are pipes
        assert child.stdout is not None  # noqa: S101
        try:
            child.stdin.write(message)
            child.stdin.flush()
        except BrokenPipeError:
            return b""
        return child.stdout.readline(self._limits.reply_bytes)

    def _cause(self, child: subprocess.Popen[bytes], line: bytes, *, expired: bool) -> str:
        """Why there is no reply that can be read."""
        if len(line) >= self._limits.reply_bytes:
            return f"it would give more than {self._limits.reply_bytes // _MB} MB of text."
        if expired:
            return f"it could not be read within {self._limits.wall_seconds:g} seconds."
        child.kill()
        status = child.wait()
        if sys.platform != "win32" and status == -signal.SIGXCPU:
            return f"it could not be read within {self._limits.processor_seconds} seconds of processor time."
        return f"it ended the process that read it (status {status}): it is damaged, or asks for too much memory."

    def _started(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            self._child = subprocess.Popen(  # noqa: S603  # this very program
                [sys.executable, "-B", "-m", "index.readers.sandbox_worker", str(self._limits.memory)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                cwd=Path(__file__).parents[2],
            )  # fmt: skip
        return self._child


def _parsed(line: bytes) -> dict[str, Any] | None:
    """A reply's line; None for one that is cut short or no JSON object."""
    try:
        reply = json.loads(line)
    except ValueError:
        return None
    return reply if isinstance(reply, dict) else None
