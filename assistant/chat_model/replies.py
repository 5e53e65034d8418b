"""A model's reply, read while it comes: tolerant of what stands around it, strict about each statement.

Code fences, a preamble or a train of thought are passed over. Of the list of statements each is taken when it is
complete; a reply whose list never ends has broken off and counts for nothing.

Native citations, where a provider has them (Anthropic): the sentences as one document, one content block a sentence.

The reply is prose in text blocks, some with the places of the blocks they rest on ("content_block_location", the end
exclusive). Blocks are joined up to the end of a sentence; what a sentence cites is what its blocks cite. By
Anthropic's documentation of citations for custom content documents; the places are read, and never the cited text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ConfigDict, Field, ValidationError

from assistant.answer_layout import Frozen
from assistant.chat_model.prompts import Candidate
from assistant.sanitise import seen

LONGEST = 600  # characters of a statement
MOST_LABELS = 12
MOST_STATEMENTS = 24  # as many again as are asked for, and more: a reply with more is not what was asked for

_THOUGHT = re.compile(r"<think(ing)?>.*?</think(ing)?>", re.DOTALL | re.IGNORECASE)
_THINKING = re.compile(r"<think(ing)?>", re.IGNORECASE)
_LIST = re.compile(r'"statements"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,]*")


class ReplyStatement(Frozen):
    """One statement of the model and the labels it names, as they came."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: str = Field(min_length=1, max_length=LONGEST)
    labels: list[str] = Field(max_length=MOST_LABELS)


class Rewritten(Frozen):
    """A follow-up as the model put it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    question: str = Field(min_length=1)


class UnreadableReplyError(Exception):
    """A reply is not in the form asked for, or breaks off."""


class ReplyReader:
    """Takes a reply in pieces, and gives each statement when it is complete; None for one that is malformed."""

    def __init__(self) -> None:
        self._text = ""
        self._at: int | None = None  # from where statements are still to be read
        self._count = 0
        self._ended = False
        self._decoder = json.JSONDecoder()

    def take(self, piece: str) -> Iterator[ReplyStatement | None]:
        """The statements that the piece completes. Raises `UnreadableReplyError`."""
        self._text += piece
        if "}" in piece or "]" in piece:
            yield from self._complete()

    def finish(self) -> None:
        """Raises `UnreadableReplyError` unless the list of statements has come to its end."""
        if not self._ended:
            raise UnreadableReplyError

    def _complete(self) -> Iterator[ReplyStatement | None]:
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
                raise UnreadableReplyError from error
            self._count += 1
            if self._count > MOST_STATEMENTS:
                raise UnreadableReplyError
            yield _said(value)


def read_question(text: str) -> str:
    """The question of a reply to the prompt for follow-ups. Raises `UnreadableReplyError`."""
    bare = _without_thoughts(text)
    start, end = bare.find("{"), bare.rfind("}")
    try:
        return Rewritten.model_validate_json(bare[start : end + 1]).question
    except (ValidationError, RecursionError) as error:
        raise UnreadableReplyError from error


def _said(value: object) -> ReplyStatement | None:
    try:
        return ReplyStatement.model_validate(value)
    except ValidationError:
        return None


def _without_thoughts(text: str) -> str:
    return _THOUGHT.sub("", text)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at


_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s|$)|$)", re.DOTALL)


def document_of(candidates: Sequence[Candidate]) -> dict[str, Any]:
    """The content block that carries the sentences. Each says which force and period it is about."""
    blocks = [{"type": "text", "text": _line(one)} for one in candidates]
    return {"type": "document", "source": {"type": "content", "content": blocks}, "citations": {"enabled": True}}


def said_in(content: object, candidates: Sequence[Candidate]) -> Iterator[ReplyStatement | None]:
    """The statements of a whole reply's content, each with the labels of the sentences its blocks cite."""
    text, cited = "", list[tuple[int, int, list[str]]]()
    for block in content if isinstance(content, list) else [content]:
        said = _text_of(block)
        cited.append((len(text), len(text) + len(said.rstrip()), _cited(block, candidates)))
        text += said
    for sentence in _SENTENCE.finditer(text):
        start, end = sentence.span()
        labels = dict.fromkeys(label for a, b, of_block in cited if a < end and start < b for label in of_block)
        plain = " ".join(sentence.group().split())
        yield ReplyStatement(text=plain, labels=list(labels)[:MOST_LABELS]) if len(plain) <= LONGEST else None


def _line(candidate: Candidate) -> str:
    about = ", ".join(part for part in (candidate.citation.force, candidate.citation.period) if part)
    return seen(f"{candidate.citation.quote} ({about})" if about else candidate.citation.quote)


def _text_of(block: object) -> str:
    if isinstance(block, str):
        return block
    text = block.get("text") if isinstance(block, dict) else None
    return text if isinstance(text, str) else ""


def _cited(block: object, candidates: Sequence[Candidate]) -> list[str]:
    """The labels of the sentences a block cites; a place that is none gives none."""
    places = block.get("citations") if isinstance(block, dict) else None
    found: list[str] = []
    for place in places if isinstance(places, list) else ():
        start, end = (
            place.get(name) if isinstance(place, dict) else None for name in ("start_block_index", "end_block_index")
        )
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(candidates):
            found += [one.label for one in candidates[start:end]]
    return found
