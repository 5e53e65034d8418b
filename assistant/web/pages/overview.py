"""The overview: a page with grids of grades and of themes, its files, and a page with the sentences of one cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from math import ceil
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from assistant.answer import Citation
from assistant.answer_layout import Place
from assistant.export.answer_blocks import place_label
from assistant.export.register_files import grade_in_words, grade_labels, grades_file, register_file_name
from assistant.export.spreadsheet import TABLES
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.by_transcript import Judgements
from assistant.judgements.overview import (
    COUNTED,
    Cell,
    CellSentence,
    GradesTable,
    OverviewRow,
    entries_of_grade,
    grades_table,
    places_within,
    row_of,
    sentences_of_cell,
)
from assistant.judgements.praise_and_concern import Side
from assistant.judgements.register import RegisterEntry, register_of
from assistant.judgements.themes import Theme, Themes
from assistant.messages import Messages, load_messages
from assistant.web.asker import Asker
from assistant.web.layout import render_page, root_path, site_address
from assistant.web.pages.filtering import FilterField, Link, QueryFilter, filter_fields, page_address, page_title
from assistant.web.security.responses import error_response
from assistant.web.security.workload import Pool, in_thread
from index.records.record import RecordKind
from index.text.words import GRADES

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
LETTERS = dict(zip(GRADES, ("O", "G", "A", "RI", "I"), strict=True))
CHANGES = {"better": "↑", "worse": "↓", "same": "="}
MAX_BAR_PIXELS = 48
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
class GradesView:
    """The grades as the page shows them: the names of what is graded and of each grade, and the links to files."""

    table: GradesTable
    labels: Mapping[str, str]
    words: Mapping[str, str]
    downloads: tuple[Link, ...]
    letters, changes, counted = LETTERS, CHANGES, COUNTED

    def bar(self, number: int) -> int:
        """Returns the length of the bar of a count, in pixels."""
        return ceil(MAX_BAR_PIXELS * number / self.table.most) if number else 0

    def address(self, place: Place, graded: str) -> str:
        """Returns the address of the sentences that give a grade, from the root of the site."""
        return f"{CELL}?{urlencode({'force': place.force, 'period': place.period, 'graded': graded})}"

    def records(self, place: Place) -> str:
        """Returns the address of the register of a place; empty where its sources name no force."""
        within = Filter((place.force,), (place.period,) if place.period else ())
        return page_address("/register", within) if place.force else ""


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The view of `overview.html`: page `number` of `total`, counted from 1."""

    title: str
    within: Filter
    fields: tuple[FilterField, ...]
    signs: tuple[Sign, ...]
    themes: tuple[Theme, ...]
    rows: tuple[GridRow, ...]
    grades: GradesView
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
class CellEntry:
    """A quotation of one or more lines, its citation, and what it is, in words."""

    citation: Citation
    lines: tuple[str, ...]
    before: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class CellGroup:
    """The entries of one judgement, with its symbol, if it has one, and its name."""

    symbol: str
    name: str
    entries: tuple[CellEntry, ...]


@dataclass(frozen=True, slots=True)
class CellPage:
    """The view of `overview_cell.html`: the sentences on one theme by their judgement, or those that give a grade."""

    heading: str
    label: str
    groups: tuple[CellGroup, ...]
    rules: str
    force: str


