"""The vector store: the sentences nearest to a vector by cosine. Chroma is searched; the exact store is its oracle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Keys = NDArray[np.int64]

Hit = tuple[int, float]
# Decimals of a cosine. Beyond these, float32 sums differ with the order of addition, and ties come apart.
COSINE_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class VectorEntries:
    """n sentences as a vector store keeps them."""

    keys: Keys  # (n,) `Sentence.key`
    vectors: Floats  # (n, d) of unit length
    documents: Sequence[str]  # (n,) the sentences as quoted
    metadata: Sequence[SentenceMetadata]  # (n,)

    def __len__(self) -> int:
        return len(self.keys)

    def taken(self, positions: NDArray[np.int64]) -> VectorEntries:
        """The entries at some positions."""
        chosen = positions.tolist()
        return VectorEntries(
            self.keys[positions],
            self.vectors[positions],
            [self.documents[position] for position in chosen],
            [self.metadata[position] for position in chosen],
        )


@dataclass(frozen=True, slots=True)
class SentenceMetadata:
    """Where a sentence is from: its transcript, and the characters `start` to `end` of the transcript's text.

    `force` and `period` are empty when they are not known.
    """

    transcript_id: str
    source: str = ""
    force: str = ""
    period: str = ""
    start: int = 0
    end: int = 0


class VectorStore(Protocol):
    """Unit vectors by sentence key. Read-only, and safe to use from several threads."""

    def search(self, vector: Floats, k: int, transcripts: Sequence[str] | None = None) -> list[Hit]:
        """The k keys whose vectors are nearest to a unit vector of shape (d,), with their cosines, nearest first.

        Equal cosines are ordered by key. `transcripts` limits the search to transcripts by id; ids that the store does
        not have are ignored. A zero vector is near nothing.
        """

    def __len__(self) -> int:
        """The number of vectors."""

    def close(self) -> None:
        """Releases files and memory. Closing twice is harmless."""


class ExactStore:
    """Compares with every vector. Needs no files of its own and misses nothing."""

    def __init__(self, keys: Keys, vectors: Floats, transcripts: Sequence[str]) -> None:
        """Keys of shape (n,), their unit vectors of shape (n, d), and the id of the transcript of each."""
        self._keys = keys
        self._vectors = vectors
        self._positions: dict[str, list[int]] = {}
        for position, transcript_id in enumerate(transcripts):
            self._positions.setdefault(transcript_id, []).append(position)

    def search(self, vector: Floats, k: int, transcripts: Sequence[str] | None = None) -> list[Hit]:
        """See `VectorStore.search`."""
        if k < 1 or not np.any(vector):
            return []
        if transcripts is None:
            return ranked(self._keys, self._vectors @ vector, k)
        within = [position for name in dict.fromkeys(transcripts) for position in self._positions.get(name, ())]
        chosen = np.array(sorted(within), dtype=np.int64)
        return ranked(self._keys[chosen], self._vectors[chosen] @ vector, k)

    def __len__(self) -> int:
        return len(self._keys)

    def close(self) -> None:
        """See `VectorStore.close`."""


def ranked(keys: Keys, cosines: Floats, k: int) -> list[Hit]:
    """The k highest cosines, ties by key."""
    rounded = np.round(cosines.astype(np.float64), COSINE_DECIMALS)
    places = np.arange(len(keys))
    if len(keys) > k:
        edge = np.partition(rounded, len(keys) - k)[len(keys) - k]
        places = np.flatnonzero(rounded >= edge)
    places = places[np.lexsort((keys[places], -rounded[places]))][:k]
    return [(int(keys[place]), float(rounded[place])) for place in places]
