"""A conversation laid out for export, before it is written in any format: turns, blocks, quotations and references.

References are numbered from 1 through the whole conversation, in the order in which the quotations first appear, so
that a word processor that counts footnotes itself comes to the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.answer import Answer, Citation
from assistant.export.answer_blocks import AnswerBlock, DisplayedStatement, answer_blocks, row_heading
from assistant.export.reference import attribution, reference
from assistant.export.turn_html import searched_line
from assistant.messages import Messages
from assistant.sanitise import REPLACEMENT, printable


@dataclass(frozen=True, slots=True)
class ExportedQuotation:
    """A quotation with the number of its reference. `first` is False where the turn has quoted it before."""

    number: int
    citation: Citation
    first: bool = True

    @property
    def text(self) -> str:
        return printable(self.citation.quote)


@dataclass(frozen=True, slots=True)
class ExportedStatement:
    """One statement: its own words, empty where its quotations say all of it, and its quotations."""

    claim: str
    quotations: tuple[ExportedQuotation, ...]


@dataclass(frozen=True, slots=True)
class ExportedBlock:
    """The statements under one label: a force and period, a table's row, or a side. None where nothing was found.

    The only block of an answer that is not laid out has no label.
    """

    label: str
    statements: tuple[ExportedStatement, ...]


@dataclass(frozen=True, slots=True)
class ExportedTurn:
    """One question and its answer.

    `understood` is the standalone form of a follow-up question, and otherwise empty. The blocks are rows of a table
    where `column_heads` has its two headings. `notes` are fixed sentences that prevent misreading, and `note_sources`
    sentences of the sources that say the same.
    """

    question: str
    understood: str
    outcome: str
    reason: str
    searched: str
    blocks: tuple[ExportedBlock, ...]
    nearest: tuple[ExportedQuotation, ...]
    column_heads: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    note_sources: tuple[ExportedQuotation, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportedConversation:
    """The whole export. `references` are in the order of their numbers; `remarks` end it, the attribution first."""

    title: str
    date_line: str
    turns: tuple[ExportedTurn, ...]
    references: tuple[str, ...]
    remarks: tuple[str, ...]


def lay_out(answers: Sequence[Answer], day: date, *, site: str, messages: Messages) -> ExportedConversation:
    """The conversation, in order, as exported on `day`. `site` is as `reference` takes it."""
    cited: list[Citation] = []
    turns = tuple(_turn(answer, cited, messages) for answer in answers)
    written_day = messages.say("document.date", day=day.day, month=messages.say(f"month.{day.month}"), year=day.year)
    return ExportedConversation(
        title=messages.say("document.title"),
        date_line=messages.say("document.made", date=written_day),
        turns=turns,
        references=tuple(reference(citation, site=site, messages=messages) for citation in cited),
        remarks=tuple(_remarks(answers, cited, messages)),
    )


def _turn(answer: Answer, cited: list[Citation], messages: Messages) -> ExportedTurn:
    """One turn. Its citations are appended to `cited`, where the position of each is the number of its reference."""
    note_sources = tuple(_quotation(citation, {}, cited) for citation in answer.note_sources)
    numbers: dict[int, int] = {}
    blocks = tuple(_block(block, numbers, cited, messages) for block in answer_blocks(answer, messages))
    follow_up = answer.standalone_question != answer.question
    return ExportedTurn(
        question=printable(answer.question),
        understood=printable(answer.standalone_question) if follow_up else "",
        outcome=messages.say(f"status.{answer.status.value}"),
        reason=printable(answer.reason),
        searched=printable(searched_line(answer.searched, messages)),
        blocks=blocks,
        nearest=tuple(_quotation(citation, {}, cited) for citation in answer.nearest),
        column_heads=(row_heading(answer, messages), messages.say("table.cell")) if answer.table else (),
        notes=answer.notes,
        note_sources=note_sources,
    )


def _block(block: AnswerBlock, numbers: dict[int, int], cited: list[Citation], messages: Messages) -> ExportedBlock:
    statements = tuple(_statement(displayed, numbers, cited, messages) for displayed in block.statements)
    return ExportedBlock(printable(block.label), statements)


def _statement(
    displayed: DisplayedStatement, numbers: dict[int, int], cited: list[Citation], messages: Messages
) -> ExportedStatement:
    quotations = tuple(_quotation(citation, numbers, cited) for citation in displayed.citations)
    claim = messages.say("summary.rest") if displayed.opens_rest else displayed.claim_in_words(messages)
    return ExportedStatement(printable(claim), quotations)


def _quotation(citation: Citation, numbers: dict[int, int], cited: list[Citation]) -> ExportedQuotation:
    """A quotation, with a new reference unless `numbers` has one for its citation."""
    known = numbers.get(citation.number)
    if known is not None:
        return ExportedQuotation(known, citation, first=False)
    cited.append(citation)
    numbers[citation.number] = len(cited)
    return ExportedQuotation(len(cited), citation)


def _remarks(answers: Sequence[Answer], cited: Sequence[Citation], messages: Messages) -> Iterator[str]:
    if cited:
        yield attribution(messages)
    texts = [text for answer in answers for text in (answer.question, answer.standalone_question, answer.reason)]
    texts += [citation.quote for citation in cited]
    if any(printable(text) != text for text in texts):
        yield messages.say("document.replaced", character=REPLACEMENT)
