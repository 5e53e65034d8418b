"""Relevance: how likely each candidate sentence is part of the answer, learned once and shipped as plain numbers.

The model is a forest of boosted regression trees (Friedman 2001, "Greedy function approximation") over the signals.
It was fitted by `python -m assistant.commands.calibrate`, which writes `data/relevance.json`; nothing is learned at
run time, and no text of a training set is in it. What can only speak against a sentence (a number asked about and
missing, say) was held to do so: those signals are constrained to be monotone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.errors import AssistantError
from assistant.signals import SIGNALS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LEAF = -1


@dataclass(frozen=True, slots=True)
class Relevance:
    """A forest in flat arrays: node i asks whether signal[i] <= threshold[i]; signal -1 marks a leaf with a value."""

    baseline: float
    roots: NDArray[np.int64]
    signal: NDArray[np.int64]
    threshold: NDArray[np.float64]
    below: NDArray[np.int64]
    above: NDArray[np.int64]
    value: NDArray[np.float64]

    @classmethod
    @cache
    def load(cls) -> Relevance:
        """The forest that ships with the project. Raises `AssistantError` when it was fitted to other signals."""
        text = (resources.files("assistant") / "data" / "relevance.json").read_text(encoding="utf-8")
        return cls.from_json(json.loads(text))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Relevance:
        """Read what `assistant.commands.calibrate` writes."""
        if tuple(data["signals"]) != SIGNALS:
            raise AssistantError(
                "assistant/data/relevance.json was fitted to other signals than assistant/signals.py computes.",
                advice="Fit it again with python -m assistant.commands.calibrate.",
            )
        return cls(
            baseline=float(data["baseline"]),
            roots=np.array(data["roots"], dtype=np.int64),
            signal=np.array(data["signal"], dtype=np.int64),
            threshold=np.array(data["threshold"], dtype=np.float64),
            below=np.array(data["below"], dtype=np.int64),
            above=np.array(data["above"], dtype=np.int64),
            value=np.array(data["value"], dtype=np.float64),
        )

    def probability(self, signals: Floats) -> Floats:
        """The chance, from 0 to 1, that each of n candidates is part of the answer: (n, len(SIGNALS)) to (n,)."""
        rows = np.arange(len(signals))[:, np.newaxis]
        node = np.broadcast_to(self.roots, (len(signals), len(self.roots))).copy()
        while True:
            signal = self.signal[node]
            inner = signal != LEAF
            if not inner.any():
                break
            goes_below = signals[rows, signal] <= self.threshold[node]
            node = np.where(inner, np.where(goes_below, self.below[node], self.above[node]), node)
        score = self.baseline + self.value[node].sum(axis=1)
        return np.asarray(1.0 / (1.0 + np.exp(-score)), dtype=np.float32)
