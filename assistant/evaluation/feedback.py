"""Feedback on answers, kept as cases that `assistant evaluate` reads (docs/measures.md).

A helpful answer makes a case of what it cited, and a helpful refusal an unanswerable one. What did not help makes an
open case: a person decides later what the right answer is, and no score is made of it until then.
"""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from filelock import FileLock
from pydantic import AwareDatetime

from assistant.answer import Answer, Citation, Status
from assistant.answer_layout import Frozen
from assistant.errors import FeedbackError
from assistant.evaluation.metrics import FEEDBACK, GoldQuestion, GoldQuote
from assistant.filter import EVERYTHING, Filter
from assistant.messages import Messages, load_messages
from assistant.question.conversation import Turn
from assistant.sanitise import carried

LONGEST_COMMENT = 2_000  # characters
WAIT = 10  # seconds for another process that is writing


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person said of an answer. `history` and `within` are what its question was asked with; `time` is aware."""

    answer: Answer
    history: tuple[Turn, ...]
    helpful: bool
    comment: str
    time: datetime
    within: Filter = EVERYTHING


class ShownAnswer(Frozen):
    """What the person was shown: quotations of an answer, context left out, or nothing and the reason."""

    status: Status
    reason: str
    quotes: tuple[GoldQuote, ...]


class Case(GoldQuestion):
    """One line of the file: a gold question, or an open one, and what it was made from."""

    helpful: bool
    comment: str
    time: AwareDatetime
    standalone_question: str
    index: str
    shown: ShownAnswer


def case_of(feedback: Feedback, phrases: Messages | None = None) -> Case:
    """The case that feedback makes. Raises `FeedbackError` when the comment is too long."""
    comment = carried(feedback.comment).strip()
    if len(comment) > LONGEST_COMMENT:
        words = phrases or load_messages()
        said = words.say("feedback.too_long", characters=f"{len(comment):,}", limit=f"{LONGEST_COMMENT:,}")
        raise FeedbackError(said, advice=words.say("feedback.too_long_advice"))
    answer = feedback.answer
    quotes = tuple(_gold(citation) for citation in answer.citations if not citation.context)
    # An answer withheld says nothing of what the sources hold, so it is no example of a right refusal.
    decided = feedback.helpful and answer.status is not Status.WITHHELD
    return Case(
        id=answer.id,
        question=answer.question,
        history=feedback.history,
        within=feedback.within,
        type=FEEDBACK,
        answerable=bool(quotes) if decided else None,
        evidence=tuple((quote,) for quote in quotes) if decided else (),
        helpful=feedback.helpful,
        comment=comment,
        time=feedback.time.astimezone(UTC).replace(microsecond=0),
        standalone_question=answer.standalone_question,
        index=answer.index.digest,
        shown=ShownAnswer(status=answer.status, reason=answer.reason, quotes=quotes),
    )


def keep(feedback: Feedback, path: Path, phrases: Messages | None = None) -> Case:
    """Add the case to the end of the file, which is made where there is none, for its owner's eyes only.

    Safe from several threads and processes. A line is there whole or not at all. Raises `FeedbackError`, for the person
    who sent it, when the comment is too long or the file cannot be written.
    """
    case = case_of(feedback, phrases)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=WAIT, mode=0o600):
            _append(path, case.model_dump_json().encode() + b"\n")
    except OSError as error:
        words = phrases or load_messages()
        raise FeedbackError(words.say("feedback.failed"), advice=words.say("feedback.failed_advice")) from error
    return case


def _gold(citation: Citation) -> GoldQuote:
    return GoldQuote(source=PurePosixPath(citation.source).name, quote=citation.quote)


def _append(path: Path, line: bytes) -> None:
    """One write at the end. Where a person's editor left the last line without an end, it is given one first."""
    with open(path, "ab+", buffering=0, opener=_open_private) as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            line = line if file.read(1) == b"\n" else b"\n" + line
        if file.write(line) != len(line):
            file.truncate(end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def _open_private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
