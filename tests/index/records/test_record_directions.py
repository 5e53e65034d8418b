"""Whom a recommendation addresses, and by when."""

from __future__ import annotations

import pytest

from index.records.record import Direction, direction_of, opens_with_deadline


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("By 30 June 2024, Westmere Police should:", Direction("Westmere Police", "By 30 June 2024", "2024-06-30")),
        ("2. By March 2023 all forces must vet staff.", Direction("all forces", "By March 2023", "2023-03-31")),
        ("The force should, within six months: act.", Direction("The force", "within six months")),
        ("Within 12 months the chief constable should act.", Direction("the chief constable", "Within 12 months")),
        ("With immediate effect, all supervisors must look.", Direction("all supervisors", "With immediate effect")),
        ("HMICFRS recommends that, by 31 March 2017, the force should:",
         Direction("the force", "by 31 March 2017", "2017-03-31")),
        ("Recommendation: the College of Policing should publish guidance.", Direction("the College of Policing")),
        ("Records should be kept for a year.", Direction()),
        ("It should act.", Direction()),
        ("By 31 April 2024, the force should act.", Direction("the force", "By 31 April 2024")),
    ],
)  # fmt: skip
def test_the_addressee_and_the_deadline_are_read(text: str, expected: Direction) -> None:
    assert direction_of(text) == expected


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("By 30 June 2024, the force should act.", True),
        ("2. Within six months, the force should act.", True),
        ("The force should act by 30 June 2024.", False),
        ("By then it was late.", False),
    ],
)
def test_a_sentence_that_begins_with_its_deadline_is_known(text: str, *, opens: bool) -> None:
    assert opens_with_deadline(text) is opens
