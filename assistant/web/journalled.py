"""An assistant whose questions are written to the audit log, whichever way they come in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from assistant.answer import Answer, Citation
from assistant.errors import AssistantError
from assistant.filter import EVERYTHING, Filter
from assistant.judgements import Judgements
from assistant.query.conversation import Turn
from assistant.reading import SourceReader
from assistant.web.desk import Asker
from assistant.web.identity import Asking
from assistant.web.journal import Journal
from index.errors import IndexingError


class Journalled:
    """An `Asker` before another: `who` tells who is asking now, where that is known."""

    def __init__(self, asker: Asker, journal: Journal, who: Callable[[], Asking | None]) -> None:
        self._asker = asker
        self._journal = journal
        self._who = who

    @property
    def sources(self) -> SourceReader:
        return self._asker.sources

    @property
    def judgements(self) -> Judgements:
        return self._asker.judgements

    def degraded(self) -> bool:
        return self._asker.degraded()

    def ask(self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING) -> Answer:
        with self._written(question) as outcomes:
            answer = self._asker.ask(question, history, within=within)
            outcomes.append(answer.status.value)
        return answer

    def search(self, text: str, count: int, *, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        with self._written(text) as outcomes:
            found = self._asker.search(text, count, within=within)
            outcomes.append("searched")
        return found

    @contextmanager
    def _written(self, question: str) -> Iterator[list[str]]:
        """Writes the line whatever happens; the last outcome noted is the one."""
        began, outcomes = time.perf_counter(), ["fault"]
        asking = self._who() or Asking("", "")
        try:
            yield outcomes
        except (AssistantError, IndexingError) as error:
            outcomes.append(type(error).__name__)
            raise
        finally:
            seconds = time.perf_counter() - began
            self._journal.asked(asking.identity, asking.route, question, outcomes[-1], seconds)
