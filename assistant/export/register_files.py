"""The formats a register can be taken away in.

The register for a spreadsheet: a line a sentence, and empty cells for the comments and their date.

The register as a Word document: a table a force, a numbered footnote a sentence, and room for the comments.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from types import MappingProxyType

from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.shared import Mm
from docx.table import Table, _Cell

from assistant.export.formats import EXPORTS, slug
from assistant.export.reference import attribution, reference
from assistant.export.spreadsheet import TABLES, Sheet, csv_of, xlsx_of
from assistant.export.word import REGION, Footnotes, dated, with_line_ends
from assistant.export.word_template import TAG, blank_document
from assistant.judgements.register import Register, RegisterEntry, term_in_words
from assistant.messages import Messages
from assistant.sanitise import carried
from assistant.sources import permalink

SHEET_HEADS = (
    *("number", "force", "period", "kind", "sentence", "before", "source", "locator", "span", "sha256"),
    *("url", "licence", "permalink"),
    *("comments", "date"),
)
_SHEET_WIDTHS = (8, 26, 12, 20, 70, 40, 34, 24, 14, 20, 34, 26, 40, 50, 14)
_NOTE_WIDTHS = (110,)


def register_csv(register: Register, day: date, site: str, words: Messages) -> bytes:  # noqa: ARG001  # it names no day
    """The lines alone. `site` is the origin to put before every permalink, or nothing."""
    return csv_of(_lines(register, site, words))


def register_xlsx(register: Register, day: date, site: str, words: Messages) -> bytes:
    """The lines on one sheet, and on a second what they are and what the law asks."""
    notes = [[words.say("register.heading")], *([note] for note in notes_of(register, words))]
    sheets = (
        Sheet(words.say("register.sheet"), list(_lines(register, site, words)), _SHEET_WIDTHS),
        Sheet(words.say("register.notes"), notes, _NOTE_WIDTHS),
    )
    return xlsx_of(sheets, day)


def notes_of(register: Register, words: Messages) -> tuple[str, ...]:
    """What stands beside every register, whatever its form, the attribution last."""
    looked_at = words.say(
        "register.looked_at",
        transcripts=words.count("transcripts", len(register.transcripts)),
        forces=", ".join(force for force in register.forces if force) or words.say("coverage.unnamed"),
    )
    said = tuple(words.say(f"register.{name}") for name in ("what", "duty", "law"))
    return (carried(looked_at), *said, *([attribution(words)] if register.entries else []))


def _lines(register: Register, site: str, words: Messages) -> Iterator[list[str]]:
    yield [words.say(f"register_head.{head}") for head in SHEET_HEADS]
    for entry in register.entries:
        yield [carried(cell) for cell in _cells(entry, site, words)]
    if not register.entries:
        force = register.forces[0] if len(register.forces) == 1 else ""
        yield ["", carried(force), "", "", words.say("register.nothing"), *[""] * (len(SHEET_HEADS) - 5)]


def _cells(entry: RegisterEntry, site: str, words: Messages) -> tuple[str, ...]:
    cited = entry.citation
    return (
        *(str(cited.number), cited.force, cited.period, term_in_words(entry.term, words), cited.quote, entry.before),
        *(cited.source, cited.locator, f"{cited.start}–{cited.end}", cited.sha256),
        *(cited.url, cited.licence, site + permalink(cited), "", ""),
    )


WORD_HEADS = ("number", "period", "kind", "sentence", "comments", "date")
_WORD_WIDTHS = (12, 24, 34, 100, 62, 24)  # millimetres; together what A4 turned on its side leaves between its margins


def register_docx(register: Register, day: date, site: str, words: Messages) -> bytes:
    """The register as it is taken away on `day`: the same bytes for the same register on the same day."""
    document = blank_document(words.say("register.heading"), day, f"{words.language}-{REGION}")
    _on_its_side(document)
    footnotes = Footnotes(document)
    document.add_paragraph(words.say("register.heading"), "Title")
    for note in notes_of(register, words):
        document.add_paragraph(note)
    by_force = {
        force: list(entries) for force, entries in groupby(register.entries, key=lambda one: one.citation.force)
    }
    for force in register.forces:
        document.add_paragraph(carried(force) or words.say("coverage.unnamed"), "Heading 1")
        if force not in by_force:
            document.add_paragraph(words.say("register.nothing"))
            continue
        _table(document, footnotes, by_force[force], site, words)
    written = io.BytesIO()
    document.save(written)
    return dated(written, day)


def _on_its_side(document: Document) -> None:
    (section,) = document.sections
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width


def _table(
    document: Document, footnotes: Footnotes, entries: Sequence[RegisterEntry], site: str, words: Messages
) -> None:
    table = document.add_table(rows=1, cols=len(WORD_HEADS), style="Table Grid")
    for cell, head in zip(table.rows[0].cells, WORD_HEADS, strict=True):
        cell.text = words.say(f"register_head.{head}")
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  # no public way
    for entry in entries:
        _row(table.add_row().cells, footnotes, entry, site, words)
    _set_widths(table)


def _row(cells: Sequence[_Cell], footnotes: Footnotes, entry: RegisterEntry, site: str, words: Messages) -> None:
    number, period, kind, sentence, *_ = cells
    cited = entry.citation
    number.text = str(cited.number)
    period.text = carried(cited.period)
    kind.text = term_in_words(entry.term, words)
    if entry.before:
        sentence.add_paragraph(words.say("quotation.context"), TAG)
        sentence.add_paragraph(with_line_ends(carried(entry.before)))
    quoted = sentence.add_paragraph(with_line_ends(carried(cited.quote)), "Quote")
    footnotes.add(quoted, cited.number, reference(cited, site=site, phrases=words))
    sentence._tc.remove(sentence.paragraphs[0]._p)  # noqa: SLF001  # a new cell holds an empty paragraph


def _set_widths(table: Table) -> None:
    """Each cell's, because Word goes by the cells and not by the columns."""
    table.autofit = False
    for row in table.rows:
        for cell, width in zip(row.cells, _WORD_WIDTHS, strict=True):
            cell.width = Mm(width)


RegisterRenderer = Callable[[Register, date, str, Messages], bytes]


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """One format: its media type (RFC 6838), its file extension, the phrase that names it, and what writes it."""

    media_type: str
    extension: str
    name: str
    make: RegisterRenderer


def _word(register: Register, day: date, site: str, words: Messages) -> bytes:

    return register_docx(register, day, site, words)


REGISTERS: Mapping[str, RegisterFile] = MappingProxyType(
    {
        "docx": RegisterFile(EXPORTS["docx"].media_type, "docx", "take.word", _word),
        "xlsx": RegisterFile(TABLES["xlsx"].media_type, "xlsx", "table.xlsx", register_xlsx),
        "csv": RegisterFile(TABLES["csv"].media_type, "csv", "table.csv", register_csv),
    }
)


def register_file_name(register: Register, day: date, extension: str, words: Messages) -> str:
    """A name for the file that every system takes: the day, and the force where there is one only."""
    force = slug(register.forces[0]) if len(register.forces) == 1 else ""
    named = "-".join(part for part in (words.say("register.file"), day.isoformat(), force) if part)
    return f"{named}.{extension}"
