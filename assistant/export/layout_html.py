"""Lays out an answer that has groups, a table or two sides as HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from markupsafe import Markup

from assistant.answer import Answer
from assistant.export.answer_blocks import AnswerBlock, answer_blocks, periods_by_force, row_heading
from assistant.export.html_builder import element, join
from assistant.messages import Messages

RenderQuotations = Callable[[AnswerBlock], Markup]


def arranged_html(answer: Answer, quotations: RenderQuotations, messages: Messages, *, note_sources: Markup) -> Markup:
    """Returns the answer's notes, then its sides by theme, its table or its groups.

    `quotations` renders the quotations of a block. `note_sources` are the sentences that the notes are drawn from.
    """
    notes = join(*(element("p", note, class_="note") for note in answer.notes), note_sources)
    blocks = answer_blocks(answer, messages)
    if answer.sides is not None:
        themes = groupby(blocks, key=lambda block: block.theme)
        return join(notes, *(_theme(theme, list(sides), quotations, messages) for theme, sides in themes))
    if answer.table is not None:
        return join(notes, _table(answer, blocks, quotations, messages))
    groups = [
        element("section", element("h4", block.label), _quotations_or_none(block, quotations, messages), class_="group")
        for block in blocks
    ]
    return join(notes, *groups, _nothing_found(answer, messages))


def _theme(theme: str, sides: Sequence[AnswerBlock], quotations: RenderQuotations, messages: Messages) -> Markup:
    columns = [
        element("div", element("h5", block.side), _quotations_or_none(block, quotations, messages), class_="side")
        for block in sides
    ]
    return element("section", element("h4", theme), *columns, class_="group sides")


def _nothing_found(answer: Answer, messages: Messages) -> Markup:
    places = answer.coverage.nothing_found if answer.coverage else ()
    if not places:
        return Markup()
    lines = [element("li", line) for line in periods_by_force(places, messages)]
    summary = element("summary", messages.count("empty", len(places)))
    return element("details", summary, element("ul", *lines), class_="empty")


def _table(answer: Answer, blocks: Sequence[AnswerBlock], quotations: RenderQuotations, messages: Messages) -> Markup:
    """Returns the table. Its roles keep it a table to screen readers where CSS shows it as a list."""
    headings = (row_heading(answer, messages), messages.say("table.cell"))
    columns = [element("th", heading, scope="col", role="columnheader") for heading in headings]
    rows = [
        element(
            "tr",
            element("th", block.label, scope="row", role="rowheader"),
            element("td", _quotations_or_none(block, quotations, messages), role="cell"),
            role="row",
        )
        for block in blocks
    ]
    return element(
        "table",
        element("caption", messages.say("table.caption")),
        element("thead", element("tr", *columns, role="row"), role="rowgroup"),
        element("tbody", *rows, role="rowgroup"),
        class_="compared",
        role="table",
    )


def _quotations_or_none(block: AnswerBlock, quotations: RenderQuotations, messages: Messages) -> Markup:
    return quotations(block) if block.citations else element("p", messages.say("table.nothing"), class_="note")
