from __future__ import annotations

import pytest

from assistant.question.conversation import Turn, standalone
from assistant.question.scope import Corpus
from index.sources.dates import make_period
from index.text.transcript import Metadata
from tests.fixtures.lexicons import LEXICONS

STOPWORDS = LEXICONS.vocabulary.stopwords
CORPUS = Corpus.of(
    [
        Metadata(force, make_period(first, last))
        for force in ("Northshire Constabulary", "Westmere Police")
        for first, last in ((2015, 2015), (2016, 2016), (2018, 2019))
    ]
)


def ask(question: str, *before: str) -> str:
    history = [turn for text in before for turn in (Turn("user", text), Turn("assistant", "…"))]
    return standalone(question, history, CORPUS, STOPWORDS)


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("How was Northshire graded in 2016?", "And Westmere?", "How was Westmere graded in 2016?"),
        ("How was Northshire graded in 2016?", "what about westmere police", "How was westmere police graded in 2016?"),
        ("How was Northshire graded in 2016?", "And in 2018/19?", "How was Northshire graded in 2018/19?"),
        ("How was Northshire graded in 2016?", "Westmere in 2015?", "How was Westmere graded in 2015?"),
        ("How was Northshire graded in 2016?", "What about the year before?", "How was Northshire graded in 2015?"),
        ("How was Northshire graded in 2016?", "and the next inspection?", "How was Northshire graded in 2017?"),
        ("How was Northshire graded in 2017?", "and the year after?", "How was Northshire graded in 2018/19?"),
        ("Is custody a concern?", "And Westmere?", "Is custody a concern? (Westmere)"),
        ("Is custody a concern?", "Why?", "Why? (Is custody a concern?)"),
        ("Is custody a concern?", "Who wrote this?", "Who wrote this?"),
        ("Is custody a concern in Northshire in 2016?", "Who wrote this?", "Who wrote this? (Northshire, 2016)"),
        ("Is custody a concern?", "How does it deal with that?", "How does it deal with that? (Is custody a concern?)"),
        (
            "How was Northshire graded for legitimacy in 2016?",
            "and efficiency?",
            "How was efficiency graded? (Northshire, 2016)",
        ),
        (
            "What did the inspector say about custody at Northshire in 2016?",
            "What about investigations?",
            "What about investigations? (Northshire, 2016)",
        ),
    ],
)
def test_a_follow_up_is_made_to_stand_alone(before: str, question: str, expected: str):
    assert ask(question, before) == expected


@pytest.mark.parametrize(
    "question",
    [
        "How well does Westmere Police investigate serious crime?",
        "Which forces were praised for their work with young people?",
    ],
)
def test_a_question_that_stands_alone_is_unchanged(question: str):
    assert ask(question, "How was Northshire graded in 2016?") == question


def test_without_a_conversation_nothing_is_added():
    assert ask("and Westmere?") == "and Westmere?"


def test_a_question_about_a_force_without_transcripts_is_skipped_in_the_conversation():
    asked = ask("What about investigations?", "How is custody at Northshire in 2016?", "And Kent?")
    assert asked == "What about investigations? (Northshire, 2016)"


def test_with_a_single_assessment_a_short_question_stands_alone():
    corpus = Corpus.of([Metadata("Northshire Constabulary")])
    before = [Turn("user", "Why is the inspector concerned about custody?")]
    assert standalone("How many officers are there?", before, corpus, STOPWORDS) == "How many officers are there?"


def test_follow_ups_build_on_follow_ups():
    asked = ask("and in 2015?", "How was Northshire graded in 2016?", "And Westmere?")
    assert asked == "How was Westmere graded in 2015?"
