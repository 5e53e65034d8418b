"""The overview: a page with a grid of assessments and themes, and a page with the sentences of one cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from assistant.answer_layout import Place
from assistant.export.answer_blocks import place_label
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.by_transcript import Judgements
from assistant.judgements.overview import Cell, CellSentence, OverviewRow, places_within, row_of, sentences_of_cell
from assistant.judgements.praise_and_concern import Side
from assistant.judgements.themes import Theme, Themes
from assistant.messages import Messages, load_messages
from assistant.web.asker import Asker
from assistant.web.layout import render_page, root_path
from assistant.web.pages.filtering import FilterField, QueryFilter, filter_fields, page_address, page_title
from assistant.web.security.responses import error_response
from assistant.web.security.workload import Pool, in_thread
from index.records.record import RecordKind

OVERVIEW = "/overview"
CELL = "/overview/cell"
MAX_ROWS = 20  # of one page: every row takes reading a whole assessment


@dataclass(frozen=True, slots=True)
class Sign:
    """The symbol of a judgement, which tells it apart without its colour, and the name of its message."""

    symbol: str
    message: str


SIGNS = {
    Side.PRAISE: Sign("▲", "side.praise"),
    Side.CONCERN: Sign("▼", "side.concern"),
    Side.BOTH: Sign("◆", "side.both"),
    None: Sign("○", "side.other"),
    RecordKind.CAUSE_OF_CONCERN: Sign("■", "term.cause_of_concern"),
    RecordKind.AREA_FOR_IMPROVEMENT: Sign("□", "term.area_for_improvement"),
}
SIDES = (Side.CONCERN, Side.BOTH, Side.PRAISE, None)  # in the order a cell shows them


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of the grid: the signs of the terms it names, and each sign that has sentences with their number.

    `address` is empty when no sentence speaks of the theme.
    """

    theme: Theme
    shade: str
    address: str
    terms: tuple[Sign, ...]
    counts: tuple[tuple[Sign, int], ...]


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row of the grid: the force and inspection period, and a cell for each theme."""

    label: str
    cells: tuple[GridCell, ...]


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The view of `overview.html`: page `number` of `total`, counted from 1."""

    title: str
    within: Filter
    fields: tuple[FilterField, ...]
    signs: tuple[Sign, ...]
    themes: tuple[Theme, ...]
    rows: tuple[GridRow, ...]
    number: int
    total: int

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """The groups of neighbouring themes, each with their number."""
        by_group = groupby(self.themes, key=lambda theme: theme.group)
        return tuple((group, len(list(themes))) for group, themes in by_group)

    def address(self, number: int) -> str:
        """Returns the address of another page of the same grid."""
        return overview_address(self.within, number)


@dataclass(frozen=True, slots=True)
class CellPage:
    """The view of `overview_cell.html`: the sentences on one theme, by their judgement."""

    theme: Theme
    label: str
    groups: tuple[tuple[Sign, tuple[CellSentence, ...]], ...]
    back: str


def overview_address(within: Filter = EVERYTHING, number: int = 1) -> str:
    """Returns the address of a page of the overview, limited by a filter, from the root of the site."""
    more = {"page": str(number)} if number > 1 else {}
    return page_address(OVERVIEW, within, **more)


def cell_address(place: Place, theme: str) -> str:
    """Returns the address of the sentences of one cell, from the root of the site."""
    return f"{CELL}?{urlencode({'force': place.force, 'period': place.period, 'theme': theme})}"


def overview_page(judgements: Judgements, within: Filter, number: int, messages: Messages) -> OverviewPage:
    """Returns page `number` that the filter allows, or the last one. Raises `FilterError` as `places_within`."""
    places = places_within(judgements, within)
    total = max(1, ceil(len(places) / MAX_ROWS))
    number = min(number, total)
    shown = places[(number - 1) * MAX_ROWS : number * MAX_ROWS]
    return OverviewPage(
        title=page_title(within, messages.say("overview.heading")),
        within=within,
        fields=filter_fields(judgements.sources.transcripts(), within),
        signs=tuple(SIGNS.values()),
        themes=judgements.themes.themes,
        rows=tuple(_grid_row(row_of(judgements, place), judgements.themes, messages) for place in shown),
        number=number,
        total=total,
    )


def _grid_row(row: OverviewRow, themes: Themes, messages: Messages) -> GridRow:
    cells = zip(row.cells, themes, strict=True)
    return GridRow(place_label(row.place, messages), tuple(_grid_cell(row.place, cell, theme) for cell, theme in cells))


def _grid_cell(place: Place, cell: Cell, theme: Theme) -> GridCell:
    numbers = {Side.CONCERN: cell.concern, Side.BOTH: cell.both, Side.PRAISE: cell.praise, None: cell.other}
    return GridCell(
        theme=theme,
        shade=cell.shade,
        address=cell_address(place, cell.theme) if cell else "",
        terms=tuple(SIGNS[term] for term in cell.terms if term in SIGNS),
        counts=tuple((SIGNS[side], numbers[side]) for side in SIDES if numbers[side]),
    )


def cell_page(place: Place, theme: Theme, sentences: Sequence[CellSentence], messages: Messages) -> CellPage:
    """Returns the view of the sentences of one cell."""
    groups = [(SIGNS[side], tuple(found for found in sentences if found.side is side)) for side in SIDES]
    back = overview_address(Filter((place.force,) if place.force else ()))
    return CellPage(theme, place_label(place, messages), tuple((sign, found) for sign, found in groups if found), back)


def overview_routes(assistant: Asker) -> APIRouter:
    """Returns the routes. They raise `FilterError` for a force or a period that is not in the index."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    messages = load_messages()

    @router.get(OVERVIEW)
    @in_thread(Pool.PAGES)
    def overview(
        request: Request, within: QueryFilter, number: Annotated[int, Query(alias="page", ge=1)] = 1
    ) -> HTMLResponse:
        page = overview_page(assistant.judgements, within, number, messages)
        return HTMLResponse(render_page("overview.html", page, messages, root=root_path(request.scope)))

    @router.get(CELL)
    @in_thread(Pool.PAGES)
    def cell(request: Request, force: str = "", period: str = "", theme: str = "") -> Response:
        judgements, known_theme = assistant.judgements, assistant.judgements.themes.by_key(theme)
        place = Place(force=force, period=period)  # empty for transcripts that name none
        within = Filter((force,) if force else (), (period,) if period else ())
        if known_theme is None or place not in places_within(judgements, within):
            return error_response(request.scope, 404, messages.say("problem.not_found"))
        page = cell_page(place, known_theme, sentences_of_cell(judgements, place, theme), messages)
        return HTMLResponse(render_page("overview_cell.html", page, messages, root=root_path(request.scope)))

    return router
