"""The chain: a question to a cited answer, as a sequence of named LangChain runnables.

    understand | route | one mode | verify | answer

The mode is chosen once, by `assistant.question.routing`. Most questions are searched:

    retrieve | rerank | select | compose

A callback handler sees every step by its name, with its input and output; the retriever runs as a LangChain retriever.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableBranch, RunnableConfig, RunnableLambda
from numpy.typing import NDArray

from assistant.answer import Answer, Citation
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.by_transcript import Judgements
from assistant.lexicons import Lexicons
from assistant.question.conversation import Turn
from assistant.question.question import Question
from assistant.question.routing import Mode
from assistant.question.scope import Corpus
from assistant.retrieval.model_reranker import ModelReranker
from assistant.retrieval.ranking import Ranker
from assistant.retrieval.retriever import QuestionRetriever, Retrieved
from assistant.retrieval.sentences import SentenceStore
from assistant.sources import Library
from assistant.state import ChainInput, ChainState
from assistant.steps import Steps
from assistant.work import check
from index.embedding.embedder import Embedder
from index.published.open_index import OpenIndex
from index.search.candidates import Query
from index.search.langchain import SentenceRetriever
from index.search.search import Searcher
from index.sources.gazetteer import Gazetteer


class Chain:
    """Answers questions over one open index. Immutable; safe to use from several threads.

    `retriever` replaces the retriever over this index; see `QuestionRetriever` for what its documents must carry.
    `reranker` orders the candidates in place of the packaged one. `callbacks` see every step of every question.
    """

    def __init__(
        self,
        index: OpenIndex,
        embedder: Embedder,
        judgements: Judgements,
        lexicons: Lexicons,
        *,
        max_characters: int,
        retriever: BaseRetriever | None = None,
        reranker: ModelReranker | None = None,
        callbacks: Sequence[BaseCallbackHandler] = (),
    ) -> None:
        generation = index.generation
        corpus = Corpus.of([transcript.metadata for transcript in generation.transcripts])
        searcher = Searcher(generation, embedder)
        questions = QuestionRetriever(
            retriever or SentenceRetriever(index=index, searcher=searcher),
            searcher,
            generation,
            SentenceStore(index),
            corpus,
        )
        ranker = Ranker(lexicons.reranker, searcher, generation, corpus, lexicons.vocabulary, reranker)
        self._index = index
        self._searcher = searcher
        self._ranker = ranker
        self._max_characters = max_characters
        self._gazetteer = corpus.gazetteer
        self._steps = Steps(index, corpus, lexicons, judgements, questions, ranker, max_characters)
        runnable = _composed(self._steps)
        self._runnable = runnable.with_config(callbacks=list(callbacks)) if callbacks else runnable

    def answer(
        self,
        text: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
        alone: str = "",
        config: RunnableConfig | None = None,
    ) -> Answer:
        """Answers a question. A question that cannot be answered gets an Answer too, with a status that says why.

        `alone` is a follow-up that was already rewritten to stand alone. Raises `FilterError` when the filter names a
        force, period or transcript that is not among the sources.
        """
        return self._runnable.invoke(ChainInput(text, tuple(history), within, id, alone), config)

    def as_runnable(self) -> Runnable[str | Mapping[str, Any] | ChainInput, Answer]:
        """The chain as a LangChain Runnable. Its input is a question, or {"question", "history"?, "within"?, "id"?}."""
        return self._runnable

    def understand(
        self, text: str, history: Sequence[Turn] = (), within: Filter = EVERYTHING, alone: str = ""
    ) -> Question:
        """Reads a question in its conversation; of one that is too long, only as much as the limit allows."""
        return self._steps.read(text, history, within, alone)

    def out_of_time(self, asked: ChainInput) -> Answer:
        """The refusal of a question whose time is over."""
        return self._steps.out_of_time(asked)

    def takes(self, text: str) -> bool:
        """Whether a text has the length of a question, and words."""
        return len(text) <= self._max_characters and any(character.isalnum() for character in text)

    def search(self, text: str, count: int, within: Filter = EVERYTHING) -> tuple[Citation, ...]:
        """The sentences nearest to a text, at most `count`, nearest first. Raises `FilterError`."""
        return self._steps.search(text, count, within)

    def features(
        self, question: Question, places: tuple[int, ...] | None = None
    ) -> tuple[NDArray[np.float32], tuple[str, ...]]:
        """The features (n, f) and texts of a question's candidates, in retrieval order, for fitting the reranker.

        `places` limits the search as a scope would.
        """
        within = places if places is not None else question.scope.places or None
        query = self._searcher.embedded(Query(question.standalone, question.concepts, within, question.encoded))
        documents = SentenceRetriever(index=self._index, searcher=self._searcher).invoke(query.text, search=query)
        return self._ranker.features(question, Retrieved(None, query, tuple(documents)))

    @property
    def gazetteer(self) -> Gazetteer:
        """The known forces, those of the sources included."""
        return self._gazetteer


Step = Callable[..., ChainState]


def _step(step: Step, name: str) -> RunnableLambda[ChainState, ChainState]:
    """A step as a runnable, which begins only while the work may go on."""

    @wraps(step)
    def checked(given: ChainState, **options: RunnableConfig) -> ChainState:
        check()
        return step(given, **options)

    return RunnableLambda(checked, name=name)


def _composed(steps: Steps) -> Runnable[str | Mapping[str, Any] | ChainInput, Answer]:
    """The steps, composed."""
    retrieve = _step(steps.retrieve, "retrieve")
    rerank = _step(steps.rerank, "rerank")
    search = retrieve | rerank | _step(steps.select, "select") | _step(steps.compose, "compose")
    list_all = (
        _step(steps.retrieve_all, "retrieve_all")
        | _step(steps.select_all, "select_all")
        | _step(steps.compose_list, "compose_list")
    )
    list_records = _step(steps.select_records, "select_records") | RunnableLambda(
        steps.compose_records, name="compose_records"
    )
    refuse = _step(steps.refuse, "refuse")
    mode: Runnable[ChainState, ChainState] = RunnableBranch(
        (_is(Mode.REFUSE, with_nearest=False), refuse),
        (_is(Mode.REFUSE), (retrieve | rerank | refuse).with_config(run_name="refuse_with_nearest")),
        (_is(Mode.ABOUT_DOCUMENTS), _step(steps.about_documents, "about_documents")),
        (_is(Mode.TWO_SIDED), _step(steps.two_sided, "two_sided")),
        (_is(Mode.LIST_RECORDS), list_records.with_config(run_name="list_records")),
        (_is(Mode.LIST_ALL), list_all.with_config(run_name="list_all")),
        search.with_config(run_name="search"),
    ).with_config(run_name="mode")

    def follow(state: ChainState, config: RunnableConfig) -> ChainState:
        """Follows the route to its next mode for as long as the modes find nothing."""
        while state.outcome is None and state.route is not None and state.route.otherwise is not None:
            state = mode.invoke(replace(state, route=state.route.otherwise), config)
        return state

    sequence = (
        RunnableLambda(steps.understand, name="understand")
        | _step(steps.route, "route")
        | mode
        | RunnableLambda(follow, name="follow_route")
        | _step(steps.verify, "verify")
        | RunnableLambda(steps.answer, name="answer")
    )

    def each(given: str | Mapping[str, Any] | ChainInput, config: RunnableConfig) -> Answer:
        """Answers the only question of a turn; of several, each after those before it, as in a conversation."""
        started = time.perf_counter()
        asked = ChainInput.of(given)
        questions = () if asked.standalone else steps.questions_in(asked.question)
        if len(questions) < 2:
            return sequence.invoke(given, config)
        answers: list[Answer] = []
        history = asked.history
        for question in questions:
            alone = steps.alone(question, questions[0], asked.within) if answers else ""
            part = replace(asked, question=question, history=history, standalone=alone)
            answers.append(sequence.invoke(part, config))
            history = (*history, Turn("user", question))
        return steps.combined(asked, answers, started)

    return RunnableLambda(each, name="questions").with_config(run_name="assessment_assistant")


def _is(mode: Mode, *, with_nearest: bool | None = None) -> RunnableLambda[ChainState, bool]:
    """Whether the route chose a mode; of a refusal, also whether it shows the nearest sentences."""

    def chosen(state: ChainState) -> bool:
        found = state.route
        return found is not None and found.mode is mode and with_nearest in (None, found.with_nearest)

    return RunnableLambda(chosen, name=f"is_{mode.value}")


def open_chain(
    index: OpenIndex,
    embedder: Embedder,
    *,
    length: int,
    lexicons: Lexicons | None = None,
    judgements: Judgements | None = None,
    retriever: BaseRetriever | None = None,
    reranker: ModelReranker | None = None,
    callbacks: Sequence[BaseCallbackHandler] = (),
) -> Chain:
    """The chain over an open index; questions may have `length` characters.

    `lexicons` are those of the package unless given. Pass `judgements` of the same index to share them.
    """
    lexicons = lexicons or Lexicons.packaged()
    judgements = judgements or Judgements(Library(index), lexicons.statement_rules, lexicons.themes)
    return Chain(
        index,
        embedder,
        judgements,
        lexicons,
        max_characters=length,
        retriever=retriever,
        reranker=reranker,
        callbacks=callbacks,
    )
