"""Answers in plain text, for a terminal. White space in a quotation is drawn together; nothing else is changed."""

from __future__ import annotations

import re

from assistant.answer import Answer, Citation, Searched, Statement, Status

# Escape sequences in a source would be obeyed by the terminal.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def answer_text(answer: Answer) -> str:
    """The answer for a reader: quotations with their numbers, then the sources; or why there is none."""
    lines = _understood(answer)
    lines += _answered(answer) if answer.status.answered else _not_answered(answer)
    return "\n".join(lines)


def plain(text: str) -> str:
    """Text on one line, without control characters."""
    return CONTROL.sub("\ufffd", " ".join(text.split()))


def counted(number: int, noun: str) -> str:
    """`1 transcript`, `2 transcripts`, `1,000 sentences`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _understood(answer: Answer) -> list[str]:
    if answer.standalone_question == answer.question:
        return []
    return [f"Understood as: {plain(answer.standalone_question)}", ""]


def _answered(answer: Answer) -> list[str]:
    lines = [f"Answered in part: {plain(answer.reason)}", ""] if answer.status is Status.PARTLY_ANSWERED else []
    lines += [f"{plain(statement.text)} {_numbers(statement)}" for statement in answer.statements]
    lines += ["", "Sources"]
    for citation in answer.citations:
        lines += [f"[{citation.number}] {_place(citation)}", f"    {_span(citation)}"]
    return lines


def _numbers(statement: Statement) -> str:
    return "".join(f"[{number}]" for number in statement.citations)


def _not_answered(answer: Answer) -> list[str]:
    lines = [f"Not answered: {plain(answer.reason)}", f"Searched: {_searched(answer.searched)}"]
    if answer.nearest:
        lines += ["", "Nearest sentences (nearest, not an answer):"]
    for citation in answer.nearest:
        lines += [f"- {plain(citation.quote)}", f"    {_place(citation)}; {_span(citation)}"]
    return lines


def _place(citation: Citation) -> str:
    known = [part for part in (citation.force, citation.period) if part and part not in citation.title]
    named = plain(", ".join([citation.title or citation.source, *known]))
    return f"{named} (context)" if citation.context else named


def _span(citation: Citation) -> str:
    return f"{plain(citation.source)}, characters {citation.start} to {citation.end}"


def _searched(searched: Searched) -> str:
    held = f"{counted(searched.transcripts, 'transcript')}, {counted(searched.sentences, 'sentence')}"
    return f"{held} ({plain(searched.scope)})" if searched.scope else held
