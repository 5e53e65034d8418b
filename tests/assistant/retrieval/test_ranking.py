from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.ranking import continued

TRANSCRIPTS = np.repeat([0, 1], 50)  # of a hundred rows
CHANCES = st.floats(0, 1, width=32)


def chance(probability: float, row: int, cited: tuple[int, ...]) -> float:
    rows = np.array([row], dtype=np.int64)
    return float(
        continued(np.array([probability], dtype=np.float32), rows, np.array(cited, dtype=np.int64), TRANSCRIPTS)[0]
    )


@given(st.floats(0.015625, 0.875, width=32))
def test_after_an_answer_the_sentences_next_to_it_are_likelier_the_nearer_they_are(probability: float):
    chances = [chance(probability, 20 + distance, (20,)) for distance in (1, 3, 8, 9)]
    assert chances == sorted(chances, reverse=True)
    assert len(set(chances)) == len(chances)
    assert chance(probability, 19, (20,)) == chances[0]


@given(CHANCES)
def test_what_was_quoted_is_less_likely_to_be_the_answer_again(probability: float):
    assert chance(probability, 20, (20, 40)) < chance(probability, 21, (20, 40))


def test_a_sentence_of_another_transcript_is_never_next_to_what_was_quoted():
    assert chance(0.5, 50, (49,)) == chance(0.5, 99, (49,))


@given(CHANCES, CHANCES)
def test_at_the_same_distance_the_order_stays(first: float, second: float):
    if first < second:
        assert chance(first, 30, (20,)) <= chance(second, 30, (20,))


@given(st.lists(CHANCES, min_size=1, max_size=20))
def test_chances_stay_chances(probabilities: list[float]):
    rows = np.arange(len(probabilities), dtype=np.int64)
    found = continued(np.array(probabilities, dtype=np.float32), rows, np.array([3], dtype=np.int64), TRANSCRIPTS)
    assert ((found > 0) & (found < 1)).all()
