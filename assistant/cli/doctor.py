"""The command `doctor`: prints the diagnosis, or the features that could contact another machine."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import typer

from assistant.answer_layout import Frozen
from assistant.chat_model.provider import (
    PROVIDERS,
    PROXY_VARIABLES,
    UNKNOWN_PROVIDER,
    is_loopback,
    proxy_address,
    proxy_for,
)
from assistant.cli.common import ExitCode
from assistant.cli.diagnosis import Diagnosis, diagnose
from assistant.errors import DISTRIBUTION
from assistant.export.plain_text import counted
from assistant.sanitise import one_line
from assistant.settings import Settings
from assistant.web.chat.gradio_lockdown import FORBIDDEN_VARIABLES, LOCKDOWN_VARIABLES, is_enabled
from index.published.chroma import client_settings
from index.storage.postgres import DatabaseAddress

MODEL_HUB = "Hugging Face Hub"
OFFLINE_VARIABLES = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")

Row = tuple[str, ...]


class Contact(Frozen):
    """A feature that could contact another machine. It is `closed` when it does not.

    `by` is the setting or environment variable that decides this, empty if nothing can open the feature; `value` is the
    value of that setting or variable.
    """

    feature: str
    whom: str
    by: str = ""
    value: str = ""
    closed: bool


def contacts(settings: Settings, environment: Mapping[str, str]) -> tuple[Contact, ...]:
    """Returns every feature that could contact another machine, under these settings and environment variables."""
    model = settings.embedding_model
    return (
        # a model name is looked up in the local cache; the offline variables get their default when they are not set
        Contact(feature="embedding model", whom=MODEL_HUB, by="embedding_model", value=model, closed=True),
        Contact(feature="reranker", whom=MODEL_HUB, by="reranker", value=settings.reranker, closed=True),
        *(_closing_variable("model look-up", MODEL_HUB, name, environment) for name in OFFLINE_VARIABLES),
        *_library_contacts(environment),
        # the content security policy of every page lets it load from this site only
        Contact(feature="fonts, scripts, styles", whom="other sites", closed=True),
        # these sites embed our page and call our interface; we never call them
        Contact(
            feature="embedding",
            whom="sites listed",
            by="embed_origins",
            value=" ".join(settings.embed_origins),
            closed=True,
        ),
        Contact(
            feature="traces", whom="a collector", by="traces", value=settings.traces, closed=settings.traces == "off"
        ),
        _database_contact(settings),
        *_chat_model_contacts(settings, environment),
    )


def _database_contact(settings: Settings) -> Contact:
    """The server of the index, if it is in a database. Its hosts are those of the address, whatever PGHOST says."""
    hosts = settings.index.hosts if isinstance(settings.index, DatabaseAddress) else ()
    stays_here = all(host.startswith("/") or is_loopback(host) for host in hosts)
    whom = ", ".join(hosts) or "a database server"
    return Contact(feature="index database", whom=whom, by="index", value=str(settings.index), closed=stays_here)


def _chat_model_contacts(settings: Settings, environment: Mapping[str, str]) -> list[Contact]:
    """The chat model's server, and the proxies on the way. Nothing else of this program uses a proxy."""
    host = urlsplit(settings.chat_model_url).hostname or ""
    own = PROVIDERS.get(settings.chat_model.partition(":")[0], UNKNOWN_PROVIDER).proxy_argument
    option = str(settings.chat_model_options.get(own, ""))
    stays_here = not settings.chat_model or (is_loopback(host) and not option)
    explicit = option or environment.get(own.upper(), "")
    proxy = "" if stays_here else proxy_for(settings.chat_model_url, environment, explicit=explicit)
    server = f"{host or 'its server'}, through {proxy}" if proxy else host or "its server"
    names = [*PROXY_VARIABLES, *(name.lower() for name in PROXY_VARIABLES if environment.get(name.lower()))]
    return [
        Contact(feature="chat model", whom=server, by="chat_model", value=settings.chat_model, closed=stays_here),
        *(_proxy_contact(name, environment, proxy) for name in [*names, *([own.upper()] if own else [])]),
    ]


def _proxy_contact(name: str, environment: Mapping[str, str], used: str) -> Contact:
    """A variable that names a proxy: open if it is the one that is used."""
    value = proxy_address(environment.get(name, ""))
    return Contact(
        feature="proxy of chat model", whom="the proxy", by=name, value=value, closed=not used or value != used
    )


def _library_contacts(environment: Mapping[str, str]) -> list[Contact]:
    chroma = client_settings()
    gradio_closed = LOCKDOWN_VARIABLES["GRADIO_ANALYTICS_ENABLED"] == "False"
    return [
        Contact(feature="Chroma telemetry", whom="its maker", closed=not chroma.anonymized_telemetry),
        Contact(feature="Chroma traces", whom="a collector", closed=not chroma.chroma_otel_collection_endpoint),
        Contact(feature="Gradio analytics", whom="its maker", closed=gradio_closed),
        *(_opening_variable(feature, "others", name, environment) for name, feature in FORBIDDEN_VARIABLES.items()),
    ]


