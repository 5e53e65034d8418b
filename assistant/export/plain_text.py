"""Writes an answer as plain text: for the clipboard with full references, or for a terminal.

For the clipboard a quotation is character for character as in the source, line ends included. For a terminal its white
space is collapsed. In both, control characters that a terminal or an editor would obey, and lone surrogates, become
U+FFFD.
"""

from __future__ import annotations

from collections.abc import Iterator

from assistant.answer import Answer, Citation, Searched, Statement, Status
from assistant.export.answer_blocks import AnswerBlock, DisplayedStatement, answer_blocks
from assistant.export.reference import attribution, reference, source_location, source_title
from assistant.messages import Messages, load_messages
from assistant.sanitise import REPLACEMENT, one_line, printable


def clipboard_text(answer: Answer, *, site: str = "", messages: Messages | None = None) -> str:
    """One question and its answer, or why there is none. `site` is as `reference` takes it.

    A last line says so if characters of a quotation were replaced.
    """
    messages = messages or load_messages()
    parts = [_clipboard_question(answer, messages)]
    if answer.status.answered:
        parts += _clipboard_answer(answer, site, messages)
    else:
        parts += _clipboard_refusal(answer, site, messages)
    if answer.citations or answer.nearest:
        parts.append(attribution(messages))
    if any(printable(citation.quote) != citation.quote for citation in answer.quoted):
        parts.append(messages.say("printed.replaced", character=REPLACEMENT))
    return "\n\n".join(part for part in parts if part)


def terminal_text(answer: Answer, messages: Messages | None = None) -> str:
    """The answer with numbered quotations and then the sources; or why there is none."""
    messages = messages or load_messages()
    lines = [*_paragraph(_understood(answer, messages))]
    lines += _terminal_answer(answer, messages) if answer.status.answered else _terminal_refusal(answer, messages)
    return "\n".join(lines)


