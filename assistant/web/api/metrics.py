"""`/metrics` for Prometheus: counts, times and the index. Every label has a fixed set of values, and none is a text."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily, Metric

from assistant.answer import Answer, Citation, Ending, Status
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.by_transcript import Judgements
from assistant.messages import load_messages
from assistant.question.conversation import Turn
from assistant.settings import Settings
from assistant.sources import SourceReader
from assistant.web.asker import Asker
from assistant.web.security.responses import STATUS_WORDS, error_response
from assistant.web.security.workload import Pool, in_thread
from index.errors import AppError

METRICS = "/metrics"
ERROR, FAULT = "error", "fault"  # in place of a status: an error with a message, and one that nobody foresaw
OTHER_CODE = "other"
ASK, SEARCH = "ask", "search"
SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0)  # upper bounds of the histogram


class Measurements:
    """What is measured of one application."""

    def __init__(self, settings: Settings) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        self._questions = Counter(
            "assistant_questions", "Questions, by the status of their answer.", ["status"], registry=self.registry
        )
        self._seconds = Histogram(
            "assistant_answer_seconds",
            "Time to answer a question or to search, without queueing.",
            ["operation"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._refused = Counter(
            "assistant_refused_requests", "Requests refused before a route.", ["code"], registry=self.registry
        )
        self._summaries = Counter(
            "assistant_chat_model_answers", "Answers by how the chat model's part ended.", ["ending"],
            registry=self.registry,
        )  # fmt: skip
        models = Info("assistant_models", "The models that the settings name.", registry=self.registry)
        names = ("embedding_model", "reranker", "chat_model")
        models.info({name: str(getattr(settings, name)) for name in names})
        self._begin()

    def _begin(self) -> None:
        """Makes every series exist from the start, with 0, so that its first increase is seen."""
        for status in (*Status, ERROR, FAULT):
            self._questions.labels(status)
        for operation in (ASK, SEARCH):
            self._seconds.labels(operation)
        for code in (*STATUS_WORDS, OTHER_CODE):
            self._refused.labels(str(code))
        for ending in Ending:
            self._summaries.labels(ending)

    def count_answer(self, answer: Answer) -> None:
        """Counts an answer by its status, and the chat model's part in it."""
        self._questions.labels(answer.status).inc()
        if answer.model is not None:
            self._summaries.labels(answer.model.ending).inc()

    def count_refusal(self, code: int) -> None:
        """Counts a refused request by its HTTP status."""
        self._refused.labels(str(code) if code in STATUS_WORDS else OTHER_CODE).inc()

    @contextmanager
    def timing(self, operation: str) -> Iterator[None]:
        """Measures the time of an answer or a search, and counts a question that ends with an exception."""
        started = time.perf_counter()
        try:
            yield
        except Exception as error:
            if operation == ASK:
                self._questions.labels(ERROR if isinstance(error, AppError) else FAULT).inc()
            raise
        finally:
            self._seconds.labels(operation).observe(time.perf_counter() - started)


class MeasuredAssistant:
    """An `Asker` that measures the answers of another. As a collector, it reads the facts of the index when asked."""

    def __init__(self, asker: Asker, measurements: Measurements) -> None:
        self._asker = asker
        self._measurements = measurements
        measurements.registry.register(self)

    @property
    def sources(self) -> SourceReader:
        return self._asker.sources

    @property
    def judgements(self) -> Judgements:
        return self._asker.judgements

    def degraded(self) -> bool:
        return self._asker.degraded()

    def ask(self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING) -> Answer:
        with self._measurements.timing(ASK):
            answer = self._asker.ask(question, history, within=within)
        self._measurements.count_answer(answer)
        return answer

    def search(self, text: str, count: int, *, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        with self._measurements.timing(SEARCH):
            return self._asker.search(text, count, within=within)

    def describe(self) -> Iterable[Metric]:
        """Returns nothing: Prometheus's registry would otherwise collect once while this is being registered."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yields the facts of the index that answers now."""
        sources = self._asker.sources
        transcripts, published = sources.transcripts(), sources.published()
        for name, documentation, value in (
            ("transcripts", "Transcripts that are searched.", len(transcripts)),
            ("sentences", "Sentences that are searched.", sum(held.row_count for held in transcripts)),
            ("published_timestamp_seconds", "When the index was published, in seconds since 1970.", published),
            ("age_seconds", "How long ago the index was published.", max(0.0, time.time() - published)),
            ("degraded", "Whether the index has a fault (1), or the audit log cannot be written.", self.degraded()),
        ):
            yield GaugeMetricFamily(f"assistant_index_{name}", documentation, value=float(value))


def metrics_routes(measurements: Measurements | None) -> APIRouter:
    """Returns the route of `/metrics`. Without measurements it answers 404, as an address that does not exist."""
    router = APIRouter()

    @router.get(METRICS, include_in_schema=False)
    @in_thread(Pool.PAGES)
    def metrics(request: Request) -> Response:
        if measurements is None:
            return error_response(request.scope, 404, load_messages().say("problem.not_found"))
        return Response(generate_latest(measurements.registry), media_type=CONTENT_TYPE_LATEST)

    return router
