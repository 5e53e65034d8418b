"""Writes the tables and groups of answers for a spreadsheet, a row for each quotation: CSV (RFC 4180) and XLSX.

In CSV a cell that a spreadsheet would take for a formula gets an apostrophe before it, as OWASP advises ("CSV
Injection"). In XLSX every cell is of the type text and its content is unchanged.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from assistant.answer import Answer, Citation
from assistant.answer_layout import Place
from assistant.export.answer_blocks import AnswerBlock, answer_blocks, is_laid_out
from assistant.export.formats import ExportFormat
from assistant.export.word import with_fixed_times
from assistant.messages import Messages, load_messages
from assistant.sanitise import printable

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MAX_CELL_CHARACTERS = 32_767  # of XLSX
COLUMNS = ("force", "period", "quotation", "number", "file", "span", "sha256", "url", "licence")
TWO_SIDED_COLUMNS = ("theme", "side")  # added where an answer is two-sided
QUESTION_COLUMNS = ("question",)  # added where there are several tables
_COLUMN_WIDTHS = (26, 12, 90, 9, 34, 14, 20, 34, 26, 34, 24, 40)  # characters
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_csv(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> bytes:  # noqa: ARG001
    """The tables of the answers, one after the other."""
    return csv_file(_rows(answers, messages or load_messages()))


def to_xlsx(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> bytes:  # noqa: ARG001
    """The tables of the answers on one sheet: the same bytes for the same answers on the same day."""
    messages = messages or load_messages()
    return xlsx_file([Sheet(messages.say("table.sheet"), list(_rows(answers, messages)), _COLUMN_WIDTHS)], day)


TABLES = {
    "csv": ExportFormat("text/csv; charset=utf-8", "csv", "table.csv", to_csv),
    "xlsx": ExportFormat(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "table.xlsx", to_xlsx
    ),
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook: its name, its rows with the headings first, and its columns' widths in characters."""

    name: str
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]


def csv_file(rows: Iterable[Sequence[str]]) -> bytes:
    """The rows in UTF-8 with a byte-order mark, by which spreadsheets recognise the encoding."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell for cell in row])
    return file.getvalue().encode("utf-8-sig")


def xlsx_file(sheets: Sequence[Sheet], day: date) -> bytes:
    """A workbook of at least one sheet: the same bytes for the same sheets on the same day."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    book.properties.creator = ""
    book.properties.created = datetime.combine(day, time())
    file = io.BytesIO()
    book.save(file)
    return with_fixed_times(file, day)


def _fill(worksheet: Worksheet, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = worksheet.cell(number, column, value[:MAX_CELL_CHARACTERS])
            cell.data_type = "s"  # text, whatever it begins with
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for column, width in enumerate(sheet.widths, start=1):
        worksheet.column_dimensions[get_column_letter(column)].width = width
    worksheet.freeze_panes = "A2"


def _rows(answers: Sequence[Answer], messages: Messages) -> Iterator[list[str]]:
    """The headings, then a row for each quotation, or one that says that nothing was found for a force and period."""
    tables = [answer for answer in answers if is_laid_out(answer)]
    added: tuple[str, ...] = TWO_SIDED_COLUMNS if any(answer.sides for answer in tables) else ()
    if len(tables) > 1:
        added += QUESTION_COLUMNS
    yield [messages.say(f"table.{column}") for column in (*COLUMNS, *added)]
    for answer in tables:
        yield from _table_rows(answer, added, messages)


def _table_rows(answer: Answer, added: Sequence[str], messages: Messages) -> Iterator[list[str]]:
    """The rows of one answer, each with the columns that are added."""
    for block in answer_blocks(answer, messages):
        cells = {"theme": block.theme, "side": block.side, "question": answer.question}
        for row in _block_rows(block, messages):
            yield [*row, *(printable(cells[column]) for column in added)]
    for place in answer.coverage.nothing_found if answer.coverage else ():
        cells = {"theme": "", "side": "", "question": answer.question}
        yield [*_nothing_found(place, messages), *(printable(cells[column]) for column in added)]


def _block_rows(block: AnswerBlock, messages: Messages) -> Iterator[list[str]]:
    if not block.citations:
        yield _nothing_found(block.place, messages)
    for citation in block.citations:
        yield [printable(cell) for cell in _cells(citation)]


def _cells(citation: Citation) -> tuple[str, ...]:
    span = f"{citation.start}–{citation.end}"
    return (
        *(citation.force, citation.period, citation.quote),
        *(str(citation.number), citation.source, span, citation.sha256, citation.url, citation.licence),
    )


def _nothing_found(place: Place, messages: Messages) -> list[str]:
    empty = [""] * (len(COLUMNS) - 3)
    return [printable(place.force), printable(place.period), messages.say("table.nothing"), *empty]
