"""What goes into the chain, and the state that its steps hand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.filter import EVERYTHING, Filter
from assistant.outcome import Outcome
from assistant.question.conversation import Turn
from assistant.question.question import Question
from assistant.question.routing import Mode, Route
from assistant.retrieval.evidence import Evidence, PartEvidence, RankedCandidates
from assistant.retrieval.list_all import Scanned
from assistant.retrieval.records import SelectedRecords
from assistant.retrieval.retriever import Retrieved


@dataclass(frozen=True, slots=True)
class ChainInput:
    """A question in its conversation.

    `within` limits what is searched. `standalone` is a follow-up already rewritten to stand alone; empty, the rules
    rewrite it.
    """

    question: str
    history: tuple[Turn, ...] = ()
    within: Filter = EVERYTHING
    id: str | None = None
    standalone: str = ""

    @classmethod
    def of(cls, given: str | Mapping[str, Any] | ChainInput) -> ChainInput:
        """Reads what a caller of the runnable gives: a question, or {"question", "history"?, "within"?, "id"?}."""
        if isinstance(given, ChainInput):
            return given
        if isinstance(given, str):
            return cls(given)
        history = (turn if isinstance(turn, Turn) else Turn(**turn) for turn in given.get("history") or ())
        within = given.get("within") or {}
        limit = within if isinstance(within, Filter) else Filter(**within)
        return cls(given["question"], tuple(history), limit, given.get("id"))


@dataclass(frozen=True, slots=True)
class ChainState:
    """What the steps hand on. Each step returns a copy with its own result added."""

    asked: ChainInput
    question: Question
    started: float  # seconds, of `time.perf_counter`
    route: Route | None = None
    retrieved: tuple[Retrieved, ...] = ()
    scanned: Scanned | None = None
    ranked: tuple[RankedCandidates, ...] = ()
    parts: tuple[PartEvidence, ...] = ()
    listed: tuple[Evidence, ...] = ()
    records: SelectedRecords | None = None
    outcome: Outcome | None = None

    @property
    def mode(self) -> Mode | None:
        return self.route.mode if self.route else None
