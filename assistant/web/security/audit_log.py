"""The audit log: one line of JSON per question, without names, addresses or session tokens.

Rejected requests are counted: the first of a client, route and status has a line at once, the others of ten minutes
have one together. So nobody can fill the log with rejections.

The client and the question are keyed hashes (HMAC, RFC 2104, with SHA-256, cut to 128 bits): a repeated question or
client can be recognised, but without the key nobody can identify it or test a guess. The text of a question is
written only with the setting `audit_questions`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path

from assistant.answer import Answer, Citation
from assistant.evaluation.json_lines import append_line
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.by_transcript import Judgements
from assistant.question.conversation import Turn
from assistant.sources import SourceReader
from assistant.state import bounded_text
from assistant.web.asker import Asker
from assistant.web.security.identity import RequestIdentity
from index.errors import AppError

MAX_FILE_BYTES = 10 * 1024 * 1024
BACKUP_FILES = 10
KEY_BYTES = 32
HASH_DIGITS = 32
OWNER_ONLY = 0o600
MAX_TEXT_CHARACTERS = 1_000  # of a question: more says no more, and would soon fill the log
REJECTION_SECONDS = 600.0  # in which rejections of one kind are counted together
MAX_REJECTION_KINDS = 200  # clients, routes and statuses told apart in that time; further ones count without a client


class AuditLog:
    """Writes the log. A write error is reported once on standard error and never blocks an answer."""

    def __init__(
        self, path: Path, *, questions: bool = False, to_stdout: bool = False, key: bytes | None = None
    ) -> None:
        self._questions = questions
        self._rejections, self._lock = _RejectionCounts(), threading.Lock()
        self._file = _LogFile(path, to_stdout=to_stdout)
        self._key = key or load_key(path.with_name(f"{path.name}.key"), self._file.report)

    def record_question(self, client: str, route: str, question: str, outcome: str, seconds: float) -> None:
        """Records a question. `outcome` is the status of the answer, or the name of the error raised."""
        line: dict[str, object] = {
            "route": route,
            "outcome": outcome,
            "seconds": round(seconds, 4),
            "identity": self._hash("identity", client),
            "question": self._hash("question", question),
        }
        self._write(line | ({"question_text": question[:MAX_TEXT_CHARACTERS]} if self._questions else {}))

    def record_rejection(self, client: str, route: str, code: int) -> None:
        """Records a rejected request with its HTTP status, or counts it; see the module."""
        with self._lock:
            if self._rejections.is_over():
                self._write_counts()
            kind = self._rejections.add(client, route, code)
        if kind is not None:
            self._write(self._rejection_line(kind))

    def judge(self, client: str, answer_id: str) -> str:
        """Returns what stands for a client and an answer: it is another for every answer, and nobody can look it up."""
        return self._hash("judge", f"{client}\0{answer_id}") or ""

    @property
    def is_failing(self) -> bool:
        """Whether the last line could not be written."""
        return self._file.is_failing

    def close(self) -> None:
        """Writes the rejections counted so far, and closes the file; a later line opens it again."""
        with self._lock:
            self._write_counts()
        self._file.close()

    def _write_counts(self) -> None:
        """Writes a line for each kind of rejection of which there were several, and begins to count again."""
        for kind, counted in self._rejections.taken().items():
            self._write(self._rejection_line(kind) | asdict(counted))

    def _rejection_line(self, kind: _RejectionKind) -> dict[str, object]:
        client, route, code = kind
        return {"route": route, "outcome": str(code), "identity": self._hash("identity", client)}

    def _hash(self, kind: str, value: str) -> str | None:
        """Returns the keyed hash of a value, None of an empty one."""
        message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:HASH_DIGITS] if value else None

    def _write(self, line: dict[str, object]) -> None:
        self._file.handle(logging.makeLogRecord({"msg": json.dumps({"time": _timestamp()} | line)}))


_RejectionKind = tuple[str, str, int]  # client, route, HTTP status


def _timestamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(slots=True)
class Counted:
    """How many rejections of one kind there were, and when."""

    count: int
    first: str
    last: str


class _RejectionCounts:
    """The rejections of the current ten minutes, by kind."""

    def __init__(self) -> None:
        self._counted: dict[_RejectionKind, Counted] = {}
        self._since = time.monotonic()

    def is_over(self) -> bool:
        """Whether the ten minutes are over."""
        return time.monotonic() - self._since >= REJECTION_SECONDS

    def add(self, client: str, route: str, code: int) -> _RejectionKind | None:
        """Counts a rejection; returns its kind if it is the first of it."""
        kind = (client, route, code)
        if kind not in self._counted and len(self._counted) >= MAX_REJECTION_KINDS:
            kind = ("", "", code)
        now, counted = _timestamp(), self._counted.get(kind)
        if counted is None:
            self._counted[kind] = Counted(1, now, now)
            return kind
        counted.count += 1
        counted.last = now
        return None

    def taken(self) -> dict[_RejectionKind, Counted]:
        """Returns the kinds with more than one rejection, and begins to count again."""
        several = {kind: counted for kind, counted in self._counted.items() if counted.count > 1}
        self._counted, self._since = {}, time.monotonic()
        return several


class _LogFile(RotatingFileHandler):
    """The standard library's rotating file, readable by its owner only, or standard output. A line is written whole.

    Reports the first error, and no other before a line could be written again.
    """

    def __init__(self, path: Path, *, to_stdout: bool) -> None:
        self._to_stdout = to_stdout
        self._has_reported = False
        self.is_failing = False
        super().__init__(path, maxBytes=MAX_FILE_BYTES, backupCount=BACKUP_FILES, encoding="utf-8", delay=True)

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a line. The standard library would leave the half of it that still fits on a full disk."""
        line = f"{self.format(record)}\n"
        try:
            if self._to_stdout:
                sys.stdout.write(line)
                sys.stdout.flush()
            else:
                self._append(Path(self.baseFilename), line.encode())
        except OSError:
            self.is_failing = True
            self.handleError(record)
        else:
            self.is_failing = self._has_reported = False

    def _append(self, path: Path, line: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size + len(line) > self.maxBytes:
            self.doRollover()
        append_line(path, line)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  # the standard library's name
        self.report(sys.exc_info()[1])

    def report(self, error: BaseException | None) -> None:
        """Writes an error to standard error, if it is the first."""
        if not self._has_reported:
            self._has_reported = True
            where = self.baseFilename
            sys.stderr.write(f"Problem with the audit log {where}: {error}. Questions are still answered.\n")


def load_key(path: Path, report: Callable[[BaseException], None]) -> bytes:
    """Returns the key in a file, which is created at first use. A key that cannot be stored is reported, and lasts as
    long as the process.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _create_key(path)
        key = path.read_bytes()
    except OSError as error:
        report(error)
        return secrets.token_bytes(KEY_BYTES)
    if len(key) != KEY_BYTES:
        report(ValueError(f"{path} is not a key of {KEY_BYTES} bytes; delete it to have a new one made"))
        return secrets.token_bytes(KEY_BYTES)
    return key


def _create_key(path: Path) -> None:
    """Creates a key whole; where several processes do at the same time, the first one's is kept."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    temporary.touch(OWNER_ONLY)
    try:
        temporary.write_bytes(secrets.token_bytes(KEY_BYTES))
        with suppress(FileExistsError):
            path.hardlink_to(temporary)
    finally:
        temporary.unlink()


class AuditedAssistant:
    """An `Asker` that records every question in the audit log before it returns the answer of another.

    `current_identity` returns who is asking now and by which route, None where that is not known.
    """

    def __init__(
        self, asker: Asker, audit_log: AuditLog, current_identity: Callable[[], RequestIdentity | None]
    ) -> None:
        self._asker, self._audit_log, self._current_identity = asker, audit_log, current_identity
        self._under_way: dict[int, tuple[float, RequestIdentity, str]] = {}  # start, who asks, the question
        self._lock = threading.Lock()

    @property
    def sources(self) -> SourceReader:
        return self._asker.sources

    @property
    def judgements(self) -> Judgements:
        return self._asker.judgements

    def degraded(self) -> bool:
        """Whether the index has a fault, or questions are not recorded."""
        return self._asker.degraded() or self._audit_log.is_failing

    def ask(self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING) -> Answer:
        with self._recording(bounded_text(question)) as outcomes:
            answer = self._asker.ask(question, history, within=within)
            outcomes.append(answer.status.value)
        return answer

    def search(self, text: str, count: int, *, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        with self._recording(bounded_text(text)) as outcomes:
            found = self._asker.search(text, count, within=within)
            outcomes.append("searched")
        return found

    @contextmanager
    def _recording(self, question: str) -> Iterator[list[str]]:
        """Writes the line whatever happens, with the last outcome added to the list."""
        outcomes = ["fault"]
        identity = self._current_identity() or RequestIdentity("", "")
        number = id(outcomes)  # no other list has it while this one exists
        with self._lock:
            self._under_way[number] = (time.perf_counter(), identity, question)
        try:
            yield outcomes
        except AppError as error:
            outcomes.append(type(error).__name__)
            raise
        finally:
            self._record(number, outcomes[-1])

    def record_stopped(self) -> None:
        """Writes the line of every question that is still under way, with the outcome `stopped`, and no second one."""
        with self._lock:
            numbers = tuple(self._under_way)
        for number in numbers:
            self._record(number, "stopped")

    def _record(self, number: int, outcome: str) -> None:
        with self._lock:
            under_way = self._under_way.pop(number, None)
        if under_way is not None:
            started, identity, question = under_way
            seconds = time.perf_counter() - started
            self._audit_log.record_question(identity.client, identity.route, question, outcome, seconds)
