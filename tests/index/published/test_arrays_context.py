"""The rows that a sentence is read with, from the blocks of its transcript."""

from __future__ import annotations

from dataclasses import dataclass

from index.published.arrays import context_rows
from index.text.transcript import Block, Role


@dataclass(frozen=True)
class Placed:
    block: int
    text: str


FINDING, HEADING, MARKUP, QUESTION = Role.FINDING, Role.HEADING, Role.MARKUP, Role.QUESTION


def test_headings_lead_ins_questions_and_heads_are_given_by_row():
    blocks = (
        Block(HEADING, 0, 1, level=1),  # row 10
        Block(HEADING, 2, 3, path=("Custody",), level=2),  # row 11
        Block(FINDING, 4, 5, path=("Custody", "Safety")),  # rows 12 and 13
        Block(MARKUP, 6, 7, path=("Custody", "Safety")),
        Block(FINDING, 8, 9, path=("Custody", "Safety"), lead_in=2),  # row 14
        Block(QUESTION, 10, 11, path=("Custody",)),  # row 15
        Block(FINDING, 12, 13, path=("Custody",), question=5, heads=(0, 1)),  # row 16
    )
    sentences = [
        Placed(0, "Custody"), Placed(1, "Safety"), Placed(2, "One."), Placed(2, "The force should:"),
        Placed(4, "act"), Placed(5, "Is it?"), Placed(6, "Yes."),
    ]  # fmt: skip
    assert context_rows(blocks, sentences, 10) == [
        [-1, -1, -1, -1, -1, -1],
        [10, -1, -1, -1, -1, -1],
        [11, 10, -1, -1, -1, -1],
        [11, 10, -1, -1, -1, -1],
        [11, 10, 13, -1, -1, -1],
        [10, -1, -1, -1, -1, -1],
        [10, -1, -1, 15, 10, 11],
    ]


def test_of_two_headings_with_the_same_words_the_last_one_counts():
    blocks = (
        Block(HEADING, 0, 1),
        Block(FINDING, 2, 3, path=("Summary",)),
        Block(HEADING, 4, 5),
        Block(FINDING, 6, 7, path=("Summary",)),
    )
    sentences = [Placed(0, "Summary"), Placed(1, "One."), Placed(2, "Summary"), Placed(3, "Two.")]
    assert [row[0] for row in context_rows(blocks, sentences, 0)] == [-1, 0, -1, 2]


def test_a_heading_without_a_row_is_left_out():
    assert context_rows((Block(FINDING, 0, 1, path=("Summary",)),), [Placed(0, "One.")], 0) == [[-1] * 6]
