from __future__ import annotations

import pytest

from assistant.question.forces_asked import forces_asked
from index.sources.gazetteer import Gazetteer

NORTHSHIRE, WESTMERE = "Northshire Constabulary", "Westmere Police"
GAZETTEER = Gazetteer.load().with_forces([NORTHSHIRE, WESTMERE])


def named(question: str) -> tuple[list[str], tuple[str, ...]]:
    asked = forces_asked(question, GAZETTEER)
    return [mention.forces[0] for mention in asked.mentions], asked.unknown


@pytest.mark.parametrize(
    ("question", "unknown"),
    [
        ("How good is North Northshire Police?", "North Northshire Police"),
        ("How good is Northshire Valley Police?", "Northshire Valley Police"),
        ("how good is east westmere", "east westmere"),
        ("Is Southshire Constabulary good?", "Southshire Constabulary"),
        ("Does New Westmere share dogs?", "New Westmere"),
    ],
)
def test_a_longer_or_different_name_is_not_the_known_force(question: str, unknown: str):
    assert named(question) == ([], (unknown,))


@pytest.mark.parametrize("question", ["What about the north of Northshire?", "Is Northshire Police good?"])
def test_a_known_force_is_found(question: str):
    assert named(question) == ([NORTHSHIRE], ())


def test_two_forces_joined_are_both_known():
    assert named("Compare Northshire and Westmere Police") == ([NORTHSHIRE, WESTMERE], ())


@pytest.mark.parametrize("written", ["Northshrie", "Nortshire", "Northsshire", "Nothshire", "Norhtshire"])
def test_a_slip_of_the_pen_is_read_as_the_force(written: str):
    asked = forces_asked(f"How good is {written} at custody?", GAZETTEER)
    assert asked.respelt([NORTHSHIRE]) == ((written, NORTHSHIRE),)
    assert asked.unknown == ()


@pytest.mark.parametrize("other", ["Southshire", "Northmoore", "Eastmere", "Worthshore", "Westmoor"])
def test_another_name_is_not_respelt(other: str):
    assert forces_asked(f"How good is {other} at custody?", GAZETTEER).mentions == ()
