"""What goes into the chain, and the state that its steps hand on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from assistant.errors import FilterError
from assistant.filter import EVERYTHING, Filter
from assistant.messages import load_messages
from assistant.outcome import Outcome
from assistant.question.conversation import Turn
from assistant.question.question import Question
from assistant.question.routing import Mode, Route
from assistant.retrieval.evidence import Evidence, PartEvidence, RankedCandidates
from assistant.retrieval.list_all import Scanned
from assistant.retrieval.records import SelectedRecords
from assistant.retrieval.retriever import Retrieved

MAX_QUESTION_CHARACTERS = 10_000  # of any text that comes in; a question over the setting's limit is refused in words
MAX_HISTORY_TURNS = 20  # the last ones
MAX_TURN_CHARACTERS = 2_000
MAX_FILTER_NAMES = 100  # of one kind
MAX_NAME_CHARACTERS = 300


def bounded_text(text: str) -> str:
    """A text that comes in, cut where it is longer than anything the assistant reads."""
    return text[: MAX_QUESTION_CHARACTERS + 1]  # one more, so that it can be told from one that was not cut


@dataclass(frozen=True, slots=True)
class ChainInput:
    """A question in its conversation, within bounds: whoever asks, it is cut here before anything reads it.

    The question is cut as by `bounded_text`; of the history, the last turns are kept, each cut. Raises `FilterError`
    for a filter of too many or too long names.

    `within` limits what is searched. `standalone` is a follow-up already rewritten to stand alone; empty, the rules
    rewrite it.
    """

    question: str
    history: tuple[Turn, ...] = ()
    within: Filter = EVERYTHING
    id: str | None = None
    standalone: str = ""

    def __post_init__(self) -> None:
        turns = self.history[-MAX_HISTORY_TURNS:]
        cut = tuple(replace(turn, text=turn.text[:MAX_TURN_CHARACTERS]) for turn in turns)
        object.__setattr__(self, "question", bounded_text(self.question))
        object.__setattr__(self, "standalone", bounded_text(self.standalone))
        object.__setattr__(self, "history", cut)
        check_filter_size(self.within)

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


def check_filter_size(within: Filter) -> None:
    """Raises `FilterError` for a filter of more or longer names than any filter that means something."""
    for names in (within.forces, within.periods, within.transcripts):
        if len(names) > MAX_FILTER_NAMES or any(len(name) > MAX_NAME_CHARACTERS for name in names):
            words, limits = load_messages(), {"names": MAX_FILTER_NAMES, "characters": MAX_NAME_CHARACTERS}
            raise FilterError(words.say("filter.too_large", **limits), advice=words.say("filter.fewer"))


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
