"""An answer's table, or its groups by force and period, for a spreadsheet: CSV (RFC 4180) and XLSX, a line a quotation.

In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe, as OWASP advises ("CSV Injection");
in XLSX every cell is text by its type, and the quotation stands as it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time

from assistant.answer import Answer, Citation
from assistant.arranged import Block, arranged
from assistant.arrangement import Place
from assistant.characters import carried
from assistant.export.formats import Export
from assistant.export.package import dated
from assistant.phrasebook import Phrasebook, load_phrasebook

HEADS = ("force", "period", "quotation", "number", "file", "span", "sha256", "url", "licence")
LONGEST_CELL = 32_767  # characters a cell of XLSX holds
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_WIDTHS = (26, 12, 90, 9, 34, 14, 20, 34, 26)


def has_table(answer: Answer) -> bool:
    """Whether an answer can be taken away as a table."""
    return answer.table is not None or answer.coverage is not None


def to_csv(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Phrasebook | None = None) -> bytes:  # noqa: ARG001
    """The answers' tables one after the other, in UTF-8 with a byte-order mark, which spreadsheets go by."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    for line in _lines(answers, phrases or load_phrasebook()):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in line])
    return written.getvalue().encode("utf-8-sig")


def to_xlsx(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Phrasebook | None = None) -> bytes:  # noqa: ARG001
    """The answers' tables on one sheet: the same bytes for the same answers on the same day."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    words = phrases or load_phrasebook()
    book = Workbook()
    sheet = book.active
    sheet.title = words.say("table.sheet")
    for number, line in enumerate(_lines(answers, words), start=1):
        for column, value in enumerate(line, start=1):
            cell = sheet.cell(number, column, value[:LONGEST_CELL])
            cell.data_type = "s"  # text, whatever it begins with
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=number == 1)
    for letter, width in zip("ABCDEFGHI", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    book.properties.creator = ""
    book.properties.created = datetime.combine(day, time())
    written = io.BytesIO()
    book.save(written)
    return dated(written, day)


TABLES = {
    "csv": Export("text/csv; charset=utf-8", "csv", "table.csv", to_csv),
    "xlsx": Export("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "table.xlsx", to_xlsx),
}


def _lines(answers: Sequence[Answer], words: Phrasebook) -> Iterator[list[str]]:
    yield [words.say(f"table.{head}") for head in HEADS]
    for answer in answers:
        for block in arranged(answer, words):
            yield from _of_block(block, words)
        for place in answer.coverage.nothing_found if answer.coverage else ():
            yield _nothing(place, words)


def _of_block(block: Block, words: Phrasebook) -> Iterator[list[str]]:
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


def _nothing(place: Place, words: Phrasebook) -> list[str]:
    return [carried(place.force), carried(place.period), words.say("table.nothing"), *[""] * (len(HEADS) - 3)]
