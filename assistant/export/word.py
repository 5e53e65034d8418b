"""Writes a conversation as a Word document (Office Open XML) with headings, quotations and a footnote for each.

A line end in a quotation (CR, LF or both) becomes a line break, and a tab stays a tab. The same conversation gives the
same bytes, because the times within the file are set to the day of the export.
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
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from assistant.answer import Answer
from assistant.export.conversation import (
    ExportedBlock,
    ExportedConversation,
    ExportedQuotation,
    ExportedStatement,
    ExportedTurn,
    lay_out,
)
from assistant.export.word_template import QUOTATION_LABEL, blank_document
from assistant.messages import Messages, load_messages

REGION = "GB"  # every language's messages are written as in Great Britain
FIRST_ZIP_YEAR = 1980

_LINE_END = re.compile(r"\r\n?")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")
# As Word writes it: the line above the notes of a page, and the one above a note continued from the page before.
_EMPTY_FOOTNOTES = (
    "<w:footnotes {}>"
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:pPr><w:spacing w:after="0" w:line="240" w:lineRule="auto"/>'
    "</w:pPr><w:r><w:separator/></w:r></w:p></w:footnote>"
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:pPr><w:spacing w:after="0" w:line="240" '
    'w:lineRule="auto"/></w:pPr><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
    "</w:footnotes>"
)
_FOOTNOTE = (
    '<w:footnote {} w:id="{}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
    '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
    '<w:r><w:t xml:space="preserve"> </w:t></w:r></w:p></w:footnote>'
)
_FOOTNOTE_MARK = '<w:r {}><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteReference w:id="{}"/></w:r>'
_FOOTNOTE_SETTING = '<w:footnotePr {}><w:footnote w:id="-1"/><w:footnote w:id="0"/></w:footnotePr>'


def to_word(answers: Sequence[Answer], day: date, *, site: str = "", messages: Messages | None = None) -> bytes:
    """The conversation as exported on `day`. `site` is as `reference` takes it."""
    messages = messages or load_messages()
    conversation = lay_out(answers, day, site=site, messages=messages)
    document = blank_document(conversation.title, day, f"{messages.language}-{REGION}")
    _ConversationWriter(document, conversation, messages).write()
    return saved_document(document, day)


class _ConversationWriter:
    """Writes a conversation into an empty document."""

    def __init__(self, document: Document, conversation: ExportedConversation, messages: Messages) -> None:
        self._document = document
        self._footnotes = Footnotes(document)
        self._conversation = conversation
        self._messages = messages

    def write(self) -> None:
        self._add(self._conversation.title, "Title")
        self._add(f"{self._conversation.date_line} {self._messages.say('document.statement')}")
        for turn in self._conversation.turns:
            self._turn(turn)
        for remark in self._conversation.remarks:
            self._add(remark)

    def _turn(self, turn: ExportedTurn) -> None:
        self._add(turn.question, "Heading 1")
        if turn.understood:
            self._add(f"{self._messages.say('turn.understood')}: {turn.understood}")
        self._add(turn.outcome, "Heading 2")
        self._add(turn.reason)
        for note in turn.notes:
            self._add(note)
        if turn.note_sources:
            self._add(self._messages.say("coverage.grades_source"))
            self._quotations(turn.note_sources, self._document)
        if turn.column_heads:
            self._table(turn)
        else:
            for block in turn.blocks:
                self._block(block)
        if turn.nearest:
            self._add(self._messages.say("nearest.heading"), "Heading 2")
            self._add(self._messages.say("nearest.note"))
            self._quotations(turn.nearest, self._document)
        self._add(turn.searched)

    def _block(self, block: ExportedBlock) -> None:
        if block.label:
            self._add(block.label, "Heading 2")
        self._statements(block.statements, self._document)
        if not block.statements:
            self._add(self._messages.say("table.nothing"))

    def _table(self, turn: ExportedTurn) -> None:
        table = self._document.add_table(rows=1, cols=len(turn.column_heads), style="Table Grid")
        write_heads(table, turn.column_heads)
        for block in turn.blocks:
            label, cell = table.add_row().cells
            label.text = with_line_breaks(block.label)
            self._statements(block.statements, cell)
            if not block.statements:
                cell.text = self._messages.say("table.nothing")
            else:
                remove_first_paragraph(cell)

    def _statements(self, statements: Sequence[ExportedStatement], container: Document | _Cell) -> None:
        for statement in statements:
            if statement.claim:
                container.add_paragraph(with_line_breaks(statement.claim))
            self._quotations(statement.quotations, container)

    def _quotations(self, quotations: Sequence[ExportedQuotation], container: Document | _Cell) -> None:
        for quotation in quotations:
            if quotation.citation.context:
                container.add_paragraph(self._messages.say("quotation.context"), QUOTATION_LABEL)
            paragraph = container.add_paragraph(with_line_breaks(quotation.text), "Quote")
            if quotation.first:
                text = self._conversation.references[quotation.number - 1]
                self._footnotes.add(paragraph, quotation.number, text)
            else:
                paragraph.add_run(str(quotation.number)).font.superscript = True

    def _add(self, text: str, style: str = "Normal") -> None:
        self._document.add_paragraph(with_line_breaks(text), style)


class Footnotes:
    """Numbered footnotes (ECMA-376 part 1, section 17.11), which python-docx cannot add.

    The document must have no footnotes, and the styles FootnoteText and FootnoteReference.
    """

    def __init__(self, document: Document) -> None:
        self._root = parse_xml(_EMPTY_FOOTNOTES.format(nsdecls("w")))
        name = PackURI("/word/footnotes.xml")
        part = XmlPart(name, CONTENT_TYPE.WML_FOOTNOTES, self._root, document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        settings = document.settings.element
        compatibility = settings.find(qn("w:compat"))
        # The schema fixes the order of settings (section 17.15.1.78): this one comes right before compatibility.
        position = len(settings) if compatibility is None else settings.index(compatibility)
        settings.insert(position, parse_xml(_FOOTNOTE_SETTING.format(nsdecls("w"))))

    def add(self, paragraph: Paragraph, number: int, text: str) -> None:
        """Adds a mark at the end of a paragraph and its note. Word counts marks itself: add them in order from 1."""
        note = parse_xml(_FOOTNOTE.format(nsdecls("w"), number))
        run = OxmlElement("w:r")
        content = OxmlElement("w:t")
        content.text = text
        run.append(content)
        note[0].append(run)
        self._root.append(note)
        mark = parse_xml(_FOOTNOTE_MARK.format(nsdecls("w"), number))
        paragraph._p.append(mark)  # noqa: SLF001  # python-docx has no public way to a paragraph's XML


def write_heads(table: Table, heads: Sequence[str]) -> None:
    """Writes the headings into the first row of a table, which Word then repeats on every page."""
    for cell, head in zip(table.rows[0].cells, heads, strict=True):
        cell.text = head
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001  # no public way


def remove_first_paragraph(cell: _Cell) -> None:
    """Removes the empty paragraph of a new cell, once others have been added to it."""
    cell._tc.remove(cell.paragraphs[0]._p)  # noqa: SLF001  # no public way


def with_line_breaks(text: str) -> str:
    """The text with each line end as LF, which python-docx writes as a line break."""
    return _LINE_END.sub("\n", text)


def saved_document(document: Document, day: date) -> bytes:
    """The document as a file with `day` for its times."""
    file = io.BytesIO()
    document.save(file)
    return with_fixed_times(file, day)


def with_fixed_times(package: io.BytesIO, day: date) -> bytes:
    """A package of Office Open XML with `day` for the time of every part and for its last modification."""
    fixed = io.BytesIO()
    time = (max(day.year, FIRST_ZIP_YEAR), day.month, day.day, 0, 0, 0)
    with zipfile.ZipFile(package) as parts, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as output:
        for name in parts.namelist():
            part = zipfile.ZipInfo(name, time)
            part.compress_type = zipfile.ZIP_DEFLATED
            content = parts.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + f"{day.isoformat()}T00:00:00Z".encode() + rb"\g<2>", content)
            output.writestr(part, content)
    return fixed.getvalue()
