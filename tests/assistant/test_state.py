"""Whatever comes in is cut or refused by its length before anything reads it."""

from __future__ import annotations

import pytest

from assistant.errors import FilterError
from assistant.filter import Filter
from assistant.question.conversation import Turn
from assistant.state import (
    MAX_FILTER_NAMES,
    MAX_HISTORY_TURNS,
    MAX_NAME_CHARACTERS,
    MAX_QUESTION_CHARACTERS,
    MAX_TURN_CHARACTERS,
    ChainInput,
)


def test_a_question_and_its_conversation_are_cut() -> None:
    turns = [Turn("user", f"{number} " + "of " * 100_000) for number in range(50)]
    asked = ChainInput.of({"question": "x" * 1_000_000, "history": turns})
    assert len(asked.question) == MAX_QUESTION_CHARACTERS + 1  # which is over every limit, so it is refused in words
    assert [turn.text.split()[0] for turn in asked.history] == [str(number) for number in range(30, 50)]
    assert {len(turn.text) for turn in asked.history} == {MAX_TURN_CHARACTERS}
    assert len(asked.history) == MAX_HISTORY_TURNS


def test_what_is_short_enough_is_kept() -> None:
    turns = (Turn("user", "Is custody safe?"), Turn("assistant", "It is."))
    asked = ChainInput("And vetting?", turns, Filter(("Northshire Constabulary",)))
    assert (asked.question, asked.history) == ("And vetting?", turns)


@pytest.mark.parametrize(
    "within",
    [
        Filter(forces=("Northshire",) * (MAX_FILTER_NAMES + 1)),
        Filter(periods=("2" * (MAX_NAME_CHARACTERS + 1),)),
        Filter(transcripts=("t",) * 100_000),
    ],
)
def test_a_filter_that_is_too_large_is_refused(within: Filter) -> None:
    with pytest.raises(FilterError, match="more than 100 names of one kind"):
        ChainInput("Is custody safe?", within=within)
