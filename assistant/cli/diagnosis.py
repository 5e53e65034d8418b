"""Collects what is installed and in use, and the problems that would stop questions from being answered."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import closing, contextmanager

from pydantic import Field

from assistant.answer import Ending
from assistant.answer_layout import Frozen
from assistant.chat_model.calls import ModelCaller, probe_model
from assistant.chat_model.prompts import load_prompts
from assistant.chat_model.provider import open_chat_model
from assistant.errors import installed_version
from assistant.retrieval.model_reranker import open_reranker
from assistant.settings import Settings
from index.embedding.embedder import Embedder
from index.embedding.models import DEFAULT_MODEL, DEFAULT_MODEL_SHA256, open_embedder
from index.errors import AppError, WriterBusyError
from index.published.generation import IndexedTranscript
from index.published.open import open_current, open_publisher
from index.readers.read import expand_archives
from index.readers.sandbox import SandboxedParser
from index.sources.catalogue import read_catalogue
from index.sources.files import discover
from index.storage.fingerprint import Fingerprint

PACKAGES = (
    "langchain", "langchain-core", "chromadb", "sentence-transformers", "torch", "numpy", "gradio",
    "fastapi",
)  # fmt: skip


class ModelState(Frozen):
    """The embedding model."""

    name: str
    digest: str = Field(description="SHA-256 of the weights; empty when they cannot be read.")
    pinned: bool = Field(description="Whether it is the packaged model, by its digest.")


class IndexState(Frozen):
    """The index that answers questions. Fields are empty or zero when there is none."""

    maker: str = Field(default="", description="Fingerprint of what built it: model, splitter and schema.")
    generation: str = ""
    transcripts: int = 0
    sentences: int = 0
    failed: tuple[str, ...] = Field(default=(), description="Sources that could not be read last time, and why.")
    writer: int | None = Field(
        default=None, description="Process that is updating the index; 0 when its number is not known."
    )


class SourcesState(Frozen):
    """The differences between the sources folder and the index, as file names."""

    files: int = 0
    same: int = 0
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = Field(default=(), description="Sources whose bytes or catalogue entries changed.")
    gone: tuple[str, ...] = ()


class ChatModelState(Frozen):
    """The chat model, if one is set."""

    name: str
    host: str = Field(description="Host that requests go to; empty where the integration does not say.")
    proxy: str = Field(default="", description="Proxy that requests go through, as host and port; empty if none.")
    here: bool = Field(description="Whether no request leaves this machine.")
    prompts: str
    answers: bool = Field(description="Whether it answered a probe_model call just now.")
    ending: Ending = Field(description="How that call ended.")


class SettingState(Frozen):
    """A setting's value, and where it was set."""

    name: str
    value: str
    origin: str


class Diagnosis(Frozen):
    """The report of `assistant doctor`. Questions can be answered if there are no problems."""

    version: str
    python: str
    system: str
    packages: dict[str, str]
    model: ModelState
    index: IndexState
    sources: SourcesState
    chat_model: ChatModelState | None = Field(default=None, description="Null when no chat model is set.")
    settings: tuple[SettingState, ...]
    problems: tuple[str, ...]


def diagnose(settings: Settings) -> Diagnosis:
    """Inspects every part; an error in one becomes a problem and does not stop the others.

    Opening a broken generation rebuilds it from the record, as a question would.
    """
    packages = {name: installed_version(name) for name in PACKAGES}
    problems = [f"{name} is not installed." for name, version in packages.items() if not version]
    model = ModelState(name=settings.embedding_model, digest="", pinned=False)
    index = IndexState()
    indexed: dict[str, IndexedTranscript] = {}
    with _collect_errors(problems):
        embedder = open_embedder(settings.embedding_model)
        model = _model_state(embedder)
        index, indexed = _index_state(settings, Fingerprint.of(embedder))
    with _collect_errors(problems):
        open_reranker(settings.reranker)
    sources = SourcesState()
    with _collect_errors(problems):
        sources = _sources_state(settings, indexed)
    chat_model = None
    with _collect_errors(problems):
        chat_model = _chat_model_state(settings)
    return Diagnosis(
        version=installed_version(),
        python=platform.python_version(),
        system=platform.platform(),
        packages=packages,
        model=model,
        index=index,
        sources=sources,
        chat_model=chat_model,
        settings=tuple(
            SettingState(name=name, value=settings.display_value(name), origin=settings.origin(name))
            for name in Settings.model_fields
        ),
        problems=tuple(problems),
    )


@contextmanager
def _collect_errors(problems: list[str]) -> Iterator[None]:
    """Adds the message of an `AppError` to the problems instead of raising it."""
    try:
        yield
    except AppError as error:
        problems.append(str(error))


def _chat_model_state(settings: Settings) -> ChatModelState | None:
    """Makes a probe_model call. Its failure is not a problem, because questions are answered without the chat model."""
    chat = open_chat_model(settings)
    if chat is None:
        return None
    ending = probe_model(ModelCaller(chat))
    return ChatModelState(
        name=chat.name,
        host=chat.host,
        proxy=chat.proxy,
        here=chat.stays_here,
        prompts=load_prompts().version,
        answers=not ending.failed,
        ending=ending,
    )


def _model_state(embedder: Embedder) -> ModelState:
    pinned = embedder.name == DEFAULT_MODEL and embedder.digest == DEFAULT_MODEL_SHA256
    return ModelState(name=embedder.name, digest=embedder.digest, pinned=pinned)


def _index_state(settings: Settings, fingerprint: Fingerprint) -> tuple[IndexState, dict[str, IndexedTranscript]]:
    """Returns the state of the index, and its sources by name."""
    opened = open_current(settings.index_place, fingerprint, exact=settings.vector_store == "exact")
    with closing(opened):
        generation = opened.generation
        indexed: tuple[IndexedTranscript, ...] = (*generation.transcripts, *generation.superseded)
        state = IndexState(
            maker=fingerprint.digest,
            generation=generation.id,
            transcripts=len(generation.transcripts),
            sentences=sum(transcript.row_count for transcript in generation.transcripts),
            failed=tuple(f"{failure.source}: {failure.reason}" for failure in opened.failures()),
            writer=_writer(settings, fingerprint),
        )
    return state, {source.source: source for source in indexed}


def _writer(settings: Settings, fingerprint: Fingerprint) -> int | None:
    """Returns the process that is updating the index, if any."""
    try:
        with open_publisher(settings.index_place, fingerprint):
            return None
    except WriterBusyError as busy:
        return busy.pid


def _sources_state(settings: Settings, indexed: dict[str, IndexedTranscript]) -> SourcesState:
    catalogue = read_catalogue(settings.sources)
    with SandboxedParser() as parser:
        files, failures = expand_archives(discover(settings.sources), parser)
    statements = catalogue.resolve([file.name for file in files], [failure.source for failure in failures])
    found = {file.name: file for file in files}
    common = found.keys() & indexed.keys()
    same = {
        name
        for name in common
        if found[name].sha256 == indexed[name].sha256
        and statements[name].matches(indexed[name].title, indexed[name].metadata)
    }
    return SourcesState(
        files=len(found),
        same=len(same),
        new=tuple(sorted(found.keys() - indexed.keys())),
        changed=tuple(sorted(common - same)),
        gone=tuple(sorted(indexed.keys() - found.keys())),
    )
