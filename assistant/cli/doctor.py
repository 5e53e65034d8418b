"""The command `doctor`: the diagnosis, or what could contact anything, as text or as JSON.

Each feature that could contact anything off this machine, what decides it, and whether it is closed now.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import typer

from assistant.answer_layout import Frozen
from assistant.cli.common import ExitCode
from assistant.cli.diagnosis import Diagnosis, diagnose
from assistant.export.plain_text import counted
from assistant.sanitise import plain
from assistant.settings import Settings
from assistant.web.chat.gradio_lockdown import FORBIDDEN_VARIABLES, LOCKDOWN_VARIABLES, is_enabled
from index.published.chroma import client_settings

HUB = "Hugging Face Hub"
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


class Contact(Frozen):
    """A feature that could contact something. `by` is the setting or environment variable that decides it, empty where
    none can open it; `value` is what that says, and `closed` whether nothing is contacted.
    """

    feature: str
    whom: str
    by: str = ""
    value: str = ""
    closed: bool


def contacts(settings: Settings, environment: Mapping[str, str]) -> tuple[Contact, ...]:
    """Every such feature, as the settings and the environment have it."""
    chroma = client_settings()
    # A model that is named is looked for in the local cache; where a variable says nothing, it is set.
    hub = [
        Contact(feature="embedding model", whom=HUB, by="embedding_model", value=settings.embedding_model, closed=True)
    ]
    hub += [_variable("model look-up", HUB, name, environment, closed_by=LOCKDOWN_VARIABLES[name]) for name in OFFLINE]
    libraries = [
        Contact(feature="Chroma telemetry", whom="its maker", closed=not chroma.anonymized_telemetry),
        Contact(feature="Chroma traces", whom="a collector", closed=not chroma.chroma_otel_collection_endpoint),
        Contact(
            feature="Gradio analytics",
            whom="its maker",
            closed=LOCKDOWN_VARIABLES["GRADIO_ANALYTICS_ENABLED"] == "False",
        ),
        *(_variable(FORBIDDEN_VARIABLES[name], "others", name, environment) for name in FORBIDDEN_VARIABLES),
    ]
    sites = " ".join(settings.embed_origins)
    page = [
        # by the content policy that every page is sent with: it loads from this site alone
        Contact(feature="fonts, scripts, styles", whom="other sites", closed=True),
        # they frame our page and call us; we never call them
        Contact(feature="embedding", whom="sites listed", by="embed_origins", value=sites, closed=True),
    ]
    return (*hub, *libraries, *page, *_chat_model_contact(settings))


def _variable(
    feature: str, whom: str, name: str, environment: Mapping[str, str], closed_by: str | None = None
) -> Contact:
    """A variable that opens a feature when it is on; or, with `closed_by`, its usual value, that closes it then."""
    value = environment.get(name, closed_by or "")
    return Contact(feature=feature, whom=whom, by=name, value=value, closed=is_enabled(value) == bool(closed_by))


def _chat_model_contact(settings: Settings) -> list[Contact]:
    if "chat_model" not in Settings.model_fields:
        return []
    model = str(getattr(settings, "chat_model"))  # noqa: B009  # a version without chat models has no such setting
    return [Contact(feature="chat model", whom="its server", by="chat_model", value=model, closed=not model)]


def report_contacts(settings: Settings, *, as_json: bool) -> ExitCode:
    """Print to stdout what could contact anything off this machine. The exit code tells whether all of it is closed."""
    found = contacts(settings, os.environ)
    if as_json:
        typer.echo("\n".join(one.model_dump_json() for one in found))
    else:
        typer.echo("\n".join(_aligned([_contact(one) for one in found])))
        count = sum(not one.closed for one in found)
        typer.echo(f"\n{count} of {len(found)} open." if count else "\nAll closed: nothing here contacts anything.")
    return ExitCode.DONE if all(one.closed for one in found) else ExitCode.OPEN


def _contact(one: Contact) -> tuple[str, ...]:
    return "closed" if one.closed else "OPEN", one.feature, one.whom, one.by or "always so", plain(one.value)


def report(settings: Settings, *, as_json: bool) -> ExitCode:
    """Print the diagnosis to stdout."""
    diagnosis = diagnose(settings)
    if as_json:
        typer.echo(diagnosis.model_dump_json())
    else:
        typer.echo(_text(diagnosis))
    return ExitCode.INDEX if diagnosis.problems else ExitCode.DONE


def _text(diagnosis: Diagnosis) -> str:
    lines: list[str] = []
    for title, rows in _sections(diagnosis).items():
        lines += [title, *(f"  {line}" for line in _aligned(rows)), ""]
    lines += [f"Problem: {plain(problem)}" for problem in diagnosis.problems]
    lines.append("Questions cannot be answered." if diagnosis.problems else "Questions can be answered.")
    return "\n".join(lines)


def _sections(diagnosis: Diagnosis) -> dict[str, list[tuple[str, ...]]]:
    return {
        "Installed": [
            ("assessment-assistant", diagnosis.version or "from a checkout"),
            ("python", f"{diagnosis.python}, {diagnosis.system}"),
            *((name, version or "not installed") for name, version in diagnosis.packages.items()),
        ],
        "Embedding model": _model(diagnosis),
        "Chat model": _chat_model(diagnosis),
        "Index": _index(diagnosis),
        "Sources": _sources(diagnosis),
        "Settings": [(setting.name, setting.value, setting.origin) for setting in diagnosis.settings],
    }


def _model(diagnosis: Diagnosis) -> list[tuple[str, ...]]:
    model = diagnosis.model
    origin = "the packaged model" if model.pinned else "not the packaged model"
    return [("name", model.name), ("sha256", model.digest or "unknown"), ("", origin)]


def _chat_model(diagnosis: Diagnosis) -> list[tuple[str, ...]]:
    chat = diagnosis.chat_model
    if chat is None:
        return [("name", "none"), ("leaves this machine", "nothing")]
    host = plain(chat.host) or "a host that its integration chooses"
    leaves = "nothing" if chat.here else f"the question, the conversation and the sentences found, to {host}"
    works = "yes" if chat.answers else f"no ({chat.ending.value}): questions are answered without it"
    return [
        ("name", plain(chat.name)),
        ("host", host),
        ("answers", works),
        ("prompts", chat.prompts),
        ("leaves this machine", leaves),
    ]


def _index(diagnosis: Diagnosis) -> list[tuple[str, ...]]:
    index = diagnosis.index
    if not index.generation:
        return [("state", "nothing published")]
    writer = "nobody" if index.writer is None else f"process {index.writer or 'of unknown number'}"
    held = f"{counted(index.transcripts, 'transcript')}, {counted(index.sentences, 'sentence')}"
    return [
        ("generation", index.generation),
        ("maker", index.maker),
        ("holds", held),
        ("being written by", writer),
        *(("failed last time", plain(reason)) for reason in index.failed),
    ]


def _sources(diagnosis: Diagnosis) -> list[tuple[str, ...]]:
    sources = diagnosis.sources
    rows = [("files", f"{sources.files:,}"), ("as indexed", f"{sources.same:,}")]
    named = (("not indexed", sources.new), ("changed since", sources.changed), ("gone since", sources.gone))
    return [*rows, *((label, plain(", ".join(names))) for label, names in named if names)]


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    """Rows as lines, each column as wide as its longest cell."""
    count = max(len(row) for row in rows)
    widths = [max((len(row[place]) for row in rows if place < len(row)), default=0) for place in range(count)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows]
