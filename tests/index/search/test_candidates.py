"""Late interaction, against a calculation word by word, over a fictional collection."""

from __future__ import annotations

import numpy as np
import pytest

from index.embedding.embedder import TOKEN_SCALE, HashedWordEmbedder
from index.published.open_index import OpenIndex
from index.search.candidates import LateInteraction


@pytest.fixture(scope="module")
def late(northshire: OpenIndex) -> LateInteraction:
    return LateInteraction(northshire.generation)


def tokens_of(opened: OpenIndex, row: int) -> np.ndarray:
    start, end = opened.generation.token_starts[row : row + 2]
    return opened.generation.token_vectors[start:end] / TOKEN_SCALE


@pytest.mark.parametrize("text", ["How good is custody?", "vetting", "zzz unheard of"])
def test_scores_are_those_of_a_calculation_pair_by_pair(northshire: OpenIndex, late: LateInteraction, text: str):
    generation = northshire.generation
    question = HashedWordEmbedder().encode_question(text)
    rows = np.arange(len(generation.keys), dtype=np.int64)
    found = late.measure(question, rows)
    for row in rows.tolist():
        greatest = [max(tokens_of(northshire, row) @ token) for token in question.tokens]
        assert found.own[row] == pytest.approx(np.dot(greatest, question.weights), abs=1e-5)
        context = [*generation.context_rows[row], generation.title_rows[generation.transcript_of[row]]]
        for place in {int(place) for place in context} - {-1, row}:
            beside = [max(tokens_of(northshire, place) @ token) for token in question.tokens]
            greatest = [max(pair) for pair in zip(greatest, beside, strict=True)]
        assert found.score[row] == pytest.approx(np.dot(greatest, question.weights), abs=1e-5)


def test_neighbours_are_of_the_same_transcript(northshire: OpenIndex, late: LateInteraction):
    generation = northshire.generation
    question = HashedWordEmbedder().encode_question("custody")
    rows = np.arange(len(generation.keys), dtype=np.int64)
    found = late.measure(question, rows)
    firsts = {transcript.first_row for transcript in generation.transcripts}
    for row in rows.tolist():
        assert found.before[row] == (-1.0 if row in firsts else pytest.approx(found.own[row - 1]))


def test_no_rows_and_a_question_without_tokens_give_no_score(late: LateInteraction):
    empty = late.measure(HashedWordEmbedder().encode_question("custody"), np.zeros(0, dtype=np.int64))
    assert empty.score.shape == (0,)
    assert late.measure(HashedWordEmbedder().encode_question("?!"), np.arange(2)).score.tolist() == [0.0, 0.0]
