from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.answer import Status
from assistant.question.intent import QuestionKind
from assistant.question.routing import refusal_of
from assistant.question.scope import Corpus
from index.sources.dates import make_period
from index.text.transcript import Metadata
from tests.fixtures.lexicons import understand

SEVERAL = Corpus.of(
    [Metadata("Northshire Constabulary", make_period(2016, 2016)), Metadata("Westmere Police", make_period(2018, 2019))]
)
ONE = Corpus.of([Metadata("Northshire Constabulary")])
PLAIN = Corpus.of([Metadata(), Metadata()])


def refused(question: str, corpus: Corpus) -> Status | None:
    return refusal_of(understand(question, corpus), corpus)


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("How was Kent graded for custody?", Status.FORCE_NOT_HELD),
        ("Is custody safe at Police Scotland?", Status.FORCE_NOT_HELD),
        ("What did the inspector say about Kent?", None),
        ("What was the grade?", Status.AMBIGUOUS),
        ("What concerns did the inspector have?", Status.AMBIGUOUS),
        ("Who wrote this?", Status.AMBIGUOUS),
        ("What did the inspector say about custody?", None),
        ("Which forces were praised?", None),
        ("How was Northshire graded?", None),
        ("What should the force improve?", Status.AMBIGUOUS),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(question: str, status: Status | None):
    assert refused(question, SEVERAL) is status


def test_an_opinion_is_refused_where_the_sources_are_assessments_of_forces():
    several = replace(understand("Is custody fair?", SEVERAL), kind=QuestionKind.OPINION)
    plain = replace(understand("Is custody fair?", PLAIN), kind=QuestionKind.OPINION)
    assert refusal_of(several, SEVERAL) is Status.OPINION_OR_PREDICTION
    assert refusal_of(plain, PLAIN) is None


def test_another_topic_is_refused_unless_the_question_names_a_force():
    foreign = replace(understand("Who painted the cells?", SEVERAL), kind=QuestionKind.OFF_TOPIC)
    named = replace(understand("Who painted Westmere's cells?", SEVERAL), kind=QuestionKind.OFF_TOPIC)
    assert refusal_of(foreign, SEVERAL) is Status.NOT_ABOUT_ASSESSMENTS
    assert refusal_of(named, SEVERAL) is None


@pytest.mark.parametrize(
    "question", ["What was the grade?", "What concerns did the inspector have?", "Who wrote this?"]
)
def test_with_a_single_assessment_no_question_is_ambiguous(question: str):
    assert refused(question, ONE) is None


@pytest.mark.parametrize("question", ["Should we trust the tale?", "Will the king ever return?", "What about Kent?"])
def test_in_other_collections_no_question_is_refused(question: str):
    assert refused(question, PLAIN) is None
