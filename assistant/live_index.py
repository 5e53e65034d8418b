"""Holds the open index, switches to newer generations, and has the index rebuilt when it is damaged.

An open index needs no file of its generation any more, and a record that was set aside can still be read by whoever has
it open: so it keeps answering while the index is rebuilt.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from assistant.chain import Chain, open_chain
from assistant.chat_model.calls import ModelCaller
from assistant.chat_model.chain import AssistedChain
from assistant.chat_model.prompts import load_prompts
from assistant.chat_model.provider import open_chat_model
from assistant.judgements.by_transcript import Judgements
from assistant.lexicons import Lexicons
from assistant.retrieval.model_reranker import ModelReranker
from assistant.settings import Settings
from assistant.sources import Library
from assistant.tracing import open_tracer
from assistant.work import renew
from index.build import build_index
from index.embedding.embedder import Embedder
from index.errors import CorruptDatabaseError, GenerationError, IndexingError, NotIndexedError
from index.published.open import open_current
from index.published.open_index import OpenIndex
from index.storage.fingerprint import Fingerprint
from index.storage.postgres import DatabaseAddress

NOT_INDEXING = "This process does not repair the index: the process that publishes it does."
RETRY_SECONDS = 1.0  # before an index that could not be opened or rebuilt is tried again

_log = logging.getLogger(__name__)
T = TypeVar("T")


def open_published(settings: Settings, embedder: Embedder) -> OpenIndex:
    """Opens the newest generation as the settings say. See `open_current`."""
    exact = settings.vector_store == "exact"
    return open_current(settings.index_place, Fingerprint.of(embedder), exact=exact, repair=settings.indexing)


@dataclass(frozen=True, slots=True)
class ServedIndex:
    """One open generation and everything an answer is made from."""

    index: OpenIndex
    chain: Chain
    answering: Chain | AssistedChain
    library: Library
    judgements: Judgements


class LiveIndex:
    """The index that answers now. Safe to use from several threads.

    A question that is being answered keeps the generation it began with.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: Embedder,
        index: OpenIndex,
        lexicons: Lexicons,
        reranker: ModelReranker | None = None,
    ) -> None:
        self._settings = settings
        self._embedder = embedder
        self._lexicons = lexicons
        self._reranker = reranker
        tracer = open_tracer(settings)
        self._callbacks = (tracer,) if tracer else ()
        model = open_chat_model(settings)
        self._caller = ModelCaller(model) if model else None
        self._lock = threading.Lock()  # guards `_served`; never held while the index is built
        self._rebuilding = threading.Lock()  # held by the thread that rebuilds
        self._served = self._serve(index)
        self._problem = ""
        self._out_of_reach = False  # whether the problem is that the database's server does not answer
        self._retry_at = 0.0  # on the monotonic clock

    def current(self) -> ServedIndex:
        """The newest generation that can be opened. Raises `IndexingError` when the index cannot be read."""
        with self._lock:
            served = self._served
            if served.index.stale():
                self._switch()
            elif not served.index.intact():
                self._rebuild_in_background(served, "files of the published generation have been changed")
            return self._served

    def run(self, work: Callable[[ServedIndex], T]) -> T:
        """Runs `work` on the current index; if the index is damaged, rebuilds it first and runs `work` once more.

        Raises `IndexingError` when the index cannot be rebuilt. Reading damaged text raises, so none is returned.
        """
        served = self._served
        try:
            served = self.current()
            return work(served)
        except (CorruptDatabaseError, GenerationError) as error:
            _log.error("withheld: %s", error)
            if isinstance(error, GenerationError) and served.index.stale():  # superseded twice while it was read
                self._retry_at = 0.0
            else:
                self._rebuild(served, str(error))
                renew()
        return work(self.current())

    def degraded(self) -> bool:
        """Whether something is wrong with the index, though it may still answer. The log says what.

        Starts a rebuild of what it finds damaged, and does not wait for it.
        """
        self.available()
        return bool(self._problem)

    def available(self) -> ServedIndex:
        """The current index; while that cannot be read, the last one opened, which is rebuilt in the background."""
        try:
            served = self.current()
        except IndexingError as error:
            if isinstance(self._settings.index, DatabaseAddress) and not isinstance(error, CorruptDatabaseError):
                self._note(str(error))  # the server is out of reach, and an attempt to publish would be too
                self._out_of_reach = True
            else:
                self._rebuild_in_background(self._served, str(error))
            return self._served
        if self._out_of_reach:
            self._out_of_reach, self._problem = False, ""
        return served

    def _switch(self) -> None:
        """Opens the newest generation.

        Where there is none, because a record is being rebuilt, the open one continues. Where the newest is broken and
        another process is writing, the one before it is opened.
        """
        if time.monotonic() < self._retry_at:
            return
        before = self._served.index.generation.id
        try:
            self._served = self._serve(self._open_newest())
        except NotIndexedError as error:
            self._note(str(error))
            return
        index = self._served.index
        if index.generation.id == before and index.stale():
            self._note("an earlier generation answers, because the newest is broken")
        else:
            _log.info("generation %s answers from now on", index.generation.id)
            self._problem = ""

    def _open_newest(self) -> OpenIndex:
        return open_published(self._settings, self._embedder)

    def _serve(self, index: OpenIndex) -> ServedIndex:
        library = Library(index)
        judgements = Judgements(library, self._lexicons.statement_rules, self._lexicons.themes)
        chain = open_chain(
            index,
            self._embedder,
            length=self._settings.max_question_characters,
            lexicons=self._lexicons,
            judgements=judgements,
            reranker=self._reranker,
            callbacks=self._callbacks,
        )
        answering = AssistedChain(chain, self._caller, load_prompts()) if self._caller else chain
        return ServedIndex(index, chain, answering, library, judgements)

    def _rebuild(self, damaged: ServedIndex, reason: str) -> None:
        """Builds the index, which checks all of it, unless another thread did since `damaged` was opened."""
        with self._rebuilding:
            if self._served is not damaged:
                return
            self._note(reason)
            if not self._settings.indexing:
                raise GenerationError(reason, advice=NOT_INDEXING)
            build_index(self._settings.sources, self._settings.index_place, self._embedder)
            with self._lock:
                self._served = self._serve(self._open_newest())
                self._problem = ""

    def _rebuild_in_background(self, damaged: ServedIndex, reason: str) -> None:
        """Rebuilds in a thread of its own, unless a rebuild is running or has just failed."""
        if self._rebuilding.locked() or time.monotonic() < self._retry_at:
            return
        self._note(reason)
        threading.Thread(target=self._try_rebuild, args=(damaged, reason), name="rebuild", daemon=True).start()

    def _try_rebuild(self, damaged: ServedIndex, reason: str) -> None:
        try:
            self._rebuild(damaged, reason)
        except IndexingError as error:
            _log.error("not rebuilt: %s", error)
            self._note(str(error))

    def _note(self, problem: str) -> None:
        """Remembers and logs a problem, and puts off the next attempt."""
        if problem != self._problem:
            _log.warning("degraded: %s", problem)
        self._problem = problem
        self._retry_at = time.monotonic() + RETRY_SECONDS
