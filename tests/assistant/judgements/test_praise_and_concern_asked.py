from __future__ import annotations

import pytest

from assistant.judgements.praise_and_concern import Judgement
from tests.fixtures.lexicons import LEXICONS

WORDS = LEXICONS.judgement_words

CONCERNS = [
    "I have some concerns about the approach to custody, which has deteriorated.",
    "There were weaknesses in supervision.", "The force should routinely review its plans.",
    "Problem solving was inconsistent.", "There were too few detectives.", "A backlog delayed cases.",
    "The unit is limited by its capacity.", "Staff do not yet understand the policy.", "Recording needs to improve.",
]  # fmt: skip
PRAISE = [
    "I am pleased with the force's care of victims.", "Officers respond well to emergencies.", "The plan is strong.",
    "The force has a track record of saving money.", "Inspectors praised its work.",
]  # fmt: skip
NEITHER = ["The county has two rivers and an airport.", "The inspector was Ann Example.", "The page lists ten areas."]


@pytest.mark.parametrize("sentence", CONCERNS)
def test_a_concern_is_recognised(sentence: str):
    assert WORDS.states(Judgement.CONCERN, sentence)


@pytest.mark.parametrize("sentence", PRAISE)
def test_praise_is_recognised(sentence: str):
    assert WORDS.states(Judgement.PRAISE, sentence)
    assert not WORDS.states(Judgement.CONCERN, sentence)


@pytest.mark.parametrize("sentence", NEITHER)
def test_a_plain_statement_is_neither(sentence: str):
    assert not WORDS.states(Judgement.CONCERN, sentence)
    assert not WORDS.states(Judgement.PRAISE, sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "In 2019 we recommended a second control room.", "Searches were ineffective.", "Victims were dissatisfied.",
        "The bid for more detectives was unsuccessful.",
    ],
)  # fmt: skip
def test_a_word_that_ends_like_praise_is_none(sentence: str):
    assert not WORDS.states(Judgement.PRAISE, sentence)


@pytest.mark.parametrize(
    ("question", "judgement"),
    [
        ("What concerns did the inspector have?", Judgement.CONCERN),
        ("Where does Northshire need to improve?", Judgement.CONCERN),
        ("What are the areas for improvement?", Judgement.CONCERN),
        ("What is the inspector pleased with?", Judgement.PRAISE),
        ("What are Northshire's strengths?", Judgement.PRAISE),
        ("Which partners does the force work beside?", None),
    ],
)
def test_the_judgement_a_question_asks_for_is_recognised(question: str, judgement: Judgement | None):
    assert WORDS.asked(question) is judgement


def test_the_spans_that_ask_for_a_judgement_are_whole_words():
    question = "What weaknesses were there in custody?"
    assert [question[start:end] for start, end in WORDS.spans_asking(Judgement.CONCERN, question)] == ["weaknesses"]
