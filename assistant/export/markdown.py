"""Writes a conversation as Markdown: CommonMark 0.31.2, with footnotes and tables as GitHub and Pandoc read them.

Text is escaped so that every character is read as itself. Punctuation that could have a meaning gets a backslash
(CommonMark, section 2.4). White space that would be collapsed or would end a line, and characters that change the
direction of writing, become numeric character references (section 2.5). Extensions that many readers know (tables,
footnotes, mathematics, emoji names, bare addresses, mentions) do not match the escaped text either.

A reader without footnotes shows `[^1]` at the quotation and at its reference.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from datetime import date

from assistant.answer import Answer
from assistant.export.conversation import ExportedBlock, ExportedQuotation, ExportedStatement, ExportedTurn, lay_out
from assistant.messages import Messages, load_messages
from assistant.sanitise import DIRECTION_CONTROLS

_PUNCTUATION = frozenset(string.punctuation)
_NEXT_LINE = "\x85"  # ends no line in CommonMark, and readers disagree on a reference to it
# Punctuation without a meaning where it is: within a word, at the end of one, or anywhere.
_HARMLESS = re.compile(r"(?<=\w)(?:[.:!](?=\s|$)|['-](?=\w))|[,;?()/%]")
_LIST_MARKER = re.compile(r"\d+[.)]")


def to_markdown(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> str:
    """The conversation as exported on `day`. `site` is as `reference` takes it."""
    messages = messages or load_messages()
    conversation = lay_out(answers, day, site=site, messages=messages)
    statement = escaped(messages.say("document.statement"))
    paragraphs = [f"# {escaped(conversation.title)}", f"{escaped(conversation.date_line)} {statement}"]
    for turn in conversation.turns:
        paragraphs += _turn(turn, messages)
    paragraphs += [escaped(remark) for remark in conversation.remarks]
    if conversation.references:
        paragraphs.append(f"## {escaped(messages.say('printed.references'))}")
    paragraphs += [f"[^{number}]: {escaped(text)}" for number, text in enumerate(conversation.references, start=1)]
    return "\n\n".join(paragraphs) + "\n"


def escaped(text: str) -> str:
    """The text as CommonMark on one line. A reader gets the text back, provided it is `carried`."""
    bare = {match.start() for match in _HARMLESS.finditer(text)}
    marker = _LIST_MARKER.match(text)
    if marker:
        bare.discard(marker.end() - 1)
    return "".join(
        character if position in bare else _escaped_character(text, position) for position, character in enumerate(text)
    )


def _turn(turn: ExportedTurn, messages: Messages) -> Iterator[str]:
    """The paragraphs of one turn."""
    yield f"## {escaped(turn.question)}"
    if turn.understood:
        yield f"*{escaped(messages.say('turn.understood'))}:* {escaped(turn.understood)}"
    yield f"### {escaped(turn.outcome)}"
    yield escaped(turn.reason)
    yield from map(escaped, turn.notes)
    if turn.note_sources:
        yield escaped(messages.say("coverage.grades_source"))
        yield from _quotations(turn.note_sources, messages)
    if turn.column_heads:
        yield _table(turn, messages)
    else:
        for block in turn.blocks:
            yield from _block(block, messages)
    if turn.nearest:
        yield f"### {escaped(messages.say('nearest.heading'))}"
        yield escaped(messages.say("nearest.note"))
        yield from _quotations(turn.nearest, messages)
    yield escaped(turn.searched)


def _block(block: ExportedBlock, messages: Messages) -> Iterator[str]:
    if block.label:
        yield f"### {escaped(block.label)}"
    if not block.statements:
        yield escaped(messages.say("table.nothing"))
    for statement in block.statements:
        yield from _statement(statement, messages)


def _statement(statement: ExportedStatement, messages: Messages) -> Iterator[str]:
    if statement.claim:
        yield escaped(statement.claim)
    yield from _quotations(statement.quotations, messages)


def _quotations(quotations: Sequence[ExportedQuotation], messages: Messages) -> Iterator[str]:
    for quotation in quotations:
        if quotation.citation.context:
            yield f"*{escaped(messages.say('quotation.context'))}*"
        yield f"> {escaped(quotation.text)}[^{quotation.number}]"


def _table(turn: ExportedTurn, messages: Messages) -> str:
    """The blocks as a table. A cell is one line, so each quotation is in quotation marks."""
    rows = [[escaped(head) for head in turn.column_heads], ["---"] * len(turn.column_heads)]
    for block in turn.blocks:
        quotations = [quotation for statement in block.statements for quotation in statement.quotations]
        cell = " <br> ".join(_in_cell(quotation, messages) for quotation in quotations)
        rows.append([escaped(block.label), cell or escaped(messages.say("table.nothing"))])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _in_cell(quotation: ExportedQuotation, messages: Messages) -> str:
    tag = f"*{escaped(messages.say('quotation.context'))}* " if quotation.citation.context else ""
    return f"{tag}{escaped(messages.say('reference.quoted', quote=quotation.text))}[^{quotation.number}]"


def _escaped_character(text: str, position: int) -> str:
    character = text[position]
    if character in _PUNCTUATION:
        return f"\\{character}"
    collapsible = character.isspace() and character != _NEXT_LINE and not _is_single_space(text, position)
    if collapsible or character in DIRECTION_CONTROLS:
        return f"&#{ord(character)};"
    return character


def _is_single_space(text: str, position: int) -> bool:
    """Whether the character is a space between two characters that are not white space."""
    around = text[max(0, position - 1) : position + 2]
    return text[position] == " " and len(around) == 3 and not around[0].isspace() and not around[2].isspace()
