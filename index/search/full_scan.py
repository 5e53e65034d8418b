"""Scores every sentence in scope against a query, with how far its heading covers the query's concepts."""

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
    """n sentences in reading order, as candidates, with the headings above them.

    `headings` has the row of each sentence's heading, -1 if there is none. `heading_coverage` is for the heading what
    `Candidates.coverage` is for the sentence.
    """

    candidates: Candidates
    headings: Rows  # (n,)
    heading_coverage: Floats  # (n, c)

    def __len__(self) -> int:
        return len(self.candidates)


def scan_all(generation: Generation, searcher: Searcher, query: Query) -> FullScan:
    """Scores every sentence of the transcripts in scope, however far it is from the query."""
    found = searcher.scan(query)
    candidates = found.taken(np.argsort(found.rows, kind="stable"))
    headings = _headings(generation)[candidates.rows]
    distinct, positions = np.unique(headings, return_inverse=True)
    coverage = searcher.coverage(query.concepts, np.maximum(distinct, 0))
    coverage[distinct < 0] = 0.0
    return FullScan(candidates, headings, coverage[positions])


def _headings(generation: Generation) -> Rows:
    """Returns the row of the heading above each row within its transcript, -1 if there is none: shape (N,)."""
    rows = np.arange(len(generation.roles), dtype=np.int64)
    if not len(rows):
        return rows
    above = np.maximum.accumulate(np.where(generation.roles == _HEADING, rows, -1))
    first_rows = np.array([transcript.first_row for transcript in generation.transcripts], dtype=np.int64)
    return np.where(above >= first_rows[generation.transcript_of], above, -1).astype(np.int64)
