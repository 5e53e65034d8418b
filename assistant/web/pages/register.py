"""The page `/register`: the register of a force, each entry cited, and its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from assistant.export.register_files import REGISTERS, RegisterFormat, notes_of, register_file_name
from assistant.filter import Filter
from assistant.judgements.register import Register, RegisterEntry, register_of
from assistant.messages import Messages, load_messages
from assistant.web.asker import Asker
from assistant.web.layout import render_page, root_path, site_address
from assistant.web.pages.filtering import (
    FilterField,
    Link,
    QueryFilter,
    filter_fields,
    page_address,
    page_title,
)
from assistant.web.security.responses import error_response
from assistant.web.security.workload import Pool, in_thread
from index.published.generation import IndexedTranscript

REGISTER = "/register"


@dataclass(frozen=True, slots=True)
class RegisterTable:
    """The entries of one force; the force is empty for transcripts that name none."""

    force: str
    entries: tuple[RegisterEntry, ...]


@dataclass(frozen=True, slots=True)
class RegisterContent:
    """A register as the page shows it: a table for each force that was looked at, and links to its files."""

    notes: tuple[str, ...]
    tables: tuple[RegisterTable, ...]
    downloads: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """The view of `register.html`. Without `content`, the page offers a register for each of the `forces`."""

    title: str
    fields: tuple[FilterField, ...]
    forces: tuple[Link, ...]
    is_empty: bool  # whether no transcript is in the index
    content: RegisterContent | None


def register_page(
    register: Register | None, within: Filter, transcripts: Sequence[IndexedTranscript], messages: Messages
) -> RegisterPage:
    """Returns the view of a register; `transcripts` are all that the form can limit it to."""
    forces = sorted({transcript.force for transcript in transcripts if transcript.force})
    return RegisterPage(
        title=page_title(within, messages.say("register.heading")),
        fields=filter_fields(transcripts, within),
        forces=tuple(Link(force, page_address(REGISTER, Filter((force,)))) for force in forces),
        is_empty=not transcripts,
        content=_content(register, within, messages) if register is not None else None,
    )


def _content(register: Register, within: Filter, messages: Messages) -> RegisterContent:
    by_force = groupby(register.entries, key=lambda entry: entry.citation.force)
    entries = {force: tuple(of_force) for force, of_force in by_force}
    downloads = [
        Link(messages.say(file.name), page_address(REGISTER, within, format=name)) for name, file in REGISTERS.items()
    ]
    tables = tuple(RegisterTable(force, entries.get(force, ())) for force in register.forces)
    return RegisterContent(notes_of(register, messages), tables, tuple(downloads))


def register_routes(assistant: Asker) -> APIRouter:
    """Returns the route of the register. It raises `FilterError` for a force or a period that is not in the index."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    messages = load_messages()

    @router.get(REGISTER)
    @in_thread(Pool.PAGES)
    def register(
        request: Request, within: QueryFilter, file_format: Annotated[str, Query(alias="format")] = ""
    ) -> Response:
        if file_format and file_format not in REGISTERS:
            return error_response(request.scope, 422, messages.say("register.no_format"))
        judgements = assistant.judgements
        transcripts = judgements.sources.transcripts()
        has_one_force = len({transcript.force for transcript in transcripts}) == 1
        shown = register_of(judgements, within) if within or file_format or has_one_force else None
        if shown is not None and file_format:
            return _download(shown, REGISTERS[file_format], site_address(request), messages)
        page = register_page(shown, within, transcripts, messages)
        return HTMLResponse(render_page("register.html", page, messages, root=root_path(request.scope)))

    return router


def _download(register: Register, file: RegisterFormat, site: str, messages: Messages) -> Response:
    day = datetime.now(UTC).date()
    name = register_file_name(register, day, file.extension, messages)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(file.render(register, day, site, messages), media_type=file.media_type, headers=headers)
