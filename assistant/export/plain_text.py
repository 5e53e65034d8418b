"""An Answer as plain text to paste elsewhere, with its references and what was searched.

Quotations are character for character as in the source, line ends included. Control characters that a terminal or an
editor would obey, and halves of characters that no encoding carries, become U+FFFD, and then a line says so.

Answers in plain text, for a terminal. White space in a quotation is drawn together; nothing else is changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answer import Answer, Citation, Searched, Statement, Status
from assistant.export.answer_blocks import answer_blocks
from assistant.export.reference import attribution, place, reference, span
from assistant.messages import Messages, load_messages
from assistant.sanitise import REPLACEMENT, carried, plain


def answer_as_text(answer: Answer, *, site: str = "", phrases: Messages | None = None) -> str:
    """One question and its answer, or why there is none, for the clipboard. `site` is as `reference` takes it."""
    words = phrases or load_messages()
    parts = [_asked(answer, words), *(_pasted_answer if answer.status.answered else _refused)(answer, site, words)]
    if answer.citations or answer.nearest:
        parts.append(attribution(words))
    if any(
        carried(citation.quote) != citation.quote
        for citation in (*answer.citations, *answer.nearest, *answer.note_sources)
    ):
        parts.append(words.say("printed.replaced", character=REPLACEMENT))
    return "\n\n".join(part for part in parts if part)


def understood(answer: Answer, words: Messages) -> str:
    """How a follow-up was made to stand alone; empty when the question stands as it was asked."""
    if answer.standalone_question == answer.question:
        return ""
    return words.say("printed.understood", question=answer.standalone_question)


def outcome(answer: Answer, words: Messages) -> str:
    """Why the answer is none, or only a part of one, or what one to a question that asks for all was drawn from.

    Empty when it is whole and nothing more is to be said.
    """
    if answer.status is Status.ANSWERED:
        return answer.reason if answer.coverage or answer.sides else ""
    partly = answer.status is Status.PARTLY_ANSWERED
    return words.say("printed.partly" if partly else "printed.refused", reason=answer.reason)


def searched_for(searched: Searched, words: Messages) -> str:
    """What was looked through, counts first."""
    held = words.say(
        "printed.searched",
        transcripts=words.count("transcripts", searched.transcripts),
        sentences=words.count("sentences", searched.sentences),
    )
    return words.say("printed.scoped", searched=held, scope=searched.scope) if searched.scope else held


def numbers(statement: Statement) -> str:
    """The numbers of the citations a statement is made of."""
    return "".join(f"[{number}]" for number in statement.citations)


def _asked(answer: Answer, words: Messages) -> str:
    lines = [words.say("printed.question", question=answer.question), understood(answer, words)]
    return carried("\n".join(line for line in lines if line))


def _pasted_answer(answer: Answer, site: str, words: Messages) -> list[str]:
    blocks = answer_blocks(answer, words)
    stated = [] if blocks else [_pasted_statement(answer.statements, answer, words)]
    for block in blocks:
        said = _pasted_statement(block.statements, answer, words) or words.say("table.nothing")
        stated.append(f"{plain(block.label)}\n{said}")
    references = [
        f"[{citation.number}] {reference(citation, site=site, phrases=words)}" for citation in answer.citations
    ]
    return [
        plain(outcome(answer, words)),
        *map(plain, answer.notes),
        *_noted(answer, site, words),
        *stated,
        "\n".join([words.say("printed.references"), *references]),
        plain(searched_for(answer.searched, words)),
    ]


def _noted(answer: Answer, site: str, words: Messages) -> list[str]:
    """What the sources say of the notes, each with its reference."""
    return [
        f"{words.say('coverage.grades_said')}\n{_quoted(one, words)}\n  {reference(one, site=site, phrases=words)}"
        for one in answer.note_sources
    ]


def _pasted_statement(statements: Sequence[Statement], answer: Answer, words: Messages) -> str:
    by_number = {citation.number: citation for citation in answer.citations}
    stated: list[str] = []
    rest = answer.statements[answer.rest] if answer.rest < len(answer.statements) else None
    for statement in statements:
        stated += [words.say("summary.rest")] if statement is rest else []
        quoted = [by_number[number] for number in statement.citations]
        if statement.kind == "summary":
            stated.append(f"{words.say('summary.marked', text=carried(statement.text))} {numbers(statement)}")
        elif statement.text.split() != " ".join(citation.quote for citation in quoted).split():
            stated.append(f"{carried(statement.text)} {numbers(statement)}")
        stated += [f"{_quoted(citation, words)} [{citation.number}]" for citation in quoted]
    return "\n".join(stated)


def _refused(answer: Answer, site: str, words: Messages) -> list[str]:
    why = "\n".join(plain(line) for line in (outcome(answer, words), searched_for(answer.searched, words)))
    if answer.choices:
        return [why, "\n".join([words.say("choices.heading"), *(f"- {carried(one)}" for one in answer.choices)])]
    if not answer.nearest:
        return [why]
    nearest = [words.say("printed.nearest")]
    for citation in answer.nearest:
        nearest += [f"- {_quoted(citation, words)}", f"  {reference(citation, site=site, phrases=words)}"]
    return [why, "\n".join(nearest)]


def _quoted(citation: Citation, words: Messages) -> str:
    quoted = words.say("reference.quoted", quote=carried(citation.quote))
    return words.say("printed.in_context", quoted=quoted) if citation.context else quoted


def answer_text(answer: Answer, phrases: Messages | None = None) -> str:
    """The answer for a reader: quotations with their numbers, then the sources; or why there is none."""
    words = phrases or load_messages()
    lines = [plain(understood(answer, words)), ""] if understood(answer, words) else []
    lines += _answered(answer, words) if answer.status.answered else _not_answered(answer, words)
    return "\n".join(lines)


def counted(number: int, noun: str) -> str:
    """`1 transcript`, `2 transcripts`, `1,000 sentences`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _answered(answer: Answer, words: Messages) -> list[str]:
    lines = [plain(outcome(answer, words)), ""] if outcome(answer, words) else []
    lines += [line for note in answer.notes for line in (plain(note), "")]
    for said in answer.note_sources:
        lines += [
            words.say("coverage.grades_said"),
            plain(said.quote),
            f"    {_place(said, words)}; {span(said, words)}",
            "",
        ]
    blocks = answer_blocks(answer, words)
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


def _lines_of(statement: Statement, answer: Answer, words: Messages) -> list[str]:
    """A quotation with its numbers; a summary, marked as one, with its quotations below it."""
    if statement.kind == "quotation":
        return [_stated(statement)]
    quoted = [answer.citations[number - 1] for number in statement.citations]
    said = words.say("summary.marked", text=plain(statement.text))
    return [f"{said} {numbers(statement)}", *(f"    {plain(one.quote)} [{one.number}]" for one in quoted)]


def _stated(statement: Statement) -> str:
    return f"{plain(statement.text)} {numbers(statement)}"


def _not_answered(answer: Answer, words: Messages) -> list[str]:
    lines = [plain(outcome(answer, words)), plain(searched_for(answer.searched, words))]
    if answer.choices:
        lines += ["", words.say("choices.heading"), *(f"- {plain(choice)}" for choice in answer.choices)]
    elif answer.nearest:
        lines += ["", words.say("printed.nearest")]
    for citation in answer.nearest:
        lines += [f"- {plain(citation.quote)}", f"    {_place(citation, words)}; {span(citation, words)}"]
    return lines


def _place(citation: Citation, words: Messages) -> str:
    return words.say("printed.context", place=place(citation)) if citation.context else place(citation)
