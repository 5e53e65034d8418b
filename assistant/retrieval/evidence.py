"""The types between retrieval and composing: ranked candidates, and the evidence selected from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from assistant.question.intent import AnswerKind
from assistant.question.scope import ScopePart


@dataclass(frozen=True, slots=True)
class RankedCandidates:
    """n candidate sentences for one part of a question, the most probable first."""

    rows: NDArray[np.int64]  # (n,) rows of the generation
    texts: tuple[str, ...]
    probability: NDArray[np.float32]  # (n,) of being part of the answer
    on_topic: NDArray[np.bool_]  # (n,) the passage or its title contains a word of the question's topic
    opens_passage: NDArray[np.bool_]  # (n,) the sentence is the first of its passage
    places: NDArray[np.int64]  # (n,) indices of their transcripts
    forces: tuple[str, ...]  # (n,) of their transcripts; empty where it is not known
    days: NDArray[np.int64]  # (n,) by which a transcript is newer or older, see `recency`; 0 where it bears no date
    speakers: tuple[str, ...]  # (n,) as the source names them, or empty
    vectors: NDArray[np.float32]  # (n, d) of unit length
    unknown_share: float = 0.0  # share of the question's topic that occurs nowhere in the collection
    unknown_names: tuple[str, ...] = ()  # names in the question, as written, that occur in no source
    max_cosine: float = 1.0  # highest cosine with the question

    def __len__(self) -> int:
        return len(self.rows)

    def position_by_row(self) -> dict[int, int]:
        """The position of each row among the candidates."""
        return {int(row): position for position, row in enumerate(self.rows)}

    def in_reading_order(self, positions: Sequence[int]) -> list[int]:
        """Positions sorted by the place of their sentences in the sources."""
        return sorted(positions, key=lambda position: int(self.rows[position]))

    def taken(self, positions: Sequence[int]) -> RankedCandidates:
        """The candidates at some positions, in that order."""
        at = np.array(positions, dtype=np.int64)
        return replace(
            self,
            rows=self.rows[at],
            texts=tuple(self.texts[position] for position in positions),
            probability=self.probability[at],
            on_topic=self.on_topic[at],
            opens_passage=self.opens_passage[at],
            places=self.places[at],
            forces=tuple(self.forces[position] for position in positions),
            days=self.days[at],
            speakers=tuple(self.speakers[position] for position in positions),
            vectors=self.vectors[at],
        )

    def evidence_in_order(self, positions: Sequence[int]) -> tuple[Evidence, ...]:
        """The candidates at these positions as evidence, in the order given."""
        return tuple(
            Evidence(int(self.rows[position]), self.texts[position], float(self.probability[position]))
            for position in positions
        )

    def evidence(self, positions: Sequence[int]) -> tuple[Evidence, ...]:
        """The candidates at these positions as evidence, in reading order."""
        return self.evidence_in_order(self.in_reading_order(positions))


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence that answers: its row of the generation, its text, and the probability that it is wanted."""

    row: int
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Selection:
    """The evidence selected for one part of a question, in reading order.

    Where there is none, `missing_detail` is the kind of detail asked for (a number, a date, …) that the most probable
    sentences do not give, or None.
    """

    evidence: tuple[Evidence, ...] = ()
    missing_detail: AnswerKind | None = None


@dataclass(frozen=True, slots=True)
class PartEvidence:
    """One part of a question (None for the whole), its ranked candidates, and what was selected from them."""

    part: ScopePart | None
    ranked: RankedCandidates
    selection: Selection
