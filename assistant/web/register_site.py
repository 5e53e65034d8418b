"""The address of the register, and the register as a file."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from assistant.export.registers import REGISTERS, register_file_name
from assistant.phrasebook import load_phrasebook
from assistant.register import Register, register_of
from assistant.web.address import Limited
from assistant.web.asking_site import own_origin
from assistant.web.desk import Asker
from assistant.web.faults import fault_reply
from assistant.web.register_page import REGISTER, Sought, register_html


class Address(Limited):
    """The query of the register's address."""

    format: str = ""


def registering(assistant: Asker) -> APIRouter:
    """The route of the register. It raises `FilterError` for a force or a period that is not held."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    words = load_phrasebook()

    @router.get(REGISTER)
    def register(request: Request, address: Annotated[Address, Query()]) -> Response:
        if address.format and address.format not in REGISTERS:
            return fault_reply(REGISTER, 422, words.say("register.no_format"))
        judgements, within = assistant.judgements, address.within()
        held = judgements.sources.held()
        asked = within or address.format or len({one.force for one in held}) == 1
        listed = register_of(judgements, within) if asked else None
        if listed is not None and address.format:
            return _file(listed, address.format, own_origin(request))
        return HTMLResponse(register_html(Sought(within), held, listed, words))

    def _file(listed: Register, kind: str, site: str) -> Response:
        day, made = datetime.now(UTC).date(), REGISTERS[kind]
        name = register_file_name(listed, day, made.extension, words)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(made.make(listed, day, site, words), media_type=made.media_type, headers=headers)

    return router
