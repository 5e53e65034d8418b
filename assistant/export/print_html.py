"""A conversation as one HTML file for reading and print: its style within, no script, nothing loaded from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib import resources

from assistant.answer import Answer
from assistant.export.conversation import (
    ExportedConversation,
    ExportedQuotation,
    ExportedStatement,
    ExportedTurn,
    lay_out,
)
from assistant.export.html_builder import Html, element, isolated, join
from assistant.messages import Messages, load_messages

# Should anything in the file ever be taken for a script or an address to load, the browser refuses it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def to_print_html(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> str:
    """The conversation as it is taken away on `day`. `site` is as `assistant.export.reference.reference` takes it."""
    words = messages or load_messages()
    handout = lay_out(answers, day, site=site, messages=words)
    main = element(
        "main",
        element("h1", handout.title),
        element("p", handout.date_line, " ", words.say("handout.statement"), class_="quiet"),
        *(_section(section, words) for section in handout.turns),
        _notes(handout, words),
    )
    remarks = element("footer", *(element("p", remark) for remark in handout.remarks), class_="remarks")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", handout.title),
        element("style", _style()),
    )
    body = element("body", main, remarks if handout.remarks else "")
    return Html(f"<!doctype html>{element('html', head, body, lang=words.language)}")


def _section(section: ExportedTurn, words: Messages) -> Html:
    parts = [element("h2", isolated(section.question))]
    if section.understood:
        understood = element("p", words.say("turn.understood"), ": ", isolated(section.understood), class_="quiet")
        parts.append(understood)
    parts += [element("h3", section.outcome), element("p", section.reason)]
    parts += [element("p", note) for note in section.notes]
    parts += [element("p", words.say("coverage.grades_said"))] if section.note_sources else []
    parts += _quotations(section.note_sources, words)
    parts += [_table(section, words)] if section.column_heads else []
    for block in section.blocks if not section.column_heads else ():
        parts += [element("h3", isolated(block.label))] if block.label else []
        parts += _statements(block.statements, words) or [element("p", words.say("table.nothing"))]
    if section.nearest:
        parts += [element("h3", words.say("nearest.heading")), element("p", words.say("nearest.note"))]
        parts += _quotations(section.nearest, words)
    return element("article", *parts, element("p", section.searched, class_="quiet"))


def _statements(statements: Sequence[ExportedStatement], words: Messages) -> list[Html]:
    parts: list[Html] = []
    for statement in statements:
        parts += [element("p", statement.claim, class_="claim")] if statement.claim else []
        parts += _quotations(statement.quotations, words)
    return parts


def _table(section: ExportedTurn, words: Messages) -> Html:
    heads = element("tr", *(element("th", head, scope="col") for head in section.column_heads))
    rows = []
    for block in section.blocks:
        cell = _statements(block.statements, words) or [element("p", words.say("table.nothing"))]
        rows.append(element("tr", element("th", isolated(block.label), scope="row"), element("td", *cell)))
    caption = element("caption", words.say("table.caption"))
    return element("table", caption, element("thead", heads), element("tbody", *rows))


def _quotations(quoted: Sequence[ExportedQuotation], words: Messages) -> list[Html]:
    parts: list[Html] = []
    for one in quoted:
        if one.citation.context:
            parts.append(element("p", words.say("quotation.context"), class_="tag"))
        identity = f"quotation-{one.number}" if one.first else None
        link = element("a", str(one.number), href=f"#note-{one.number}", id=identity, role="doc-noteref")
        parts.append(element("blockquote", isolated(one.text), element("sup", link)))
    return parts


def _notes(handout: ExportedConversation, words: Messages) -> Html:
    if not handout.references:
        return Html("")
    items = [_note(number, note, words) for number, note in enumerate(handout.references, start=1)]
    heading = element("h2", words.say("printed.references"), id="references")
    return element(
        "section", heading, element("ol", *items), class_="notes", role="doc-endnotes", aria_labelledby="references"
    )


def _note(number: int, note: str, words: Messages) -> Html:
    back = element(
        "a", words.say("handout.back", number=number), href=f"#quotation-{number}", class_="back", role="doc-backlink"
    )
    return element("li", join(isolated(note), " ", back), id=f"note-{number}")


@cache
def _style() -> str:
    """The style on one line: in a style element a character reference would be read as it stands."""
    css = resources.files("assistant").joinpath("data", "handout.css").read_text(encoding="utf-8")
    return " ".join(css.split())
