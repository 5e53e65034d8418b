from __future__ import annotations

import pytest

from assistant.question.document_request import DocumentFact, document_request_of
from assistant.question.scope import Corpus
from index.sources.dates import make_period
from index.text.transcript import Metadata

CORPUS = Corpus.of(
    [Metadata("Northshire Constabulary", make_period(2016, 2016)), Metadata("Westmere Police", make_period(2018, 2019))]
)


@pytest.mark.parametrize(
    ("question", "fact", "newest"),
    [
        ("Which HMI assessed Northshire?", DocumentFact.INSPECTORS, False),
        ("who was the lead inspector for Westmere", DocumentFact.INSPECTORS, False),
        ("Who wrote the latest report on Westmere?", DocumentFact.INSPECTORS, True),
        ("Names of the inspectors, please", DocumentFact.INSPECTORS, False),
        ("Which forces have been inspected?", DocumentFact.FORCES, False),
        ("Tell me which forces you have", DocumentFact.FORCES, False),
        ("which police forces can I ask about", DocumentFact.FORCES, False),
        ("Which years does the collection cover?", DocumentFact.PERIODS, False),
        ("When was Westmere last inspected?", DocumentFact.PERIODS, True),
        ("When was the Westmere report published?", DocumentFact.PUBLISHED, False),
        ("How many inspections has Westmere had?", DocumentFact.DOCUMENTS, False),
        ("Do you have anything on Kent?", DocumentFact.DOCUMENTS, False),
        ("Are there any reports for 2016?", DocumentFact.DOCUMENTS, False),
        ("latest inspection of Westmere", DocumentFact.DOCUMENTS, True),
        ("What is new?", DocumentFact.DOCUMENTS, True),
        ("What can I ask?", DocumentFact.EVERYTHING, False),
        ("what topics can I ask about", DocumentFact.EVERYTHING, False),
        ("What do you have?", DocumentFact.EVERYTHING, False),
    ],
)
def test_what_is_asked_about_the_documents(question: str, fact: DocumentFact, newest: bool):
    request = document_request_of(question, CORPUS)
    assert request is not None
    assert (request.fact, request.newest) == (fact, newest)


@pytest.mark.parametrize(
    "question",
    [
        "Which forces does Westmere work with?",
        "How many officers does Northshire have?",
        "What should the force do?",
        "What does the force do?",
        "What did the last inspection find?",
        "What does the report say?",
        "When will Northshire be inspected again?",
        "What is the assessment of Northshire?",
        "Who is the force responsible for?",
        "Who did the force ask?",
        "What is the force called?",
        "What questions did the inspectors ask?",
        "Which topics were covered by the inspection of Westmere?",
        "How many inspectors are there in the force?",
        "Which forces have been inspected for custody?",
        "Which reports mention custody?",
        "How many police stations are there?",
        "Why was Northshire inspected?",
        "Which forces have not been inspected?",
        "How is the force?",
    ],
)
def test_a_question_about_what_documents_say_asks_nothing_about_them(question: str):
    assert document_request_of(question, CORPUS) is None


@pytest.mark.parametrize(
    ("question", "of_one"),
    [("Who wrote this?", True), ("Which force is it about?", True), ("Who inspected Westmere?", False)],
)
def test_a_question_may_speak_of_one_document_without_naming_it(question: str, of_one: bool):
    request = document_request_of(question, CORPUS)
    assert request is not None
    assert request.is_of_one is of_one
