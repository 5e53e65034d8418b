"""What is installed and in use here, and what would keep a question from being answered."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

from pydantic import Field

from assistant.answer import Ending
from assistant.answer_layout import Frozen
from assistant.chat_model.calls import ModelCaller, probe_model
from assistant.chat_model.prompts import load_prompts
from assistant.chat_model.provider import is_loopback, open_chat_model
from assistant.settings import Settings
from index.embedding.models import DEFAULT_MODEL, DEFAULT_MODEL_SHA256, Embedder, open_embedder
from index.errors import AppError, WriterBusyError
from index.published.generation import SupersededFacts, TranscriptFacts
from index.published.open import open_current
from index.readers.archives import unpacked
from index.readers.sandbox import Parser
from index.sources.catalogue import read_catalogue
from index.sources.files import discover
from index.storage.fingerprint import Fingerprint
from index.storage.lock import writer_lock

PACKAGES = (
    "langchain", "langchain-core", "chromadb", "onnxruntime", "sentence-transformers", "torch", "numpy", "gradio",
    "fastapi",
)  # fmt: skip

_Held = TranscriptFacts | SupersededFacts


class ModelState(Frozen):
    """The embedding model. `pinned` is whether it is the packaged one, by digest."""

    name: str
    digest: str = Field(description="SHA-256 of the weights; empty when they cannot be read.")
    pinned: bool


class IndexState(Frozen):
    """The index that would answer. Empty and zero when there is none."""

    maker: str = Field(default="", description="Digest of everything that made it: model, splitter, schema.")
    generation: str = ""
    transcripts: int = 0
    sentences: int = 0
    failed: tuple[str, ...] = Field(default=(), description="Sources that could not be taken in last time, and why.")
    writer: int | None = Field(
        default=None, description="Process that is indexing now, 0 when its number is not known."
    )


class SourcesState(Frozen):
    """The sources folder against the index, as names of files."""

    files: int = 0
    same: int = 0
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = Field(default=(), description="Their bytes, or what the catalogue says of them.")
    gone: tuple[str, ...] = ()


class ChatModelState(Frozen):
    """The chat model, if one is set, and what of a question leaves this machine for it."""

    name: str
    host: str = Field(description="Host its messages go to; empty where the integration does not tell.")
    here: bool = Field(description="Whether that host is this machine.")
    prompts: str
    answers: bool = Field(description="Whether it answered a trial call just now.")
    ending: Ending = Field(description="How that call ended.")


class SettingState(Frozen):
    """A setting, and where its value came from."""

    name: str
    value: str
    origin: str


class Diagnosis(Frozen):
    """Everything `assistant doctor` shows. Healthy means that questions can be answered: there are no problems."""

    version: str
    python: str
    system: str
    packages: dict[str, str]
    model: ModelState
    index: IndexState
    sources: SourcesState
    chat_model: ChatModelState | None = Field(default=None, description="Null where no chat model is set.")
    settings: tuple[SettingState, ...]
    problems: tuple[str, ...]


def diagnose(settings: Settings) -> Diagnosis:
    """Look at everything; what is broken becomes a problem, and the rest is looked at all the same.

    A generation that is broken is rebuilt from the record by looking at it, as it would be by a question.
    """
    problems: list[str] = []
    packages = {name: _version(name) for name in PACKAGES}
    problems += [f"{name} is not installed." for name, version in packages.items() if not version]
    model, index = ModelState(name=settings.embedding_model, digest="", pinned=False), IndexState()
    held: dict[str, _Held] = {}
    with _noting(problems):
        embedder = open_embedder(settings.embedding_model)
        model = _model(embedder)
        index, held = _index(settings, Fingerprint.of(embedder))
    sources = SourcesState()
    with _noting(problems):
        sources = _sources(settings, held)
    chat_model = None
    with _noting(problems):
        chat_model = _chat_model(settings)
    return Diagnosis(
        version=_version("assessment-assistant"),
        python=platform.python_version(),
        system=platform.platform(),
        packages=packages,
        model=model,
        index=index,
        sources=sources,
        chat_model=chat_model,
        settings=tuple(
            SettingState(name=name, value=settings.shown(name), origin=settings.origin(name))
            for name in Settings.model_fields
        ),
        problems=tuple(problems),
    )


@contextmanager
def _noting(problems: list[str]) -> Iterator[None]:
    try:
        yield
    except AppError as error:
        problems.append(str(error))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _chat_model(settings: Settings) -> ChatModelState | None:
    """The chat model after a trial call. One that does not answer is no problem: questions are answered without it."""
    chat = open_chat_model(settings)
    if chat is None:
        return None
    ending = probe_model(ModelCaller(chat))
    return ChatModelState(
        name=chat.name,
        host=chat.host,
        here=is_loopback(chat.host),
        prompts=load_prompts().version,
        answers=not ending.failed,
        ending=ending,
    )


def _model(embedder: Embedder) -> ModelState:
    pinned = embedder.name == DEFAULT_MODEL and embedder.digest == DEFAULT_MODEL_SHA256
    return ModelState(name=embedder.name, digest=embedder.digest, pinned=pinned)


def _index(settings: Settings, maker: Fingerprint) -> tuple[IndexState, dict[str, _Held]]:
    """The state of the index, and what it holds of each source, by name."""
    opened = open_current(settings.index, maker, exact=settings.vector_store == "exact")
    try:
        generation = opened.generation
        described: tuple[_Held, ...] = (*generation.transcripts, *generation.superseded)
        state = IndexState(
            maker=maker.digest,
            generation=generation.id,
            transcripts=len(generation.transcripts),
            sentences=sum(facts.rows for facts in generation.transcripts),
            failed=tuple(f"{failure.source}: {failure.reason}" for failure in opened.failures()),
            writer=_writer(settings),
        )
    finally:
        opened.close()
    return state, {one.source: one for one in described}


def _writer(settings: Settings) -> int | None:
    try:
        with writer_lock(settings.index):
            return None
    except WriterBusyError as busy:
        return busy.pid


def _sources(settings: Settings, held: dict[str, _Held]) -> SourcesState:
    catalogue = read_catalogue(settings.sources)
    with Parser() as parser:
        files, unopened = unpacked(discover(settings.sources), parser)
    told = catalogue.tell([one.name for one in files], [one.source for one in unopened])
    found = {one.name: one for one in files}
    same = {
        name
        for name in found.keys() & held.keys()
        if found[name].sha256 == held[name].sha256 and told[name].described(held[name].title, held[name].metadata)
    }
    return SourcesState(
        files=len(found),
        same=len(same),
        new=tuple(sorted(found.keys() - held.keys())),
        changed=tuple(sorted((found.keys() & held.keys()) - same)),
        gone=tuple(sorted(held.keys() - found.keys())),
    )
