"""Fitting the model of the kinds of questions to a few questions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assistant.errors import QuestionFileError
from assistant.evaluation.train_intents import (
    LabelledQuestion,
    LabelledQuestions,
    fit,
    left_out_probabilities,
    read_labels,
    report,
    to_json,
)
from assistant.question.intent import KindModel, QuestionKind

OPENINGS = {QuestionKind.NUMBER: "How many", QuestionKind.DATE: "When did", QuestionKind.PERSON: "Who"}
FORCES = {"letters": "Eastvale", "reports": "Northshire", "talks": "Westmere"}
THINGS = ("officers", "stations", "cells", "sergeants", "calls", "cars")


@pytest.fixture(scope="module")
def labelled() -> LabelledQuestions:
    """Eighteen questions of each of three collections. Their vectors say nothing."""
    questions = [
        LabelledQuestion(question=f"{opening} {force} {thing}?", kind=kind, set=name)
        for name, force in FORCES.items()
        for kind, opening in OPENINGS.items()
        for thing in THINGS
    ]
    return LabelledQuestions(questions, np.ones((len(questions), 2), dtype=np.float32))


def test_a_fitted_model_knows_the_kinds_by_their_words(labelled: LabelledQuestions) -> None:
    model = fit(labelled)
    assert model.kind("How many horses?", np.ones(2, dtype=np.float32)) is QuestionKind.NUMBER
    assert model.kind("When did it end?", np.ones(2, dtype=np.float32)) is QuestionKind.DATE


def test_a_word_of_one_collection_is_no_feature(labelled: LabelledQuestions) -> None:
    words = fit(labelled).words
    assert {"officers", "how many"} <= words.keys()
    assert {"eastvale", "northshire", "westmere"}.isdisjoint(words)


def test_a_kind_without_questions_is_never_found(labelled: LabelledQuestions) -> None:
    probability = fit(labelled).probabilities("Should I move?", None)
    assert probability[list(QuestionKind).index(QuestionKind.OPINION)] == 0.0


def test_each_collection_is_measured_by_a_model_fitted_to_the_others(labelled: LabelledQuestions) -> None:
    with_vector, _ = left_out_probabilities(labelled)
    printed = list(report(labelled.questions, with_vector))
    assert printed[0].startswith("accuracy 1.00")
    assert len(printed) == 1 + len(QuestionKind)


def test_a_model_is_the_same_after_writing_and_reading(labelled: LabelledQuestions) -> None:
    model = KindModel.from_json(json.loads(to_json(fit(labelled))))
    assert model.kind("Who left?", np.ones(2, dtype=np.float32)) is QuestionKind.PERSON


def test_a_bad_label_is_reported_by_its_line(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text('{"question": "Who?", "kind": "person", "set": "a"}\n{"question": "Eh?", "kind": "odd"}\n')
    with pytest.raises(QuestionFileError, match="line 2"):
        read_labels(file)
