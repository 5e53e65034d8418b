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
        """Returns the entries at some positions."""
        chosen = positions.tolist()
        return VectorEntries(
            self.keys[positions],
            self.vectors[positions],
            [self.documents[position] for position in chosen],
            [self.metadata[position] for position in chosen],
        )


@dataclass(frozen=True, slots=True)
class SentenceMetadata:
    """What a vector store tells about a sentence. None where it is not known.

    The sentence is the characters `start` to `end` of the transcript's text, and its `ordinal`-th sentence from 0.
    `page`, `time`, `speaker` and `section` are labels as the source has them.
    """

    transcript_id: str
    source: str = ""
    title: str = ""
    force: str | None = None
    period: str | None = None
    kind: str | None = None
    ordinal: int = 0
    start: int = 0
    end: int = 0
    page: str | None = None
    time: str | None = None
    speaker: str | None = None
    section: str | None = None


class VectorStore(Protocol):
    """Unit vectors by sentence key. Read-only, and safe to use from several threads."""

    def search(self, vector: Floats, k: int, transcripts: Sequence[str] | None = None) -> list[Hit]:
        """Returns the k keys whose vectors are nearest to a unit vector of shape (d,), with their cosines.

        The nearest come first; equal cosines are ordered by key. `transcripts` limits the search to transcripts by id;
        ids that the store does not have are ignored. A zero vector is near nothing.
        """

    def __len__(self) -> int:
        """Returns the number of vectors."""

    def close(self) -> None:
        """Releases files and memory. Closing twice is harmless."""


class ExactStore:
    """Compares with every vector. Needs no files of its own and misses nothing."""

    def __init__(self, keys: Keys, vectors: Floats, transcripts: Sequence[str]) -> None:
        """Takes keys of shape (n,), their unit vectors of shape (n, d), and the id of the transcript of each."""
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
        in_scope = [position for name in dict.fromkeys(transcripts) for position in self._positions.get(name, ())]
        positions = np.array(sorted(in_scope), dtype=np.int64)
        return ranked(self._keys[positions], self._vectors[positions] @ vector, k)

    def __len__(self) -> int:
        return len(self._keys)

    def close(self) -> None:
        """See `VectorStore.close`."""


def ranked(keys: Keys, cosines: Floats, k: int) -> list[Hit]:
    """Returns the keys of the k highest of n cosines, highest first, ties by key."""
    rounded = np.round(cosines.astype(np.float64), COSINE_DECIMALS)
    positions = np.arange(len(keys))
    if len(keys) > k:
        lowest = np.partition(rounded, len(keys) - k)[len(keys) - k]
        positions = np.flatnonzero(rounded >= lowest)
    positions = positions[np.lexsort((keys[positions], -rounded[positions]))][:k]
    return [(int(keys[position]), float(rounded[position])) for position in positions]
