from __future__ import annotations

import pytest

from assistant.answer import Status
from assistant.question.routing import refusal_of
from assistant.question.scope import Corpus
from index.sources.dates import make_period
from index.text.transcript import Metadata
from tests.fixtures.lexicons import LEXICONS, understand

SEVERAL = Corpus.of(
    [Metadata("Northshire Constabulary", make_period(2016, 2016)), Metadata("Westmere Police", make_period(2018, 2019))]
)
ONE = Corpus.of([Metadata("Northshire Constabulary")])
PLAIN = Corpus.of([Metadata(), Metadata()])


def refused(question: str, corpus: Corpus) -> Status | None:
    return refusal_of(understand(question, corpus), corpus, LEXICONS.opinions)


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("Should I live in Northshire?", Status.OPINION_OR_PREDICTION),
        ("Do you think Northshire is fair?", Status.OPINION_OR_PREDICTION),
        ("Will Northshire improve next year?", Status.OPINION_OR_PREDICTION),
        ("Predict Northshire's next grade", Status.OPINION_OR_PREDICTION),
        ("Which is the best police force in the country?", Status.OPINION_OR_PREDICTION),
        ("How was Kent graded for custody?", Status.FORCE_NOT_HELD),
        ("Is custody safe at Police Scotland?", Status.FORCE_NOT_HELD),
        ("What did the inspector say about Kent?", None),
        ("What was the grade?", Status.AMBIGUOUS),
        ("What concerns did the inspector have?", Status.AMBIGUOUS),
        ("Who wrote this?", Status.AMBIGUOUS),
        ("What did the inspector say about custody?", None),
        ("Which forces were praised?", None),
        ("How was Northshire graded?", None),
        ("Is the force equipped for the future?", None),
        ("Which constabulary can predict demand?", None),
        ("What should the force improve?", Status.AMBIGUOUS),
    ],
)
def test_questions_that_cannot_be_answered_are_refused(question: str, status: Status | None):
    assert refused(question, SEVERAL) is status


@pytest.mark.parametrize(
    "question", ["What was the grade?", "What concerns did the inspector have?", "Who wrote this?"]
)
def test_with_a_single_assessment_no_question_is_ambiguous(question: str):
    assert refused(question, ONE) is None


@pytest.mark.parametrize("question", ["Should we trust the tale?", "Will the king ever return?", "What about Kent?"])
def test_in_other_collections_no_question_is_refused(question: str):
    assert refused(question, PLAIN) is None
