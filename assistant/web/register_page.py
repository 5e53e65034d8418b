"""The page of the register: a force's causes of concern and areas for improvement, each a citation, and the files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from assistant.export.markup import Html, element, isolated, join
from assistant.export.register_sheet import notes_of
from assistant.export.registers import REGISTERS
from assistant.filter import EVERYTHING, Filter
from assistant.phrasebook import Phrasebook
from assistant.reading import Held, permalink
from assistant.register import Entry, Register, term_in_words
from assistant.web.ask_page import choice
from assistant.web.pages import whole_page

REGISTER = "/register"
COLUMNS = ("number", "period", "kind", "sentence", "locator")


@dataclass(frozen=True, slots=True)
class Sought:
    """Which register an address of the page names: of forces, and of periods, as held."""

    within: Filter = EVERYTHING

    def address(self, **more: str) -> str:
        """The address of that register, as a path from the root of the site."""
        return f"{REGISTER}?{urlencode([*self.within.pairs, *more.items()])}"


def register_html(sought: Sought, held: Sequence[Held], register: Register | None, words: Phrasebook) -> Html:
    """The page: the form, and the register that was asked for; without one, a list of those there are."""
    parts = [element("h1", words.say("register.heading")), _form(sought, held, words)]
    if register is None:
        parts.append(_forces(held, words))
    else:
        parts += [_notes(register, words), *_tables(register, words), _take(sought, words)]
    title = " – ".join([*sought.within.forces, *sought.within.periods, words.say("register.heading")])
    return whole_page(title, join(*parts), words)


def _form(sought: Sought, held: Sequence[Held], words: Phrasebook) -> Html:
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


def _forces(held: Sequence[Held], words: Phrasebook) -> Html:
    forces = sorted({one.force for one in held if one.force})
    if not forces:
        return element("p", words.say("source.none" if not held else "coverage.unnamed"))
    links = [element("li", element("a", isolated(one), href=Sought(Filter((one,))).address())) for one in forces]
    return join(element("h2", words.say("register.choose")), element("ul", *links, class_="contents"))


def _notes(register: Register, words: Phrasebook) -> Html:
    return element("div", *(element("p", note) for note in notes_of(register, words)), class_="notes")


def _tables(register: Register, words: Phrasebook) -> list[Html]:
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


def _table(force: str, entries: Sequence[Entry], words: Phrasebook) -> Html:
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


def _cells(entry: Entry, words: Phrasebook) -> list[Html]:
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


def _take(sought: Sought, words: Phrasebook) -> Html:
    links = [
        element("li", element("a", words.say(made.name), href=sought.address(format=kind)))
        for kind, made in REGISTERS.items()
    ]
    heading = element("h2", words.say("register.take"), id="take")
    return element("nav", heading, element("ul", *links), class_="take", aria_labelledby="take")
