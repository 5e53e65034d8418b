"""Writes the register, for a spreadsheet and as a Word document, and the grades, for a spreadsheet.

A spreadsheet has a row for each entry, with empty cells for the comments and their date. The Word document has a
table for each force, with a numbered footnote for each entry and room for the comments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from types import MappingProxyType

from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Mm
from docx.table import Table, _Cell

from assistant.export.formats import EXPORTS, slug
from assistant.export.reference import attribution, reference
from assistant.export.spreadsheet import TABLES, Sheet, csv_file, xlsx_file
from assistant.export.word import (
    REGION,
    Footnotes,
    remove_first_paragraph,
    saved_document,
    with_line_breaks,
    write_heads,
)
from assistant.export.word_template import QUOTATION_LABEL, blank_document
from assistant.judgements.overview import COUNTED, OTHER_GRADED, PILLARS, GradesTable
from assistant.judgements.register import Register, RegisterEntry
from assistant.judgements.themes import Themes
from assistant.messages import Messages
from assistant.sanitise import printable
from assistant.sources import permalink

SHEET_COLUMNS = (
    *(
        "number",
        "force",
        "period",
        "kind",
        "heading",
        "sentence",
        "before",
        "addressee",
        "deadline",
        "due",
        "source",
        "locator",
        "span",
        "sha256",
    ),
    *("url", "licence", "permalink"),
    *("comments", "date"),
)
WORD_COLUMNS = ("number", "period", "kind", "sentence", "comments", "date")
_SHEET_WIDTHS = (8, 26, 12, 20, 24, 70, 40, 24, 20, 14, 34, 24, 14, 20, 34, 26, 40, 50, 14)  # characters
_NOTES_WIDTHS = (110,)
_WORD_WIDTHS = (12, 24, 34, 100, 62, 24)  # millimetres; together the width of A4 landscape between its margins


def register_csv(register: Register, day: date, site: str, messages: Messages) -> bytes:  # noqa: ARG001  # it has no date
    """The rows alone. `site` is the origin to put before every permalink, or nothing."""
    return csv_file(_rows(register, site, messages))


def register_xlsx(register: Register, day: date, site: str, messages: Messages) -> bytes:
    """The rows on one sheet, and on a second the notes: the same bytes for the same register on the same day."""
    notes = [[messages.say("register.heading")], *([note] for note in notes_of(register, messages))]
    sheets = (
        Sheet(messages.say("register.sheet"), list(_rows(register, site, messages)), _SHEET_WIDTHS),
        Sheet(messages.say("register.notes"), notes, _NOTES_WIDTHS),
    )
    return xlsx_file(sheets, day)


def register_docx(register: Register, day: date, site: str, messages: Messages) -> bytes:
    """The notes and a table for each force: the same bytes for the same register on the same day."""
    document = blank_document(messages.say("register.heading"), day, f"{messages.language}-{REGION}")
    _turn_to_landscape(document)
    footnotes = Footnotes(document)
    document.add_paragraph(messages.say("register.heading"), "Title")
    for note in notes_of(register, messages):
        document.add_paragraph(note)
    by_force = groupby(register.entries, key=lambda entry: entry.citation.force)
    entries_of = {force: list(entries) for force, entries in by_force}
    for force in register.forces:
        document.add_paragraph(printable(force) or messages.say("coverage.unnamed"), "Heading 1")
        if force in entries_of:
            _add_table(document, footnotes, entries_of[force], site, messages)
        else:
            document.add_paragraph(messages.say("register.nothing"))
    return saved_document(document, day)


RegisterRenderer = Callable[[Register, date, str, Messages], bytes]


@dataclass(frozen=True, slots=True)
class RegisterFormat:
    """One format: its media type (RFC 6838), its file extension, the key of its name in the messages, its renderer."""

    media_type: str
    extension: str
    name: str
    render: RegisterRenderer


REGISTERS: Mapping[str, RegisterFormat] = MappingProxyType(
    {
        "docx": RegisterFormat(EXPORTS["docx"].media_type, "docx", "export.word", register_docx),
        "xlsx": RegisterFormat(TABLES["xlsx"].media_type, "xlsx", "table.xlsx", register_xlsx),
        "csv": RegisterFormat(TABLES["csv"].media_type, "csv", "table.csv", register_csv),
    }
)


def register_file_name(
    register: Register, day: date, extension: str, messages: Messages, stem: str = "register.file"
) -> str:
    """A file name that every system accepts: the day, and the force where there is only one. `stem` is a message."""
    force = slug(register.forces[0]) if len(register.forces) == 1 else ""
    return f"{'-'.join(part for part in (messages.say(stem), day.isoformat(), force) if part)}.{extension}"


def notes_of(register: Register, messages: Messages) -> tuple[str, ...]:
    """The notes that belong to a register in every format: its sources, its meaning, the law, the attribution."""
    forces = ", ".join(filter(None, register.forces)) or messages.say("coverage.unnamed")
    transcripts = messages.count("transcripts", len(register.transcripts))
    notes = [printable(messages.say("register.scope", transcripts=transcripts, forces=forces))]
    notes += [messages.say(f"register.{name}") for name in ("criteria", "duty", "law")]
    if register.entries:
        notes.append(attribution(messages))
    return tuple(notes)


def grade_labels(themes: Themes, messages: Messages) -> dict[str, str]:
    """The short names of everything that can be graded, by its key: the pillars, the themes and the rest."""
    pillars = {pillar: messages.say(f"pillar.{pillar}") for pillar in PILLARS}
    return {**{theme.key: theme.short for theme in themes}, **pillars, OTHER_GRADED: messages.say("overview.other")}


def _grade_rows(table: GradesTable, themes: Themes, messages: Messages) -> Iterator[list[str]]:
    """The headings, then a row for each force and period: its grades in words, and how many records it has."""
    labels, heads = grade_labels(themes, messages), ("force", "period")
    kinds = [messages.say(f"overview.{kind.value}") for kind in COUNTED]
    yield [*(messages.say(f"table.{head}") for head in heads), *(labels[key] for key in table.graded), *kinds]
    for row in table.rows:
        grades = [", ".join(grade_in_words(grade, messages) for grade in cell.grades) for cell in row.cells]
        counts = [str(row.counts[kind]) for kind in COUNTED]
        yield [printable(row.place.force), printable(row.place.period), *grades, *counts]


def grade_in_words(grade: str, messages: Messages) -> str:
    """The name of a grade, as the pages and files have it."""
    return messages.say(f"grade.{grade.replace(' ', '_')}")


def grades_file(
    form: str, table: GradesTable, register: Register, themes: Themes, day: date, site: str, messages: Messages
) -> bytes:
    """The table of grades in a form of `TABLES`: as CSV; or as XLSX, with a second sheet of the sentences it counts."""
    rows = list(_grade_rows(table, themes, messages))
    if form == "csv":
        return csv_file(rows)
    sheets = (
        Sheet(messages.say("overview.grades"), rows, (26, 12, *(20 for _ in rows[0][2:]))),
        Sheet(messages.say("table.sheet"), list(_rows(register, site, messages)), _SHEET_WIDTHS),
    )
    return xlsx_file(sheets, day)


def _rows(register: Register, site: str, messages: Messages) -> Iterator[list[str]]:
    """The headings, then a row for each entry, or one that says that there are none."""
    yield [messages.say(f"register_head.{column}") for column in SHEET_COLUMNS]
    for entry in register.entries:
        yield [printable(cell) for cell in _cells(entry, site, messages)]
    if not register.entries:
        force = register.forces[0] if len(register.forces) == 1 else ""
        row = {"force": printable(force), "sentence": messages.say("register.nothing")}
        yield [row.get(column, "") for column in SHEET_COLUMNS]


def _cells(entry: RegisterEntry, site: str, messages: Messages) -> tuple[str, ...]:
    cited, record = entry.citation, entry.record
    return (
        *(str(cited.number), cited.force, cited.period, entry.term_in_words(messages), entry.heading),
        *("\n".join(entry.lines), entry.before, record.addressee, record.deadline, record.due),
        *(cited.source, cited.locator, f"{cited.start}–{entry.end}", cited.sha256),
        *(cited.url, cited.licence, site + permalink(cited), "", ""),
    )


def _turn_to_landscape(document: Document) -> None:
    (section,) = document.sections
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width


def _add_table(
    document: Document, footnotes: Footnotes, entries: Sequence[RegisterEntry], site: str, messages: Messages
) -> None:
    table = document.add_table(rows=1, cols=len(WORD_COLUMNS), style="Table Grid")
    write_heads(table, [messages.say(f"register_head.{column}") for column in WORD_COLUMNS])
    for entry in entries:
        _fill_row(table.add_row().cells, footnotes, entry, site, messages)
    _set_widths(table)


def _fill_row(
    cells: Sequence[_Cell], footnotes: Footnotes, entry: RegisterEntry, site: str, messages: Messages
) -> None:
    number, period, kind, sentence, *_ = cells
    cited = entry.citation
    number.text = str(cited.number)
    period.text = printable(cited.period)
    kind.text = entry.term_in_words(messages)
    if entry.before:
        sentence.add_paragraph(messages.say("quotation.context"), QUOTATION_LABEL)
        sentence.add_paragraph(with_line_breaks(printable(entry.before)))
    for line in entry.lines:
        quoted = sentence.add_paragraph(with_line_breaks(printable(line)), "Quote")
    footnotes.add(quoted, cited.number, reference(cited, site=site, messages=messages))
    remove_first_paragraph(sentence)


def _set_widths(table: Table) -> None:
    """Sets the width of each cell, because Word ignores that of a column."""
    table.autofit = False
    for row in table.rows:
        for cell, width in zip(row.cells, _WORD_WIDTHS, strict=True):
            cell.width = Mm(width)
