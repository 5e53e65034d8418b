"""Reads files in a child process, so that a broken or malicious file cannot crash, block or misuse this process.

Plain text is divided into blocks there too: no text, however it is written, may occupy this process.

For each file the child may use 1 GiB of memory and 60 seconds of processor time, because a small file can unpack to
a huge one or loop for ever. This process sends at most 50 MB, accepts at most 64 MB of text, and waits at most 90
seconds, because the child may hang. On Linux, time in which it waited for a processor does not count: a busy machine
refuses nothing. The child may not write files, open connections or start programs, because no parser needs to. A file
that breaks a limit or crashes the child fails with that reason, and the next file gets a new child.

The child is `python -m index.readers.sandbox BYTES`, limited to BYTES of memory. A request on its stdin is a line of
JSON, followed by the bytes of the document if it has a `size`. A reply on its stdout is a line of JSON; for a file that
cannot be read it gives the reason.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pkgutil import resolve_name
from threading import Event
from typing import Any, BinaryIO, Self, TypeVar

from lxml import etree

from index.errors import SourceError
from index.readers.extracted import Extracted, UnreadableFileError
from index.readers.formats import (
    FORMATS,
    MB,
    ArchiveMember,
    ParsedFormat,
    ParserLimits,
    TextFormat,
    list_members,
    read_member,
)
from index.readers.text import decode_text
from index.text.transcript import Block, blocks_from_json, blocks_to_json

_Reply = TypeVar("_Reply")
_WRITE_MODES = frozenset("wax+")
_FORBIDDEN_EVENTS = frozenset({"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec"})


class SandboxedParser:
    """Parses files in a child process, which is started when first needed and ended on leaving the context.

    Every method raises `UnreadableFileError` with the reason when the file cannot be parsed. Not thread-safe.
    """

    def __init__(self, limits: ParserLimits | None = None) -> None:
        self.limits = limits or ParserLimits()
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()

    def extract(self, data: bytes, suffix: str) -> Extracted:
        """Parses the bytes of a file, by the parser of its suffix (".pdf")."""
        return self._document(data, suffix, Extracted.from_json)

    def split(self, data: bytes, suffix: str) -> tuple[Block, ...]:
        """Divides the text of a file into blocks, by the function of its suffix (".txt")."""
        return self._document(data, suffix, blocks_from_json)

    def list_members(self, archive: Path) -> list[ArchiveMember]:
        """Returns the files in an archive: see `index.readers.formats.list_members`."""
        members = self._request({"archive": str(archive.absolute())})["members"]
        return [ArchiveMember(str(name), str(sha256), str(fault)) for name, sha256, fault in members]

    def read_member(self, archive: Path, name: str) -> bytes:
        """Returns the bytes of a file in an archive."""
        return b64decode(self._request({"archive": str(archive.absolute()), "member": name})["data"])

    def close(self) -> None:
        """Ends the child process, if there is one."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()

    def _document(self, data: bytes, suffix: str, decode: Callable[[Mapping[str, Any]], _Reply]) -> _Reply:
        self.limits.check_size(len(data))
        reply = self._request({"suffix": suffix, "size": len(data)}, data)
        try:
            return decode(reply)
        except (IndexError, KeyError, TypeError, ValueError) as error:
            self.close()
            raise UnreadableFileError("its parser returned an invalid reply.") from error

    def _request(self, request: Mapping[str, str | int], data: bytes = b"") -> dict[str, Any]:
        child = self._running_child()
        message = json_line({**request, "processor_seconds": self.limits.processor_seconds}) + data
        done = Event()
        with ThreadPoolExecutor(1) as watching:
            in_time = watching.submit(self._end_when_late, child, done)
            try:
                line = self._exchange(child, message)
            finally:
                done.set()
        reply = _parse_reply(line)
        if reply is None:
            reason = self._failure(child, line, late=not in_time.result())
            self.close()
            raise UnreadableFileError(reason)
        if reply.get("last"):
            self.close()
        if "failed" in reply:
            raise UnreadableFileError(str(reply["failed"]))
        return reply

    def _end_when_late(self, child: subprocess.Popen[bytes], done: Event) -> bool:
        """Waits for `done`, and ends the child if its time is over before. Returns whether it was done in time."""
        began, queued_before = time.monotonic(), seconds_queued(child.pid)
        while not done.is_set():
            elapsed, queued = time.monotonic() - began, seconds_queued(child.pid) - queued_before
            left = min(self.limits.own_seconds + queued, self.limits.wall_seconds) - elapsed
            if left <= 0:
                child.kill()
                return False
            done.wait(left)
        return True

    def _exchange(self, child: subprocess.Popen[bytes], message: bytes) -> bytes:
        """Sends a message and returns the line of the reply; it is empty or cut short when the child died."""
        assert child.stdin is not None  # noqa: S101  # both are pipes
        assert child.stdout is not None  # noqa: S101
        try:
            child.stdin.write(message)
            child.stdin.flush()
        except BrokenPipeError:
            return b""
        return child.stdout.readline(self.limits.reply_bytes)

    def _failure(self, child: subprocess.Popen[bytes], line: bytes, *, late: bool) -> str:
        """Returns why there is no valid reply."""
        if len(line) >= self.limits.reply_bytes:
            return f"it would give more than {self.limits.reply_bytes // MB} MB of text."
        if late:
            own, wall = self.limits.own_seconds, self.limits.wall_seconds
            return f"it could not be read within {own:g} seconds, or {wall:g} on a busy machine."
        child.kill()
        status = child.wait()
        if sys.platform != "win32" and status == -signal.SIGXCPU:
            return f"it could not be read within {self.limits.processor_seconds} seconds of processor time."
        return f"it crashed its parser (status {status}): it is damaged, or needs too much memory."

    def _running_child(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        if self._child is None:
            self._child = subprocess.Popen(  # noqa: S603  # this very program
                [sys.executable, "-B", "-m", "index.readers.sandbox", str(self.limits.memory_bytes)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                cwd=Path(__file__).parents[2],
            )  # fmt: skip
        return self._child


def json_line(message: Mapping[str, object]) -> bytes:
    """Returns a message between the two processes: JSON on one line."""
    return json.dumps(message).encode("ascii") + b"\n"


def seconds_queued(process: int) -> float:
    """Returns how long a process has waited for a processor since it began, in seconds; 0 where the system hides it."""
    try:
        _, nanoseconds, _ = Path(f"/proc/{process}/schedstat").read_text(encoding="ascii").split()
    except OSError:  # another system than Linux
        return 0.0
    return int(nanoseconds) / 1e9


def limit_memory(limit: int) -> None:
    """Limits this process to `limit` bytes of address space, and forbids it to write files or core dumps.

    Does nothing on Windows.
    """
    if sys.platform == "win32":
        return
    import resource

    for kind, soft in ((resource.RLIMIT_AS, limit), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def limit_processor_time(seconds: int) -> None:
    """Has the system end this process after `seconds` more of processor time. Does nothing on Windows."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def restrict_process() -> None:
    """Makes Python raise `PermissionError` when code in this process opens a connection, starts a program or writes.

    It guards against parsers that do so through Python; native code is limited by `limit_memory` only.
    """

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[1], str) and not _WRITE_MODES.isdisjoint(arguments[1])
        if writes or event in _FORBIDDEN_EVENTS:
            raise PermissionError(f"a parser may not do this: {event}")

    sys.addaudithook(refuse)


def _parse_reply(line: bytes) -> dict[str, Any] | None:
    """Returns the JSON object on a line; None when the line is cut short or is anything else."""
    try:
        reply = json.loads(line)
    except ValueError:
        return None
    return reply if isinstance(reply, dict) else None


_MAX_REASON_CHARACTERS = 200
# Parsers raise these over malformed input, and nothing of the file is left once its reply is sent.
_DAMAGE_ERRORS = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, etree.LxmlError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def main() -> None:
    """Serves stdin and stdout. What libraries print goes to stderr instead."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    limit_memory(int(sys.argv[1]))
    restrict_process()
    serve(sys.stdin.buffer, replies)


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answers requests until there are no more, or until one has left this process unfit to go on."""
    while line := requests.readline():
        request = json.loads(line)
        limit_processor_time(request["processor_seconds"])
        reply = reply_to(request, requests.read(request.get("size", 0)))
        replies.write(json_line(reply))
        replies.flush()
        if reply.get("last"):
            return


def reply_to(request: Mapping[str, Any], data: bytes) -> dict[str, object]:
    """Returns the reply to one request. It is the last when memory or the stack ran out."""
    try:
        if "member" in request:
            return {"data": b64encode(read_member(request["archive"], request["member"])).decode("ascii")}
        if "archive" in request:
            return {"members": list_members(request["archive"])}
        return read_document(request["suffix"], data)
    except UnreadableFileError as error:
        return {"failed": str(error)}
    except SourceError as error:
        return {"failed": error.reason}
    except MemoryError:
        return {"failed": "it needs more memory than is allowed for one file.", "last": True}
    except RecursionError:
        return {"failed": "it is nested too deeply to be read.", "last": True}
    except _DAMAGE_ERRORS as error:
        message = " ".join(str(error).split())[:_MAX_REASON_CHARACTERS]
        return {"failed": f"it is damaged: {type(error).__name__}: {message}"}


def read_document(suffix: str, data: bytes) -> dict[str, object]:
    """Returns the parts of a file, or the blocks of a text, as JSON. Raises `KeyError` for an unknown suffix."""
    match FORMATS[suffix]:
        case ParsedFormat(parser=name):
            parser: Callable[[bytes], Extracted] = resolve_name(name)
            return parser(data).to_json()
        case TextFormat(split=name):
            split: Callable[[str], tuple[Block, ...]] = resolve_name(name)
            return blocks_to_json(split(decode_text(Path("text"), data)))


if __name__ == "__main__":
    main()
