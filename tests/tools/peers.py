"""LangChain's plain ways of finding, over the same transcripts, for `tests.tools.bench` to compare with."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from langchain_chroma import Chroma
from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from langchain_text_splitters import RecursiveCharacterTextSplitter
from pydantic import ConfigDict
from sentence_transformers import CrossEncoder

from assistant.app import Assistant
from assistant.settings import Settings
from index.build import build_index
from index.embedding.embedder import Embedder
from index.embedding.models import packaged_folder
from tests.tools.scale import timed

CANDIDATES = 60  # as many as an answer is chosen from
SHOWN = 4
REPEATS = 5
ADDED_AT_ONCE = 5_000  # documents; Chroma takes no more

Say = Callable[[str], None]


class CrossEncoderReranker(BaseDocumentCompressor):
    """Scores each pair of question and document and keeps the best few, as LangChain's compressor of that name."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    model: CrossEncoder

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks = None
    ) -> Sequence[Document]:
        scores = self.model.predict([(query, document.page_content) for document in documents])
        best = sorted(range(len(documents)), key=lambda place: -float(scores[place]))
        return [documents[place] for place in best[:SHOWN]]


def open_cross_encoder() -> CrossEncoder:
    """The packaged MiniLM's layers with a head that nothing fitted, which take the time of a fitted model."""
    return CrossEncoder(str(packaged_folder()), num_labels=1, device="cpu", local_files_only=True, max_length=128)


def against_reranked(
    name: str, assistant: Assistant, model: Embedder, folder: Path, questions: Sequence[str], say: Say
) -> None:
    """An answer against LangChain's retriever and a cross-encoder over as many candidates of the same sentences."""
    generation = assistant.index.generation
    keys = generation.keys[generation.searched].tolist()
    documents = [Document(stored.sentence.text) for stored in assistant.index.sentences(keys)]
    store = Chroma(embedding_function=model, persist_directory=str(folder))
    for start in range(0, len(documents), ADDED_AT_ONCE):
        store.add_documents(documents[start : start + ADDED_AT_ONCE])
    retriever = store.as_retriever(search_kwargs={"k": CANDIDATES})
    reranker = CrossEncoderReranker(model=open_cross_encoder())

    def retrieve(question: str) -> None:
        reranker.compress_documents(retriever.invoke(question), question)

    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(REPEATS):
        for question in questions:
            ours.append(timed(lambda: assistant.ask(question)))  # noqa: B023  # called at once
            theirs.append(timed(lambda: retrieve(question)))  # noqa: B023
    answer, reranked = statistics.median(ours), statistics.median(theirs)
    say(f"{name}: p50 of a checked answer / LangChain's retriever with a cross-encoder over {CANDIDATES} candidates = "
        f"{answer / reranked:.2f} ({answer * 1000:.0f} ms / {reranked * 1000:.0f} ms)")  # fmt: skip


def against_tutorial(
    embedder: Embedder, bare_model: Embedder, sources: Path, folder: Path, question: str, say: Say
) -> None:
    """The same sources through LangChain's tutorial chain: indexing and one look-up."""
    documents = [Document(path.read_text("utf-8")) for path in sorted(sources.glob("*.txt"))]
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    stores: list[Chroma] = []

    def index_theirs() -> None:
        chunks = splitter.split_documents(documents)
        stores.append(Chroma.from_documents(chunks, bare_model, persist_directory=str(folder / "tutorial")))

    took = timed(index_theirs)
    ours = timed(lambda: build_index(sources, folder / "tutorial-ours", embedder))
    assistant = Assistant.over(Settings(sources=sources, index=folder / "tutorial-ours"))
    stores[0].similarity_search(question, k=SHOWN)
    look_up = statistics.median(timed(lambda: stores[0].similarity_search(question, k=SHOWN)) for _ in range(50))
    assistant.ask(question)
    answer = statistics.median(timed(lambda: assistant.ask(question)) for _ in range(50))
    say(f"LangChain's tutorial chain: indexing time / theirs = {ours / took:.2f}, "
        f"a whole checked answer / their look-up = {answer / look_up:.2f}")  # fmt: skip
