"""An empty Word document in the project's style: A4, British English, named styles, and no word on who made it.

Word's own names of styles are used (ECMA-376 part 1, section 17.7.4), so that an organisation's theme takes them over.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import cast

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import CharacterStyle, ParagraphStyle

FONT = "Arial"
INK, QUIET = RGBColor(0x1B, 0x1B, 0x1B), RGBColor(0x4A, 0x4A, 0x4A)
TAG = "Quotation Label"
# style, points, space before, space after; headings keep with what they head
HEADINGS = (("Title", 22, 0, 6), ("Heading 1", 15, 20, 4), ("Heading 2", 12, 10, 2))
# The template's own preview picture, and its claim of which program wrote the file.
UNTRUE = ("metadata/thumbnail", "/extended-properties")
NOTE_STYLES = (
    '<w:style {} w:type="paragraph" w:styleId="FootnoteText"><w:name w:val="footnote text"/><w:basedOn w:val="Normal"/>'
    '<w:uiPriority w:val="99"/><w:unhideWhenUsed/><w:pPr><w:spacing w:after="60" w:line="240" w:lineRule="auto"/>'
    '</w:pPr><w:rPr><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr></w:style>',
    '<w:style {} w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/>'
    '<w:basedOn w:val="DefaultParagraphFont"/><w:uiPriority w:val="99"/><w:unhideWhenUsed/>'
    '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>',
)
QUOTE_RULE = '<w:pBdr {}><w:left w:val="single" w:sz="18" w:space="10" w:color="767676"/></w:pBdr>'


def blank_document(title: str, day: date, language: str) -> Document:
    """A document to fill. `language` is a BCP 47 code with its region, e.g. `en-GB`: what spelling is checked by."""
    document = docx.Document()
    _forget_the_template(document)
    _describe(document, title, day, language)
    _set_language(document, language)
    _modernise(document.settings.element)
    _page(document)
    for form in NOTE_STYLES:
        document.styles.element.append(parse_xml(form.format(nsdecls("w"))))
    _style(document)
    return document


def _forget_the_template(document: Document) -> None:
    relations = document.part.package.rels
    for identity in [key for key, one in relations.items() if one.reltype.endswith(UNTRUE)]:
        del relations[identity]


def _describe(document: Document, title: str, day: date, language: str) -> None:
    about = document.core_properties
    about.title, about.language = title, language
    about.author = about.comments = about.last_modified_by = ""
    about.created = about.modified = datetime.combine(day, time())


def _set_language(document: Document, language: str) -> None:
    for element in (document.styles.element, document.settings.element):
        for name in ("w:lang", "w:themeFontLang"):
            for found in element.iter(qn(name)):
                found.set(qn("w:val"), language)


def _modernise(settings: BaseOxmlElement) -> None:
    """Word's present layout rules, and the percentage the schema asks of a zoom."""
    for found in settings.iter(qn("w:compatSetting")):
        if found.get(qn("w:name")) == "compatibilityMode":
            found.set(qn("w:val"), "15")
    for found in settings.iter(qn("w:zoom")):
        found.set(qn("w:percent"), "100")


def _page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(25)
    footer = section.footer.paragraphs[0]
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    footer._p.append(field)  # noqa: SLF001  # python-docx has no other way to a field
    footer.alignment = 1


def _style(document: Document) -> None:
    for style in _paragraph_styles(document):
        _set_font(style)
    normal = _paragraph_style(document, "Normal")
    normal.font.size, normal.font.color.rgb = Pt(11), INK
    normal.paragraph_format.space_after = Pt(6)
    for name, size, before, after in HEADINGS:
        heading = _paragraph_style(document, name)
        heading.font.size, heading.font.bold, heading.font.color.rgb = Pt(size), True, INK
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(before), Pt(after)
        heading.paragraph_format.keep_with_next = True
    quote = _paragraph_style(document, "Quote")
    quote.font.italic = quote.font.cs_italic = False
    quote.paragraph_format.left_indent = Mm(8)
    quote.element.get_or_add_pPr().insert(0, parse_xml(QUOTE_RULE.format(nsdecls("w"))))
    label = cast("ParagraphStyle", document.styles.add_style(TAG, WD_STYLE_TYPE.PARAGRAPH))
    label.base_style = normal
    label.font.size, label.font.color.rgb = Pt(9), QUIET
    label.paragraph_format.left_indent = Mm(8)
    label.paragraph_format.space_after = Pt(0)
    label.paragraph_format.keep_with_next = True


def _paragraph_styles(document: Document) -> Iterator[ParagraphStyle]:
    yield from (_paragraph_style(document, name) for name in ("Normal", "Title", "Heading 1", "Heading 2"))


def _paragraph_style(document: Document, name: str) -> ParagraphStyle:
    return cast("ParagraphStyle", document.styles[name])


def _set_font(style: CharacterStyle) -> None:
    """One font for every script. The template's fonts of the theme would go before a font that is merely named."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
