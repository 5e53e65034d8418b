"""Fits the model that reads what kind of question is asked, and measures it on collections left out of the fitting.

    python -m assistant.evaluation.train_intents [--labels FILE] [--output FILE]

A line of FILE is `{"question", "kind", "set"}`; `set` is the collection that the question was taken from, `written` for
one that was written for a rare kind. It takes a minute, and must be run again when the adapter of the embedding model
was fitted again. It needs scikit-learn (`pip install '.[train]'`).

Each collection is left out with a quarter of the written questions. A word counts only if questions of two sets have
it, so that no name is learned. Every question is also fitted without its vector, with a lower weight, so that the words
can decide alone where another embedding model is set.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from assistant.errors import QuestionFileError
from assistant.evaluation.json_lines import open_lines, read_records
from assistant.question.intent import MIN_PROBABILITY, KindModel, QuestionKind, word_features
from index.embedding.models import SentenceTransformerEmbedder
from index.text.words import clean

SEED = 7
STRENGTH = 1.0  # the inverse of the regularisation
VECTOR_SCALE = 4.0  # a unit vector is shorter than the vector of a question's words
WORDS_ALONE_WEIGHT = 0.35
MIN_QUESTIONS = 2  # that have a word
MIN_SETS = 2
NEVER = -1e4  # the score of a kind that no question has
WRITTEN = "written"
LABELS = Path(__file__).parents[2] / "tests" / "training" / "intents.jsonl"
OUTPUT = Path(__file__).parents[1] / "data" / "intents.json"

Floats = NDArray[np.float32]


class LabelledQuestion(BaseModel):
    """A question that stands alone, its kind, and the collection it was taken from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    kind: QuestionKind
    set: str


@dataclass(frozen=True, slots=True, eq=False)
class LabelledQuestions:
    """n labelled questions, and their vectors: (n, d)."""

    questions: Sequence[LabelledQuestion]
    vectors: Floats

    def at(self, places: Sequence[int]) -> LabelledQuestions:
        """Returns the questions at some places."""
        return LabelledQuestions([self.questions[place] for place in places], self.vectors[list(places)])


def read_labels(path: Path) -> list[LabelledQuestion]:
    """Reads labelled questions. Raises `QuestionFileError` at the first bad line."""
    found: list[LabelledQuestion] = []
    with open_lines(str(path)) as lines:
        for line in read_records(lines, str(path), LabelledQuestion):
            if isinstance(line, QuestionFileError):
                raise line
            found.append(line)
    return found


