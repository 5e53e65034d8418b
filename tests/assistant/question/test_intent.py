from __future__ import annotations

import pytest

from assistant.question.intent import AnswerKind, contains_kind, denies, gives_detail, intent_of


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many officers does Northshire have?", AnswerKind.NUMBER),
        ("What is Northshire Constabulary's annual budget?", AnswerKind.NUMBER),
        ("What was the victim satisfaction rate?", AnswerKind.NUMBER),
        ("When was Northshire inspected?", AnswerKind.DATE),
        ("In which year did it improve?", AnswerKind.DATE),
        ("How was Northshire graded for legitimacy?", AnswerKind.GRADE),
        ("Was Northshire inadequate at efficiency?", AnswerKind.GRADE),
        ("Did Northshire get good for efficiency?", AnswerKind.GRADE),
        ("What concerns did the inspector have?", AnswerKind.LIST),
        ("Which forces were praised?", AnswerKind.LIST),
        ("Who inspected Northshire?", AnswerKind.PERSON),
        ("Where are the cells?", AnswerKind.PLACE),
        ("Why is this so?", AnswerKind.EXPLANATION),
        ("How does the force protect victims?", AnswerKind.EXPLANATION),
        ("Is the force good with money?", AnswerKind.YES_NO),
        ("What is the futures team?", AnswerKind.DEFINITION),
        ("stop and search", AnswerKind.OTHER),
    ],
)
def test_the_kind_of_answer_is_read_from_the_words(question: str, kind: AnswerKind):
    assert intent_of(question).kind is kind


@pytest.mark.parametrize(
    ("question", "sentence", "given"),
    [
        ("How many officers are there?", "The force has 1,200 officers.", True),
        ("How many officers are there?", "Eleven officers were trained.", True),
        ("How many officers are there?", "The force values its officers.", False),
        ("How many of the 12 were good?", "All 12 were looked at.", False),
        ("When was it last updated?", "The page was last updated on 3 March 2019.", True),
        ("When was it last updated?", "The page is kept up to date.", False),
        ("What grade did it get?", "Efficiency required improvement.", True),
        ("What grade did it get?", "Efficiency is a strength.", False),
        ("Who is the chief constable?", "The chief is Ann Example.", True),
        ("Who is the chief constable?", "Staff across Northshire Constabulary take care.", False),
        ("Why is it so?", "Because it is.", None),
    ],
)
def test_a_sentence_contains_the_kind_of_answer_asked_for_or_does_not(question: str, sentence: str, given: bool | None):
    read = intent_of(question)
    assert contains_kind(read.kind, sentence, read) is given


@pytest.mark.parametrize("question", ["What did the force not do?", "Why can't it improve?", "Who never complained?"])
def test_a_negated_question_is_recognised(question: str):
    assert intent_of(question).negated


def test_the_intent_has_the_names_and_numbers_in_the_question():
    read = intent_of("What did Ofsted say about Northshire in 2019?")
    assert read.names == {"ofst", "northshir"}
    assert read.numbers == {"2019"}


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("The force does not record it.", True),
        ("It no longer visits schools.", True),
        ("It fails to record grounds.", True),
        ("Officers rarely visit.", True),
        ("It lacks detectives.", True),
        ("It records grounds, not only searches.", False),
        ("A few officers visit.", False),
        ("The force records it.", False),
    ],
)
def test_a_sentence_that_says_what_is_not_so_denies(text: str, denied: bool):
    assert denies(text) is denied


@pytest.mark.parametrize(
    ("question", "sentence", "given"),
    [
        ("When must complaints be answered?", "They must be answered within 20 days.", True),
        ("When will it be ready?", "It will be ready before Christmas.", True),
        ("When are the queues longest?", "They are longest on Friday nights.", True),
        ("When did it open?", "The suite is well run.", False),
        ("How long do detainees wait?", "They wait too long.", True),
        ("How often are cells cleaned?", "Cells are cleaned weekly.", True),
        ("How many cells are there?", "Cells are cleaned weekly.", False),
        ("How many officers does it have?", "It has 38 more officers.", False),
        ("How many officers does it have?", "It has had 1,200 officers since 2017.", True),
        ("How many officers does it have?", "It has recruited officers since 2017.", False),
        ("How many officers did it recruit?", "It recruited 38 more officers.", True),
    ],
)
def test_a_detail_is_given_in_many_forms(question: str, sentence: str, given: bool):
    read = intent_of(question)
    assert gives_detail(read.kind, sentence, read, question) is given
