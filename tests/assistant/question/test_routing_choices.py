"""Names that are several forces': asked back with each written out, or settled by the filter."""

from __future__ import annotations

import pytest

from assistant.answer import Answer
from assistant.question.narrowing import ScopeLimit
from assistant.question.question import Question
from assistant.question.routing import MAX_CHOICES, choices_of
from assistant.question.scope import Corpus, ScopePart
from index.sources.dates import make_period
from index.text.transcript import Metadata
from tests.fixtures.lexicons import understand

WESTS = ("West Mercia Police", "West Midlands Police", "West Yorkshire Police")


def held(*forces: str, years: tuple[int, ...] = (2016,)) -> Corpus:
    return Corpus.of([Metadata(force, make_period(year, year)) for force in forces for year in years])


def asked(text: str, corpus: Corpus, limit: ScopeLimit | None = None) -> Question:
    return understand(text, corpus, limit=limit)


def test_each_force_an_ambiguous_name_may_mean_is_offered_written_out():
    corpus = held(*WESTS)
    question = asked("How does West investigate crime?", corpus)
    assert question.scope.ambiguous == "West"
    assert choices_of(question, corpus) == tuple(f"How does {force} investigate crime?" for force in WESTS)


def test_every_choice_is_understood_as_the_force_it_names():
    corpus = held(*WESTS)
    for choice, force in zip(choices_of(asked("How does West do on custody?", corpus), corpus), WESTS, strict=True):
        assert asked(choice, corpus).scope.forces == (force,)


def test_a_filter_that_allows_one_of_the_forces_resolves_the_ambiguity():
    corpus = held(*WESTS)
    limit = ScopeLimit(ScopePart((1,), WESTS[1]), WESTS[1])
    question = asked("How does West investigate crime?", corpus, limit)
    assert question.scope.forces == (WESTS[1],)
    assert question.standalone == f"How does {WESTS[1]} investigate crime?"


def test_with_a_single_force_its_periods_are_offered():
    corpus = held("West Mercia Police", years=(2016, 2018))
    question = asked("What was the overall grade?", corpus)
    assert [choice.split("(")[1] for choice in choices_of(question, corpus)] == ["2016)", "2018)"]


def test_more_choices_than_the_maximum_are_not_offered():
    police = ("Kent", "Essex", "Sussex", "Surrey", "Norfolk", "Suffolk")[:MAX_CHOICES]
    constabularies = ("Durham Constabulary", "Cheshire Constabulary", "Cumbria Constabulary")
    corpus = held(*(f"{name} Police" for name in police), *constabularies)
    assert choices_of(asked("What was the overall grade?", corpus), corpus) == ()


def test_an_answered_question_cannot_have_choices():
    with pytest.raises(ValueError, match="only an ambiguous question has choices"):
        Answer.model_validate(
            {"id": "1", "question": "q", "standalone_question": "q", "status": "not_in_assessments", "reason": "r",
             "choices": ["q?"], "searched": {"transcripts": 0, "sentences": 0, "scope": ""},
             "index": {"version": "", "embedding_model": "", "digest": ""}, "mode": "extractive", "seconds": 0}
        )  # fmt: skip
