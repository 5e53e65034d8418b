from __future__ import annotations

import pytest

from assistant.answer import Status
from assistant.compose import combined, depends_on_previous
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, cite, make_answer


@pytest.mark.parametrize(
    "sentence",
    ["This is limited by capacity.", "However, I am concerned.", "Although, it should do more.",
     "In particular we found gaps.", "These are shared.", "But it is improving.",
     "“However, it is not.”", "Such work is rare."],
)  # fmt: skip
def test_a_sentence_that_depends_on_the_one_before_is_recognised(sentence: str):
    assert depends_on_previous(sentence)


@pytest.mark.parametrize(
    "sentence",
    ["The force works well.", "Although the force improved, it should do more.", "Thistle Street is safer.",
     "Soon it will improve.", "Butler Street is safer."],
)  # fmt: skip
def test_a_sentence_that_stands_alone_does_not_depend_on_the_one_before(sentence: str):
    assert not depends_on_previous(sentence)


def test_an_answer_to_several_questions_cites_a_sentence_once():
    first = make_answer("One?", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 6, 2)])
    second = make_answer("Two?", Status.ANSWERED, [cite(NORTHSHIRE, 6, 1), cite(WESTMERE, 1, 2)])
    third = make_answer("Three?", reason="Nothing.")
    answer = combined([first, second, third], "One? Two? Three?", "id", 0.5)
    assert answer.status is Status.PARTLY_ANSWERED
    assert [part.citations for part in answer.asked] == [(1, 2), (2, 3), ()]
    assert [citation.number for citation in answer.citations] == [1, 2, 3]
    assert answer.reason == "“Three?”: Nothing."


def test_several_questions_without_an_answer_are_refused_with_each_reason():
    parts = [make_answer("One?", reason="Not this."), make_answer("Two?", reason="Nor that.")]
    answer = combined(parts, "One? Two?", "id", 0.5)
    assert answer.status is Status.NOT_IN_ASSESSMENTS
    assert answer.reason == "“One?”: Not this. “Two?”: Nor that."
