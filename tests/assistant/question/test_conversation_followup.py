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
        ("How was Northshire graded in 2016?", "what about westmere police", "How was Westmere graded in 2016?"),
        ("How was Northshire graded in 2016?", "And in 2018/19?", "How was Northshire graded in 2018/19?"),
        ("How was Northshire graded in 2016?", "Westmere in 2015?", "How was Westmere graded in 2015?"),
        ("How was Northshire graded in 2016?", "What about the year before?", "How was Northshire graded in 2015?"),
        ("How was Northshire graded in 2016?", "the year after?", "How was Northshire graded in 2017?"),
        ("How was Northshire graded in 2016?", "and the next inspection?", "How was Northshire graded in 2018/19?"),
        ("How was Northshire graded in 2017?", "and the year after?", "How was Northshire graded in 2018/19?"),
        ("Is custody a concern?", "And Westmere?", "Is custody a concern in Westmere?"),
        ("Is custody a concern?", "Why?", "Why is custody a concern?"),
        ("How good is custody?", "Why is that?", "How good is custody, and why?"),
        ("How good is custody, and why?", "since when?", "How good is custody, and since when?"),
        ("Is custody a concern?", "Who wrote this?", "Who wrote this?"),
        ("Is custody a concern in Westmere?", "Who said that?", "Who inspected Westmere?"),
        ("Is custody a concern in Westmere in 2016?", "says who", "Who inspected Westmere in 2016?"),
        ("Has custody improved in Westmere since 2016?", "and whose words are these?", "Who inspected Westmere?"),
        ("Compare Westmere and Northshire on custody", "who said so?", "Who inspected Westmere and Northshire?"),
        ("Does Westmere have drones?", "who flies them?", "Who flies drones in Westmere?"),
        ("Who checks 99 calls at Westmere?", "999 not 99", "Who checks 999 calls at Westmere?"),
        (
            "How was Northshire graded for legitimacy in 2016?",
            "and efficiency?",
            "How was Northshire graded for efficiency in 2016?",
        ),
        (
            "What did the inspector say about custody at Northshire in 2016?",
            "What about investigations?",
            "What about investigations in Northshire in 2016?",
        ),
        (
            "What did the inspector say about custody at Northshire?",
            "only the causes of concern",
            "What did the inspector say about custody at Northshire, only the causes of concern?",
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
    assert asked == "What about investigations in Northshire in 2016?"


def test_follow_ups_build_on_follow_ups():
    asked = ask("and in 2015?", "How was Northshire graded in 2016?", "And Westmere?")
    assert asked == "How was Westmere graded in 2015?"


def test_a_stand_alone_form_read_again_with_its_conversation_is_unchanged():
    before = "How was Northshire graded in 2016?"
    assert ask(ask("and Westmere?", before), before) == ask("and Westmere?", before)
