"""The page of the register: a force's causes of concern and areas for improvement, each a citation, and the files.

The address of the register, and the register as a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from assistant.export.html_builder import Html, element, isolated, join
from assistant.export.register_files import REGISTERS, notes_of, register_file_name
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.register import Register, RegisterEntry, register_of, term_in_words
from assistant.messages import Messages, load_messages
from assistant.sources import Held, permalink
from assistant.web.asker import Asker
from assistant.web.layout import whole_page
from assistant.web.pages.ask import choice, own_origin
from assistant.web.pages.query_filter import Limited
from assistant.web.security.responses import error_response

REGISTER = "/register"
COLUMNS = ("number", "period", "kind", "sentence", "locator")


@dataclass(frozen=True, slots=True)
class RegisterRequest:
    """Which register an address of the page names: of forces, and of periods, as held."""

    within: Filter = EVERYTHING

    def address(self, **more: str) -> str:
        """The address of that register, as a path from the root of the site."""
        return f"{REGISTER}?{urlencode([*self.within.pairs, *more.items()])}"


def register_html(sought: RegisterRequest, held: Sequence[Held], register: Register | None, words: Messages) -> Html:
    """The page: the form, and the register that was asked for; without one, a list of those there are."""
    parts = [element("h1", words.say("register.heading")), _form(sought, held, words)]
    if register is None:
        parts.append(_forces(held, words))
    else:
        parts += [_notes(register, words), *_tables(register, words), _take(sought, words)]
    title = " – ".join([*sought.within.forces, *sought.within.periods, words.say("register.heading")])
    return whole_page(title, join(*parts), words)


def _form(sought: RegisterRequest, held: Sequence[Held], words: Messages) -> Html:
    forces = sorted({one.force for one in held if one.force})
    periods = sorted({one.period for one in held if one.period})
    return element(
        "form",
        choice("force", forces, sought.within.forces, words),
        choice("period", periods, sought.within.periods, words),
        element("button", words.say("register.ask"), type="submit"),
        method="get",
        action=REGISTER,
        class_="ask",
        aria_label=words.say("register.heading"),
    )


def _forces(held: Sequence[Held], words: Messages) -> Html:
    forces = sorted({one.force for one in held if one.force})
    if not forces:
        return element("p", words.say("source.none" if not held else "coverage.unnamed"))
    links = [
        element("li", element("a", isolated(one), href=RegisterRequest(Filter((one,))).address())) for one in forces
    ]
    return join(element("h2", words.say("register.choose")), element("ul", *links, class_="contents"))


def _notes(register: Register, words: Messages) -> Html:
    return element("div", *(element("p", note) for note in notes_of(register, words)), class_="notes")


def _tables(register: Register, words: Messages) -> list[Html]:
    """A table a force, in order; a force of which nothing is listed is said so."""
    listed = {force: list(one) for force, one in groupby(register.entries, key=lambda one: one.citation.force)}
    parts: list[Html] = []
    for force in register.forces:
        name = force or words.say("coverage.unnamed")
        if force in listed:
            parts += [element("h2", isolated(name)), _table(name, listed[force], words)]
        else:
            said = element("p", words.say("register.nothing"), ". ", words.say("register.meaning"), class_="note")
            parts += [element("h2", isolated(name)), said]
    return parts


def _table(force: str, entries: Sequence[RegisterEntry], words: Messages) -> Html:
    heads = [element("th", words.say(f"register_head.{head}"), scope="col", role="columnheader") for head in COLUMNS]
    rows = [element("tr", *_cells(entry, words), role="row") for entry in entries]
    return element(
        "table",
        element("caption", words.say("register.of", force=force), class_="unseen"),
        element("thead", element("tr", *heads, role="row"), role="rowgroup"),
        element("tbody", *rows, role="rowgroup"),
        class_="register",
        role="table",
    )


def _cells(entry: RegisterEntry, words: Messages) -> list[Html]:
    cited = entry.citation
    before = [element("p", words.say("quotation.context"), class_="tag"), element("p", entry.before, dir="auto")]
    quoted = element("blockquote", cited.quote, cite=permalink(cited), dir="auto")
    opens = element("span", ", ", words.say("quotation.open_here"), class_="unseen")
    link = element("a", str(cited.number), opens, href=permalink(cited))
    place = [element("span", isolated(one)) for one in (cited.title or cited.source, cited.locator) if one]
    return [
        element("th", link, scope="row", role="rowheader"),
        element("td", cited.period, role="cell"),
        element("td", term_in_words(entry.term, words), role="cell"),
        element("td", *(before if entry.before else []), quoted, role="cell"),
        element("td", *place, role="cell"),
    ]


def _take(sought: RegisterRequest, words: Messages) -> Html:
    links = [
        element("li", element("a", words.say(made.name), href=sought.address(format=kind)))
        for kind, made in REGISTERS.items()
    ]
    heading = element("h2", words.say("register.take"), id="take")
    return element("nav", heading, element("ul", *links), class_="take", aria_labelledby="take")


class RegisterQuery(Limited):
    """The query of the register's address."""

    format: str = ""


def registering(assistant: Asker) -> APIRouter:
    """The route of the register. It raises `FilterError` for a force or a period that is not held."""
    router = APIRouter(default_response_class=HTMLResponse, include_in_schema=False)
    words = load_messages()

    @router.get(REGISTER)
    def register(request: Request, address: Annotated[RegisterQuery, Query()]) -> Response:
        if address.format and address.format not in REGISTERS:
            return error_response(REGISTER, 422, words.say("register.no_format"))
        judgements, within = assistant.judgements, address.within()
        held = judgements.sources.held()
        asked = within or address.format or len({one.force for one in held}) == 1
        listed = register_of(judgements, within) if asked else None
        if listed is not None and address.format:
            return _file(listed, address.format, own_origin(request))
        return HTMLResponse(register_html(RegisterRequest(within), held, listed, words))

    def _file(listed: Register, kind: str, site: str) -> Response:
        day, made = datetime.now(UTC).date(), REGISTERS[kind]
        name = register_file_name(listed, day, made.extension, words)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(made.render(listed, day, site, words), media_type=made.media_type, headers=headers)

    return router
