"""A conversation as a Word document (Office Open XML): headings, quotations, and a footnote of Word's for each.

A line end in a quotation (CR, LF, or both) is a line break of Word's, and a tab is a tab.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date

from docx.document import Document
from docx.oxml import OxmlElement
from docx.table import _Cell

from assistant.answer import Answer
from assistant.export.handout import Handout, Passage, Quoted, Section, lay_out
from assistant.export.package import dated
from assistant.export.word_footnotes import Footnotes
from assistant.export.word_template import TAG, blank_document
from assistant.phrasebook import Phrasebook, load_phrasebook

REGION = "GB"  # every catalogue of phrases is in a language as it is written in Great Britain
_LINE_END = re.compile(r"\r\n?")


def to_word(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Phrasebook | None = None) -> bytes:
    """The conversation as it is taken away on `day`: the same bytes for the same conversation on the same day.

    `site` is as `assistant.reference.reference` takes it.
    """
    words = phrases or load_phrasebook()
    handout = lay_out(answers, day, site=site, words=words)
    document = blank_document(handout.title, day, f"{words.language}-{REGION}")
    writer = _Writer(document, Footnotes(document), handout, words)
    writer.write()
    return _saved(document, day)


class _Writer:
    def __init__(self, document: Document, footnotes: Footnotes, handout: Handout, words: Phrasebook) -> None:
        self._document = document
        self._footnotes = footnotes
        self._handout = handout
        self._words = words

    def write(self) -> None:
        self._add(self._handout.title, "Title")
        self._add(f"{self._handout.made} {self._words.say('handout.statement')}")
        for section in self._handout.sections:
            self._section(section)
        for remark in self._handout.remarks:
            self._add(remark)

    def _section(self, section: Section) -> None:
        self._add(section.question, "Heading 1")
        if section.understood:
            self._add(f"{self._words.say('turn.understood')}: {section.understood}")
        self._add(section.outcome, "Heading 2")
        self._add(section.reason)
        for note in section.notes:
            self._add(note)
        if section.noted:
            self._add(self._words.say("coverage.grades_said"))
            self._quotations(section.noted, self._document)
        if section.heads:
            self._table(section)
        for part in section.parts if not section.heads else ():
            self._add(part.label, "Heading 2")
            self._passages(part.passages, self._document)
            if not part.passages:
                self._add(self._words.say("table.nothing"))
        self._passages(() if section.parts else section.passages, self._document)
        if section.nearest:
            self._add(self._words.say("nearest.heading"), "Heading 2")
            self._add(self._words.say("nearest.note"))
            self._quotations(section.nearest, self._document)
        self._add(section.searched)

    def _passages(self, passages: Sequence[Passage], into: Document | _Cell) -> None:
        for passage in passages:
            if passage.claim:
                into.add_paragraph(with_line_ends(passage.claim))
            self._quotations(passage.quoted, into)

    def _table(self, section: Section) -> None:
        table = self._document.add_table(rows=1, cols=len(section.heads), style="Table Grid")
        for cell, head in zip(table.rows[0].cells, section.heads, strict=True):
            cell.text = head
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  # no public way
        for part in section.parts:
            label, cell = table.add_row().cells
            label.text = with_line_ends(part.label)
            self._passages(part.passages, cell)
            if not part.passages:
                cell.text = self._words.say("table.nothing")
            elif not cell.paragraphs[0].text:
                cell._tc.remove(cell.paragraphs[0]._p)  # noqa: SLF001  # a new cell holds an empty paragraph

    def _quotations(self, quoted: Sequence[Quoted], into: Document | _Cell) -> None:
        for one in quoted:
            if one.citation.context:
                into.add_paragraph(self._words.say("quotation.context"), TAG)
            paragraph = into.add_paragraph(with_line_ends(one.text), "Quote")
            if one.first:
                self._footnotes.add(paragraph, one.note, self._handout.notes[one.note - 1])
            else:
                paragraph.add_run(str(one.note)).font.superscript = True

    def _add(self, text: str, style: str = "Normal") -> None:
        self._document.add_paragraph(with_line_ends(text), style)


def with_line_ends(text: str) -> str:
    """The text with line ends as the document's own: a line break of Word's each."""
    return _LINE_END.sub("\n", text)


def _saved(document: Document, day: date) -> bytes:
    """The package, with the day for the time of every part: python-docx writes the time of saving."""
    written = io.BytesIO()
    document.save(written)
    return dated(written, day)
