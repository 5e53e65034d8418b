"""Wires the parts: settings to an opened index, an embedder and the chain, and a newer index when there is one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar

from assistant.answer import Answer, Citation
from assistant.chain import Chain, open_chain, runnable
from assistant.filter import EVERYTHING, Filter
from assistant.judgements import Judgements
from assistant.library import Library
from assistant.model.assisted import AssistedChain
from assistant.model.calling import Line
from assistant.model.composer import Shown
from assistant.model.opening import open_chat_model
from assistant.model.prompts import load_prompts
from assistant.query.conversation import Turn
from assistant.reading import SourceReader
from assistant.settings import Settings
from index.build import build_index, ensure_index
from index.embedding import Embedder, open_embedder
from index.errors import CorruptRecordError, GenerationError
from index.maker import Maker
from index.opening import OpenIndex, open_current

if TYPE_CHECKING:
    from langchain_core.runnables import Runnable

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Opened:
    """One generation, opened: everything an answer is made from."""

    index: OpenIndex
    chain: Chain
    answering: Chain | AssistedChain
    library: Library
    judgements: Judgements


class Assistant:
    """Answers questions from the index of a sources folder. Safe to use from several threads.

    A newly published generation is taken up at the next question; answers under way keep the one they began with.
    """

    def __init__(self, settings: Settings, embedder: Embedder, index: OpenIndex) -> None:
        self._settings = settings
        self._embedder = embedder
        self._lock = threading.Lock()
        model = open_chat_model(settings)
        self._line = Line(model) if model else None
        self._opened = self._open(index)

    @classmethod
    def over(cls, settings: Settings, embedder: Embedder | None = None) -> Self:
        """Open the index the settings name, making it first when there is none; `embedder` is theirs, if at hand."""
        embedder = embedder or open_embedder(settings.embedding_model)
        with ThreadPoolExecutor(1) as beside:  # loading the model lets other threads run
            ready = beside.submit(embedder.encode, ["ready"])  # loaded now, not while the first person waits
            index = ensure_index(settings.sources, settings.index, embedder)
            if settings.vector_store == "exact":
                index.close()
                index = open_current(settings.index, Maker.of(embedder), exact=True)
            ready.result()
        return cls(settings, embedder, index)

    @property
    def index(self) -> OpenIndex:
        """The index that answers now."""
        return self._current().index

    @property
    def sources(self) -> SourceReader:
        """The transcripts held, for reading around a citation."""
        return self._current().library

    @property
    def judgements(self) -> Judgements:
        """What the sentences held state."""
        return self._current().judgements

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
    ) -> Answer:
        """Answer a question in its conversation, looking only at what is `within` the filter.

        A record found to be damaged is not quoted: the index is made again from the sources, and then answers.
        Raises `FilterError` when the filter names what is not held.
        """
        return self._asked(lambda opened: opened.answering.answer(question, history, within=within, id=id))

    def stream(
        self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING
    ) -> Iterator[Shown | Answer]:
        """The Answer, as from `ask`; before it, where a chat model is set, its statements as they are checked."""
        opened = self._current()
        if isinstance(opened.answering, AssistedChain):
            yield from opened.answering.stream(question, history, within=within)
        else:
            yield self.ask(question, history, within=within)

    def search(self, text: str, count: int, *, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        """The sentences nearest to a text, at most `count`, the best first, numbered from 1. As `ask` otherwise."""
        return self._asked(lambda opened: opened.chain.search(text, count, within))

    def as_runnable(self) -> Runnable[Mapping[str, Any], Answer]:
        """The chain as a LangChain Runnable: {"question", "history"?, "within"?, "id"?} to an Answer."""
        return runnable(self.ask)

    def _asked(self, work: Callable[[_Opened], T]) -> T:
        try:
            return work(self._current())
        except (CorruptRecordError, GenerationError) as error:
            _log.error("withheld: %s", error)
        return work(self._mended())

    def _current(self) -> _Opened:
        with self._lock:
            if self._opened.index.stale():
                self._opened = self._open(self._latest())
            return self._opened

    def _latest(self) -> OpenIndex:
        exact = self._settings.vector_store == "exact"
        return open_current(self._settings.index, Maker.of(self._embedder), exact=exact)

    def _mended(self) -> _Opened:
        """The index after a build, which checks the whole record and makes it anew when it is damaged."""
        with self._lock:
            build_index(self._settings.sources, self._settings.index, self._embedder)
            self._opened = self._open(self._latest())
            return self._opened

    def _open(self, index: OpenIndex) -> _Opened:
        library = Library(index)
        judgements = Judgements(library)
        chain = open_chain(index, self._embedder, length=self._settings.max_question_characters, judgements=judgements)
        answering = AssistedChain(chain, self._line, load_prompts()) if self._line else chain
        return _Opened(index, chain, answering, library, judgements)


def open_assistant(settings: Settings, embedder: Embedder | None = None) -> Assistant:
    """The assistant the settings describe. Raises `IndexingError` when there is nothing to answer from."""
    return Assistant.over(settings, embedder)
