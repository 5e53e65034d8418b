"""A conversation laid out to be taken away, before it is in any format: sections, quotations, numbered notes.

A note is the full reference of one quotation. Notes are numbered from 1 through the whole handout, in the order in
which quotations first appear, so that a word processor that counts for itself comes to the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.answer import Answer, Citation, Statement
from assistant.export.answer_blocks import answer_blocks, row_heading
from assistant.export.reference import attribution, reference
from assistant.export.turn_html import searched_line
from assistant.messages import Messages
from assistant.sanitise import REPLACEMENT, carried


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quotation in its place. `first` is False where the same quotation has stood in this section before."""

    note: int
    citation: Citation
    first: bool = True

    @property
    def text(self) -> str:
        return carried(self.citation.quote)


@dataclass(frozen=True, slots=True)
class ExportedBlock:
    """One statement: its quotations, and the words that rest on them; empty when the quotations are the statement."""

    claim: str
    quoted: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class ExportedPart:
    """What stands under one label: a force and period, a table's row, or a side. Without passages nothing was found."""

    label: str
    passages: tuple[ExportedBlock, ...]


@dataclass(frozen=True, slots=True)
class ExportedTurn:
    """One question: how it was understood (empty when as asked), how it ended, and what was quoted.

    Its passages stand in `parts` where it has any, and those in a table of two columns where `heads` names them.
    `notes` are fixed sentences without which they mislead.
    """

    question: str
    understood: str
    outcome: str
    reason: str
    searched: str
    passages: tuple[ExportedBlock, ...]
    nearest: tuple[Quoted, ...]
    parts: tuple[ExportedPart, ...] = ()
    heads: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    noted: tuple[Quoted, ...] = ()  # what the sources say of the notes


@dataclass(frozen=True, slots=True)
class ExportedConversation:
    """All of it. `notes` are in the order of their numbers; `remarks` stand at the end, the attribution first."""

    title: str
    made: str
    sections: tuple[ExportedTurn, ...]
    notes: tuple[str, ...]
    remarks: tuple[str, ...]


def lay_out(answers: Sequence[Answer], day: date, *, site: str, words: Messages) -> ExportedConversation:
    """The conversation, in order, as taken away on `day`. `site` is as `reference` takes it."""
    cited: list[Citation] = []
    sections = tuple(_section(answer, cited, words) for answer in answers)
    made = words.say("handout.date", day=day.day, month=words.say(f"month.{day.month}"), year=day.year)
    return ExportedConversation(
        title=words.say("handout.title"),
        made=words.say("handout.made", date=made),
        sections=sections,
        notes=tuple(reference(citation, site=site, phrases=words) for citation in cited),
        remarks=tuple(_remarks(answers, cited, words)),
    )


def _section(answer: Answer, cited: list[Citation], words: Messages) -> ExportedTurn:
    """One answer; its citations are added to `cited`, where a note's number is its place from 1."""
    by_number = {citation.number: citation for citation in answer.citations}
    notes: dict[int, int] = {}
    noted = tuple(_numbered(citation, {}, cited) for citation in answer.note_sources)
    passages: list[ExportedBlock] = []
    for statement in answer.statements:
        quoted = [_numbered(by_number[number], notes, cited) for number in statement.citations]
        claim = words.say("summary.rest") if len(passages) == answer.rest else _claim(statement, quoted, words)
        passages.append(ExportedBlock(claim, tuple(quoted)))
    stated = dict(zip(answer.statements, passages, strict=True))
    blocks = answer_blocks(answer, words)
    follow_up = answer.standalone_question != answer.question
    return ExportedTurn(
        question=carried(answer.question),
        understood=carried(answer.standalone_question) if follow_up else "",
        outcome=words.say(f"status.{answer.status.value}"),
        reason=carried(answer.reason),
        searched=carried(searched_line(answer.searched, words)),
        passages=tuple(passages),
        nearest=tuple(_numbered(citation, {}, cited) for citation in answer.nearest),
        parts=tuple(ExportedPart(carried(one.label), tuple(stated[said] for said in one.statements)) for one in blocks),
        heads=(row_heading(answer, words), words.say("table.cell")) if answer.table else (),
        notes=answer.notes,
        noted=noted,
    )


def _claim(statement: Statement, quoted: Sequence[Quoted], words: Messages) -> str:
    """What a statement says besides its quotations, a summary marked as one."""
    if statement.kind == "summary":
        return words.say("summary.marked", text=carried(statement.text))
    verbatim = statement.text.split() == " ".join(one.citation.quote for one in quoted).split()
    return "" if verbatim else carried(statement.text)


def _numbered(citation: Citation, notes: dict[int, int], cited: list[Citation]) -> Quoted:
    known = notes.get(citation.number)
    if known is not None:
        return Quoted(known, citation, first=False)
    cited.append(citation)
    notes[citation.number] = len(cited)
    return Quoted(len(cited), citation)


def _remarks(answers: Sequence[Answer], cited: Sequence[Citation], words: Messages) -> Iterator[str]:
    if cited:
        yield attribution(words)
    asked = [text for answer in answers for text in (answer.question, answer.standalone_question, answer.reason)]
    if any(carried(text) != text for text in (*asked, *(citation.quote for citation in cited))):
        yield words.say("handout.replaced", character=REPLACEMENT)
