"""The overview for those who would rather look than ask: a grid of forces and themes, and the page of one cell.

The addresses of the overview and of its cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field

from assistant.answer_layout import Place
from assistant.export.answer_blocks import place_label
from assistant.export.html_builder import Html, element, isolated, join
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.overview import Cell, OpenedCell, OverviewRow, opened, places_held, row_of
from assistant.judgements.praise_and_concern import Side, Term
from assistant.judgements.register import term_in_words
from assistant.judgements.themes import Theme, all_themes, theme_of
from assistant.messages import Messages, load_messages
from assistant.sources import Held, permalink
from assistant.web.asker import Asker
from assistant.web.layout import whole_page
from assistant.web.pages.ask import choice
from assistant.web.pages.query_filter import Limited
from assistant.web.security.responses import error_response

OVERVIEW = "/overview"
CELL = "/overview/cell"
# Each judgement has a sign of its own, so that none is told by its colour alone.
SIGNS = {"praise": "▲", "concern": "▼", "both": "◆", "other": "○", Term.CAUSE.value: "■", Term.AREA.value: "□"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of the overview: what is looked at, which page of how many, from 1, and its rows."""

    within: Filter
    number: int
    of: int
    rows: tuple[OverviewRow, ...]

    def address(self, number: int) -> str:
        """The address of another page of the same."""
        return overview_address(self.within, number)


def overview_address(within: Filter = EVERYTHING, number: int = 1) -> str:
    """Where the overview of what a filter lets through is shown, as a path from the root of the site."""
    query = urlencode([*within.pairs, *([("page", str(number))] if number > 1 else [])])
    return f"{OVERVIEW}?{query}" if query else OVERVIEW


def cell_address(place: Place, theme: str) -> str:
    """Where the sentences of one cell are shown."""
    return f"{CELL}?{urlencode({'force': place.force, 'period': place.period, 'theme': theme})}"


def overview_html(leaf: Leaf, held: Sequence[Held], words: Messages) -> Html:
    """The page: a form to choose by, what the signs mean, the grid, and the ways to its other pages."""
    parts = [element("h1", words.say("overview.heading")), _form(leaf.within, held, words)]
    if leaf.rows:
        parts += [_legend(words), _grid(leaf, words), _pages(leaf, words)]
    else:
        parts.append(element("p", words.say("source.none")))
    title = " – ".join([*leaf.within.forces, *leaf.within.periods, words.say("overview.heading")])
    return whole_page(title, join(*parts), words)


def cell_html(place: Place, theme: Theme, sentences: Sequence[OpenedCell], words: Messages) -> Html:
    """The page of one cell: its sentences, by how they judge, each with the way to its place in its source."""
    of = place_label(place, words)
    parts = [element("h1", theme.name), element("p", isolated(of), class_="total")]
    sides = (("concern", Side.CONCERN), ("both", Side.BOTH), ("praise", Side.PRAISE), ("other", None))
    for name, side in sides:
        here = [one for one in sentences if one.side is side]
        if here:
            sign = element("span", SIGNS[name], " ", aria_hidden="true")
            parts += [element("h2", sign, _side(name, words)), element("ol", *(_item(one, words) for one in here))]
    if not sentences:
        parts.append(element("p", words.say("overview.nothing"), class_="note"))
    parts.append(element("p", words.say("overview.rules"), class_="notice"))
    back = overview_address(Filter((place.force,) if place.force else ()))
    parts.append(element("p", element("a", words.say("overview.back"), href=back)))
    return whole_page(f"{theme.name} – {of}", element("div", *parts, class_="cell"), words)


def _form(within: Filter, held: Sequence[Held], words: Messages) -> Html:
    forces = sorted({one.force for one in held if one.force})
    periods = sorted({one.period for one in held if one.period})
    fields = join(choice("force", forces, within.forces, words), choice("period", periods, within.periods, words))
    if not fields:
        return Html("")
    button = element("button", words.say("overview.show"), type="submit")
    label = words.say("overview.heading")
    return element("form", fields, button, method="get", action=OVERVIEW, class_="ask", aria_label=label)


def _legend(words: Messages) -> Html:
    items = [
        element("li", element("span", sign, aria_hidden="true", class_="sign"), " ", _side(name, words))
        for name, sign in SIGNS.items()
    ]
    return element(
        "section",
        element("h2", words.say("overview.signs")),
        element("ul", *items),
        element("p", words.say("overview.rules")),
        element("p", words.say("overview.nothing")),
        class_="legend notes",
    )


def _grid(leaf: Leaf, words: Messages) -> Html:
    heads = [element("th", words.say("table.place"), scope="col", role="columnheader")]
    heads += [
        element("th", element("abbr", theme.short, title=theme.name), scope="col", role="columnheader")
        for theme in all_themes()
    ]
    rows = [_row(row, words) for row in leaf.rows]
    table = element(
        "table",
        element("caption", words.say("overview.caption"), class_="unseen"),
        element("thead", element("tr", *heads, role="row"), role="rowgroup"),
        element("tbody", *rows, role="rowgroup"),
        class_="overview",
        role="table",
    )
    label = words.say("overview.caption")
    return element("div", table, class_="scrolled", role="region", aria_label=label, tabindex="0")


