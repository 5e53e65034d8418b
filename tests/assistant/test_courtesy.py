from __future__ import annotations

import pytest

from assistant.query.courtesy import without_courtesies

QUESTION = "How is custody at Northshire?"


@pytest.mark.parametrize(
    "said",
    [
        "Hello. {}", "hi, {}", "Good morning – {}", "Dear all, {}", "Hi there! {}", "{} Thank you.", "{} Many thanks",
        "{} please", "{} Thanks in advance!", "Hello, {} Kind regards", "{} Thank you very much.", "HELLO: {}",
    ],
)  # fmt: skip
def test_a_greeting_and_thanks_are_no_part_of_a_question(said: str):
    assert without_courtesies(said.format(QUESTION)) == QUESTION


@pytest.mark.parametrize(
    "question",
    [
        QUESTION, "Hello", "Thank you.", "hi", "Which staff were told thank you cards matter?", "What data is there?",
        "Does the dear leader say hello?", "Hi-viz vests: are there enough?", "Was good morning briefing praised?",
    ],
)  # fmt: skip
def test_a_question_is_left_as_it_is(question: str):
    assert without_courtesies(question) == question
