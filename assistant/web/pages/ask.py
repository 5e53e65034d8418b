"""The page that asks without JavaScript: a form, and below it one answer with the ways to take it away.

The address that asks without JavaScript, and hands an answer over as a file.

One answer as a file to take away: the formats a conversation has, plain text, and the Answer itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from assistant.answer import Answer
from assistant.errors import FilterError
from assistant.export.answer_blocks import is_laid_out
from assistant.export.formats import EXPORTS, ExportFormat, file_name
from assistant.export.html_builder import Html, element, isolated, join
from assistant.export.plain_text import clipboard_text
from assistant.export.spreadsheet import TABLES
from assistant.export.turn_html import problem_html, to_html
from assistant.filter import EVERYTHING, Filter
from assistant.messages import Messages, load_messages
from assistant.sources import ASK, Held, asking_address
from assistant.web.api.models import LONGEST_QUESTION
from assistant.web.asker import Asker
from assistant.web.layout import whole_page
from assistant.web.pages.query_filter import Limited, chosen
from assistant.web.security.responses import error_response
from index.errors import AppError

ALL = {"force": "plain.all_forces", "period": "plain.all_periods"}


@dataclass(frozen=True, slots=True)
class AskFormRequest:
    """What an address of the page asks: a question, empty for the form alone, and what to look at."""

    question: str = ""
    within: Filter = EVERYTHING

    def address(self, **more: str) -> str:
        """The address that asks this, as a path from the root of the site."""
        return asking_address(self.question, self.within, **more)


def ask_html(
    posed: AskFormRequest,
    held: Sequence[Held],
    words: Messages,
    *,
    shown: Html | None = None,
    formats: Mapping[str, str] | None = None,
) -> Html:
    """The page: the form filled in with what was asked, then `shown`, the turn, and a link for each of `formats`.

    `formats` are the names of formats in words, by the value of `format` in the address.
    """
    parts = [element("h1", words.say("page.chat")), _form(posed, held, words)]
    if shown is not None:
        take = _take(posed, formats, words) if formats else ""
        parts.append(element("section", shown, take, class_="asking", aria_label=words.say("plain.answer")))
    return whole_page(posed.question or words.say("page.chat"), join(*parts), words)


def _form(posed: AskFormRequest, held: Sequence[Held], words: Messages) -> Html:
    label = element("label", words.say("ask.label"), for_="q")
    box = element("input", type="text", id="q", name="q", value=posed.question, autocomplete="off", required="")
    forces = sorted({one.force for one in held if one.force})
    periods = sorted({one.period for one in held if one.period})
    return element(
        "form",
        element("div", label, box, class_="field"),
        choice("force", forces, posed.within.forces, words),
        choice("period", periods, posed.within.periods, words),
        _transcripts(posed, held, words),
        element("button", words.say("ask.button"), type="submit"),
        method="get",
        action=ASK,
        role="search",
        class_="ask",
        aria_label=words.say("page.chat"),
    )


def choice(name: str, held: Sequence[str], chosen: Sequence[str], words: Messages) -> Html:
    """A field to choose one of what is held by, or all; nothing where there is nothing to choose.

    Several can be chosen where several were asked for.
    """
    if len(held) < 2 and not chosen:
        return Html("")
    everything = element("option", words.say(ALL[name]), value="")
    options = [_option(value, selected=value in chosen) for value in held]
    several = "" if len(chosen) > 1 else None
    select = element("select", everything, *options, id=name, name=name, multiple=several)
    return element("div", element("label", words.say(f"plain.{name}"), for_=name), select, class_="field")


def _option(value: str, *, selected: bool) -> Html:
    return element("option", value, value=value, selected="" if selected else None)


def _transcripts(posed: AskFormRequest, held: Iterable[Held], words: Messages) -> Html:
    """The transcripts that the address limits the question to, each of which can be let go again."""
    chosen = [one for one in held if one.transcript_id in posed.within.transcripts]
    if not chosen:
        return Html("")
    boxes = [
        element(
            "label",
            element("input", type="checkbox", name="transcript", value=one.transcript_id, checked=""),
            " ",
            isolated(one.title or one.source),
        )
        for one in chosen
    ]
    return element("fieldset", element("legend", words.say("plain.transcript")), *boxes)


def _take(posed: AskFormRequest, formats: Mapping[str, str], words: Messages) -> Html:
    links = [element("li", element("a", name, href=posed.address(format=kind))) for kind, name in formats.items()]
    heading = element("h2", words.say("plain.take"), id="take")
    return element("nav", heading, element("ul", *links), class_="take", aria_labelledby="take")


def _text(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> bytes:  # noqa: ARG001
    return "\n\n".join(clipboard_text(one, site=site, messages=messages) for one in answers).encode() + b"\n"


def _json(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> bytes:  # noqa: ARG001
    """The Answer as the JSON interface gives it, a line each."""
    return "".join(f"{one.model_dump_json()}\n" for one in answers).encode()


FORMATS: Mapping[str, ExportFormat] = MappingProxyType(
    {
        **EXPORTS,
        "txt": ExportFormat("text/plain; charset=utf-8", "txt", "plain.text", _text),
        "json": ExportFormat("application/json", "json", "plain.json", _json),
    }
)


def formats_of(answer: Answer) -> dict[str, ExportFormat]:
    """The formats one answer can be taken away in: those of a table only where it has one."""
    return {**FORMATS, **(TABLES if is_laid_out(answer) else {})}


def attachment(answer: Answer, day: date, kind: str, words: Messages) -> dict[str, str]:
    """The headers that have a browser save the answer (RFC 6266). The file's name is plain ASCII."""
    name = file_name([answer], day, {**FORMATS, **TABLES}[kind].extension, words)
    return {"Content-Disposition": f'attachment; filename="{name}"'}


