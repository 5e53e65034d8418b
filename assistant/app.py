"""Wires the parts: settings to an opened index, an embedder and the chain, and a newer index when there is one."""

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
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.by_transcript import Judgements
from assistant.live_index import LiveIndex
from assistant.question.conversation import Turn
from assistant.settings import Settings
from assistant.sources import Held, SourcePage, SourceReader
from assistant.state import ChainInput
from index.build import ensure_index
from index.embedding.models import Embedder, open_embedder
from index.published.open import OpenIndex, open_current
from index.storage.fingerprint import Fingerprint
from index.text.sentences import Sentence


class Assistant:
    """Answers questions from the index of a sources folder. Safe to use from several threads.

    A newly published generation is taken up at the next question; answers under way keep the one they began with.
    """

    def __init__(self, settings: Settings, embedder: Embedder, index: OpenIndex) -> None:
        self._keeper = LiveIndex(settings, embedder, index)

    @classmethod
    def over(cls, settings: Settings, embedder: Embedder | None = None) -> Self:
        """Open the index the settings name, making it first when there is none; `embedder` is theirs, if at hand."""
        embedder = embedder or open_embedder(settings.embedding_model)
        with ThreadPoolExecutor(1) as beside:  # loading the model lets other threads run
            ready = beside.submit(embedder.encode, ["ready"])  # loaded now, not while the first person waits
            index = ensure_index(settings.sources, settings.index, embedder)
            if settings.vector_store == "exact":
                index.close()
                index = open_current(settings.index, Fingerprint.of(embedder), exact=True)
            ready.result()
        return cls(settings, embedder, index)

    @property
    def index(self) -> OpenIndex:
        """The index that answers now."""
        return self._keeper.current().index

    @property
    def sources(self) -> SourceReader:
        """The transcripts held, for reading around a citation."""
        return _Kept(self._keeper)

    def degraded(self) -> bool:
        """Whether something is wrong with the index, though it may still answer. See `LiveIndex.degraded`."""
        return self._keeper.degraded()

    @property
    def judgements(self) -> Judgements:
        """What the sentences held state."""
        return self._keeper.current().judgements

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
        return self._keeper.asked(lambda opened: opened.answering.answer(question, history, within=within, id=id))

    def stream(
        self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING
    ) -> Iterator[CheckedStatement | Answer]:
        """The Answer, as from `ask`; before it, where a chat model is set, its statements as they are checked."""
        opened = self._keeper.current()
        if isinstance(opened.answering, AssistedChain):
            yield from opened.answering.stream(question, history, within=within)
        else:
            yield self.ask(question, history, within=within)

    def search(self, text: str, count: int, *, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        """The sentences nearest to a text, at most `count`, the best first, numbered from 1. As `ask` otherwise."""
        return self._keeper.asked(lambda opened: opened.chain.search(text, count, within))

    def as_runnable(self) -> Runnable[str | Mapping[str, Any], Answer]:
        """The chain as a LangChain Runnable over the newest index.

        Its input is a question, or {"question", "history"?, "within"?, "id"?}; a callback handler given in the config
        sees each step of the chain.
        """

        def assessment_assistant(given: str | Mapping[str, Any], config: RunnableConfig) -> Answer:
            asked = ChainInput.of(given)
            return self._keeper.asked(
                lambda opened: opened.answering.answer(
                    asked.question, asked.history, within=asked.within, id=asked.id, config=config
                )
            )

        return RunnableLambda(assessment_assistant)

    def as_retriever(self, k: int = 10, within: Filter = EVERYTHING) -> BaseRetriever:
        """The search as a LangChain retriever: the `k` sentences nearest to a text, as documents with citations."""
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
class _Kept:
    """A `SourceReader` over what answers now; what is damaged is made whole before it is read, as for a question."""

    keeper: LiveIndex

    def neighbours(self, transcript_id: str, sentence_id: str, around: int = 2) -> tuple[Sentence, ...]:
        return self.keeper.asked(lambda opened: opened.library.neighbours(transcript_id, sentence_id, around))

    def transcript_page(self, transcript_id: str) -> SourcePage | None:
        return self.keeper.asked(lambda opened: opened.library.transcript_page(transcript_id))

    def held(self) -> tuple[Held, ...]:
        return self.keeper.at_hand().library.held()  # in memory

    def superseded(self) -> tuple[Held, ...]:
        return self.keeper.at_hand().library.superseded()


def open_assistant(settings: Settings, embedder: Embedder | None = None) -> Assistant:
    """The assistant the settings describe. Raises `IndexingError` when there is nothing to answer from."""
    return Assistant.over(settings, embedder)
