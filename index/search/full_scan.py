"""A survey: every sentence in scope measured against a query, and what its heading says of the query's concepts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.search.search import Candidates, Query, Searcher
from index.text.transcript import Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.published.generation import Generation

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

_HEADING = list(Role).index(Role.HEADING)


@dataclass(frozen=True, slots=True)
class FullScan:
    """n sentences in reading order. `headings` are the rows of the heading each stands under, -1 where there is none;
    `heading_held` is to the heading what `Candidates.held` is to the sentence.
    """

    candidates: Candidates
    headings: Rows  # (n,)
    heading_held: Floats  # (n, c)

    def __len__(self) -> int:
        return len(self.candidates)


def scan_all(generation: Generation, searcher: Searcher, query: Query) -> FullScan:
    """Every sentence of the transcripts in scope, none left out for being far from the query."""
    found = searcher.all(query)
    candidates = found.taken(np.argsort(found.rows, kind="stable"))
    headings = _headings(generation)[candidates.rows]
    known, place = np.unique(headings, return_inverse=True)
    held = searcher.holding(query.concepts, np.maximum(known, 0))
    held[known < 0] = 0.0
    return FullScan(candidates, headings, held[place])


def _headings(generation: Generation) -> Rows:
    """The row of the heading above each row within its transcript, -1 where there is none: shape (N,)."""
    rows = np.arange(len(generation.roles), dtype=np.int64)
    above = np.maximum.accumulate(np.where(generation.roles == _HEADING, rows, -1)) if len(rows) else rows
    firsts = np.array([transcript.first_row for transcript in generation.transcripts], dtype=np.int64)
    inside = above >= firsts[generation.transcript_of] if len(rows) else np.zeros(0, dtype=bool)
    return np.where(inside, above, -1).astype(np.int64)
