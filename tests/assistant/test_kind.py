from __future__ import annotations

import pytest

from assistant.query.kind import Kind, gives, wanted


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many officers does Northshire have?", Kind.NUMBER),
        ("What is Northshire Constabulary's annual budget?", Kind.NUMBER),
        ("What was the victim satisfaction rate?", Kind.NUMBER),
        ("When was Northshire inspected?", Kind.DATE),
        ("In which year did it improve?", Kind.DATE),
        ("How was Northshire graded for legitimacy?", Kind.GRADE),
        ("Was Northshire inadequate at efficiency?", Kind.GRADE),
        ("Did Northshire get good for efficiency?", Kind.GRADE),
        ("What concerns did the inspector have?", Kind.LIST),
        ("Which forces were praised?", Kind.LIST),
        ("Who inspected Northshire?", Kind.PERSON),
        ("Where are the cells?", Kind.PLACE),
        ("Why is this so?", Kind.EXPLANATION),
        ("How does the force protect victims?", Kind.EXPLANATION),
        ("Is the force good with money?", Kind.YES_NO),
        ("What is the futures team?", Kind.DEFINITION),
        ("stop and search", Kind.OTHER),
    ],
)
def test_the_kind_of_answer_is_read_from_the_words(question: str, kind: Kind):
    assert wanted(question).kind is kind


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
def test_a_sentence_gives_what_was_asked_for_or_does_not(question: str, sentence: str, given: bool | None):
    read = wanted(question)
    assert gives(read.kind, sentence, read) is given


@pytest.mark.parametrize("question", ["What did the force not do?", "Why can't it improve?", "Who never complained?"])
def test_negation_is_seen(question: str):
    assert wanted(question).negated


def test_names_and_numbers_asked_about_are_kept():
    read = wanted("What did Ofsted say about Northshire in 2019?")
    assert read.names == {"ofst", "northshir"}
    assert read.numbers == {"2019"}
