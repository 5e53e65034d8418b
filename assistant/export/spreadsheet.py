"""Lines of cells for a spreadsheet: CSV (RFC 4180) and XLSX.

In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe, as OWASP advises ("CSV Injection");
in XLSX every cell is text by its type, and the words stand as they are.

An answer's table, or its groups, for a spreadsheet: CSV and XLSX, a line a quotation.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from assistant.answer import Answer, Citation
from assistant.answer_layout import Place
from assistant.export.answer_blocks import AnswerBlock, answer_blocks
from assistant.export.formats import Export
from assistant.export.word import dated
from assistant.messages import Messages, load_messages
from assistant.sanitise import carried

LONGEST_CELL = 32_767  # characters a cell of XLSX holds
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook: its name, its lines, the heads first, and its columns' widths in characters."""

    name: str
    lines: Sequence[Sequence[str]]
    widths: Sequence[int]


def csv_of(lines: Iterable[Sequence[str]]) -> bytes:
    """The lines in UTF-8 with a byte-order mark, which spreadsheets go by."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    for line in lines:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in line])
    return written.getvalue().encode("utf-8-sig")


def xlsx_of(sheets: Sequence[Sheet], day: date) -> bytes:
    """A workbook of at least one sheet: the same bytes for the same sheets on the same day."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    book.properties.creator = ""
    book.properties.created = datetime.combine(day, time())
    written = io.BytesIO()
    book.save(written)
    return dated(written, day)


def _fill(made: Any, sheet: Sheet) -> None:  # noqa: ANN401  # openpyxl publishes no types
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for number, line in enumerate(sheet.lines, start=1):
        for column, value in enumerate(line, start=1):
            cell = made.cell(number, column, value[:LONGEST_CELL])
            cell.data_type = "s"  # text, whatever it begins with
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for column, width in enumerate(sheet.widths, start=1):
        made.column_dimensions[get_column_letter(column)].width = width
    made.freeze_panes = "A2"


HEADS = ("force", "period", "quotation", "number", "file", "span", "sha256", "url", "licence")
SIDED = ("theme", "side")  # columns more, where an answer is two-sided
ASKED = ("question",)  # and where there are several tables
_WIDTHS = (26, 12, 90, 9, 34, 14, 20, 34, 26, 34, 24, 40)


def has_table(answer: Answer) -> bool:
    """Whether an answer can be taken away as a table."""
    return any(answer_blocks is not None for answer_blocks in (answer.table, answer.coverage, answer.sides))


def to_csv(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Messages | None = None) -> bytes:  # noqa: ARG001
    """The answers' tables one after the other."""
    return csv_of(_lines(answers, phrases or load_messages()))


def to_xlsx(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Messages | None = None) -> bytes:  # noqa: ARG001
    """The answers' tables on one sheet: the same bytes for the same answers on the same day."""
    words = phrases or load_messages()
    return xlsx_of([Sheet(words.say("table.sheet"), list(_lines(answers, words)), _WIDTHS)], day)


TABLES = {
    "csv": Export("text/csv; charset=utf-8", "csv", "table.csv", to_csv),
    "xlsx": Export("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "table.xlsx", to_xlsx),
}


def _lines(answers: Sequence[Answer], words: Messages) -> Iterator[list[str]]:
    """The heads, then a line a quotation, or one that says that nothing was found.

    Where an answer is two-sided its theme and side are said too, and of several tables which question each answers.
    """
    tables = [answer for answer in answers if has_table(answer)]
    more = (*(SIDED if any(answer.sides for answer in tables) else ()), *(ASKED if len(tables) > 1 else ()))
    yield [words.say(f"table.{head}") for head in (*HEADS, *more)]
    for answer in tables:
        for block in answer_blocks(answer, words):
            said = {"theme": block.theme, "side": block.side, "question": answer.question}
            yield from ([*line, *(carried(said[head]) for head in more)] for line in _of_block(block, words))
        for place in answer.coverage.nothing_found if answer.coverage else ():
            said = {"theme": "", "side": "", "question": answer.question}
            yield [*_nothing(place, words), *(carried(said[head]) for head in more)]


def _of_block(block: AnswerBlock, words: Messages) -> Iterator[list[str]]:
    if not block.citations:
        yield _nothing(block.place, words)
    for citation in block.citations:
        yield [carried(cell) for cell in _cells(citation)]


def _cells(citation: Citation) -> tuple[str, ...]:
    span = f"{citation.start}–{citation.end}"
    return (
        *(citation.force, citation.period, citation.quote),
        *(str(citation.number), citation.source, span, citation.sha256, citation.url, citation.licence),
    )


def _nothing(place: Place, words: Messages) -> list[str]:
    return [carried(place.force), carried(place.period), words.say("table.nothing"), *[""] * (len(HEADS) - 3)]
