"""The vector store seam: nearest sentences by cosine; and an exact search, the oracle for any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Keys = NDArray[np.int64]

Hit = tuple[int, float]
DECIMALS = 6  # of a cosine: beyond these, float32 sums differ with the order they are added in, and ties come apart


class VectorStore(Protocol):
    """Unit vectors by sentence key. Read-only, and safe to use from several threads."""

    def search(self, vector: Floats, k: int, within: Sequence[int] | None = None) -> list[Hit]:
        """The k keys whose vectors are nearest a unit vector of shape (d,), with their cosines, highest first and
        ties by key. `within` limits the search to some keys; those the store does not hold are passed over. A zero
        vector is near nothing.
        """

    def __len__(self) -> int:
        """How many vectors it holds."""

    def close(self) -> None:
        """Let go of files and memory. Closing twice is harmless."""


class ExactStore:
    """Compares with every vector. Needs no files of its own, and never misses."""

    def __init__(self, keys: Keys, vectors: Floats) -> None:
        """Keys of shape (n,), and their unit vectors of shape (n, d)."""
        order = np.argsort(keys)
        self._keys = keys[order]
        self._vectors = vectors[order]

    def search(self, vector: Floats, k: int, within: Sequence[int] | None = None) -> list[Hit]:
        """See `VectorStore.search`."""
        if k < 1 or not len(self) or not np.any(vector):
            return []
        keys, vectors = self._keys, self._vectors
        if within is not None:
            chosen = np.isin(keys, np.asarray(within, dtype=np.int64))
            keys, vectors = keys[chosen], vectors[chosen]
        return ranked(keys, vectors @ vector, k)

    def __len__(self) -> int:
        return len(self._keys)

    def close(self) -> None:
        """See `VectorStore.close`."""


def ranked(keys: Keys, cosines: Floats, k: int) -> list[Hit]:
    """The k highest cosines, ties by key."""
    rounded = np.round(cosines.astype(np.float64), DECIMALS)
    places = np.arange(len(keys))
    if len(keys) > k:
        edge = np.partition(rounded, len(keys) - k)[len(keys) - k]
        places = np.flatnonzero(rounded >= edge)
    places = places[np.lexsort((keys[places], -rounded[places]))][:k]
    return [(int(keys[place]), float(rounded[place])) for place in places]