def _row(row: OverviewRow, words: Messages) -> Html:
    label = element("th", isolated(place_label(row.place, words)), scope="row", role="rowheader")
    cells = [_cell(row.place, cell, theme, words) for cell, theme in zip(row.cells, all_themes(), strict=True)]
    return element("tr", label, *cells, role="row")


def _cell(place: Place, cell: Cell, theme: Theme, words: Messages) -> Html:
    """A cell, which says its theme by itself where the screen has no room for columns."""
    of = element("span", theme.short, class_="of", aria_hidden="true")
    if not cell:
        return element(
            "td", of, element("span", words.say("table.nothing"), class_="empty"), role="cell", class_="none"
        )
    counts = (("concern", cell.concern), ("both", cell.both), ("praise", cell.praise), ("other", cell.other))
    named_terms = [_sign(term.value, words) for term in cell.terms if term.value in SIGNS]
    signs = [_sign(name, words, number) for name, number in counts if number]
    link = element("a", *named_terms, *signs, href=cell_address(place, cell.theme))
    return element("td", of, link, role="cell", class_=cell.shade)


def _sign(name: str, words: Messages, number: int = 0) -> Html:
    """A sign with its number for the eye, and the same in words for those who listen."""
    shown = f"{SIGNS[name]} {number}" if number else SIGNS[name]
    said = words.say("overview.counted", what=_side(name, words), number=words.count("sentences", number))
    unseen = element("span", f"{said if number else _side(name, words)}. ", class_="unseen")
    return join(element("span", shown, aria_hidden="true", class_="sign"), unseen)


def _side(name: str, words: Messages) -> str:
    return words.say(f"term.{name}" if name in set(Term) else f"side.{name}")


def _pages(leaf: Leaf, words: Messages) -> Html:
    if leaf.of < 2:
        return Html("")
    links = [element("span", words.say("overview.page", number=leaf.number, of=leaf.of))]
    if leaf.number > 1:
        links.append(element("a", words.say("overview.before"), href=leaf.address(leaf.number - 1), rel="prev"))
    if leaf.number < leaf.of:
        links.append(element("a", words.say("overview.after"), href=leaf.address(leaf.number + 1), rel="next"))
    return element("nav", *links, class_="leaves", aria_label=words.say("overview.pages"))


def _item(one: OpenedCell, words: Messages) -> Html:
    cited = one.citation
    before = [element("p", words.say("quotation.context"), class_="tag"), element("p", one.before, dir="auto")]
    quoted = element("blockquote", cited.quote, cite=permalink(cited), dir="auto")
    unseen = element("span", " ", str(cited.number), class_="unseen")
    link = element("a", words.say("overview.open"), unseen, href=permalink(cited))
    about = [isolated(part) for part in (cited.title or cited.source, cited.locator) if part]
    term = [element("span", term_in_words(one.term, words))] if one.term else []
    place = element("p", *(element("span", part) for part in about), *term, link, class_="about")
    return element("li", *(before if one.before else []), quoted, place)


ROWS = 20  # of one page: each is a whole assessment read


class OverviewQuery(Limited):
    """The query of the overview's address."""

    page: int = Field(default=1, ge=1)


class CellQuery(BaseModel):
    """The query of a cell's address. An empty force or period is that of sources that name none."""

    force: str = ""
    period: str = ""
    theme: str = ""


def overviews(assistant: Asker) -> APIRouter:
    """The routes. They raise `FilterError` for a force or a period that is not held."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    words = load_messages()

    @router.get(OVERVIEW)
    def overview(address: Annotated[OverviewQuery, Query()]) -> HTMLResponse:
        judgements, within = assistant.judgements, address.within()
        places = places_held(judgements, within)
        of = max(1, ceil(len(places) / ROWS))
        number = min(address.page, of)
        here = places[(number - 1) * ROWS : number * ROWS]
        leaf = Leaf(within, number, of, tuple(row_of(judgements, place) for place in here))
        return HTMLResponse(overview_html(leaf, judgements.sources.held(), words))

    @router.get(CELL)
    def cell(address: Annotated[CellQuery, Query()]) -> Response:
        judgements, theme = assistant.judgements, theme_of(address.theme)
        place = Place(force=address.force, period=address.period)
        named = Filter(*((one,) if one else () for one in (address.force, address.period)))
        if theme is None or place not in places_held(judgements, named):
            return error_response(CELL, 404, words.say("problem.not_found"))
        return HTMLResponse(cell_html(place, theme, opened(judgements, place, theme.key), words))

    return router
