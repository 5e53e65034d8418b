"""Files of JSON objects, one a line: questions to ask, gold questions, answers to check."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.errors import QuestionFileError
from assistant.filter import EVERYTHING, Filter
from assistant.question.conversation import Turn

STDIN = "-"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
RecordT = TypeVar("RecordT", bound=BaseModel)


class QuestionLine(BaseModel):
    """A question to ask, and what it is limited to. Other keys are passed over: a gold file can be asked as it is."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    id: str
    question: str
    history: tuple[Turn, ...] = ()
    within: Filter = EVERYTHING


def read_records(lines: Iterable[bytes], name: str, kind: type[RecordT]) -> Iterator[RecordT | QuestionFileError]:
    """Each line as a `kind`, in order, or why it is none: one bad line costs no other. Blank lines are passed over.

    `name` is the file's, for messages. Lines are UTF-8; a byte-order mark at the start is dropped.
    """
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if text.strip():
            yield _read(text, f"{name}, line {number}", kind)


def _read(text: bytes, place: str, kind: type[RecordT]) -> RecordT | QuestionFileError:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return QuestionFileError(f"{place}: {where + ': ' if where else ''}{first['msg']}.")


@contextmanager
def open_lines(name: str) -> Iterator[Iterable[bytes]]:
    """The lines of a file, as they come; `-` is stdin. Raises `QuestionFileError` when it cannot be opened."""
    if name == STDIN:
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(name).open("rb"))
        except OSError as error:
            raise QuestionFileError(f"{name} cannot be read: {error.strerror}.", advice="Check the path.") from error
        yield file