class AskQuery(Limited):
    """The query of the address that asks."""

    q: str = Field(default="", max_length=LONGEST_QUESTION)
    transcript: list[str] = Field(default_factory=list)
    format: str = ""

    def posed(self) -> AskFormRequest:
        return AskFormRequest(self.q.strip(), replace(self.within(), transcripts=chosen(self.transcript)))


def own_origin(request: Request) -> str:
    """The origin that whoever asks reaches this site by, with the path before our addresses where there is one."""
    return str(request.base_url).rstrip("/")


def asking(assistant: Asker) -> APIRouter:
    """The route of the page that asks."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    words = load_messages()

    @router.get(ASK)
    def ask(request: Request, address: Annotated[AskQuery, Query()]) -> Response:
        if address.format and address.format not in {*FORMATS, *TABLES}:
            return error_response(ASK, 422, words.say("plain.no_format"))
        posed, sources = address.posed(), assistant.sources
        if not posed.question:
            return HTMLResponse(ask_html(posed, sources.held(), words))
        try:
            answer = assistant.ask(posed.question, within=posed.within)
        except AppError as error:
            shown = problem_html(posed.question, str(error), phrases=words)
            code = 422 if isinstance(error, FilterError) else 503
            return HTMLResponse(ask_html(posed, sources.held(), words, shown=shown), code)
        formats = formats_of(answer)
        if address.format and address.format not in formats:
            return error_response(ASK, 422, words.say("table.none"))
        if address.format:
            return _file(answer, address.format, own_origin(request))
        shown = to_html(answer, sources, site=own_origin(request), new_tab=False, within=posed.within, phrases=words)
        names = {kind: words.say(export.name) for kind, export in formats.items()}
        return HTMLResponse(ask_html(posed, sources.held(), words, shown=shown, formats=names))

    def _file(answer: Answer, kind: str, site: str) -> Response:
        day = datetime.now(UTC).date()
        made = formats_of(answer)[kind]
        data = made.render([answer], day, site=site, messages=words)
        return Response(data, media_type=made.media_type, headers=attachment(answer, day, kind, words))

    return router
