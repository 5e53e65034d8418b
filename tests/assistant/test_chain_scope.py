"""Whose words, which force and what time an answer is of, by the packaged encoder over a fictional collection."""

from __future__ import annotations

from itertools import pairwise

import pytest

from assistant.answer import Answer
from assistant.app import Assistant, open_assistant
from assistant.settings import Settings
from tests.fixtures.periods_collection import (
    ABSENT_SPEAKERS,
    BOTH_SIDES,
    DATES,
    FOLDER,
    IN_A_THEMATIC_REPORT,
    LATEST,
    MISSPELT_NAMES,
    NEWEST_FIRST,
    OF_ANOTHER_FORCE,
    PERIODS,
    SPEAKERS,
    UNKNOWN_NAMES,
    Asked,
)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return open_assistant(Settings(sources=FOLDER, index=tmp_path_factory.mktemp("periods") / "index"))


def quoted(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


def places_of(parts: tuple[str, ...], quotes: list[str]) -> list[int]:
    """Where each part of a sentence is quoted, -1 where it is not."""
    return [next((place for place, quote in enumerate(quotes) if part in quote), -1) for part in parts]


def by_question(*groups: tuple[Asked, ...]) -> pytest.MarkDecorator:
    cases = [case for group in groups for case in group]
    return pytest.mark.parametrize("asked", cases, ids=[case.question for case in cases])


@by_question(IN_A_THEMATIC_REPORT, DATES, PERIODS, LATEST, SPEAKERS, OF_ANOTHER_FORCE, BOTH_SIDES)
def test_the_right_sentences_are_quoted_and_no_other_force_time_or_speaker(assistant: Assistant, asked: Asked):
    quotes = quoted(assistant.ask(asked.question))
    assert -1 not in places_of(asked.quotes, quotes), quotes
    assert [part for part in asked.absent if any(part in quote for quote in quotes)] == [], quotes


@by_question(NEWEST_FIRST)
def test_the_newest_comes_first_with_the_others_beside_it_by_period(assistant: Assistant, asked: Asked):
    answer = assistant.ask(asked.question)
    places = places_of(asked.quotes, quoted(answer))
    assert -1 not in places, quoted(answer)
    assert all(before < after for before, after in pairwise(places)), quoted(answer)
    assert answer.table is not None
    ends = [int(row.period[:2] + row.period[-2:]) for row in answer.table.rows]
    assert ends == sorted(ends, reverse=True)


@by_question(UNKNOWN_NAMES, ABSENT_SPEAKERS)
def test_a_name_or_speaker_that_is_not_known_is_said_not_to_be(assistant: Assistant, asked: Asked):
    answer = assistant.ask(asked.question)
    assert quoted(answer) == []
    assert asked.refusal is not None
    assert asked.refusal in answer.reason


@by_question(MISSPELT_NAMES)
def test_a_misspelt_name_is_read_with_a_note(assistant: Assistant, asked: Asked):
    answer = assistant.ask(asked.question)
    assert any(asked.quotes[0] in quote for quote in quoted(answer))
    assert any(asked.note in note for note in answer.notes)
