"""The page `/ask`, which works without JavaScript: a form, the answer to one question, and that answer as a file.

Also the questions that the chat suggests after an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from markupsafe import Markup

from assistant.answer import Answer
from assistant.errors import FilterError
from assistant.export.answer_blocks import is_laid_out
from assistant.export.formats import EXPORTS, ExportFormat, file_name
from assistant.export.plain_text import clipboard_text
from assistant.export.spreadsheet import TABLES
from assistant.export.turn_html import problem_html, to_html
from assistant.filter import Filter
from assistant.messages import Messages, load_messages
from assistant.sources import ASK, SharedAnswer, asking_address
from assistant.state import MAX_QUESTION_CHARACTERS
from assistant.web.asker import Asker
from assistant.web.layout import render_page, root_path, site_address
from assistant.web.pages.filtering import FilterField, Link, QueryFilter, filter_fields
from assistant.web.security.responses import error_response
from assistant.web.security.workload import Pool, in_thread
from index.errors import AppError
from index.published.generation import IndexedTranscript

SUGGESTIONS = "/suggestions"


def _text_file(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> bytes:  # noqa: ARG001
    return "\n\n".join(clipboard_text(answer, site=site, messages=messages) for answer in answers).encode() + b"\n"


def _json_file(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> bytes:  # noqa: ARG001
    """Returns the answers as JSON Lines, each as the JSON interface returns it."""
    return "".join(f"{answer.model_dump_json()}\n" for answer in answers).encode()


FORMATS: Mapping[str, ExportFormat] = MappingProxyType(
    {
        **EXPORTS,
        "txt": ExportFormat("text/plain; charset=utf-8", "txt", "plain.text", _text_file),
        "json": ExportFormat("application/json", "json", "plain.json", _json_file),
    }
)


def formats_of(answer: Answer) -> dict[str, ExportFormat]:
    """Returns the formats in which an answer can be downloaded: spreadsheets only if it has a table."""
    return {**FORMATS, **(TABLES if is_laid_out(answer) else {})}


@dataclass(frozen=True, slots=True)
class AskPage:
    """The view of `ask.html`. `transcripts` are those the question is limited to; `turn` is None without a question.

    `changed` says what has changed since the link to this answer was made; it is empty where nothing has.
    """

    question: str
    fields: tuple[FilterField, ...]
    transcripts: tuple[IndexedTranscript, ...]
    turn: Markup | None = None
    downloads: tuple[Link, ...] = ()
    changed: str = ""


def ask_page(question: str, within: Filter, transcripts: Sequence[IndexedTranscript]) -> AskPage:
    """Returns the form, filled in with a question and its filter; `transcripts` are all that can be asked about."""
    limited_to = tuple(held for held in transcripts if held.id in within.transcripts)
    return AskPage(question, filter_fields(transcripts, within), limited_to)


def ask_routes(assistant: Asker) -> APIRouter:
    """Returns the route of the page."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    messages = load_messages()

    @router.get(ASK)
    @in_thread(Pool.ASKING)
    def ask(
        request: Request,
        within: QueryFilter,
        q: Annotated[str, Query(max_length=MAX_QUESTION_CHARACTERS)] = "",
        file_format: Annotated[str, Query(alias="format")] = "",
        first: Annotated[int, Query(alias="from", ge=1)] = 1,
        index: str = "",
        quotes: str = "",
    ) -> Response:
        if file_format and file_format not in {*FORMATS, *TABLES}:
            return error_response(request.scope, 422, messages.say("plain.no_format"))
        question, sources, root = q.strip(), assistant.sources, root_path(request.scope)
        page = ask_page(question, within, sources.transcripts())
        if not question:
            return HTMLResponse(render_page("ask.html", page, messages, root=root))
        try:
            answer = assistant.ask(question, within=within)
        except AppError as error:
            page = replace(page, turn=problem_html(question, str(error), messages=messages))
            code = 422 if isinstance(error, FilterError) else 503
            return HTMLResponse(render_page("ask.html", page, messages, root=root), code)
        formats = formats_of(answer)
        if file_format and file_format not in formats:
            return error_response(request.scope, 422, messages.say("table.none"))
        if file_format:
            return _download(answer, formats[file_format], site_address(request), messages)
        page = replace(
            page,
            turn=to_html(
                answer,
                sources,
                site=site_address(request),
                new_tab=False,
                within=within,
                first=first,
                messages=messages,
            ),
            downloads=_download_links(question, within, formats, messages),
            changed=SharedAnswer(index, quotes).change(answer),
        )
        return HTMLResponse(render_page("ask.html", page, messages, root=root))

    return router


def suggestion_routes(suggest: Callable[[str, Filter], Sequence[str]]) -> APIRouter:
    """Returns the route of the questions to ask next, as a JSON list, which the chat requests after an answer.

    `suggest` returns them for a question and its filter.
    """
    router = APIRouter(include_in_schema=False)

    @router.get(SUGGESTIONS)
    @in_thread(Pool.ASKING)
    def suggestions(
        request: Request,  # noqa: ARG001  # `in_thread` needs it
        within: QueryFilter,
        q: Annotated[str, Query(max_length=MAX_QUESTION_CHARACTERS)] = "",
    ) -> Response:
        return JSONResponse(list(suggest(q.strip(), within)) if q.strip() else [])

    return router


def _download_links(
    question: str, within: Filter, formats: Mapping[str, ExportFormat], messages: Messages
) -> tuple[Link, ...]:
    addresses = {name: asking_address(question, within, format=name) for name in formats}
    return tuple(Link(messages.say(export.name), addresses[name]) for name, export in formats.items())


def _download(answer: Answer, export: ExportFormat, site: str, messages: Messages) -> Response:
    """Returns the answer as a file that a browser saves (RFC 6266). The file name is plain ASCII."""
    day = datetime.now(UTC).date()
    name = file_name([answer], day, export.extension, messages)
    data = export.render([answer], day, site=site, messages=messages)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=export.media_type, headers=headers)
