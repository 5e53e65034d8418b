from __future__ import annotations

import pytest

from assistant.question import wording
from assistant.question.phrases import noun_phrases
from assistant.question.tagger import Tagger


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("a new suite", "the new suite"), ("six cells", "the six cells"), ("its mechanics", "the mechanics"),
        ("Detainees", "detainees"), ("the backlog", "the backlog"),
    ],
)  # fmt: skip
def test_a_phrase_spoken_of_again_is_definite(text: str, known: str):
    (phrase,) = noun_phrases(Tagger.load().tag(text))
    assert wording.definite(text, phrase) == known


def test_scope_is_said_as_it_is_spoken():
    assert wording.in_scope(["Westmere"], ["2016"]) == " in Westmere in 2016"
    assert wording.in_scope(["Westmere Police", "Northshire Police"], []) == " at Westmere Police and Northshire Police"
    assert wording.in_scope([], []) == ""


def test_a_tail_comes_before_the_question_mark():
    assert wording.with_tail("Is custody good?", " in Westmere") == "Is custody good in Westmere?"


def test_a_second_question_takes_the_place_of_the_last():
    asked = wording.coordinated("How many left?", "why")
    assert asked == "How many left, and why?"
    assert wording.coordinated(asked, "when?") == "How many left, and when?"


def test_a_long_text_takes_no_longer_than_its_length():
    assert wording.base_of(", and why" * 5000 + "?").count("and why") == 4999
    assert wording.with_tail(" " * 100_000 + "x", "?").endswith("x?")
