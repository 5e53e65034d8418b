"""The address that asks without JavaScript, and hands an answer over as a file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from assistant.answer import Answer
from assistant.errors import AssistantError, FilterError
from assistant.export.render import problem_html, to_html
from assistant.export.table import TABLES
from assistant.phrasebook import load_phrasebook
from assistant.reading import ASK
from assistant.web.address import Limited, chosen
from assistant.web.answer_file import FORMATS, attachment, formats_of
from assistant.web.api_models import LONGEST_QUESTION
from assistant.web.ask_page import Posed, ask_html
from assistant.web.desk import Asker
from assistant.web.faults import fault_reply
from index.errors import IndexingError


class Address(Limited):
    """The query of the address that asks."""

    q: str = Field(default="", max_length=LONGEST_QUESTION)
    transcript: list[str] = Field(default_factory=list)
    format: str = ""

    def posed(self) -> Posed:
        return Posed(self.q.strip(), replace(self.within(), transcripts=chosen(self.transcript)))


def own_origin(request: Request) -> str:
    """The origin that whoever asks reaches this site by, with the path before our addresses where there is one."""
    return str(request.base_url).rstrip("/")


def asking(assistant: Asker) -> APIRouter:
    """The route of the page that asks."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    words = load_phrasebook()

    @router.get(ASK)
    def ask(request: Request, address: Annotated[Address, Query()]) -> Response:
        if address.format and address.format not in {*FORMATS, *TABLES}:
            return fault_reply(ASK, 422, words.say("plain.no_format"))
        posed, sources = address.posed(), assistant.sources
        if not posed.question:
            return HTMLResponse(ask_html(posed, sources.held(), words))
        try:
            answer = assistant.ask(posed.question, within=posed.within)
        except (AssistantError, IndexingError) as error:
            shown = problem_html(posed.question, str(error), phrases=words)
            code = 422 if isinstance(error, FilterError) else 503
            return HTMLResponse(ask_html(posed, sources.held(), words, shown=shown), code)
        formats = formats_of(answer)
        if address.format and address.format not in formats:
            return fault_reply(ASK, 422, words.say("table.none"))
        if address.format:
            return _file(answer, address.format, own_origin(request))
        shown = to_html(answer, sources, site=own_origin(request), new_tab=False, within=posed.within, phrases=words)
        names = {kind: words.say(export.name) for kind, export in formats.items()}
        return HTMLResponse(ask_html(posed, sources.held(), words, shown=shown, formats=names))

    def _file(answer: Answer, kind: str, site: str) -> Response:
        day = datetime.now(UTC).date()
        made = formats_of(answer)[kind]
        data = made.make([answer], day, site=site, phrases=words)
        return Response(data, media_type=made.media_type, headers=attachment(answer, day, kind, words))

    return router
