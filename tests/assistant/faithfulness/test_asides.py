"""What a sentence says in passing. Each case marks one stretch in double square brackets."""

from __future__ import annotations

import pytest

from tests.assistant.faithfulness.test_constituents import marked


@pytest.mark.parametrize(
    "text",
    [
        "The superintendent[[, a former detective]], leads the programme.",
        "The unit[[, which opened in May 2018]], is full.",
        "The force has a plan for its buildings[[, agreed by the board in May]].",
        "Leadership was[[, we are glad to say]], graded adequate.",
        "The sergeant supervises eleven constables[[, as is usual here]].",
        "The force employs analysts [[(part-time staff of the council)]] in its hub.",
    ],
)
def test_an_aside_may_be_left_out_though_it_names_or_dates(text: str):
    spans, stretch = marked(text)
    assert stretch in spans


@pytest.mark.parametrize(
    "text",
    [
        "Leadership was, we are glad to say[[, graded adequate]].",
        "The estimate is[[, on the face of it]], sound.",
        "Waiting times[[, the force claims]], have fallen.",
        "Officers may enter[[, if they fear for a life]], without a warrant.",
        "Officers[[, staff]] and volunteers took part.",
        "The board has two judges[[, a bishop]] and a farmer.",
        "In custody[[, the staff]] are well trained.",
    ],
)
def test_what_the_claim_rests_on_is_no_aside(text: str):
    spans, stretch = marked(text)
    assert stretch not in spans
