"""OpenTelemetry spans of the chain: one for each question, and below it one for each step.

Only the interface of OpenTelemetry is used, the extra `otel`. Whoever runs the program decides where spans go; without
that they go nowhere. No span has the text of a question or of a quotation, unless the setting `traces` is `texts`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler

from assistant.answer import Answer
from assistant.errors import naming_extra
from assistant.settings import Settings
from assistant.state import ChainState

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span, Tracer

    Attributes = dict[str, str | int | Sequence[str]]

TRACER = "assessment_assistant"
QUESTION = "question"  # the span of a question
ROOT = "assessment_assistant"  # the chain's own name in LangChain
STEPS = frozenset(
    (
        "understand", "route", "retrieve", "rerank", "select", "compose", "retrieve_all", "select_all", "compose_list",
        "select_records", "compose_records", "about_documents", "two_sided", "refuse", "verify", "answer",
    )
)  # fmt: skip


class StepTracer(BaseCallbackHandler):
    """A LangChain callback handler that makes a span of the chain and of each of its steps. Safe for several threads.

    With `texts`, spans have the question and the quotations too.
    """

    def __init__(self, tracer: Tracer, *, texts: bool = False) -> None:
        self._tracer = tracer
        self._texts = texts
        self._spans: dict[UUID, Span] = {}
        self._contexts: dict[UUID, Context | None] = {}  # of every run under way: of its own span, or of the one above

    def on_chain_start(
        self,
        serialized: dict[str, Any],  # noqa: ARG002  # LangChain's signature
        inputs: Any,  # noqa: ANN401, ARG002
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        name: str = "",
        **_: Any,  # noqa: ANN401
    ) -> None:
        """Begins the span of a question or a step; other runs have none."""
        from opentelemetry.trace import set_span_in_context

        above = self._contexts.get(parent_run_id) if parent_run_id else None
        self._contexts[run_id] = above
        if name in STEPS or name == ROOT:
            span = self._tracer.start_span(QUESTION if name == ROOT else name, context=above)
            self._spans[run_id] = span
            self._contexts[run_id] = set_span_in_context(span, above)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """Ends the span, with what its output says."""
        span = self._ended(run_id)
        if span is not None:
            span.set_attributes(self._attributes(outputs))
            span.end()

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:  # noqa: ANN401
        """Ends the span as failed. The error's message may have words of the question, so only its type is said."""
        from opentelemetry.trace import Status, StatusCode

        span = self._ended(run_id)
        if span is not None:
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR, str(error) if self._texts else None))
            span.end()

    def _ended(self, run_id: UUID) -> Span | None:
        self._contexts.pop(run_id, None)
        return self._spans.pop(run_id, None)

    def _attributes(self, output: object) -> Attributes:
        if isinstance(output, ChainState):
            return _state_attributes(output)
        return _answer_attributes(output, texts=self._texts) if isinstance(output, Answer) else {}


def _state_attributes(state: ChainState) -> Attributes:
    """What is known after a step, in numbers and our own words."""
    counts = {
        "candidates": sum(len(found.documents) for found in state.retrieved),
        "scanned": len(state.scanned.scan) if state.scanned else 0,
        "selected": sum(len(part.selection.evidence) for part in state.parts) + len(state.listed),
    }
    mode: Attributes = {"assistant.mode": state.mode.value} if state.mode else {}
    return mode | {f"assistant.{name}": count for name, count in counts.items() if count}


def _answer_attributes(answer: Answer, *, texts: bool) -> Attributes:
    said: Attributes = {
        "assistant.status": answer.status.value,
        "assistant.citations": len(answer.citations),
        "assistant.transcripts": answer.searched.transcripts,
        "assistant.sentences": answer.searched.sentences,
        "assistant.index": answer.index.version,
    }
    if texts:
        said["assistant.question"] = answer.question
        said["assistant.standalone_question"] = answer.standalone_question
        said["assistant.quotations"] = [citation.quote for citation in answer.citations]
    return said


def open_tracer(settings: Settings) -> StepTracer | None:
    """Returns the handler that the setting `traces` asks for; None when it is `off`.

    Raises `SettingsError` when OpenTelemetry is not installed.
    """
    if settings.traces == "off":
        return None
    with naming_extra("otel"):
        from opentelemetry import trace
    return StepTracer(trace.get_tracer(TRACER), texts=settings.traces == "texts")
