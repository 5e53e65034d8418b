from __future__ import annotations

import pytest

from assistant.question.conversation import plain_question

QUESTION = "How is custody at Northshire?"


@pytest.mark.parametrize(
    "said",
    [
        "Hello. {}", "hi, {}", "Good morning – {}", "Dear all, {}", "Hi there! {}", "{} Thank you.", "{} Many thanks",
        "{} please", "{} Thanks in advance!", "Hello, {} Kind regards", "{} Thank you very much.", "HELLO: {}",
    ],
)  # fmt: skip
def test_greetings_and_thanks_are_removed(said: str):
    assert plain_question(said.format(QUESTION)) == QUESTION


@pytest.mark.parametrize(
    "question",
    [
        QUESTION, "Hello", "Thank you.", "hi", "Which staff were told thank you cards matter?", "What data is there?",
        "Does the dear leader say hello?", "Hi-viz vests: are there enough?", "Was good morning briefing praised?",
    ],
)  # fmt: skip
def test_a_question_without_courtesies_is_unchanged(question: str):
    assert plain_question(question) == question


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("Who's the inspector?", "Who is the inspector?"), ("hows it doing", "how is it doing"),
        ("What’s said of whose custody?", "What is said of whose custody?"), ("whats good", "what is good"),
    ],
)  # fmt: skip
def test_contractions_of_question_words_are_written_out(asked: str, meant: str):
    assert plain_question(asked) == meant
