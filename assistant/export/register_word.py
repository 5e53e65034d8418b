"""The register as a Word document: a table a force, a numbered footnote a sentence, and room for the comments."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.shared import Mm
from docx.table import Table, _Cell

from assistant.characters import carried
from assistant.export.package import dated
from assistant.export.register_sheet import notes_of
from assistant.export.word import REGION, with_line_ends
from assistant.export.word_footnotes import Footnotes
from assistant.export.word_template import TAG, blank_document
from assistant.phrasebook import Phrasebook
from assistant.reference import reference
from assistant.register import Entry, Register, term_in_words

HEADS = ("number", "period", "kind", "sentence", "comments", "date")
_WIDTHS = (12, 24, 34, 100, 62, 24)  # millimetres; together what A4 turned on its side leaves between its margins


def register_docx(register: Register, day: date, site: str, words: Phrasebook) -> bytes:
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


def _table(document: Document, footnotes: Footnotes, entries: Sequence[Entry], site: str, words: Phrasebook) -> None:
    table = document.add_table(rows=1, cols=len(HEADS), style="Table Grid")
    for cell, head in zip(table.rows[0].cells, HEADS, strict=True):
        cell.text = words.say(f"register_head.{head}")
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  # no public way
    for entry in entries:
        _row(table.add_row().cells, footnotes, entry, site, words)
    _set_widths(table)


def _row(cells: Sequence[_Cell], footnotes: Footnotes, entry: Entry, site: str, words: Phrasebook) -> None:
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
        for cell, width in zip(row.cells, _WIDTHS, strict=True):
            cell.width = Mm(width)
