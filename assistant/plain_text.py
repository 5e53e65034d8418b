"""An Answer as plain text to paste elsewhere, with its references and what was searched.

Quotations are character for character as in the source, line ends included. Control characters that a terminal or an
editor would obey, and halves of characters that no encoding carries, become U+FFFD, and then a line says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answer import Answer, Citation, Searched, Statement, Status
from assistant.arranged import arranged
from assistant.characters import REPLACEMENT, carried, plain
from assistant.phrasebook import Phrasebook, load_phrasebook
from assistant.reference import attribution, reference


def answer_as_text(answer: Answer, *, site: str = "", phrases: Phrasebook | None = None) -> str:
    """One question and its answer, or why there is none, for the clipboard. `site` is as `reference` takes it."""
    words = phrases or load_phrasebook()
    parts = [_asked(answer, words), *(_answered if answer.status.answered else _refused)(answer, site, words)]
    if answer.citations or answer.nearest:
        parts.append(attribution(words))
    if any(
        carried(citation.quote) != citation.quote
        for citation in (*answer.citations, *answer.nearest, *answer.note_sources)
    ):
        parts.append(words.say("printed.replaced", character=REPLACEMENT))
    return "\n\n".join(part for part in parts if part)


def understood(answer: Answer, words: Phrasebook) -> str:
    """How a follow-up was made to stand alone; empty when the question stands as it was asked."""
    if answer.standalone_question == answer.question:
        return ""
    return words.say("printed.understood", question=answer.standalone_question)


def outcome(answer: Answer, words: Phrasebook) -> str:
    """Why the answer is none, or only a part of one, or what one to a question that asks for all was drawn from.

    Empty when it is whole and nothing more is to be said.
    """
    if answer.status is Status.ANSWERED:
        return answer.reason if answer.coverage or answer.sides else ""
    partly = answer.status is Status.PARTLY_ANSWERED
    return words.say("printed.partly" if partly else "printed.refused", reason=answer.reason)


def searched_for(searched: Searched, words: Phrasebook) -> str:
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


def _asked(answer: Answer, words: Phrasebook) -> str:
    lines = [words.say("printed.question", question=answer.question), understood(answer, words)]
    return carried("\n".join(line for line in lines if line))


def _answered(answer: Answer, site: str, words: Phrasebook) -> list[str]:
    blocks = arranged(answer, words)
    stated = [] if blocks else [_stated(answer.statements, answer, words)]
    for block in blocks:
        said = _stated(block.statements, answer, words) or words.say("table.nothing")
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


def _noted(answer: Answer, site: str, words: Phrasebook) -> list[str]:
    """What the sources say of the notes, each with its reference."""
    return [
        f"{words.say('coverage.grades_said')}\n{_quoted(one, words)}\n  {reference(one, site=site, phrases=words)}"
        for one in answer.note_sources
    ]


def _stated(statements: Sequence[Statement], answer: Answer, words: Phrasebook) -> str:
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


def _refused(answer: Answer, site: str, words: Phrasebook) -> list[str]:
    why = "\n".join(plain(line) for line in (outcome(answer, words), searched_for(answer.searched, words)))
    if answer.choices:
        return [why, "\n".join([words.say("choices.heading"), *(f"- {carried(one)}" for one in answer.choices)])]
    if not answer.nearest:
        return [why]
    nearest = [words.say("printed.nearest")]
    for citation in answer.nearest:
        nearest += [f"- {_quoted(citation, words)}", f"  {reference(citation, site=site, phrases=words)}"]
    return [why, "\n".join(nearest)]


def _quoted(citation: Citation, words: Phrasebook) -> str:
    quoted = words.say("reference.quoted", quote=carried(citation.quote))
    return words.say("printed.in_context", quoted=quoted) if citation.context else quoted
