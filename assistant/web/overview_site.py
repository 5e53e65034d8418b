"""The addresses of the overview and of its cells."""

from __future__ import annotations

from math import ceil
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from assistant.arrangement import Place
from assistant.filter import Filter
from assistant.overview import opened, places_held, row_of
from assistant.phrasebook import load_phrasebook
from assistant.query.themes import theme_of
from assistant.web.address import Limited
from assistant.web.desk import Asker
from assistant.web.faults import fault_reply
from assistant.web.overview_page import CELL, OVERVIEW, Leaf, cell_html, overview_html

ROWS = 20  # of one page: each is a whole assessment read


class Address(Limited):
    """The query of the overview's address."""

    page: int = Field(default=1, ge=1)


class CellAddress(BaseModel):
    """The query of a cell's address. An empty force or period is that of sources that name none."""

    force: str = ""
    period: str = ""
    theme: str = ""


def overviews(assistant: Asker) -> APIRouter:
    """The routes. They raise `FilterError` for a force or a period that is not held."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    words = load_phrasebook()

    @router.get(OVERVIEW)
    def overview(address: Annotated[Address, Query()]) -> HTMLResponse:
        judgements, within = assistant.judgements, address.within()
        places = places_held(judgements, within)
        of = max(1, ceil(len(places) / ROWS))
        number = min(address.page, of)
        here = places[(number - 1) * ROWS : number * ROWS]
        leaf = Leaf(within, number, of, tuple(row_of(judgements, place) for place in here))
        return HTMLResponse(overview_html(leaf, judgements.sources.held(), words))

    @router.get(CELL)
    def cell(address: Annotated[CellAddress, Query()]) -> Response:
        judgements, theme = assistant.judgements, theme_of(address.theme)
        place = Place(force=address.force, period=address.period)
        named = Filter(*((one,) if one else () for one in (address.force, address.period)))
        if theme is None or place not in places_held(judgements, named):
            return fault_reply(CELL, 404, words.say("problem.not_found"))
        return HTMLResponse(cell_html(place, theme, opened(judgements, place, theme.key), words))

    return router
