"""The audit log: a line of JSON for each question and each refusal, without names, addresses or session tokens.

Who asked and what was asked stand there as keyed hashes (HMAC, RFC 2104, with SHA-256, cut to 128 bits): the same one
asking again can be seen, and nobody without the key can tell who it is, or try guesses. The question itself is kept
only where the setting `audit_questions` says so.

An assistant whose questions are written to the audit log, whichever way they come in.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from assistant.answer import Answer, Citation
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.by_transcript import Judgements
from assistant.question.conversation import Turn
from assistant.sources import SourceReader
from assistant.web.asker import Asker
from assistant.web.security.identity import Asking
from index.errors import AppError

LARGEST_FILE = 10 * 1024 * 1024  # bytes; then a new file is begun
FILES_KEPT = 10  # older files beside the one written to
KEY_BYTES = 32
HASH_DIGITS = 32
OWN_EYES = 0o600


class AuditLog:
    """Writes the log. What cannot be written is left out and said once on standard error: answers never wait for it."""

    def __init__(self, path: Path, *, questions: bool = False) -> None:
        self._questions = questions
        self._file = _LogFile(path)
        self._key = _key(path.with_name(f"{path.name}.key"), self._file)

    def asked(self, identity: str, route: str, question: str, outcome: str, seconds: float) -> None:
        """A question: `outcome` is the answer's status, or the name of the error that came instead of one."""
        line: dict[str, object] = {
            "route": route,
            "outcome": outcome,
            "seconds": round(seconds, 4),
            "identity": self._hash("identity", identity),
            "question": self._hash("question", question),
        }
        self._write(line | ({"question_text": question} if self._questions else {}))

    def refused(self, identity: str, route: str, code: int) -> None:
        """A request that was not let in, with its HTTP status."""
        self._write({"route": route, "outcome": str(code), "identity": self._hash("identity", identity)})

    def close(self) -> None:
        """Close the file; a later line opens it again."""
        self._file.close()

    def _hash(self, kind: str, value: str) -> str | None:
        """The keyed hash of a value, None of an empty one: nobody, or nothing, was given."""
        message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:HASH_DIGITS] if value else None

    def _write(self, line: dict[str, object]) -> None:
        time = datetime.now(UTC).isoformat(timespec="milliseconds")
        text = json.dumps({"time": time} | line)
        self._file.handle(logging.LogRecord("audit", logging.INFO, "", 0, text, None, None))


class _LogFile(RotatingFileHandler):
    """The standard library's rotating file, for its owner's eyes only, whose faults are said once."""

    def __init__(self, path: Path) -> None:
        self._said = False
        super().__init__(path, maxBytes=LARGEST_FILE, backupCount=FILES_KEPT, encoding="utf-8", delay=True)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  # the standard library's name
        self.complain(sys.exc_info()[1])

    def complain(self, error: BaseException | None) -> None:
        """Say on standard error, once, that the log is not as it should be."""
        if not self._said:
            self._said = True
            sys.stderr.write(f"The audit log {self.baseFilename} is not kept: {error}. Questions are answered.\n")

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        path.parent.mkdir(parents=True, exist_ok=True)
        return open(path, "a", encoding=self.encoding, opener=_for_own_eyes)


def _for_own_eyes(path: str, flags: int) -> int:
    return os.open(path, flags, OWN_EYES)


def _key(path: Path, file: _LogFile) -> bytes:
    """The key of the hashes, made at first use. One that cannot be kept serves until the process ends."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            made = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            made.touch(OWN_EYES)
            made.write_bytes(secrets.token_bytes(KEY_BYTES))
            made.replace(path)
        key = path.read_bytes()
    except OSError as error:
        file.complain(error)
        return secrets.token_bytes(KEY_BYTES)
    if len(key) != KEY_BYTES:
        file.complain(ValueError(f"{path} holds no key of {KEY_BYTES} bytes; delete it and another is made"))
        return secrets.token_bytes(KEY_BYTES)
    return key


class AuditedAssistant:
    """An `Asker` before another: `who` tells who is asking now, where that is known."""

    def __init__(self, asker: Asker, journal: AuditLog, who: Callable[[], Asking | None]) -> None:
        self._asker = asker
        self._journal = journal
        self._who = who

    @property
    def sources(self) -> SourceReader:
        return self._asker.sources

    @property
    def judgements(self) -> Judgements:
        return self._asker.judgements

    def degraded(self) -> bool:
        return self._asker.degraded()

    def ask(self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING) -> Answer:
        with self._written(question) as outcomes:
            answer = self._asker.ask(question, history, within=within)
            outcomes.append(answer.status.value)
        return answer

    def search(self, text: str, count: int, *, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        with self._written(text) as outcomes:
            found = self._asker.search(text, count, within=within)
            outcomes.append("searched")
        return found

    @contextmanager
    def _written(self, question: str) -> Iterator[list[str]]:
        """Writes the line whatever happens; the last outcome noted is the one."""
        began, outcomes = time.perf_counter(), ["fault"]
        asking = self._who() or Asking("", "")
        try:
            yield outcomes
        except AppError as error:
            outcomes.append(type(error).__name__)
            raise
        finally:
            seconds = time.perf_counter() - began
            self._journal.asked(asking.identity, asking.route, question, outcomes[-1], seconds)
