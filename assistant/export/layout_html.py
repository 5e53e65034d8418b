"""An answer's groups, table or sides as HTML. The table keeps its roles where a narrow screen shows it as a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from assistant.answer import Answer
from assistant.export.answer_blocks import AnswerBlock, answer_blocks, periods_by_force, row_heading
from assistant.export.html_builder import Html, element, join
from assistant.messages import Messages

Quotations = Callable[[AnswerBlock], Html]


def arranged_html(answer: Answer, quotations: Quotations, words: Messages, *, noted: Html) -> Html:
    """The sides of an answer, its table or its groups, or nothing.

    `quotations` shows a block's, and `noted` those that say what a note does.
    """
    notes = join(*(element("p", note, class_="note") for note in answer.notes), noted)
    blocks = answer_blocks(answer, words)
    if answer.sides is not None:
        themes = groupby(blocks, key=lambda block: block.theme)
        return join(notes, *(_theme(theme, list(sides), quotations, words) for theme, sides in themes))
    if answer.table is not None:
        return join(notes, _table(answer, blocks, quotations, words))
    return join(notes, *(_group(block, quotations) for block in blocks), _nothing_found(answer, words))


def _theme(theme: str, sides: Sequence[AnswerBlock], quotations: Quotations, words: Messages) -> Html:
    """A theme with its two sides side by side, where there is room, and below them what is on both."""
    shown = [
        element("div", element("h5", one.side), quotations(one) if one.citations else _nothing(words), class_="side")
        for one in sides
    ]
    return element("section", element("h4", theme), *shown, class_="group sides")


def _group(block: AnswerBlock, quotations: Quotations) -> Html:
    return element("section", element("h4", block.label), quotations(block), class_="group")


def _nothing_found(answer: Answer, words: Messages) -> Html:
    places = answer.coverage.nothing_found if answer.coverage else ()
    if not places:
        return Html("")
    lines = [element("li", line) for line in periods_by_force(places, words)]
    summary = element("summary", words.count("empty", len(places)))
    return element("details", summary, element("ul", *lines), class_="empty")


def _table(answer: Answer, blocks: Sequence[AnswerBlock], quotations: Quotations, words: Messages) -> Html:
    heads = [
        element("th", name, scope="col", role="columnheader")
        for name in (row_heading(answer, words), words.say("table.cell"))
    ]
    rows = [
        element(
            "tr",
            element("th", block.label, scope="row", role="rowheader"),
            element("td", quotations(block) if block.citations else _nothing(words), role="cell"),
            role="row",
        )
        for block in blocks
    ]
    return element(
        "table",
        element("caption", words.say("table.caption")),
        element("thead", element("tr", *heads, role="row"), role="rowgroup"),
        element("tbody", *rows, role="rowgroup"),
        class_="compared",
        role="table",
    )


def _nothing(words: Messages) -> Html:
    return element("p", words.say("table.nothing"), class_="note")
