from __future__ import annotations

import pytest

from assistant.compose import depends_on_previous


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
