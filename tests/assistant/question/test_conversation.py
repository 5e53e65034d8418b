from __future__ import annotations

import pytest

from assistant.question.conversation import Turn, last_answer, plain_question, questions_in

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


@pytest.mark.parametrize(
    ("turn", "questions"),
    [
        ("What is the backlog, and who said it?", ("What is the backlog?", "who said it?")),
        ("How many cells are there? When were they built?", ("How many cells are there?", "When were they built?")),
        ("a) Which cells are cold? b) Who noticed?", ("Which cells are cold?", "Who noticed?")),
        ("1. Is it safe? 2. Why is it cold?", ("Is it safe?", "Why is it cold?")),
        ("When is the visit due and what will it cost?", ("When is the visit due?", "what will it cost?")),
        ("Does the force know how many cells it has and how many are cold?", None),
        ("What did she say about cells and blankets?", None),
        ("How many cells are cold? Answer in bullet points.", None),
        ("Is there proof that it helped? I would like the doubts as well", None),
        ("The cells are cold. How many blankets are there?", None),
    ],
)
def test_the_questions_of_a_turn(turn: str, questions: tuple[str, ...] | None):
    assert questions_in(turn) == (questions or (turn,))


@pytest.mark.parametrize(
    "around",
    [
        "Could you please tell me {}?",
        "I need to know {}",
        "I was wondering {}.",
        "Do you know {}?",
        "In two sentences, {}?",
        "Please let me know {}, in plain English, thanks",
        "I'd like to find out {}, as a table",
    ],
)
def test_what_is_said_around_a_question_is_left_out(around: str):
    asked = "how many cells are cold"
    assert plain_question(around.format(asked)).strip(" ?.,") == asked


def test_a_wish_for_a_form_alone_is_kept():
    assert plain_question("briefly") == "briefly"


def test_the_last_answer_is_that_to_the_last_question():
    asked, said = Turn("user", QUESTION), Turn("assistant", "It is good.")
    assert last_answer([asked, Turn("assistant", "Before."), Turn("user", "And now?"), said]) == "It is good."
    assert [last_answer(turns) for turns in ([], [said], [asked], [asked, said, asked])] == ["", "", "", ""]
