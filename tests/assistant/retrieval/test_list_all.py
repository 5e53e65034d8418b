"""Questions that ask for all, over 43 fictional forces and five periods whose every answer is known."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from assistant.answer import Answer, Status
from assistant.app import Assistant, open_assistant
from assistant.filter import Filter
from assistant.settings import Settings
from tests.fixtures.forces import FORCES, PERIODS, Stated, write_forces

pytestmark = [pytest.mark.model, pytest.mark.long]

ASKED = [
    ("Which forces were told to improve crime recording?", {"recording, concern"}),
    ("Which forces need to get better at recording crime?", {"recording, concern"}),
    ("Which forces were praised for recording crime?", {"recording, praise"}),
    ("How many forces have a cause of concern about vetting?", {"vetting, cause"}),
    ("List all areas for improvement about custody", {"custody, improvement"}),
    ("List all causes of concern", {"vetting, cause"}),
    ("List every force praised for neighbourhood policing", {"neighbourhood, praise"}),
    ("Which forces were criticised for neighbourhood policing?", {"neighbourhood, concern"}),
    ("Which assessments mention firearms licensing?", {"firearms, mention"}),
    ("How many forces are there with concerns about vetting?", {"vetting, cause", "vetting, concern"}),
]


@cache
def collection() -> tuple[Assistant, tuple[Stated, ...]]:
    folder = Path(mkdtemp(prefix="forces-"))
    stated = write_forces(folder / "sources")
    return open_assistant(Settings(sources=folder / "sources", index=folder / "index")), stated


def wanted(facts: set[str], period: str = "", force: str = "") -> set[tuple[str, str, str]]:
    return {
        (stated.force, stated.period, stated.sentence)
        for stated in collection()[1]
        if stated.fact in facts and period in ("", stated.period) and force in ("", stated.force)
    }


def shown(answer: Answer) -> set[tuple[str, str, str]]:
    return {(stated.force, stated.period, stated.quote) for stated in answer.citations}


@pytest.mark.parametrize(("question", "facts"), ASKED)
def test_everything_stated_is_found_and_counted(question: str, facts: set[str]) -> None:
    answer = collection()[0].ask(question)
    assert answer.status is Status.ANSWERED
    assert shown(answer) == wanted(facts)
    stating = {force for force, _, _ in wanted(facts)}
    assert answer.coverage is not None
    assert set(answer.coverage.held_forces) == set(FORCES)
    assert set(answer.coverage.found_forces) == stating
    assert f"Found in the assessments of {len(stating)} of the 43 forces in the collection." in answer.reason


@pytest.mark.parametrize("period", PERIODS)
def test_a_period_asked_for_is_the_denominator(period: str) -> None:
    answer = collection()[0].ask(f"Which forces were told to improve crime recording in {period}?")
    assert shown(answer) == wanted({"recording, concern"}, period)
    assert answer.coverage is not None
    looked_at = (*answer.coverage.groups, *answer.coverage.nothing_found)
    assert {(place.force, place.period) for place in looked_at} == {(force, period) for force in FORCES}


def test_nothing_from_outside_a_filter_is_found_or_counted() -> None:
    for force in FORCES[:8]:
        within = Filter(forces=(force, FORCES[-1]))
        answer = collection()[0].ask("Which forces were told to improve crime recording?", within=within)
        assert {citation.force for citation in answer.citations} <= {force, FORCES[-1]}
        expected = wanted({"recording, concern"}, force=force) | wanted({"recording, concern"}, force=FORCES[-1])
        assert shown(answer) == expected
        if answer.coverage is not None:
            assert set(answer.coverage.held_forces) == {force, FORCES[-1]}


def test_all_of_one_force_is_counted_by_its_assessments() -> None:
    force = next(stated.force for stated in collection()[1] if stated.fact == "recording, concern")
    answer = collection()[0].ask(f"List all concerns about crime recording in {force}")
    expected = wanted({"recording, concern"}, force=force)
    assert shown(answer) == expected
    assert answer.coverage is not None
    assert len(answer.coverage.groups) == len({period for _, period, _ in expected})
    assert len(answer.coverage.groups) + len(answer.coverage.nothing_found) == len(PERIODS)


def test_a_list_of_what_no_assessment_states_is_not_answered() -> None:
    for question in ("Which forces use dragons?", "How many forces have a cause of concern about firearms licensing?"):
        answer = collection()[0].ask(question)
        assert not answer.status.answered
        assert answer.coverage is None


def test_the_same_question_has_the_same_answer() -> None:
    for question, _ in ASKED[:3]:
        first, again = (collection()[0].ask(question).model_dump(exclude={"seconds"}) for _ in range(2))
        assert first == again
