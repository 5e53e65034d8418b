"""Saves feedback on answers as cases that `assistant evaluate` reads (docs/measures.md).

A helpful answer becomes a gold question with its citations as evidence, a helpful refusal an unanswerable one. Other
feedback becomes an open case, which is not scored until a person adds the right answer.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from filelock import FileLock
from pydantic import AwareDatetime

from assistant.answer import Answer, Citation, Status
from assistant.answer_layout import Frozen
from assistant.errors import FeedbackError
from assistant.evaluation.json_lines import append_line, open_private
from assistant.evaluation.metrics import FEEDBACK_TYPE, GoldQuestion, GoldQuote
from assistant.filter import EVERYTHING, Filter
from assistant.messages import Messages, load_messages
from assistant.question.conversation import Turn
from assistant.sanitise import printable

MAX_COMMENT_CHARACTERS = 2_000
MAX_FILE_BYTES = 50 * 1024 * 1024  # of cases, some 10,000 of them; more are refused until the file is moved away
LOCK_TIMEOUT_SECONDS = 10  # longest wait for another process that is writing


@dataclass(frozen=True, slots=True)
class Feedback:
    """A user's judgement of an answer, with the conversation and filter of its question. `time` has a time zone.

    `judge` stands for the person and this answer, and does not say who it is; empty where that is not known.
    """

    answer: Answer
    history: tuple[Turn, ...]
    helpful: bool
    comment: str
    time: datetime
    within: Filter = EVERYTHING
    judge: str = ""


class ShownAnswer(Frozen):
    """The answer that was judged: its status, reason and quotations, without those shown as context."""

    status: Status
    reason: str
    quotes: tuple[GoldQuote, ...]


class Case(GoldQuestion):
    """A line of the file: a gold question or open case, and the feedback it was made from."""

    helpful: bool
    comment: str
    time: AwareDatetime
    standalone_question: str
    index: str
    shown: ShownAnswer


def case_from(feedback: Feedback, messages: Messages | None = None) -> Case:
    """Returns the case for a piece of feedback. Raises `FeedbackError` when the comment is too long."""
    comment = printable(feedback.comment).strip()
    if len(comment) > MAX_COMMENT_CHARACTERS:
        raise _comment_too_long(comment, messages or load_messages())
    answer = feedback.answer
    quotes = tuple(_gold_quote(citation) for citation in answer.citations if not citation.context)
    # A withheld answer says nothing about the sources, so it is no example of a right refusal.
    decided = feedback.helpful and answer.status is not Status.WITHHELD
    return Case(
        id=answer.id,
        question=answer.question,
        history=feedback.history,
        within=feedback.within,
        type=FEEDBACK_TYPE,
        judge=feedback.judge,
        answerable=bool(quotes) if decided else None,
        evidence=tuple((quote,) for quote in quotes) if decided else (),
        helpful=feedback.helpful,
        comment=comment,
        time=feedback.time.astimezone(UTC).replace(microsecond=0),
        standalone_question=answer.standalone_question,
        index=answer.index.digest,
        shown=ShownAnswer(status=answer.status, reason=answer.reason, quotes=quotes),
    )


def save_feedback(feedback: Feedback, path: Path, messages: Messages | None = None) -> Case:
    """Adds the case to a file, creating it if needed, readable by its owner only. Returns the case.

    It replaces what the same judge said of the same answer before. Safe to call from several threads and processes; a
    line is written whole or not at all. Raises `FeedbackError`, worded for the user, when the comment is too long, the
    file is full or it cannot be written.
    """
    case = case_from(feedback, messages)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=LOCK_TIMEOUT_SECONDS, mode=0o600):
            is_stored = _store(path, case)
    except OSError as error:
        words = messages or load_messages()
        raise FeedbackError(words.say("feedback.failed"), advice=words.say("feedback.failed_advice")) from error
    if not is_stored:
        raise FeedbackError((messages or load_messages()).say("feedback.full"))
    return case


def _store(path: Path, case: Case) -> bool:
    """Writes the line of a case, in place of one by the same judge. Returns False when the file would be too large."""
    line = case.model_dump_json().encode() + b"\n"
    before = path.read_bytes().splitlines(keepends=True) if case.judge and path.exists() else []
    others = [other for other in before if not _is_by_judge(other, case)]
    size = sum(map(len, others)) if before else path.stat().st_size if path.exists() else 0
    if size + len(line) > MAX_FILE_BYTES:
        return False
    if len(others) == len(before):
        append_line(path, line)
        return True
    temporary = path.with_name(f"{path.name}.new")
    try:
        with open(temporary, "wb", opener=open_private) as file:
            file.writelines([*others, line])
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _is_by_judge(line: bytes, case: Case) -> bool:
    """Whether a line of the file is about the answer of a case and by its judge."""
    if case.judge.encode() not in line:
        return False
    try:
        written = json.loads(line)
    except ValueError:
        return False  # somebody has edited it: it is theirs
    return isinstance(written, dict) and (written.get("id"), written.get("judge")) == (case.id, case.judge)


def _comment_too_long(comment: str, messages: Messages) -> FeedbackError:
    message = messages.say("feedback.too_long", characters=f"{len(comment):,}", limit=f"{MAX_COMMENT_CHARACTERS:,}")
    return FeedbackError(message, advice=messages.say("feedback.too_long_advice"))


def _gold_quote(citation: Citation) -> GoldQuote:
    return GoldQuote(source=PurePosixPath(citation.source).name, quote=citation.quote)