def counted(number: int, noun: str) -> str:
    """A number with a regular noun: `1 transcript`, `2 transcripts`, `1,000 sentences`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _clipboard_question(answer: Answer, messages: Messages) -> str:
    lines = [messages.say("printed.question", question=answer.question), _understood(answer, messages)]
    return printable("\n".join(line for line in lines if line))


def _clipboard_answer(answer: Answer, site: str, messages: Messages) -> list[str]:
    references = [
        f"[{citation.number}] {reference(citation, site=site, messages=messages)}" for citation in answer.citations
    ]
    return [
        one_line(_outcome(answer, messages)),
        *map(one_line, answer.notes),
        *(_clipboard_note_source(citation, site, messages) for citation in answer.note_sources),
        *(_clipboard_block(block, messages) for block in answer_blocks(answer, messages)),
        "\n".join([messages.say("printed.references"), *references]) if references else "",
        one_line(_searched(answer.searched, messages)),
    ]


def _clipboard_note_source(citation: Citation, site: str, messages: Messages) -> str:
    """A sentence that says the same as a note, with its reference."""
    heading = messages.say("coverage.grades_source")
    return f"{heading}\n{_quoted(citation, messages)}\n  {reference(citation, site=site, messages=messages)}"


def _clipboard_block(block: AnswerBlock, messages: Messages) -> str:
    lines = [one_line(block.label)] if block.label else []
    lines += [] if block.statements else [messages.say("table.nothing")]
    for displayed in block.statements:
        lines += _clipboard_statement(displayed, messages)
    return "\n".join(lines)


def _clipboard_statement(displayed: DisplayedStatement, messages: Messages) -> Iterator[str]:
    if displayed.opens_rest:
        yield messages.say("summary.rest")
    if displayed.claim:
        yield f"{printable(displayed.claim_in_words(messages))} {_numbers(displayed.statement)}"
    for citation in displayed.citations:
        yield f"{_quoted(citation, messages)} [{citation.number}]"


def _clipboard_refusal(answer: Answer, site: str, messages: Messages) -> list[str]:
    reason = "\n".join((one_line(_outcome(answer, messages)), one_line(_searched(answer.searched, messages))))
    if answer.choices:
        choices = [f"- {printable(choice)}" for choice in answer.choices]
        return [reason, "\n".join([messages.say("choices.heading"), *choices])]
    if not answer.nearest:
        return [reason]
    nearest = [messages.say("printed.nearest")]
    for citation in answer.nearest:
        nearest += [f"- {_quoted(citation, messages)}", f"  {reference(citation, site=site, messages=messages)}"]
    return [reason, "\n".join(nearest)]


def _terminal_answer(answer: Answer, messages: Messages) -> Iterator[str]:
    yield from _paragraph(_outcome(answer, messages))
    for note in answer.notes:
        yield from _paragraph(note)
    for citation in answer.note_sources:
        yield messages.say("coverage.grades_source")
        yield one_line(citation.quote)
        yield f"    {_titled(citation, messages)}; {source_location(citation, messages)}"
        yield ""
    for block in answer_blocks(answer, messages):
        yield from _terminal_block(block, messages)
    if answer.citations:
        yield from ("", messages.say("printed.sources"))
    for citation in answer.citations:
        yield f"[{citation.number}] {_titled(citation, messages)}"
        yield f"    {source_location(citation, messages)}"
        if citation.url:
            yield f"    {messages.say('reference.url', url=one_line(citation.url))}"


def _terminal_block(block: AnswerBlock, messages: Messages) -> Iterator[str]:
    if block.label:
        yield from ("", one_line(block.label))
    if not block.statements:
        yield messages.say("table.nothing")
    for displayed in block.statements:
        yield from _terminal_statement(displayed, messages)


def _terminal_statement(displayed: DisplayedStatement, messages: Messages) -> Iterator[str]:
    """A quotation with its numbers; a summary, marked as one, with its quotations indented below it."""
    statement = displayed.statement
    if displayed.opens_rest:
        yield messages.say("summary.rest")
    if statement.kind == "quotation":
        yield f"{one_line(statement.text)} {_numbers(statement)}"
        return
    yield f"{one_line(displayed.claim_in_words(messages))} {_numbers(statement)}"
    for citation in displayed.citations:
        yield f"    {one_line(citation.quote)} [{citation.number}]"


def _terminal_refusal(answer: Answer, messages: Messages) -> Iterator[str]:
    yield one_line(_outcome(answer, messages))
    yield one_line(_searched(answer.searched, messages))
    if answer.choices:
        yield from ("", messages.say("choices.heading"))
        yield from (f"- {one_line(choice)}" for choice in answer.choices)
    elif answer.nearest:
        yield from ("", messages.say("printed.nearest"))
    for citation in answer.nearest:
        yield f"- {one_line(citation.quote)}"
        yield f"    {_titled(citation, messages)}; {source_location(citation, messages)}"


def _paragraph(text: str) -> tuple[str, ...]:
    """A text as a line with an empty one after it; nothing for an empty text."""
    return (one_line(text), "") if text else ()


def _understood(answer: Answer, messages: Messages) -> str:
    """How a follow-up question was understood; empty where it was understood as asked."""
    if answer.standalone_question == answer.question:
        return ""
    return messages.say("printed.understood", question=answer.standalone_question)


def _outcome(answer: Answer, messages: Messages) -> str:
    """Why there is no answer or only part of one, or what a list or two-sided overview was drawn from; else empty."""
    if answer.status is Status.ANSWERED:
        return answer.reason if answer.coverage or answer.sides or answer.about_documents or answer.asked else ""
    partly = answer.status is Status.PARTLY_ANSWERED
    return messages.say("printed.partly" if partly else "printed.refused", reason=answer.reason)


def _searched(searched: Searched, messages: Messages) -> str:
    """How many transcripts and sentences were searched, and their scope."""
    counts = messages.say(
        "printed.searched",
        transcripts=messages.count("transcripts", searched.transcripts),
        sentences=messages.count("sentences", searched.sentences),
    )
    return messages.say("printed.scoped", searched=counts, scope=searched.scope) if searched.scope else counts


def _numbers(statement: Statement) -> str:
    """The numbers of a statement's citations: `[1][2]`."""
    return "".join(f"[{number}]" for number in statement.citations)


def _quoted(citation: Citation, messages: Messages) -> str:
    quoted = messages.say("reference.quoted", quote=printable(citation.quote))
    return messages.say("printed.in_context", quoted=quoted) if citation.context else quoted


def _titled(citation: Citation, messages: Messages) -> str:
    title = source_title(citation)
    return messages.say("printed.context", place=title) if citation.context else title
