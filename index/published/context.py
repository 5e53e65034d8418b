"""Finds the rows that a sentence is read with: its headings, the lead-in of its list, the question it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from index.published.generation import ContextColumn
from index.text.transcript import Block, Role


class PlacedSentence(Protocol):
    """A sentence with the number of its block."""

    @property
    def block(self) -> int: ...

    @property
    def text(self) -> str: ...


def context_rows(blocks: Sequence[Block], sentences: Sequence[PlacedSentence], first_row: int) -> list[list[int]]:
    """Returns a row of `Arrays.context_rows` for each sentence of a transcript, in order.

    `sentences` are those that have rows, from `first_row`. A block of several sentences stands by its last one.
    """
    row_of = {sentence.block: first_row + number for number, sentence in enumerate(sentences)}
    words_of = {sentence.block: " ".join(sentence.text.split()) for sentence in sentences}
    headings: dict[str, int] = {}  # the last row with these words
    contexts: dict[int, list[int]] = {}
    for number, block in enumerate(blocks):
        if number not in row_of:
            continue
        contexts[number] = _context(block, row_of, headings)
        if block.role is Role.HEADING:
            headings[words_of[number]] = row_of[number]
    return [contexts[sentence.block] for sentence in sentences]


def _context(block: Block, row_of: Mapping[int, int], headings: Mapping[str, int]) -> list[int]:
    context = [-1] * len(ContextColumn)
    above = [headings.get(words, -1) for words in reversed(block.path)]
    for column, row in zip((ContextColumn.HEADING, ContextColumn.OUTER_HEADING), above, strict=False):
        context[column] = row
    if block.lead_in is not None:
        context[ContextColumn.LEAD_IN] = row_of.get(block.lead_in, -1)
    if block.question is not None:
        context[ContextColumn.QUESTION] = row_of.get(block.question, -1)
    for column, head in zip((ContextColumn.ROW_HEAD, ContextColumn.COLUMN_HEAD), block.heads, strict=False):
        context[column] = row_of.get(head, -1)
    return context
