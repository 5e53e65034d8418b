"""Lines of cells for a spreadsheet: CSV (RFC 4180) and XLSX.

In CSV a cell that a spreadsheet would take for a formula begins with an apostrophe, as OWASP advises ("CSV Injection");
in XLSX every cell is text by its type, and the words stand as they are.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from assistant.export.package import dated

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
