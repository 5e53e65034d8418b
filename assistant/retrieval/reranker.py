"""Predicts the probability that a candidate sentence is part of the answer, from its features.

The model is a forest of boosted regression trees (Friedman 2001, "Greedy function approximation"). It was fitted by
`python -m assistant.evaluation.train_reranker`, which writes `data/reranker.json`: numbers only, without any text of a
training set. Nothing is learned at run time. Features that can only count against a sentence, such as a missing number,
were constrained to be monotone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.retrieval.features import FEATURES
from index.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LEAF = -1  # in place of a node's feature
BATCH_SIZE = 512  # candidates scored at a time, so that the results of every test fit the processor's caches


@dataclass(frozen=True, slots=True)
class Reranker:
    """The forest as flat arrays of its tests, tree by tree; a test asks whether feature[i] <= threshold[i].

    It is evaluated after Lucchese and others (2015), "QuickScorer: a fast algorithm to rank documents with additive
    ensembles of regression trees". Every test is evaluated at once; one that fails rules out the leaves below its left
    branch; the first leaf left of each tree is the one that a walk from the root would reach. Leaves are bits of an
    integer, the first the lowest.
    """

    baseline: float
    first: NDArray[np.int64]  # (t,) the first test of each tree
    feature: NDArray[np.int64]  # (m,)
    threshold: NDArray[np.float64]  # (m,)
    left: NDArray[np.unsignedinteger[Any]]  # (m,) the leaves that remain possible if the test fails
    value: NDArray[np.float64]  # (t, l) the values of each tree's leaves

    @classmethod
    def unfitted(cls) -> Reranker:
        """A forest that gives every candidate the same probability, for fitting another."""
        leaf = {"signal": [LEAF], "threshold": [0.0], "below": [0], "above": [0], "value": [0.0]}
        return cls.from_json({"signals": FEATURES, "baseline": 0.0, "roots": [0], **leaf})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reranker:
        """The forest that `assistant.evaluation.train_reranker` wrote; nodes with feature -1 are leaves.

        Raises `AppError` when it was fitted to other features.
        """
        if tuple(data["signals"]) != FEATURES:
            raise AppError(
                "assistant/data/reranker.json was fitted to other features than assistant/retrieval/features.py"
                " computes.",
                advice="Fit it again with python -m assistant.evaluation.train_reranker.",
            )
        trees = [_Tree.grown(data, root) for root in data["roots"]]
        tests = [test for tree in trees for test in tree.tests]
        leaves = max(len(tree.values) for tree in trees)
        every_leaf = 2**leaves - 1
        return cls(
            baseline=float(data["baseline"]),
            first=np.cumsum([0, *(len(tree.tests) for tree in trees[:-1])], dtype=np.int64),
            feature=np.array([feature for feature, _, _ in tests], dtype=np.int64),
            threshold=np.array([threshold for _, threshold, _ in tests], dtype=np.float64),
            left=np.array([every_leaf & ~out for _, _, out in tests], dtype=np.min_scalar_type(every_leaf)),
            value=_leaf_values(trees, leaves),
        )

    def probability(self, features: Floats) -> Floats:
        """The probability that each of n candidates is part of the answer: (n, len(FEATURES)) to (n,)."""
        scores = [self._scores(features[start : start + BATCH_SIZE]) for start in range(0, len(features), BATCH_SIZE)]
        score = np.concatenate([np.zeros(0), *scores])
        return np.asarray(1.0 / (1.0 + np.exp(-score)), dtype=np.float32)

    def _scores(self, features: Floats) -> NDArray[np.float64]:
        passed = features.T[self.feature] <= self.threshold[:, np.newaxis]
        possible = np.where(passed, np.iinfo(self.left.dtype).max, self.left[:, np.newaxis])
        left = np.bitwise_and.reduceat(possible, self.first, axis=0).T
        leaf = np.bitwise_count(~left & (left - 1))  # the number of bits below the lowest one set
        return np.asarray(self.baseline + self.value[np.arange(len(self.first)), leaf].sum(axis=1))


@dataclass(frozen=True, slots=True)
class _Tree:
    """One tree: its leaves' values, and its tests as (feature, threshold, bits of the leaves a failure rules out)."""

    tests: list[tuple[int, float, int]]
    values: list[float]

    @classmethod
    def grown(cls, data: Mapping[str, Any], root: int) -> _Tree:
        """The tree below a node. Its first test always passes, so that every tree has one."""
        tree = cls([(0, np.inf, 0)], [])
        tree._grow(data, root)
        return tree

    def _grow(self, data: Mapping[str, Any], node: int) -> None:
        if data["signal"][node] == LEAF:
            self.values.append(data["value"][node])
            return
        before = len(self.values)
        self._grow(data, data["below"][node])
        below = (1 << len(self.values)) - (1 << before)
        self.tests.append((data["signal"][node], data["threshold"][node], below))
        self._grow(data, data["above"][node])


def _leaf_values(trees: Sequence[_Tree], leaves: int) -> NDArray[np.float64]:
    """The leaves' values of each tree, padded with zeros: (len(trees), leaves)."""
    values = np.zeros((len(trees), leaves))
    for number, tree in enumerate(trees):
        values[number, : len(tree.values)] = tree.values
    return values
