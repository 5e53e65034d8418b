"""No force crowds out the others, and no place is lost for it."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.retrieval.selection import MAX_OF_ONE_FORCE, UNKNOWN_FORCE, spread


def chances(*values: float) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def test_a_force_with_many_sentences_leaves_room_for_another() -> None:
    chance = chances(0.9, 0.8, 0.7, 0.6, 0.5, 0.4)
    force = np.array([1, 1, 1, 1, 1, 2])
    assert sorted(spread([0, 1, 2, 3, 4], chance, force)) == [0, 1, 2, 3, 5]


def test_an_improbable_sentence_of_another_force_is_not_selected() -> None:
    chance = chances(0.9, 0.8, 0.7, 0.6, 0.1)
    assert sorted(spread([0, 1, 2, 3], chance, np.array([1, 1, 1, 1, 2]))) == [0, 1, 2, 3]


def test_sentences_of_no_force_are_never_capped() -> None:
    chance = chances(*([0.9] * 6), 0.8)
    force = np.array([UNKNOWN_FORCE] * 6 + [2])
    assert sorted(spread(range(6), chance, force)) == list(range(6))


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(1, 9)), min_size=1, max_size=20), st.data())
def test_as_many_sentences_are_selected_each_once(pool: list[tuple[int, int]], data: st.DataObject) -> None:
    force = np.array([number for number, _ in pool])
    chance = chances(*(tenths / 10 for _, tenths in pool))
    chosen = data.draw(st.lists(st.sampled_from(range(len(pool))), unique=True, max_size=8))
    kept = spread(chosen, chance, force)
    assert len(kept) == len(set(kept)) == len(chosen)
    before, after = Counter(force[chosen].tolist()), Counter(force[kept].tolist())
    grown = [number for number in after if number != UNKNOWN_FORCE and after[number] > before[number]]
    assert all(after[number] <= MAX_OF_ONE_FORCE for number in grown)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.data())
def test_a_selection_of_one_force_is_unchanged(tenths: list[int], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(range(len(tenths))), unique=True))
    same_force = np.zeros(len(tenths), dtype=np.int64)
    assert set(spread(chosen, chances(*(value / 10 for value in tenths)), same_force)) == set(chosen)
