"""A model's reply, read while it comes: tolerant of what stands around it, strict about each statement.

Code fences, a preamble or a train of thought are passed over. Of the list of statements each is taken when it is
complete; a reply whose list never ends has broken off and counts for nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from pydantic import ConfigDict, Field, ValidationError

from assistant.arrangement import Frozen

LONGEST = 600  # characters of a statement
MOST_LABELS = 12
MOST_STATEMENTS = 24  # as many again as are asked for, and more: a reply with more is not what was asked for

_THOUGHT = re.compile(r"<think(ing)?>.*?</think(ing)?>", re.DOTALL | re.IGNORECASE)
_THINKING = re.compile(r"<think(ing)?>", re.IGNORECASE)
_LIST = re.compile(r'"statements"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


class Said(Frozen):
    """One statement of the model and the labels it names, as they came."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: str = Field(min_length=1, max_length=LONGEST)
    labels: list[str] = Field(max_length=MOST_LABELS)


class Rewritten(Frozen):
    """A follow-up as the model put it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    question: str = Field(min_length=1)


class UnreadableError(Exception):
    """A reply is not in the form asked for, or breaks off."""


class ReplyReader:
    """Takes a reply in pieces, and gives each statement when it is complete; None for one that is malformed."""

    def __init__(self) -> None:
        self._text = ""
        self._at: int | None = None  # from where statements are still to be read
        self._count = 0
        self._ended = False
        self._decoder = json.JSONDecoder()

    def take(self, piece: str) -> Iterator[Said | None]:
        """The statements that the piece completes. Raises `UnreadableError`."""
        self._text += piece
        if "}" in piece or "]" in piece:
            yield from self._complete()

    def finish(self) -> None:
        """Raises `UnreadableError` unless the list of statements has come to its end."""
        if not self._ended:
            raise UnreadableError

    def _complete(self) -> Iterator[Said | None]:
        if self._at is None:
            self._text = _without_thoughts(self._text)
            found = None if _THINKING.search(self._text) else _LIST.search(self._text)
            self._at = found.end() if found else None
        while self._at is not None and not self._ended:
            at = _end(_BETWEEN, self._text, self._at)
            if self._text.startswith("]", at):
                self._ended = True
                return
            try:
                value, self._at = self._decoder.raw_decode(self._text, at)
            except json.JSONDecodeError:
                return  # not complete yet, or never: `finish` tells
            except RecursionError as error:
                raise UnreadableError from error
            self._count += 1
            if self._count > MOST_STATEMENTS:
                raise UnreadableError
            yield _said(value)


def read_question(text: str) -> str:
    """The question of a reply to the prompt for follow-ups. Raises `UnreadableError`."""
    bare = _without_thoughts(text)
    start, end = bare.find("{"), bare.rfind("}")
    try:
        return Rewritten.model_validate_json(bare[start : end + 1]).question
    except (ValidationError, RecursionError) as error:
        raise UnreadableError from error


def _said(value: object) -> Said | None:
    try:
        return Said.model_validate(value)
    except ValidationError:
        return None


def _without_thoughts(text: str) -> str:
    return _THOUGHT.sub("", text)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