def fit(labelled: LabelledQuestions) -> KindModel:
    """Fits a softmax regression."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    words = _words_of(labelled.questions)
    counts = np.zeros((len(labelled.questions), len(words)), dtype=np.float32)
    for row, labelled_question in enumerate(labelled.questions):
        counts[row, [words[word] for word in word_features(labelled_question.question) if word in words]] = 1.0
    vectors = labelled.vectors * VECTOR_SCALE
    features = csr_matrix(np.block([[counts, vectors], [counts, np.zeros_like(vectors)]]))
    kinds = [list(QuestionKind).index(labelled_question.kind) for labelled_question in labelled.questions]
    weights = np.repeat([1.0, WORDS_ALONE_WEIGHT], len(kinds))
    model = LogisticRegression(C=STRENGTH, max_iter=500, random_state=SEED)
    model.fit(features, [*kinds, *kinds], sample_weight=weights)
    coefficients = np.zeros((len(words) + vectors.shape[1], len(QuestionKind)), dtype=np.float32)
    bias = np.full(len(QuestionKind), NEVER, dtype=np.float32)
    coefficients[:, model.classes_], bias[model.classes_] = model.coef_.T, model.intercept_
    return KindModel(words, coefficients[: len(words)], coefficients[len(words) :] * np.float32(VECTOR_SCALE), bias)


def _words_of(questions: Sequence[LabelledQuestion]) -> dict[str, int]:
    """The word features that enough questions of enough sets have, and their rows."""
    found = Counter(word for question in questions for word in word_features(question.question))
    pairs = {(word, question.set) for question in questions for word in word_features(question.question)}
    sets = Counter(word for word, _ in pairs)
    kept = sorted(word for word, count in found.items() if count >= MIN_QUESTIONS and sets[word] >= MIN_SETS)
    return {word: row for row, word in enumerate(kept)}


def left_out_probabilities(labelled: LabelledQuestions) -> tuple[Floats, Floats]:
    """The probabilities of each question by a model fitted without its collection, with and without vector: (n, k)."""
    found = np.zeros((2, len(labelled.questions), len(QuestionKind)), dtype=np.float32)
    sets = sorted({question.set for question in labelled.questions} - {WRITTEN}) or [WRITTEN]
    draw = np.random.default_rng(SEED).integers(len(sets), size=len(labelled.questions))
    fold = [
        sets.index(q.set) if q.set in sets else int(drawn) for q, drawn in zip(labelled.questions, draw, strict=True)
    ]
    for number in range(len(sets)):
        model = fit(labelled.at([place for place, of in enumerate(fold) if of != number]))
        for place in (place for place, of in enumerate(fold) if of == number):
            question = labelled.questions[place].question
            found[0, place] = model.probabilities(question, labelled.vectors[place])
            found[1, place] = model.probabilities(question, None)
    return found[0], found[1]


def report(questions: Sequence[LabelledQuestion], probabilities: Floats) -> Iterator[str]:
    """Yields the accuracy, the calibration, and a line for each kind: precision, recall and F1 from the margin on."""
    gold = np.array([list(QuestionKind).index(question.kind) for question in questions])
    likeliest, best = probabilities.argmax(axis=1), probabilities.max(axis=1)
    yield f"accuracy {np.mean(likeliest == gold):.2f}, mean probability of the likeliest kind {best.mean():.2f}"
    chosen = np.where(best >= MIN_PROBABILITY, likeliest, list(QuestionKind).index(QuestionKind.FACT))
    for number, kind in enumerate(QuestionKind):
        right = int(((chosen == number) & (gold == number)).sum())
        precision, recall = right / max(int((chosen == number).sum()), 1), right / max(int((gold == number).sum()), 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        count = int((gold == number).sum())
        yield f"{kind.value:16} {count:4} precision {precision:.2f} recall {recall:.2f} F1 {f1:.2f}"


def to_json(model: KindModel) -> str:
    """Returns a model as a JSON object with a word a line."""
    rounded = {word: _rounded(model.word_weights[row]) for word, row in model.words.items()}
    words = ",\n".join(f"  {json.dumps(word)}: {json.dumps(weights)}" for word, weights in rounded.items())
    vector = ",\n".join(f"  {json.dumps(_rounded(row))}" for row in model.vector_weights)
    kinds, bias = json.dumps(list(QuestionKind)), json.dumps(_rounded(model.bias))
    return f'{{\n "kinds": {kinds},\n "bias": {bias},\n "words": {{\n{words}\n }},\n "vector": [\n{vector}\n ]\n}}\n'


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 2) for value in values]


def main(
    labels: Annotated[Path, typer.Option(metavar="FILE", exists=True, dir_okay=False, help="Questions.")] = LABELS,
    output: Annotated[Path, typer.Option(metavar="FILE", help="File to write the model to.")] = OUTPUT,
) -> None:
    """Fit the model of the kinds of questions."""
    questions = read_labels(labels)
    vectors = SentenceTransformerEmbedder().encode([clean(question.question) for question in questions])
    labelled = LabelledQuestions(questions, vectors)
    with_vector, words_alone = left_out_probabilities(labelled)
    for title, probabilities in (("With the vector", with_vector), ("By words alone", words_alone)):
        typer.echo(f"{title}, collections left out: " + "\n".join(report(questions, probabilities)))
    output.write_text(to_json(fit(labelled)), encoding="utf-8")
    typer.echo(f"Wrote {output}, fitted to {len(questions)} questions.")


if __name__ == "__main__":
    typer.run(main)
