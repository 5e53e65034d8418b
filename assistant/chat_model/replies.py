"""Reads a chat model's reply while it arrives: JSON with labels, or prose with the provider's own citations.

Code fences, introductions and a model's reasoning are skipped. Each statement is read as soon as it is complete, and
one that is malformed does not spoil the others; a reply whose list of statements never ends is unreadable.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pydantic import ConfigDict, Field, ValidationError

from assistant.answer_layout import Frozen
from assistant.chat_model.prompts import LabelledSentence
from assistant.sanitise import visible

MAX_STATEMENT_CHARACTERS = 600
MAX_LABELS = 12  # of one statement
MAX_STATEMENTS = 24  # three times what the prompt allows; a reply with more does not follow it

_REASONING = re.compile(r"<think(ing)?>.*?</think(ing)?>", re.DOTALL | re.IGNORECASE)
_REASONING_STARTS = re.compile(r"<think(ing)?>", re.IGNORECASE)
_LIST_STARTS = re.compile(r'"statements"\s*:\s*\[')
_SEPARATOR = re.compile(r"[\s,]*")
_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s|$)|$)", re.DOTALL)


class ReplyStatement(Frozen):
    """One statement of the reply, and the labels it cites, both unchecked."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: str = Field(min_length=1, max_length=MAX_STATEMENT_CHARACTERS)
    labels: list[str] = Field(max_length=MAX_LABELS)


class RewrittenQuestion(Frozen):
    """A follow-up question as the model rewrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    question: str = Field(min_length=1)


class UnreadableReplyError(Exception):
    """The reply does not have the form asked for, or it breaks off."""


class ReplyReader:
    """Reads a reply in JSON piece by piece."""

    def __init__(self) -> None:
        self._text = ""
        self._position: int | None = None  # where the next statement begins, once the list has begun
        self._count = 0
        self._ended = False
        self._decoder = json.JSONDecoder()

    def feed(self, piece: str) -> Iterator[ReplyStatement | None]:
        """Yields the statements that the piece completes, None for a malformed one. Raises `UnreadableReplyError`."""
        self._text += piece
        if "}" in piece or "]" in piece:
            yield from self._completed()

    def finish(self) -> None:
        """Raises `UnreadableReplyError` unless the list of statements has ended."""
        if not self._ended:
            raise UnreadableReplyError

    def _completed(self) -> Iterator[ReplyStatement | None]:
        if self._position is None:
            self._find_list()
        while self._position is not None and not self._ended:
            start = _skip_separator(self._text, self._position)
            if self._text.startswith("]", start):
                self._ended = True
                return
            try:
                value, self._position = self._decoder.raw_decode(self._text, start)
            except json.JSONDecodeError:
                return  # incomplete so far; `finish` raises if it stays so
            except RecursionError as error:
                raise UnreadableReplyError from error
            self._count += 1
            if self._count > MAX_STATEMENTS:
                raise UnreadableReplyError
            yield _valid_statement(value)

    def _find_list(self) -> None:
        self._text = _without_reasoning(self._text)
        if _REASONING_STARTS.search(self._text):
            return
        match = _LIST_STARTS.search(self._text)
        self._position = match.end() if match else None


def read_question(text: str) -> str:
    """The question in a reply to the prompt for follow-ups. Raises `UnreadableReplyError`."""
    reply = _without_reasoning(text)
    start, end = reply.find("{"), reply.rfind("}")
    try:
        return RewrittenQuestion.model_validate_json(reply[start : end + 1]).question
    except (ValidationError, RecursionError) as error:
        raise UnreadableReplyError from error


def citable_document(sentences: Sequence[LabelledSentence]) -> dict[str, object]:
    """The sentences as a document that the provider cites itself: a block each, with its force and period.

    This is the "custom content document" of Anthropic's documentation of citations.
    """
    blocks = [{"type": "text", "text": _block_text(sentence)} for sentence in sentences]
    return {"type": "document", "source": {"type": "content", "content": blocks}, "citations": {"enabled": True}}


def read_native_citations(content: object, sentences: Sequence[LabelledSentence]) -> Iterator[ReplyStatement | None]:
    """Yields the statements of a complete reply to a `citable_document`, None for one that is too long.

    The reply is prose in text blocks, and a block may cite ranges of the document's blocks ("content_block_location",
    the end exclusive). Each sentence of the prose is a statement that cites what the blocks it overlaps cite. The text
    that the provider repeats as cited is ignored.
    """
    text = ""
    spans: list[_CitedSpan] = []
    for block in content if isinstance(content, list) else [content]:
        block_text = _text_of(block)
        spans.append(_CitedSpan(len(text), len(text) + len(block_text.rstrip()), _cited_labels(block, sentences)))
        text += block_text
    for match in _SENTENCE.finditer(text):
        labels = dict.fromkeys(label for span in spans if span.overlaps(*match.span()) for label in span.labels)
        statement = " ".join(match.group().split())
        too_long = len(statement) > MAX_STATEMENT_CHARACTERS
        yield None if too_long else ReplyStatement(text=statement, labels=list(labels)[:MAX_LABELS])


@dataclass(frozen=True, slots=True)
class _CitedSpan:
    """The characters of one text block within the whole reply, and the labels it cites."""

    start: int
    end: int
    labels: list[str]

    def overlaps(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end


def _valid_statement(value: object) -> ReplyStatement | None:
    try:
        return ReplyStatement.model_validate(value)
    except ValidationError:
        return None


def _without_reasoning(text: str) -> str:
    return _REASONING.sub("", text)


def _skip_separator(text: str, start: int) -> int:
    match = _SEPARATOR.match(text, start)
    return match.end() if match else start


def _block_text(sentence: LabelledSentence) -> str:
    citation = sentence.citation
    origin = ", ".join(part for part in (citation.force, citation.period) if part)
    return visible(f"{citation.quote} ({origin})" if origin else citation.quote)


def _text_of(block: object) -> str:
    if isinstance(block, str):
        return block
    text = block.get("text") if isinstance(block, dict) else None
    return text if isinstance(text, str) else ""


def _cited_labels(block: object, sentences: Sequence[LabelledSentence]) -> list[str]:
    """The labels of the sentences that a block of the reply cites; a range outside the document cites none."""
    citations = block.get("citations") if isinstance(block, dict) else None
    labels: list[str] = []
    for citation in citations if isinstance(citations, list) else ():
        start, end = _cited_range(citation)
        if 0 <= start < end <= len(sentences):
            labels += [sentence.label for sentence in sentences[start:end]]
    return labels


def _cited_range(citation: object) -> tuple[int, int]:
    """The first block that a citation names, and one past the last; both 0 when it is malformed."""
    if not isinstance(citation, dict):
        return 0, 0
    start, end = citation.get("start_block_index"), citation.get("end_block_index")
    return (start, end) if isinstance(start, int) and isinstance(end, int) else (0, 0)
