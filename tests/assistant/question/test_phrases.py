from __future__ import annotations

import pytest

from assistant.question.phrases import ReferenceKind, is_clause, noun_phrases, references, split_at_ends
from assistant.question.tagger import Tagger


def tagged(text: str):
    return Tagger.load().tag(text)


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("The force closed three stations.", ["The force", "three stations"]),
        ("What are the causes of concern?", ["the causes of concern"]),
        ("how many officers were trained", ["officers"]),
        ("90 per cent of calls were answered", ["calls"]),
        ("How good is the force at preventing crime?", ["the force", "preventing crime"]),
        ("Supervisors praised them for protecting their witnesses.", ["Supervisors", "protecting their witnesses"]),
        ("why?", []),
    ],
)
def test_noun_phrases_are_found(text: str, phrases: list[str]):
    assert [text[phrase.start : phrase.end] for phrase in noun_phrases(tagged(text))] == phrases


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("did they publish it", [("they", ReferenceKind.PLURAL), ("it", ReferenceKind.THING)]),
        ("what did she say", [("she", ReferenceKind.PERSON)]),
        ("who runs that team", [("that team", ReferenceKind.THING)]),
        ("how many of those five", [("those five", ReferenceKind.PLURAL)]),
        ("why is the second one late", [("the second one", ReferenceKind.ONE)]),
        ("has anyone been hurt there", [("there", ReferenceKind.PLACE)]),
        ("is there a plan", []),
        ("why is it that crime rose", []),
        ("do officers trust their sergeants", []),
        ("who is the first woman", []),
    ],
)
def test_words_that_refer_back_are_found(text: str, found: list[tuple[str, ReferenceKind]]):
    assert [(text[word.start : word.end], word.kind) for word in references(tagged(text))] == found


@pytest.mark.parametrize(
    ("text", "clause"),
    [("is it good", True), ("list the grades", True), ("vetting?", False), ("people leaving", False)],
)
def test_a_clause_has_a_verb(text: str, clause: bool):
    assert is_clause(tagged(text)) is clause


def test_sentences_end_at_a_mark_before_a_capital():
    text = "Vetting is late. Fraud is up."
    assert [text[start:end].strip() for start, end in split_at_ends(tagged(text))] == [
        "Vetting is late.",
        "Fraud is up.",
    ]
