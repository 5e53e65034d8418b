"""The word index: which rows contain which words, for BM25 and word coverage.

Postings in NumPy arrays take the place of a full-text table. A question needs the score of every row that contains one
of its words, the score of its passage, and how rare each word is; with postings these are additions of short arrays.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from index.text.words import stem, words

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

# The usual parameters of Robertson and Zaragoza (2009), "The Probabilistic Relevance Framework: BM25 and Beyond".
K1 = 1.2
B = 0.75
_CHUNK_BYTES = 2**20  # copied at a time


@dataclass(frozen=True, slots=True)
class WordIndex:
    """Postings by stem. For term number t, `rows[starts[t]:starts[t+1]]` are the rows that contain it, ascending.

    `impacts` has the BM25 term-frequency factor of each, between 0 and K1 + 1.
    """

    size: int  # number of rows, including those without words
    terms: dict[str, int]
    forms: dict[str, int]  # words as written, in lower case, to the number of rows that contain each
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    impacts: NDArray[np.float32]

    @classmethod
    def build(cls, texts: Sequence[str]) -> WordIndex:
        """Indexes the cleaned texts of all rows, in row order."""
        forms: Counter[str] = Counter()
        postings: dict[str, list[tuple[int, int]]] = {}
        lengths = np.zeros(len(texts), dtype=np.float32)
        for row, text in enumerate(texts):
            found = words(text)
            forms.update(set(found))
            lengths[row] = len(found)
            for term, count in Counter(map(stem, found)).items():
                postings.setdefault(term, []).append((row, count))
        terms = sorted(postings)
        starts = np.cumsum([0, *(len(postings[term]) for term in terms)], dtype=np.int64)
        flat = np.array([pair for term in terms for pair in postings[term]], dtype=np.int32).reshape(-1, 2)
        rows, counts = flat[:, 0], flat[:, 1].astype(np.float32)
        relative = lengths[rows] / max(float(lengths.mean()) if len(texts) else 0.0, 1.0)
        impacts = counts * (K1 + 1) / (counts + K1 * (1 - B + B * relative))
        return cls(
            size=len(texts),
            terms={term: number for number, term in enumerate(terms)},
            forms=dict(sorted(forms.items())),
            starts=starts,
            rows=np.ascontiguousarray(rows),
            impacts=impacts.astype(np.float32),
        )

    def postings(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """Returns the rows that contain a stem, ascending, and their impacts. Both are empty for an unknown stem."""
        number = self.terms.get(term)
        if number is None:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        part = slice(int(self.starts[number]), int(self.starts[number + 1]))
        return self.rows[part], self.impacts[part]

    def frequency(self, term: str) -> int:
        """Returns the number of rows that contain a stem."""
        number = self.terms.get(term)
        return 0 if number is None else int(self.starts[number + 1] - self.starts[number])

    def rarity(self, term: str) -> float:
        """Returns the inverse document frequency of a stem, never negative: log(1 + (N - n + 0.5) / (n + 0.5))."""
        count = self.frequency(term)
        return float(np.log1p((self.size - count + 0.5) / (count + 0.5)))

    def save(self, folder: Path) -> None:
        """Writes the index to an existing folder."""
        for name, array in (("starts", self.starts), ("rows", self.rows), ("impacts", self.impacts)):
            np.save(folder / f"words-{name}.npy", array, allow_pickle=False)
        lexicon = {"size": self.size, "terms": list(self.terms), "forms": self.forms}
        (folder / "words.json").write_text(json.dumps(lexicon, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> WordIndex:
        """Reads what `save` wrote. The arrays are mapped into memory from a private copy."""
        lexicon = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        starts, rows, impacts = (mapped(folder / f"words-{name}.npy") for name in ("starts", "rows", "impacts"))
        terms = {term: number for number, term in enumerate(lexicon["terms"])}
        return cls(int(lexicon["size"]), terms, dict(lexicon["forms"]), starts, rows, impacts)


def mapped(path: Path) -> NDArray[Any]:
    """Maps the array of a .npy file; it is read from disk as it is used. Raises `OSError` and `ValueError`.

    The copy is needed because a change to a file that is mapped in place changes the array, and truncating the file
    ends the process.
    """
    with tempfile.TemporaryFile() as copy, path.open("rb") as file:
        shutil.copyfileobj(file, copy, _CHUNK_BYTES)
        copy.seek(0)
        np.lib.format.read_magic(copy)
        shape, fortran, kind = np.lib.format.read_array_header_1_0(copy)
        order: Literal["C", "F"] = "F" if fortran else "C"
        # As a plain array: slicing a `memmap` takes ten times as long.
        return np.asarray(np.memmap(copy, dtype=kind, mode="r", offset=copy.tell(), shape=shape, order=order))
