"""What kind of question is asked. The phrasings here are not among the labelled questions."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from assistant.question.intent import KindModel, QuestionKind, word_features
from index.embedding.embedder import Embedder
from index.embedding.models import open_embedder
from index.text.words import clean
from tests.fixtures.lexicons import LEXICONS

LABELS = Path(__file__).parents[2] / "training" / "intents.jsonl"
KINDS = list(QuestionKind)
MIN_RIGHT = 0.8  # of a dozen fresh phrasings of a kind


def model_of(words: dict[str, dict[QuestionKind, float]], vector: dict[QuestionKind, float]) -> KindModel:
    """A model with these weights, 0 for all others, for vectors of one dimension."""
    rows = {word: [weights.get(kind, 0.0) for kind in KINDS] for word, weights in words.items()}
    of_vector = [[vector.get(kind, 0.0) for kind in KINDS]]
    return KindModel.from_json({"kinds": KINDS, "words": rows, "vector": of_vector, "bias": [0.0] * len(KINDS)})


def test_the_features_of_a_question_are_its_words_pairs_and_opening():
    assert word_features("How many of the 12?") == [
        *("how", "many", "of", "the", "0"),
        *("how many", "many of", "of the", "the 0"),
        *("^how", "^many", "^of", "^how many", "?"),
    ]
    assert word_features("") == []


def test_words_and_vector_add_up_to_a_probability():
    model = model_of({"when": {QuestionKind.DATE: 2.0}}, {QuestionKind.DATE: 3.0})
    odds = np.exp(2.0 + 3.0 * 0.5)
    found = model.probabilities("When?", np.array([0.5], dtype=np.float32))
    assert found[KINDS.index(QuestionKind.DATE)] == pytest.approx(odds / (odds + len(KINDS) - 1), rel=1e-4)
    assert found.sum() == pytest.approx(1.0, rel=1e-5)


def test_a_kind_that_is_not_probable_is_a_fact():
    model = model_of({"when": {QuestionKind.DATE: 2.0}}, {QuestionKind.DATE: 3.0})
    assert model.kind("When?", None) is QuestionKind.FACT
    assert model.kind("When?", np.array([1.0], dtype=np.float32)) is QuestionKind.DATE


def test_a_model_of_other_kinds_is_refused():
    with pytest.raises(ValueError, match="kinds"):
        KindModel.from_json({"kinds": ["fact"], "words": {}, "vector": [], "bias": [0.0]})


def test_every_kind_has_labelled_questions_and_none_is_labelled_twice():
    labels = [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]
    kinds = [label["kind"] for label in labels]
    assert min(kinds.count(kind) for kind in KINDS) >= 30
    assert len({label["question"].lower() for label in labels}) == len(labels)


FRESH = {
    QuestionKind.OPINION: [
        "Should I move to Northshire?",
        "do you think westmere police are any use",
        "Will Eastvale be better in two years?",
        "Which is the worst police force in the country?",
        "What will Northshire's next grade be?",
        "In your opinion, is the chief constable doing a good job?",
        "would you want to be a victim of crime in eastmarch",
        "Should the commissioner stand down?",
        "Is it safe to live in Westmere?",
        "are inspections a good use of public money do you think",
        "How many officers will Westmere have in ten years' time?",
        "ought the police to be armed",
    ],
    QuestionKind.OFF_TOPIC: [
        "What is the capital of Australia?",
        "how do i cook rice",
        "Who won the cup final?",
        "translate hello into german",
        "What is 17 times 23?",
        "write me a birthday message for my sister",
        "How far away is the moon?",
        "can you recommend a good pizza place",
        "who wrote pride and prejudice",
        "What is the best way to remove rust?",
        "tell me a story about a dragon",
        "how do I change a bicycle tyre",
    ],
    QuestionKind.WHY: [
        "Why did Northshire lose its grade for custody?",
        "what caused the delays at westmere",
        "What is the reason for the backlog in Eastvale?",
        "how come so many detectives left",
        "Why is the force short of call handlers?",
        "what's behind the rise in complaints at eastmarch",
        "Why were the cells closed?",
        "For what reason did the alliance end?",
        "why haven't they trained the sergeants",
        "What led to the fall in morale?",
    ],
    QuestionKind.NUMBER: [
        "How many sergeants does Westmere have?",
        "what proportion of calls is dropped at northshire",
        "How much did Eastvale spend on overtime?",
        "number of detectives at eastmarch",
        "What percentage of staff have been vetted?",
        "how long does it take to answer a 101 call",
        "How large is the budget gap?",
        "how often are the cells checked",
        "What was the cost of the new station?",
        "how many burglaries were solved in westmere",
    ],
}


@cache
def embedder() -> Embedder:
    return open_embedder()


@pytest.mark.model
@pytest.mark.parametrize("kind", FRESH)
def test_fresh_phrasings_are_recognised(kind: QuestionKind):
    found = [LEXICONS.kinds.kind(text, embedder().encode_question(clean(text)).packaged) for text in FRESH[kind]]
    assert found.count(kind) >= MIN_RIGHT * len(found), dict(zip(FRESH[kind], found, strict=True))


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    [
        "Is the force equipped for the future?",
        "Which constabulary can predict demand?",
        "What should the force improve?",
        "How good is Northshire at preventing crime?",
        "What did the chief constable think of the grade?",
        "Does the inspector believe that Westmere will recover?",
        "Is Eastvale getting better at recording crime?",
        "What will inspectors look at on their next visit?",
        "When will the new control room open?",
        "Was it fair to staff?",
    ],
)
def test_what_an_assessment_may_say_is_no_opinion(question: str):
    vector = embedder().encode_question(clean(question)).packaged
    assert LEXICONS.kinds.kind(question, vector) not in (QuestionKind.OPINION, QuestionKind.OFF_TOPIC)
