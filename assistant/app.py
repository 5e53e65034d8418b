"""Puts the parts together: settings, an open index, an embedder, the chain, and the way to newer indexes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda
from pydantic import Field, InstanceOf

from assistant.answer import Answer, Citation
from assistant.chat_model.chain import AssistedChain
from assistant.chat_model.summarise import CheckedStatement
from assistant.errors import OutOfTimeError
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.by_transcript import Judgements
from assistant.lexicons import Lexicons
from assistant.live_index import LiveIndex, open_published
from assistant.question.conversation import Turn
from assistant.retrieval.model_reranker import ModelReranker, open_reranker
from assistant.settings import Settings, load_settings
from assistant.sources import SourcePage, SourceReader
from assistant.state import ChainInput, bounded_text, check_filter_size
from assistant.work import Work, in_work, working
from index.build import ensure_index
from index.embedding.embedder import Embedder
from index.embedding.models import open_embedder
from index.published.generation import IndexedTranscript
from index.published.open_index import OpenIndex
from index.storage.reader import StoredSentence
from index.text.sentences import Sentence


class Assistant:
    """Answers questions from the index of a sources folder. Safe to use from several threads.

    The next question after an index was published is answered from it; a question in progress keeps the index it began
    with.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: Embedder,
        index: OpenIndex,
        lexicons: Lexicons | None = None,
        reranker: ModelReranker | None = None,
    ) -> None:
        self._live = LiveIndex(settings, embedder, index, lexicons or Lexicons.packaged(), reranker)
        self._seconds = settings.question_timeout + (settings.chat_model_timeout if settings.chat_model else 0)

    @classmethod
    def over(cls, settings: Settings, embedder: Embedder | None = None, lexicons: Lexicons | None = None) -> Self:
        """Opens the configured index, building it if there is none and the setting `indexing` allows it.

        Pass `embedder` to reuse one that is loaded, and `lexicons` to replace those of the package. Raises
        `SettingsError` when the setting `reranker` names no model that can be used.
        """
        embedder = embedder or open_embedder(settings.embedding_model)
        reranker = open_reranker(settings.reranker)
        with ThreadPoolExecutor(1) as loading:  # the model loads while the index is opened
            loaded = loading.submit(embedder.encode, ["ready"])
            if settings.indexing:
                ensure_index(settings.sources, settings.index_place, embedder).close()
            index = open_published(settings, embedder)
            loaded.result()
        return cls(settings, embedder, index, lexicons, reranker)

    @property
    def index(self) -> OpenIndex:
        """The index that answers now."""
        return self._live.current().index

    @property
    def sources(self) -> SourceReader:
        """Reads the transcripts, for showing what is around a citation."""
        return _LiveSources(self._live)

    def degraded(self) -> bool:
        """Whether something is wrong with the index, though it may still answer. See `LiveIndex.degraded`."""
        return self._live.degraded()

    @property
    def judgements(self) -> Judgements:
        """What the sentences of the transcripts state: themes, praise, concern, grades."""
        return self._live.current().judgements

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
        config: RunnableConfig | None = None,
    ) -> Answer:
        """Answers a question in its conversation, from what the filter `within` allows.

        What is longer than `ChainInput` allows is cut, and a question that takes longer than the setting allows is
        refused. Damaged text is not quoted: the index is first rebuilt from the sources. `config` is passed to the
        chain's runnables. Raises `FilterError` when the filter names a force, period or transcript that is not among
        the sources.
        """
        asked = ChainInput(question, tuple(history), within, id)
        with working(Work(self._seconds)):
            try:
                return self._live.run(
                    lambda served: served.answering.answer(
                        asked.question, asked.history, within=within, id=id, config=config
                    )
                )
            except OutOfTimeError:
                return self._live.available().chain.out_of_time(asked)

    def stream(
        self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING
    ) -> Iterator[CheckedStatement | Answer]:
        """Yields the Answer that `ask` returns, and before it each of a chat model's statements once it is checked."""
        served, asked = self._live.current(), ChainInput(question, tuple(history), within)
        if isinstance(served.answering, AssistedChain):
            answers = served.answering.stream(asked.question, asked.history, within=within)
            yield from in_work(Work(self._seconds), answers)
        else:
            yield self.ask(question, history, within=within)

    def search(self, text: str, count: int, *, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        """The sentences nearest to a text, at most `count`, nearest first, numbered from 1. Raises `FilterError`."""
        check_filter_size(within)
        with working(Work(self._seconds)):
            return self._live.run(lambda served: served.chain.search(bounded_text(text), count, within))

    def as_runnable(self) -> Runnable[str | Mapping[str, Any], Answer]:
        """The chain as a LangChain Runnable over the newest index.

        Its input is a question, or {"question", "history"?, "within"?, "id"?}. A callback handler in its config sees
        each step of the chain.
        """

        def assessment_assistant(given: str | Mapping[str, Any], config: RunnableConfig) -> Answer:
            asked = ChainInput.of(given)
            return self.ask(asked.question, asked.history, within=asked.within, id=asked.id, config=config)

        return RunnableLambda(assessment_assistant)

    def as_retriever(self, k: int = 10, within: Filter = EVERYTHING) -> BaseRetriever:
        """The search as a LangChain retriever: the `k` sentences nearest to a text, as cited documents."""
        return CitationRetriever(search=self.search, k=k, within=within)


class CitationRetriever(BaseRetriever):
    """Retrieves sentences from the newest index. A Document's content is the quotation, its metadata the citation."""

    search: Callable[..., tuple[Citation, ...]]
    k: int = Field(default=10, ge=1, description="Maximum number of documents.")
    within: InstanceOf[Filter] = EVERYTHING

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002  # LangChain's signature
        k: int | None = None,
    ) -> list[Document]:
        citations = self.search(query, k or self.k, within=self.within)
        return [
            Document(id=citation.sentence, page_content=citation.quote, metadata=citation.model_dump(exclude={"quote"}))
            for citation in citations
        ]


@dataclass(frozen=True, slots=True)
class _LiveSources:
    """Reads the transcripts of the newest index; a damaged one is rebuilt first, as for a question."""

    live: LiveIndex

    def neighbours(self, transcript_id: str, sentence_id: str, around: int = 2) -> tuple[Sentence, ...]:
        return self.live.run(lambda served: served.library.neighbours(transcript_id, sentence_id, around))

    def transcript_page(self, transcript_id: str) -> SourcePage | None:
        return self.live.run(lambda served: served.library.transcript_page(transcript_id))

    def reread(self, sentences: Sequence[Sentence]) -> list[StoredSentence]:
        return self.live.run(lambda served: served.library.reread(sentences))

    def transcripts(self) -> tuple[IndexedTranscript, ...]:
        return self.live.available().library.transcripts()  # in memory, so nothing damaged is read

    def superseded(self) -> tuple[IndexedTranscript, ...]:
        return self.live.available().library.superseded()

    def published(self) -> float:
        return self.live.available().library.published()


def open_assistant(settings: Settings | None = None, embedder: Embedder | None = None) -> Assistant:
    """The assistant that the settings describe; without any, those of the environment and `assistant.toml`.

    Raises `IndexingError` when there is nothing to answer from.
    """
    return Assistant.over(settings or load_settings(), embedder)
