"""The similarity of a query to sentences and passages. The mean of its sentences' vectors stands for a passage."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.published.generation import Arrays

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

FULL_READ_SHARE = 1 / 8  # of all rows, from which reading every row in order is quicker than picking out some
PASSAGES_PER_BLOCK = 4096  # whose vectors are read at a time
MIN_LENGTH = 1e-9  # of a mean vector; a shorter one has no direction


class PassageVectors:
    """Cosines of a query with the rows and passages of a generation. Safe to use from several threads."""

    def __init__(self, arrays: Arrays) -> None:
        self._vectors = arrays.vectors
        self._spans = arrays.passage_rows

    def cosines(self, rows: Rows, passages: NDArray[np.int32], vector: Floats) -> tuple[Floats, Floats]:
        """Returns the cosines of n rows, shape (n,), and of the mean vectors of p passages, shape (p,)."""
        if len(rows) and len(rows) >= FULL_READ_SHARE * len(self._vectors):
            cosines = self._vectors @ vector
            return cosines[rows], self._of_every_passage(cosines)[passages]
        return self._vectors[rows] @ vector, self._of_passages(passages, vector)

    def _of_every_passage(self, cosines: Floats) -> Floats:
        """Returns the cosine of every passage's mean vector, from the cosines of all rows: shape (P,).

        The dot product of a mean is the mean of the dot products, and its length does not depend on the query.
        """
        starts, ends = self._spans.T
        means = np.add.reduceat(cosines, starts) / (ends - starts)
        return np.asarray(means / np.maximum(self._lengths, MIN_LENGTH), dtype=np.float32)

    def _of_passages(self, passages: NDArray[np.int32], vector: Floats) -> Floats:
        """Returns the cosines of p passages' mean vectors, reading their rows alone: shape (p,)."""
        if not len(passages):
            return np.zeros(0, dtype=np.float32)
        starts, ends = self._spans[passages].T
        sizes = ends - starts
        offsets = np.cumsum(sizes) - sizes  # where each passage begins among the rows read
        rows = np.arange(int(sizes.sum())) + np.repeat(starts - offsets, sizes)
        means = np.add.reduceat(self._vectors[rows], offsets, axis=0) / sizes[:, None].astype(np.float32)
        lengths = np.maximum(np.linalg.norm(means, axis=1), MIN_LENGTH)
        return np.asarray(means @ vector / lengths, dtype=np.float32)

    @cached_property
    def _lengths(self) -> Floats:
        """The length of every passage's mean vector: shape (P,)."""
        lengths = np.zeros(len(self._spans), dtype=np.float32)
        for first_passage in range(0, len(self._spans), PASSAGES_PER_BLOCK):
            block = slice(first_passage, first_passage + PASSAGES_PER_BLOCK)
            starts, ends = self._spans[block].T
            first, last = int(starts[0]), int(ends[-1])  # passages are in the order of their rows and leave none out
            sums = np.add.reduceat(self._vectors[first:last], starts - first, axis=0)
            lengths[block] = np.linalg.norm(sums, axis=1) / (ends - starts)
        return lengths
