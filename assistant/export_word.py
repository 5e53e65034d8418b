"""A conversation as a Word document (Office Open XML): headings, quotations, and a footnote of Word's for each.

A line end in a quotation (CR, LF, or both) is a line break of Word's, and a tab is a tab.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date

from docx.document import Document

from assistant.answer import Answer
from assistant.handout import Handout, Quoted, Section, lay_out
from assistant.phrasebook import Phrasebook, load_phrasebook
from assistant.word_footnotes import Footnotes
from assistant.word_template import TAG, blank_document

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
        for passage in section.passages:
            if passage.claim:
                self._add(passage.claim)
            self._quotations(passage.quoted)
        if section.nearest:
            self._add(self._words.say("nearest.heading"), "Heading 2")
            self._add(self._words.say("nearest.note"))
            self._quotations(section.nearest)
        self._add(section.searched)

    def _quotations(self, quoted: Sequence[Quoted]) -> None:
        for one in quoted:
            if one.citation.context:
                self._add(self._words.say("quotation.context"), TAG)
            paragraph = self._document.add_paragraph(_with_line_ends(one.text), "Quote")
            if one.first:
                self._footnotes.add(paragraph, one.note, self._handout.notes[one.note - 1])
            else:
                paragraph.add_run(str(one.note)).font.superscript = True

    def _add(self, text: str, style: str = "Normal") -> None:
        self._document.add_paragraph(_with_line_ends(text), style)


def _with_line_ends(text: str) -> str:
    return _LINE_END.sub("\n", text)


def _saved(document: Document, day: date) -> bytes:
    """The package, with the day for the time of every part: python-docx writes the time of saving."""
    written, dated = io.BytesIO(), io.BytesIO()
    document.save(written)
    stamp = (max(day.year, 1980), day.month, day.day, 0, 0, 0)  # a ZIP archive has no earlier year
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(dated, "w", zipfile.ZIP_DEFLATED) as package:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, stamp)
            part.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(part, parts.read(name))
    return dated.getvalue()
