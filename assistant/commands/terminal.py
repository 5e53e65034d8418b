"""Answers in plain text, for a terminal. White space in a quotation is drawn together; nothing else is changed."""

from __future__ import annotations

from assistant.answer import Answer, Citation, Statement
from assistant.arranged import arranged
from assistant.characters import plain
from assistant.phrasebook import Phrasebook, load_phrasebook
from assistant.plain_text import numbers, outcome, searched_for, understood
from assistant.reference import place, span


def answer_text(answer: Answer, phrases: Phrasebook | None = None) -> str:
    """The answer for a reader: quotations with their numbers, then the sources; or why there is none."""
    words = phrases or load_phrasebook()
    lines = [plain(understood(answer, words)), ""] if understood(answer, words) else []
    lines += _answered(answer, words) if answer.status.answered else _not_answered(answer, words)
    return "\n".join(lines)


def counted(number: int, noun: str) -> str:
    """`1 transcript`, `2 transcripts`, `1,000 sentences`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _answered(answer: Answer, words: Phrasebook) -> list[str]:
    lines = [plain(outcome(answer, words)), ""] if outcome(answer, words) else []
    lines += [line for note in answer.notes for line in (plain(note), "")]
    for said in answer.note_sources:
        lines += [
            words.say("coverage.grades_said"),
            plain(said.quote),
            f"    {_place(said, words)}; {span(said, words)}",
            "",
        ]
    blocks = arranged(answer, words)
    for block in blocks:
        lines += ["", plain(block.label)]
        lines += [_stated(statement) for statement in block.statements] or [words.say("table.nothing")]
    for number, statement in enumerate(() if blocks else answer.statements):
        lines += [words.say("summary.rest")] if number == answer.rest else []
        lines += _lines_of(statement, answer, words)
    lines += ["", words.say("printed.sources")]
    for citation in answer.citations:
        lines += [f"[{citation.number}] {_place(citation, words)}", f"    {span(citation, words)}"]
        lines += [f"    {words.say('reference.url', url=plain(citation.url))}"] if citation.url else []
    return lines


def _lines_of(statement: Statement, answer: Answer, words: Phrasebook) -> list[str]:
    """A quotation with its numbers; a summary, marked as one, with its quotations below it."""
    if statement.kind == "quotation":
        return [_stated(statement)]
    quoted = [answer.citations[number - 1] for number in statement.citations]
    said = words.say("summary.marked", text=plain(statement.text))
    return [f"{said} {numbers(statement)}", *(f"    {plain(one.quote)} [{one.number}]" for one in quoted)]


def _stated(statement: Statement) -> str:
    return f"{plain(statement.text)} {numbers(statement)}"


def _not_answered(answer: Answer, words: Phrasebook) -> list[str]:
    lines = [plain(outcome(answer, words)), plain(searched_for(answer.searched, words))]
    if answer.choices:
        lines += ["", words.say("choices.heading"), *(f"- {plain(choice)}" for choice in answer.choices)]
    elif answer.nearest:
        lines += ["", words.say("printed.nearest")]
    for citation in answer.nearest:
        lines += [f"- {plain(citation.quote)}", f"    {_place(citation, words)}; {span(citation, words)}"]
    return lines


def _place(citation: Citation, words: Phrasebook) -> str:
    return words.say("printed.context", place=place(citation)) if citation.context else place(citation)
