"""Relevance: how likely each candidate sentence is part of the answer, learned once and shipped as plain numbers.

The model is a forest of boosted regression trees (Friedman 2001, "Greedy function approximation") over the signals.
It was fitted by `python -m assistant.evaluation.train_reranker`, which writes `data/relevance.json`; nothing is learned
at run time, and no text of a training set is in it. What can only speak against a sentence (a number asked about and
missing, say) was held to do so: those signals are constrained to be monotone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.retrieval.features import FEATURES
from index.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LEAF = -1
AT_ONCE = 512  # candidates weighed at a time: what is worked out of each test of the forest then fits the caches


@dataclass(frozen=True, slots=True)
class Reranker:
    """A forest as flat arrays of its tests, tree by tree; a test asks whether signal[i] <= threshold[i].

    It is walked after Lucchese and others (2015), "QuickScorer: a fast algorithm to rank documents with additive
    ensembles of regression trees": every test is made at once, one that fails rules out the leaves it is above, and the
    first leaf that is left of each tree is where the walk would have ended. Leaves are bits, the first the lowest.
    """

    baseline: float
    first: NDArray[np.int64]  # (t,) of each tree, its first test
    signal: NDArray[np.int64]  # (m,)
    threshold: NDArray[np.float64]  # (m,)
    left: NDArray[np.unsignedinteger[Any]]  # (m,) the leaves that a test which fails leaves possible
    value: NDArray[np.float64]  # (t, l) of each tree, its leaves' values

    @classmethod
    @cache
    def load(cls) -> Reranker:
        """The forest that ships with the project. Raises `AppError` when it was fitted to other signals."""
        text = (resources.files("assistant") / "data" / "relevance.json").read_text(encoding="utf-8")
        return cls.from_json(json.loads(text))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reranker:
        """Read what `assistant.evaluation.train_reranker` writes: nodes, of which those with signal -1 are leaves."""
        if tuple(data["signals"]) != FEATURES:
            raise AppError(
                "assistant/data/relevance.json was fitted to other signals than assistant/signals.py computes.",
                advice="Fit it again with python -m assistant.evaluation.train_reranker.",
            )
        trees = [_Tree.grown(data, root) for root in data["roots"]]
        leaves = max(len(tree.values) for tree in trees)
        kind = np.min_scalar_type(2**leaves - 1)
        tests = [test for tree in trees for test in tree.tests]
        value = np.zeros((len(trees), leaves))
        for place, tree in enumerate(trees):
            value[place, : len(tree.values)] = tree.values
        return cls(
            baseline=float(data["baseline"]),
            first=np.cumsum([0, *(len(tree.tests) for tree in trees[:-1])], dtype=np.int64),
            signal=np.array([signal for signal, _, _ in tests], dtype=np.int64),
            threshold=np.array([threshold for _, threshold, _ in tests], dtype=np.float64),
            left=np.array([(2**leaves - 1) & ~out for _, _, out in tests], dtype=kind),
            value=value,
        )

    def probability(self, signals: Floats) -> Floats:
        """The chance, from 0 to 1, that each of n candidates is part of the answer: (n, len(SIGNALS)) to (n,)."""
        scores = [self._scores(signals[start : start + AT_ONCE]) for start in range(0, len(signals), AT_ONCE)]
        score = np.concatenate([np.zeros(0), *scores])
        return np.asarray(1.0 / (1.0 + np.exp(-score)), dtype=np.float32)

    def _scores(self, signals: Floats) -> NDArray[np.float64]:
        passed = signals.T[self.signal] <= self.threshold[:, np.newaxis]
        possible = np.where(passed, np.iinfo(self.left.dtype).max, self.left[:, np.newaxis])
        left = np.bitwise_and.reduceat(possible, self.first, axis=0).T
        leaf = np.bitwise_count(~left & (left - 1))  # how many bits stand below the lowest
        return np.asarray(self.baseline + self.value[np.arange(len(self.first)), leaf].sum(axis=1))


@dataclass(frozen=True, slots=True)
class _Tree:
    """One tree: its tests as (signal, threshold, the bits of the leaves that a failure rules out), and its leaves."""

    tests: list[tuple[int, float, int]]
    values: list[float]

    @classmethod
    def grown(cls, data: Mapping[str, Any], root: int) -> _Tree:
        """The tree below a node. It has one test at least: one that always holds."""
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
