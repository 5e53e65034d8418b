"""Reads JSON Lines files: questions to ask, gold questions, and answers to verify. Appends whole lines to them."""

from __future__ import annotations

import errno
import os
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
    """A question with its conversation and filter. Unknown keys are ignored, so that a gold file can be asked too."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    id: str
    question: str
    history: tuple[Turn, ...] = ()
    within: Filter = EVERYTHING


def read_records(
    lines: Iterable[bytes], name: str, record_type: type[RecordT]
) -> Iterator[RecordT | QuestionFileError]:
    """Yields each line as a `record_type`, or the error that says why it is not one. Skips blank lines.

    `name` is the file's name, for error messages. Lines are UTF-8; a byte-order mark at the start is dropped.
    """
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
        if text.strip():
            yield _parse(text, f"{name}, line {number}", record_type)


def _parse(text: bytes, location: str, record_type: type[RecordT]) -> RecordT | QuestionFileError:
    try:
        return record_type.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        return QuestionFileError(f"{location}: {field + ': ' if field else ''}{first['msg']}.")


@contextmanager
def open_lines(name: str) -> Iterator[Iterable[bytes]]:
    """Opens a file and yields its lines; `-` is stdin. Raises `QuestionFileError` when it cannot be opened."""
    if name == STDIN:
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(name).open("rb"))
        except OSError as error:
            raise QuestionFileError(f"{name} cannot be read: {error.strerror}.", advice="Check the path.") from error
        yield file


def append_line(path: Path, line: bytes) -> None:
    """Appends a line, whole or not at all, to a file that only its owner can read; makes the file if there is none.

    A file that does not end with a line break gets one first. The caller must be the only writer. Raises `OSError`.
    """
    with open(path, "ab+", buffering=0, opener=open_private) as file:
        end = file.seek(0, os.SEEK_END)
        if end:
            file.seek(end - 1)
            line = line if file.read(1) == b"\n" else b"\n" + line
        if file.write(line) != len(line):
            file.truncate(end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def open_private(name: str, flags: int) -> int:
    """Opens a file that only its owner can read, as an `opener` of `open`."""
    return os.open(name, flags, 0o600)
