from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evaluation.train_reranker import LOWERING, RAISING, TREE_OPTIONS, forest_data
from assistant.retrieval.features import FEATURES
from assistant.retrieval.reranker import Reranker
from index.errors import AppError


def forest() -> dict[str, object]:
    """One tree: cosine <= 0.5 gives -1; above it, coverage <= 0.5 gives 0, else 2."""
    cosine, coverage = FEATURES.index("cosine"), FEATURES.index("coverage")
    return {
        "signals": list(FEATURES), "baseline": 0.5, "roots": [0],
        "signal": [cosine, -1, coverage, -1, -1], "threshold": [0.5, 0, 0.5, 0, 0],
        "below": [1, 0, 3, 0, 0], "above": [2, 0, 4, 0, 0], "value": [0, -1.0, 0, 0.0, 2.0],
    }  # fmt: skip


def signals(**values: float) -> np.ndarray:
    row = np.zeros((1, len(FEATURES)), dtype=np.float32)
    for name, value in values.items():
        row[0, FEATURES.index(name)] = value
    return row


@pytest.mark.parametrize(("cosine", "coverage", "score"), [(0.5, 1.0, -0.5), (0.6, 0.5, 0.5), (0.6, 0.6, 2.5)])
def test_a_forest_is_walked_to_its_leaves(cosine: float, coverage: float, score: float):
    chance = Reranker.from_json(forest()).probability(signals(cosine=cosine, coverage=coverage))
    assert chance[0] == pytest.approx(1 / (1 + np.exp(-score)), abs=1e-6)


def test_a_forest_of_other_signals_is_refused():
    with pytest.raises(AppError, match="Fit it again"):
        Reranker.from_json({**forest(), "signals": ["something", "else"]})


def test_it_gives_the_chances_scikit_learn_gives():
    from sklearn.ensemble import HistGradientBoostingClassifier

    draw = np.random.default_rng(3)
    given = draw.random((400, len(FEATURES))).astype(np.float32)
    wanted = given[:, 0] + given[:, 4] > 1.1
    model = HistGradientBoostingClassifier(max_iter=20, random_state=0, **TREE_OPTIONS).fit(given, wanted)
    ours = Reranker.from_json(json.loads(json.dumps(forest_data(model)))).probability(given)
    np.testing.assert_allclose(ours, model.predict_proba(given)[:, 1], atol=1e-5)


ROW = st.lists(st.floats(0, 1, width=32), min_size=len(FEATURES), max_size=len(FEATURES))


@given(ROW, st.sampled_from(LOWERING), st.floats(0, 1, width=32))
def test_what_speaks_against_a_sentence_never_makes_it_likelier(row: list[float], name: str, more: float):
    low, high = np.array([row, row], dtype=np.float32)
    high[FEATURES.index(name)] += np.float32(more)
    chance = Reranker.load().probability(np.stack([low, high]))
    assert chance[1] <= chance[0] + 1e-6


@given(ROW, st.sampled_from(RAISING), st.floats(0, 1, width=32))
def test_what_speaks_for_a_sentence_never_makes_it_less_likely(row: list[float], name: str, more: float):
    low, high = np.array([row, row], dtype=np.float32)
    high[FEATURES.index(name)] += np.float32(more)
    chance = Reranker.load().probability(np.stack([low, high]))
    assert chance[1] >= chance[0] - 1e-6
