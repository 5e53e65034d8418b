"""How near the mean vectors of passages are to a query: they stand for whole passages and need no embedding."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.published.generation import Arrays

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

SHARE = 8  # from an eighth of all rows on, reading all in order is quicker than picking out those asked for
BLOCK = 4096  # passages whose vectors are read at a time
LEAST = 1e-9  # length of a mean vector, below which it has no direction


class PassageVectors:
    """Cosines of a query with the rows and the passages of a generation. Holds nothing that a query changes."""

    def __init__(self, arrays: Arrays) -> None:
        self._vectors = arrays.vectors
        self._spans = arrays.passage_rows

    def cosines(self, rows: Rows, passages: NDArray[np.int32], vector: Floats) -> tuple[Floats, Floats]:
        """Of the vectors of n rows: shape (n,), and of the mean vectors of p passages: shape (p,)."""
        if len(rows) and len(rows) * SHARE >= len(self._vectors):
            cosines = self._vectors @ vector
            return cosines[rows], self._of_means(cosines)[passages]
        return self._vectors[rows] @ vector, self._of_some_means(passages, vector)

    def _of_means(self, cosines: Floats) -> Floats:
        """The cosine of every passage's mean vector, from those of every row: shape (P,). The dot product of a mean is
        the mean of the dot products, and its length does not depend on the query.
        """
        starts, ends = self._spans.T
        means = np.add.reduceat(cosines, starts) / (ends - starts)
        return np.asarray(means / np.maximum(self._lengths, LEAST), dtype=np.float32)

    def _of_some_means(self, passages: NDArray[np.int32], vector: Floats) -> Floats:
        """The cosines of p passages' mean vectors, from their rows alone: shape (p,)."""
        if not len(passages):
            return np.zeros(0, dtype=np.float32)
        starts, ends = self._spans[passages].T
        sizes = ends - starts
        firsts = np.cumsum(sizes) - sizes  # where each passage's rows begin among those taken
        taken = np.arange(int(sizes.sum())) + np.repeat(starts - firsts, sizes)
        means = np.add.reduceat(self._vectors[taken], firsts, axis=0) / sizes[:, None].astype(np.float32)
        return np.asarray(means @ vector / np.maximum(np.linalg.norm(means, axis=1), LEAST), dtype=np.float32)

    @cached_property
    def _lengths(self) -> Floats:
        """The length of every passage's mean vector: shape (P,)."""
        lengths = np.zeros(len(self._spans), dtype=np.float32)
        for place in range(0, len(self._spans), BLOCK):
            starts, ends = self._spans[place : place + BLOCK].T
            first, last = int(starts[0]), int(ends[-1])  # passages are in the order of their rows, and leave none out
            sums = np.add.reduceat(self._vectors[first:last], starts - first, axis=0)
            lengths[place : place + BLOCK] = np.linalg.norm(sums, axis=1) / (ends - starts)
        return lengths
