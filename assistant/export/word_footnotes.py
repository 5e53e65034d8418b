"""Numbered footnotes in a Word document (ECMA-376 part 1, section 17.11), which python-docx has no way to add."""

from __future__ import annotations

from docx.document import Document
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.text.paragraph import Paragraph

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
