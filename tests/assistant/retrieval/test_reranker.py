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
from tests.fixtures.lexicons import LEXICONS


def forest() -> dict[str, object]:
    """One tree: cosine <= 0.5 gives -1; above it, coverage <= 0.5 gives 0, else 2."""
    cosine, coverage = FEATURES.index("cosine"), FEATURES.index("coverage")
    return {
        "signals": list(FEATURES), "baseline": 0.5, "roots": [0],
        "signal": [cosine, -1, coverage, -1, -1], "threshold": [0.5, 0, 0.5, 0, 0],
        "below": [1, 0, 3, 0, 0], "above": [2, 0, 4, 0, 0], "value": [0, -1.0, 0, 0.0, 2.0],
    }  # fmt: skip


def features(**values: float) -> np.ndarray:
    row = np.zeros((1, len(FEATURES)), dtype=np.float32)
    for name, value in values.items():
        row[0, FEATURES.index(name)] = value
    return row


@pytest.mark.parametrize(("cosine", "coverage", "score"), [(0.5, 1.0, -0.5), (0.6, 0.5, 0.5), (0.6, 0.6, 2.5)])
def test_a_forest_gives_the_values_of_its_leaves(cosine: float, coverage: float, score: float):
    probability = Reranker.from_json(forest()).probability(features(cosine=cosine, coverage=coverage))
    assert probability[0] == pytest.approx(1 / (1 + np.exp(-score)), abs=1e-6)


def test_a_forest_for_other_features_is_refused():
    with pytest.raises(AppError, match="Fit it again"):
        Reranker.from_json({**forest(), "signals": ["something", "else"]})


def test_its_probabilities_are_those_of_scikit_learn():
    from sklearn.ensemble import HistGradientBoostingClassifier

    draw = np.random.default_rng(3)
    given = draw.random((400, len(FEATURES))).astype(np.float32)
    wanted = given[:, 0] + given[:, 4] > 1.1
    model = HistGradientBoostingClassifier(max_iter=20, random_state=0, **TREE_OPTIONS).fit(given, wanted)
    ours = Reranker.from_json(json.loads(json.dumps(forest_data(model)))).probability(given)
    np.testing.assert_allclose(ours, model.predict_proba(given)[:, 1], atol=1e-5)


ROW = st.lists(st.floats(0, 1, width=32), min_size=len(FEATURES), max_size=len(FEATURES))


@given(ROW, st.sampled_from(LOWERING), st.floats(0, 1, width=32))
def test_a_lowering_feature_never_raises_the_probability(row: list[float], name: str, more: float):
    low, high = np.array([row, row], dtype=np.float32)
    high[FEATURES.index(name)] += np.float32(more)
    probability = LEXICONS.reranker.probability(np.stack([low, high]))
    assert probability[1] <= probability[0] + 1e-6


@given(ROW, st.sampled_from(RAISING), st.floats(0, 1, width=32))
def test_a_raising_feature_never_lowers_the_probability(row: list[float], name: str, more: float):
    low, high = np.array([row, row], dtype=np.float32)
    high[FEATURES.index(name)] += np.float32(more)
    probability = LEXICONS.reranker.probability(np.stack([low, high]))
    assert probability[1] >= probability[0] - 1e-6