def _closing_variable(feature: str, whom: str, name: str, environment: Mapping[str, str]) -> Contact:
    """A feature that is closed while a variable is on, as it is by default."""
    value = environment.get(name, LOCKDOWN_VARIABLES[name])
    return Contact(feature=feature, whom=whom, by=name, value=value, closed=is_enabled(value))


def _opening_variable(feature: str, whom: str, name: str, environment: Mapping[str, str]) -> Contact:
    """A feature that is open while a variable is on."""
    value = environment.get(name, "")
    return Contact(feature=feature, whom=whom, by=name, value=value, closed=not is_enabled(value))


def report_contacts(settings: Settings, *, as_json: bool) -> ExitCode:
    """Prints every feature that could contact another machine. The exit code is 0 only if all are closed."""
    listed = contacts(settings, os.environ)
    open_count = sum(not contact.closed for contact in listed)
    if as_json:
        typer.echo("\n".join(contact.model_dump_json() for contact in listed))
    else:
        typer.echo("\n".join(_aligned([_contact_row(contact) for contact in listed])))
        summary = f"{open_count} of {len(listed)} open." if open_count else "All closed: no feature contacts anything."
        typer.echo(f"\n{summary}")
    return ExitCode.NOT_AIRGAPPED if open_count else ExitCode.DONE


def _contact_row(contact: Contact) -> Row:
    state = "closed" if contact.closed else "OPEN"
    return state, contact.feature, contact.whom, contact.by or "always", one_line(contact.value)


def report(settings: Settings, *, as_json: bool) -> ExitCode:
    """Prints the diagnosis. The exit code is 0 only if questions can be answered."""
    diagnosis = diagnose(settings)
    typer.echo(diagnosis.model_dump_json() if as_json else _diagnosis_text(diagnosis))
    return ExitCode.INDEX if diagnosis.problems else ExitCode.DONE


def _diagnosis_text(diagnosis: Diagnosis) -> str:
    lines: list[str] = []
    for title, rows in _sections(diagnosis).items():
        lines += [title, *(f"  {line}" for line in _aligned(rows)), ""]
    lines += [f"Problem: {one_line(problem)}" for problem in diagnosis.problems]
    lines.append("Questions cannot be answered." if diagnosis.problems else "Questions can be answered.")
    return "\n".join(lines)


def _sections(diagnosis: Diagnosis) -> dict[str, list[Row]]:
    return {
        "Installed": [
            (DISTRIBUTION, diagnosis.version or "from a checkout"),
            ("python", f"{diagnosis.python}, {diagnosis.system}"),
            *((name, version or "not installed") for name, version in diagnosis.packages.items()),
        ],
        "Embedding model": _model_rows(diagnosis),
        "Chat model": _chat_model_rows(diagnosis),
        "Index": _index_rows(diagnosis),
        "Sources": _source_rows(diagnosis),
        "Settings": [(setting.name, setting.value, setting.origin) for setting in diagnosis.settings],
    }


def _model_rows(diagnosis: Diagnosis) -> list[Row]:
    model = diagnosis.model
    origin = "the packaged model" if model.pinned else "not the packaged model"
    return [("name", model.name), ("sha256", model.digest or "unknown"), ("", origin)]


def _chat_model_rows(diagnosis: Diagnosis) -> list[Row]:
    chat_model = diagnosis.chat_model
    if chat_model is None:
        return [("name", "none"), ("leaves this machine", "nothing")]
    host = one_line(chat_model.host) or "a host that its integration chooses"
    failure = f"no ({chat_model.ending.value}): questions are answered without it"
    through = f", through the proxy {one_line(chat_model.proxy)}" if chat_model.proxy else ""
    sent = f"the question, the conversation and the sentences found, to {host}{through}"
    return [
        ("name", one_line(chat_model.name)),
        ("host", host),
        ("proxy", one_line(chat_model.proxy) or "none"),
        ("answers", "yes" if chat_model.answers else failure),
        ("prompts", chat_model.prompts),
        ("leaves this machine", "nothing" if chat_model.here else sent),
    ]


def _index_rows(diagnosis: Diagnosis) -> list[Row]:
    index = diagnosis.index
    if not index.generation:
        return [("state", "not built")]
    writer = "nobody" if index.writer is None else f"process {index.writer or 'of unknown number'}"
    return [
        ("generation", index.generation),
        ("fingerprint", index.maker),
        ("contents", f"{counted(index.transcripts, 'transcript')}, {counted(index.sentences, 'sentence')}"),
        ("being updated by", writer),
        *(("failed last time", one_line(reason)) for reason in index.failed),
    ]


def _source_rows(diagnosis: Diagnosis) -> list[Row]:
    sources = diagnosis.sources
    named = (("not indexed", sources.new), ("changed", sources.changed), ("deleted", sources.gone))
    return [
        ("files", f"{sources.files:,}"),
        ("up to date", f"{sources.same:,}"),
        *((label, one_line(", ".join(names))) for label, names in named if names),
    ]


def _aligned(rows: list[Row]) -> list[str]:
    """Formats rows as lines, each column as wide as its longest cell."""
    count = max(len(row) for row in rows)
    padded = [row + ("",) * (count - len(row)) for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(*padded, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in padded]