def overview_address(within: Filter = EVERYTHING, number: int = 1, form: str = "") -> str:
    """Returns the address of a page or a file of the overview, limited by a filter, from the root of the site."""
    more = {"page": str(number)} if number > 1 else {"format": form} if form else {}
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
    words = {grade: grade_in_words(grade, messages) for grade in GRADES}
    links = tuple(Link(messages.say(file.name), overview_address(within, form=name)) for name, file in TABLES.items())
    return OverviewPage(
        title=page_title(within, messages.say("overview.heading")),
        within=within,
        fields=filter_fields(judgements.sources.transcripts(), within),
        signs=tuple(SIGNS.values()),
        themes=judgements.themes.themes,
        rows=tuple(_grid_row(row_of(judgements, place), judgements.themes, messages) for place in shown),
        grades=GradesView(grades_table(judgements, shown), grade_labels(judgements.themes, messages), words, links),
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
    groups = [
        CellGroup(sign.symbol, messages.say(sign.message), tuple(_cell_entry(found, messages) for found in of_side))
        for side, sign in ((side, SIGNS[side]) for side in SIDES)
        if (of_side := [found for found in sentences if found.side is side])
    ]
    rules = messages.say("overview.rules")
    return CellPage(theme.name, place_label(place, messages), tuple(groups), rules, place.force)


def grade_page(place: Place, graded: str, entries: Sequence[RegisterEntry], messages: Messages) -> CellPage:
    """Returns the view of the sentences that give one grade, or several for the same; `graded` is its name."""
    groups = [
        CellGroup(
            "",
            grade_in_words(grade, messages),
            tuple(CellEntry(entry.citation, entry.lines, entry.heading or entry.before) for entry in given),
        )
        for grade in GRADES
        if (given := [entry for entry in entries if entry.record.grade == grade])
    ]
    heading, rules = messages.say("overview.grade_of", graded=graded), messages.say("overview.grades_rules")
    return CellPage(heading, place_label(place, messages), tuple(groups), rules, place.force)


def _cell_entry(found: CellSentence, messages: Messages) -> CellEntry:
    kind = messages.say(f"term.{found.term.value}") if found.term else ""
    return CellEntry(found.citation, (found.citation.quote,), found.before, kind)


def overview_routes(assistant: Asker) -> APIRouter:
    """Returns the routes. They raise `FilterError` for a force or a period that is not in the index."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    messages = load_messages()

    @router.get(OVERVIEW)
    @in_thread(Pool.PAGES)
    def overview(
        request: Request,
        within: QueryFilter,
        number: Annotated[int, Query(alias="page", ge=1)] = 1,
        form: Annotated[str, Query(alias="format")] = "",
    ) -> Response:
        if form:
            return _download(assistant.judgements, within, form, request, messages)
        page = overview_page(assistant.judgements, within, number, messages)
        return HTMLResponse(render_page("overview.html", page, messages, root=root_path(request.scope)))

    @router.get(CELL)
    @in_thread(Pool.PAGES)
    def cell(request: Request, force: str = "", period: str = "", theme: str = "", graded: str = "") -> Response:
        judgements, known_theme = assistant.judgements, assistant.judgements.themes.by_key(theme)
        label = grade_labels(judgements.themes, messages).get(graded)
        place = Place(force=force, period=period)  # empty for transcripts that name none
        within = Filter((force,) if force else (), (period,) if period else ())
        if (known_theme is None and label is None) or place not in places_within(judgements, within):
            return error_response(request.scope, 404, messages.say("problem.not_found"))
        if known_theme is None:
            page = grade_page(place, str(label), entries_of_grade(judgements, place, graded), messages)
        else:
            page = cell_page(place, known_theme, sentences_of_cell(judgements, place, theme), messages)
        return HTMLResponse(render_page("overview_cell.html", page, messages, root=root_path(request.scope)))

    return router


def _download(judgements: Judgements, within: Filter, form: str, request: Request, messages: Messages) -> Response:
    """The file of the grades that a filter allows, on all pages of the overview together."""
    if form not in TABLES:
        return error_response(request.scope, 422, messages.say("register.no_format"))
    file, day = TABLES[form], datetime.now(UTC).date()
    table = grades_table(judgements, places_within(judgements, within))
    register = register_of(judgements, within, (RecordKind.GRADE, *COUNTED))
    content = grades_file(form, table, register, judgements.themes, day, site_address(request), messages)
    name = register_file_name(register, day, file.extension, messages, stem="overview.file")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=file.media_type, headers=headers)
