"""The arrays of a generation: a row for each sentence, and the rows that a sentence is read with.

A sentence is read with its headings, the lead-in of its list, the question it answers and the heads of its table cell.
Vectors are mapped into memory.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.published.bm25 import mapped
from index.text.transcript import Block, Role

ROLES = tuple(Role)  # a role is stored as its index here


class ContextColumn(IntEnum):
    """The columns of `Arrays.context_rows`: what a sentence is read with, besides its title."""

    HEADING = 0  # the nearest above
    OUTER_HEADING = 1  # the heading around that one
    LEAD_IN = 2  # of the list that the sentence is an item of
    QUESTION = 3  # that the sentence answers
    ROW_HEAD = 4  # of the table cell
    COLUMN_HEAD = 5


@dataclass(frozen=True, slots=True)
class Arrays:
    """N sentences, P passages and T transcripts, by number. Vectors have d dimensions."""

    keys: NDArray[np.int64]  # (N,) `Sentence.key`
    ordinals: NDArray[np.int32]  # (N,) number of the sentence within its transcript
    vectors: NDArray[np.float32]  # (N, d) of unit length; zero for a sentence that is not embedded
    searched: NDArray[np.bool_]  # (N,) whether the vector store contains the vector
    transcript_of: NDArray[np.int32]  # (N,) index in the list of transcripts
    passage_of: NDArray[np.int32]  # (N,)
    passage_rows: NDArray[np.int32]  # (P, 2) first row, and one past the last
    roles: NDArray[np.int8]  # (N,) index in `ROLES`
    blocks: NDArray[np.int32]  # (N,) number of the block within the transcript
    title_rows: NDArray[np.int32]  # (T,) row of the title, -1 if the text has none
    context_rows: NDArray[np.int32]  # (N, c) rows that a sentence is read with, -1 for none; see `ContextColumn`
    token_vectors: NDArray[np.int8]  # (M, k) of every token of every row, in order
    token_starts: NDArray[np.int64]  # (N + 1,) the first token of each row, and M


VECTORS = ("vectors", "token_vectors")  # the largest arrays: the others have some numbers for each row


def save_arrays(folder: Path, arrays: Arrays, *, leave_out: Collection[str] = ()) -> None:
    """Writes each array to a file of its own in an existing folder, but for those left out."""
    for field in fields(Arrays):
        if field.name in leave_out:
            continue
        np.save(folder / f"{field.name}.npy", getattr(arrays, field.name), allow_pickle=False)


def load_arrays(folder: Path) -> Arrays:
    """Reads what `save_arrays` wrote. The vectors stay on disk, in private copies that are mapped into memory."""
    return Arrays(**{name: mapped(folder / f"{name}.npy") for name in VECTORS}, **load_small_arrays(folder))


def load_small_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    """Reads the arrays other than the vectors into memory, by name."""
    names = [field.name for field in fields(Arrays) if field.name not in VECTORS]
    return {name: np.load(folder / f"{name}.npy", allow_pickle=False) for name in names}


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


def vector_matrix(vectors: list[bytes]) -> NDArray[np.float32]:
    """Returns N vectors as an array (N, d), where d is 1 if no sentence is embedded. Empties the list as it goes."""
    dimension = max((len(data) // 4 for data in vectors), default=0) or 1
    matrix = np.zeros((len(vectors), dimension), dtype=np.float32)
    for row, data in enumerate(vectors):
        if data:
            matrix[row] = np.frombuffer(data, dtype="<f4")
            vectors[row] = b""  # frees the memory
    return matrix
