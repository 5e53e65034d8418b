"""A conversation as a Word document (Office Open XML): headings, quotations, and a footnote of Word's for each.

A line end in a quotation (CR, LF, or both) is a line break of Word's, and a tab is a tab.

Numbered footnotes in a Word document (ECMA-376 part 1, section 17.11), which python-docx has no way to add.

Packages of Office Open XML made the same twice: the time of saving is no part of a document.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date

from docx.document import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.table import _Cell
from docx.text.paragraph import Paragraph

from assistant.answer import Answer
from assistant.export.conversation import ExportedBlock, ExportedConversation, ExportedTurn, Quoted, lay_out
from assistant.export.word_template import TAG, blank_document
from assistant.messages import Messages, load_messages

# What Word writes: the line above the notes of a page, and the one above a note that began on the page before.
_EMPTY = (
    "<w:footnotes {}>"
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/>'
    "</w:pPr><w:r><w:separator/></w:r></w:p></w:footnote>"
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:pPr><w:spacing w:after="0" w:line="240" '
    'w:lineRule="auto"/></w:pPr><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
    "</w:footnotes>"
)
_NOTE = (
    '<w:footnote {} w:id="{}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
    '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
    '<w:r><w:t xml:space="preserve"> </w:t></w:r></w:p></w:footnote>'
)
_MARK = '<w:r {}><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="{}"/></w:r>'
_SETTING = '<w:footnotePr {}><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'


class Footnotes:
    """The footnotes of one document that has none yet; it holds the styles FootnoteText and FootnoteReference."""

    def __init__(self, document: Document) -> None:
        self._root = parse_xml(_EMPTY.format(nsdecls("w")))
        name = PackURI("/word/footnotes.xml")
        part = XmlPart(name, CONTENT_TYPE.WML_FOOTNOTES, self._root, document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        settings = document.settings.element
        compatibility = settings.find(qn("w:compat"))
        # The schema fixes the order of settings (section 17.15.1.78): these come right before compatibility.
        place = len(settings) if compatibility is None else settings.index(compatibility)
        settings.insert(place, parse_xml(_SETTING.format(nsdecls("w"))))

    def add(self, paragraph: Paragraph, number: int, text: str) -> None:
        """A mark at the end of a paragraph, and its note. Word counts marks by itself: give them in order from 1."""
        note = parse_xml(_NOTE.format(nsdecls("w"), number))
        run = OxmlElement("w:r")
        words = OxmlElement("w:t")
        words.text = text
        run.append(words)
        note[0].append(run)
        self._root.append(note)
        paragraph._p.append(parse_xml(_MARK.format(nsdecls("w"), number)))  # noqa: SLF001  # no public way to a run's XML


_SAVED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
EARLIEST = 1980  # a ZIP archive has no earlier year


def dated(written: io.BytesIO, day: date) -> bytes:
    """The package with the day for the time of every part, and for the time it was last modified."""
    package = io.BytesIO()
    stamp = (max(day.year, EARLIEST), day.month, day.day, 0, 0, 0)
    with zipfile.ZipFile(written) as parts, zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, stamp)
            part.compress_type = zipfile.ZIP_DEFLATED
            content = parts.read(name)
            if name == "docProps/core.xml":
                content = _SAVED.sub(rb"\g<1>" + f"{day.isoformat()}T00:00:00Z".encode() + rb"\g<2>", content)
            made.writestr(part, content)
    return package.getvalue()


REGION = "GB"  # every catalogue of phrases is in a language as it is written in Great Britain
_LINE_END = re.compile(r"\r\n?")


def to_word(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Messages | None = None) -> bytes:
    """The conversation as it is taken away on `day`: the same bytes for the same conversation on the same day.

    `site` is as `assistant.export.reference.reference` takes it.
    """
    words = phrases or load_messages()
    handout = lay_out(answers, day, site=site, words=words)
    document = blank_document(handout.title, day, f"{words.language}-{REGION}")
    writer = _Writer(document, Footnotes(document), handout, words)
    writer.write()
    return _saved(document, day)


class _Writer:
    def __init__(
        self, document: Document, footnotes: Footnotes, handout: ExportedConversation, words: Messages
    ) -> None:
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

    def _section(self, section: ExportedTurn) -> None:
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

    def _passages(self, passages: Sequence[ExportedBlock], into: Document | _Cell) -> None:
        for passage in passages:
            if passage.claim:
                into.add_paragraph(with_line_ends(passage.claim))
            self._quotations(passage.quoted, into)

    def _table(self, section: ExportedTurn) -> None:
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
