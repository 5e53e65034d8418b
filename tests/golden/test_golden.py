"""The golden sets: questions with the sentences that answer them, and questions that must be refused."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from assistant.answer import Answer, Status
from assistant.app import Assistant, open_assistant
from assistant.cli.verify import AnswerVerifier
from assistant.question.conversation import Turn
from assistant.settings import Settings

pytestmark = pytest.mark.model

GOLDEN = Path(__file__).parent
SOURCES = {"hertfordshire": Path(__file__).parents[2] / "sources", "northshire": GOLDEN / "northshire" / "sources"}
QUESTIONS = {"hertfordshire": GOLDEN / "hertfordshire.jsonl", "northshire": GOLDEN / "northshire" / "questions.jsonl"}
FACTS_FOUND = 0.80  # of the facts that answer a question, at least, over a set
RIGHTLY_REFUSED = 0.75  # the fitted reranker answers a fifth of the questions that the fictional set almost answers
WRONGLY_REFUSED = 0.10
SHOWN_IN_VAIN = 0.35  # quotations without a fact asked for, context left out, at most

SETS = sorted(QUESTIONS)


@cache
def questions(name: str) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in QUESTIONS[name].read_text(encoding="utf-8").splitlines())


@cache
def assistant(name: str) -> Assistant:
    return open_assistant(Settings(sources=SOURCES[name], index=Path(mkdtemp(prefix=f"golden-{name}-"))))


@cache
def answers(name: str) -> tuple[tuple[dict[str, Any], Answer], ...]:
    return tuple((question, ask(name, question)) for question in questions(name))


def ask(name: str, question: dict[str, Any]) -> Answer:
    history = [Turn(turn["role"], turn["text"]) for turn in question.get("history", ())]
    return assistant(name).ask(question["question"], history)


def holds(quote: str, fact: list[dict[str, str]]) -> bool:
    return any(entry["quote"] in quote for entry in fact)


@pytest.mark.parametrize("name", SETS)
def test_the_facts_that_answer_are_found(name: str):
    found = [
        any(holds(citation.quote, fact) for citation in answer.citations)
        for question, answer in answers(name)
        for fact in question["evidence"]
    ]
    assert sum(found) / len(found) >= FACTS_FOUND


@pytest.mark.parametrize("name", SETS)
def test_little_is_shown_in_vain(name: str):
    shown = [
        any(holds(citation.quote, fact) for fact in question["evidence"])
        for question, answer in answers(name)
        if question["answerable"]
        for citation in answer.citations
        if not citation.context
    ]
    assert shown.count(False) / len(shown) <= SHOWN_IN_VAIN


@pytest.mark.parametrize("name", SETS)
def test_what_is_not_there_is_refused_and_what_is_there_is_not(name: str):
    refused = [not answer.status.answered for question, answer in answers(name) if not question["answerable"]]
    missed = [not answer.status.answered for question, answer in answers(name) if question["answerable"]]
    assert sum(refused) / len(refused) >= RIGHTLY_REFUSED
    assert sum(missed) / len(missed) <= WRONGLY_REFUSED


@pytest.mark.parametrize("name", SETS)
def test_every_quotation_stands_in_its_file(name: str):
    auditor = AnswerVerifier(SOURCES[name])
    assert [finding for _, answer in answers(name) for finding in auditor.findings(answer)] == []


@pytest.mark.parametrize("name", SETS)
def test_every_word_of_a_statement_is_quoted(name: str):
    for _, answer in answers(name):
        quotes = {citation.number: citation.quote for citation in answer.citations}
        for statement in answer.statements:
            assert statement.text == " ".join(quotes[number] for number in statement.citations)


@pytest.mark.parametrize("name", SETS)
def test_the_same_question_has_the_same_answer(name: str):
    for question, answer in answers(name)[:20]:
        again = ask(name, question)
        assert again.model_dump(exclude={"seconds"}) == answer.model_dump(exclude={"seconds"})


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("How many weaknesses did the inspector find in investigations?", Status.DETAIL_NOT_GIVEN),
        ("When did the force fix the issues?", Status.DETAIL_NOT_GIVEN),
        ("Who is the chief constable?", Status.DETAIL_NOT_GIVEN),
        ("What grade did it get for efficiency?", Status.DETAIL_NOT_GIVEN),
        ("What did the inspector say about Kent Police?", Status.FORCE_NOT_HELD),
        ("How was Hertfordshire rated in 2017?", Status.PERIOD_NOT_HELD),
        ("Does the force use drones?", Status.NOT_IN_ASSESSMENTS),
        ("How do I bake bread?", Status.NOT_ABOUT_ASSESSMENTS),
        ("Will Hertfordshire improve next year?", Status.OPINION_OR_PREDICTION),
        ("What about them?", Status.AMBIGUOUS),
        ("?!", Status.EMPTY_QUESTION),
        ("why " * 300, Status.QUESTION_TOO_LONG),
    ],
)
def test_each_way_of_not_answering(question: str, status: Status):
    answer = assistant("hertfordshire").ask(question)
    assert answer.status is status
    assert answer.reason
    assert answer.searched.transcripts == 1


def test_who_wrote_it_is_answered_from_the_title():
    answer = assistant("hertfordshire").ask("Who wrote this?")
    assert [citation.quote for citation in answer.citations] == [
        "HMI Zoë Billingham's assessment of Hertfordshire Constabulary – Transcript"
    ]


def test_the_strapline_is_never_offered():
    asked = ("How does it make everyone safer?", "Promoting improvements in policing", "What is being promoted?")
    for question in asked:
        answer = assistant("hertfordshire").ask(question)
        assert not any("Promoting" in citation.quote for citation in (*answer.citations, *answer.nearest))


def test_a_sentence_that_would_mislead_alone_brings_the_one_before():
    answer = assistant("hertfordshire").ask("Should the force evaluate its problem-solving tactics?")
    by_context = {citation.context: citation.quote for citation in answer.citations}
    assert by_context[False].startswith("Although, it should routinely evaluate")
    assert by_context[True].startswith("I am pleased by Hertfordshire Constabulary's approach to preventing crime")


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        (
            "Compare preventing crime at Westmere and Eastvale in PEEL 2018/19.",
            [
                ("Eastvale Police", "2018/19", "The force requires improvement at preventing crime."),
                ("Westmere Police", "2018/19", "The force is good at preventing crime, and its work with schools"),
            ],
        ),
        (
            "What changed in Northshire between 2016 and 2021/22 on emergency calls?",
            [
                ("Northshire Constabulary", "2016", "It answered 84 percent of emergency calls within 10 seconds."),
                ("Northshire Constabulary", "2018/19", "Some victims of domestic abuse wait too long"),
                ("Northshire Constabulary", "2021/22", "It answered only 61 percent of emergency calls"),
            ],
        ),
        (
            "Compare Northshire, Westmere and Eastvale on staff wellbeing in 2018/19",
            [
                ("Eastvale Police", "2018/19", ""),
                ("Northshire Constabulary", "2018/19", "The wellbeing of the workforce is a priority for leaders"),
                ("Westmere Police", "2018/19", "Its programme to train supervisors in wellbeing"),
            ],
        ),
    ],
)
def test_a_comparison_has_a_row_for_each_force_or_period_in_order(question: str, rows: list[tuple[str, str, str]]):
    answer = assistant("northshire").ask(question)
    assert answer.table is not None
    assert [(row.force, row.period) for row in answer.table.rows] == [row[:2] for row in rows]
    quotes = {citation.number: citation.quote for citation in answer.citations}
    for row, (force, period, begins) in zip(answer.table.rows, rows, strict=True):
        quoted = [quotes[number] for number in row.citations]
        assert any(quote.startswith(begins) for quote in quoted) if begins else not quoted
        assert begins or f"{force} {period}" in answer.reason
    across = {period for _, period, _ in rows} >= {"2016", "2021/22"}
    assert bool(answer.notes) is across


def test_a_question_about_one_force_and_period_has_no_table_and_no_coverage():
    answer = assistant("northshire").ask("What concerns did the inspector have about Northshire in PEEL 2018/19?")
    assert answer.status.answered
    assert answer.table is None
    assert answer.coverage is None
