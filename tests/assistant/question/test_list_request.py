"""Which questions ask for all of something, and what they want of every sentence."""

from __future__ import annotations

from functools import cache

import pytest

from assistant.judgements.praise_and_concern import Judgement
from assistant.question.list_request import ListRequest, list_request_of
from assistant.question.scope import Corpus
from index.text.transcript import Metadata, Period
from tests.fixtures.lexicons import LEXICONS, understand

PERIODS = (Period("2016", 2016, 2016), Period("2018/19", 2018, 2019))
WORDS = LEXICONS.judgement_words
FORCES = ("Northshire Constabulary", "Westmere Police", "Eastvale Police")


@cache
def corpus() -> Corpus:
    return Corpus.of([Metadata(force, period) for force in FORCES for period in PERIODS])


def asked(question: str, held: Corpus | None = None) -> ListRequest | None:
    known = held or corpus()
    names = [word.lower() for force in FORCES for word in force.split()]
    return list_request_of(understand(question, known, names), known, WORDS)


@pytest.mark.parametrize(
    "question",
    [
        "Which forces use drones?",
        "How many forces have a backlog in vetting?",
        "In how many assessments is stop and search mentioned?",
        "List every force praised for neighbourhood policing",
        "Name all the forces that were slow to answer calls",
        "All areas for improvement about custody",
        "What concerns were raised about custody?",
        "Do any forces struggle with custody?",
        "Compare all forces on knife crime",
        "List all concerns about custody in Northshire",
        "Which forces were praised for custody in 2016?",
    ],
)
def test_a_question_that_asks_for_all_is_recognised(question: str) -> None:
    assert asked(question) is not None


@pytest.mark.parametrize(
    "question",
    [
        "Which force is working with schools on knife crime?",
        "How does Northshire deal with custody?",
        "Which forces does Northshire collaborate with?",
        "What concerns were raised about Northshire in 2016?",
        "List all concerns about custody in Northshire in 2016",
        "Compare Northshire and Westmere on custody",
        "How many detectives are there?",
        "Which forces were praised in 2009?",
        "What is said about custody?",
    ],
)
def test_other_questions_are_not_list_requests(question: str) -> None:
    assert asked(question) is None


def test_a_collection_of_one_assessment_or_without_forces_has_no_list_requests() -> None:
    single = Corpus.of([Metadata(FORCES[0], PERIODS[0])])
    unnamed = Corpus.of([Metadata(), Metadata("", PERIODS[0])])
    assert [asked("Which forces use drones?", held) for held in (single, unnamed)] == [None, None]


@pytest.mark.parametrize(
    ("question", "judgement", "topic"),
    [
        ("Which forces were told to improve crime recording?", Judgement.CONCERN, {"crime", "record"}),
        ("Which forces lack detectives?", Judgement.CONCERN, {"detect"}),
        ("List every force praised for neighbourhood policing", Judgement.PRAISE, {"neighbourhood"}),
        ("Which forces handle domestic abuse well?", Judgement.PRAISE, {"abus", "domest"}),
        ("Which forces use drones?", None, {"drone"}),
    ],
)
def test_the_judgement_is_not_the_topic(question: str, judgement: Judgement | None, topic: set[str]) -> None:
    request = asked(question)
    assert request is not None
    assert request.judgement is judgement
    assert request.topic == topic


def test_a_grade_counts_only_if_it_is_given_to_the_topic() -> None:
    request = asked("Which forces were graded outstanding for efficiency?")
    assert request is not None
    assert request.judgement is None
    assert request.met_by("Effectiveness was good; efficiency outstanding; legitimacy good.", WORDS)
    assert not request.met_by("Effectiveness was outstanding; efficiency good; legitimacy good.", WORDS)
    assert not request.met_by("Efficiency was not yet graded, and effectiveness was outstanding.", WORDS)
    assert request.met_by("The force is outstanding in its efficiency.", WORDS)


def test_a_term_has_other_words_only_if_a_judgement_can_replace_it() -> None:
    cause, mentions = asked("How many forces have a cause of concern about vetting?"), asked("Which forces use drones?")
    assert cause is not None
    assert mentions is not None
    loose = cause.in_other_words()
    assert loose is not None
    assert loose.term is None
    assert loose.met_by("I am concerned about vetting.", WORDS)
    assert not loose.met_by("Vetting should be quicker.", WORDS)  # no cause of concern, whatever the words
    assert mentions.in_other_words() is None


@pytest.mark.parametrize(
    ("judgement", "sentence", "judged"),
    [
        (Judgement.CONCERN, "The force needs to improve its custody.", True),
        (Judgement.CONCERN, "I am pleased that there is no longer a backlog.", False),
        (Judgement.CONCERN, "I have no concerns about custody.", False),
        (Judgement.CONCERN, "Custody is an area for improvement.", True),
        (Judgement.PRAISE, "The force runs its custody well.", True),
        (Judgement.PRAISE, "The force does not run its custody well.", False),
        (Judgement.PRAISE, "I commend the force for its custody.", True),
    ],
)
def test_a_sentence_that_judges_the_other_way_is_not_listed(judgement: Judgement, sentence: str, judged: bool) -> None:
    assert WORDS.judges(judgement, sentence) is judged


@pytest.mark.parametrize(
    ("question", "opposite", "sentence"),
    [
        ("Which forces use drones?", "Which forces do not use drones?", "The force uses drones."),
        ("Which forces improved?", "Which forces did not improve?", "The force has improved its response."),
        (
            "Which forces have a plan?",
            "Which forces have no plan?",
            "It has a plan, and it lacks staff.",
        ),
        ("Which forces are good at custody?", "Which forces are not good at custody?", "It is good at custody."),
    ],
)
def test_a_sentence_meets_a_question_or_its_opposite(question: str, opposite: str, sentence: str) -> None:
    request, negated = asked(question), asked(opposite)
    assert request is not None
    assert negated is not None
    assert request.met_by(sentence, WORDS)
    assert not negated.met_by(sentence, WORDS)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Which forces do not use drones?", "The force doesn't use drones."),
        ("Which forces did not improve?", "The force has not improved its response."),
        ("Which forces have no plan?", "The force lacks a plan."),
        ("Which forces are not good at custody?", "The force requires improvement at custody."),
    ],
)
def test_what_is_not_so_meets_the_question_for_it(question: str, sentence: str) -> None:
    request = asked(question)
    assert request is not None
    assert request.met_by(sentence, WORDS)


def test_requiring_improvement_is_not_improving() -> None:
    request = asked("Which forces improved?")
    assert request is not None
    assert not request.met_by("The force requires improvement at custody.", WORDS)
