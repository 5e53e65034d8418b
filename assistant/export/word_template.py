"""Makes an empty Word document in the project's style: A4, named styles, and no author.

The styles have Word's own names (ECMA-376 part 1, section 17.7.4), so that an organisation's theme applies to them.
"""

from __future__ import annotations

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
TEXT_COLOUR, LABEL_COLOUR = RGBColor(0x1B, 0x1B, 0x1B), RGBColor(0x4A, 0x4A, 0x4A)
QUOTATION_LABEL = "Quotation Label"
# name, and in points: size, space before, space after
HEADING_STYLES = (("Title", 22, 0, 6), ("Heading 1", 15, 20, 4), ("Heading 2", 12, 10, 2))
# The preview picture of python-docx's template, and its statement of which program wrote the file.
TEMPLATE_RELATIONSHIPS = ("metadata/thumbnail", "/extended-properties")
FOOTNOTE_STYLES = (
    '<w:style {} w:type="paragraph" w:styleId="FootnoteText"><w:name w:val="footnote text"/><w:basedOn w:val="Normal"/>'
    '<w:uiPriority w:val="99"/><w:unhideWhenUsed/><w:pPr><w:spacing w:after="60" w:line="240" w:lineRule="auto"/>'
    '</w:pPr><w:rPr><w:sz w:val="18"/><w:szCs w:val="18"/></w:rPr></w:style>',
    '<w:style {} w:type="character" w:styleId="FootnoteReference"><w:name w:val="footnote reference"/>'
    '<w:basedOn w:val="DefaultParagraphFont"/><w:uiPriority w:val="99"/><w:unhideWhenUsed/>'
    '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr></w:style>',
)
QUOTE_BORDER = '<w:pBdr {}><w:left w:val="single" w:sz="18" w:space="10" w:color="767676"/></w:pBdr>'


def blank_document(title: str, day: date, language: str) -> Document:
    """An empty document. `language` is a BCP 47 code with a region, such as `en-GB`, that Word checks spelling by."""
    document = docx.Document()
    _remove_template_parts(document)
    _set_properties(document, title, day, language)
    _set_language(document, language)
    _set_compatibility(document.settings.element)
    _set_page(document)
    for style in FOOTNOTE_STYLES:
        document.styles.element.append(parse_xml(style.format(nsdecls("w"))))
    _set_styles(document)
    return document


def _remove_template_parts(document: Document) -> None:
    relationships = document.part.package.rels
    for key in [key for key, item in relationships.items() if item.reltype.endswith(TEMPLATE_RELATIONSHIPS)]:
        del relationships[key]


def _set_properties(document: Document, title: str, day: date, language: str) -> None:
    properties = document.core_properties
    properties.title, properties.language = title, language
    properties.author = properties.comments = properties.last_modified_by = ""
    properties.created = properties.modified = datetime.combine(day, time())


def _set_language(document: Document, language: str) -> None:
    for element in (document.styles.element, document.settings.element):
        for name in ("w:lang", "w:themeFontLang"):
            for found in element.iter(qn(name)):
                found.set(qn("w:val"), language)


def _set_compatibility(settings: BaseOxmlElement) -> None:
    """Selects Word's current layout rules, and adds the percentage that the schema requires of a zoom."""
    for found in settings.iter(qn("w:compatSetting")):
        if found.get(qn("w:name")) == "compatibilityMode":
            found.set(qn("w:val"), "15")
    for found in settings.iter(qn("w:zoom")):
        found.set(qn("w:percent"), "100")


def _set_page(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(25)
    footer = section.footer.paragraphs[0]
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    footer._p.append(field)  # noqa: SLF001  # python-docx has no public way to add a field
    footer.alignment = 1


def _set_styles(document: Document) -> None:
    normal = _paragraph_style(document, "Normal")
    _set_font(normal)
    normal.font.size, normal.font.color.rgb = Pt(11), TEXT_COLOUR
    normal.paragraph_format.space_after = Pt(6)
    for name, size, before, after in HEADING_STYLES:
        heading = _paragraph_style(document, name)
        _set_font(heading)
        heading.font.size, heading.font.bold, heading.font.color.rgb = Pt(size), True, TEXT_COLOUR
        heading.paragraph_format.space_before, heading.paragraph_format.space_after = Pt(before), Pt(after)
        heading.paragraph_format.keep_with_next = True
    quote = _paragraph_style(document, "Quote")
    quote.font.italic = quote.font.cs_italic = False
    quote.paragraph_format.left_indent = Mm(8)
    quote.element.get_or_add_pPr().insert(0, parse_xml(QUOTE_BORDER.format(nsdecls("w"))))
    label = cast("ParagraphStyle", document.styles.add_style(QUOTATION_LABEL, WD_STYLE_TYPE.PARAGRAPH))
    label.base_style = normal
    label.font.size, label.font.color.rgb = Pt(9), LABEL_COLOUR
    label.paragraph_format.left_indent = Mm(8)
    label.paragraph_format.space_after = Pt(0)
    label.paragraph_format.keep_with_next = True


def _paragraph_style(document: Document, name: str) -> ParagraphStyle:
    return cast("ParagraphStyle", document.styles[name])


def _set_font(style: CharacterStyle) -> None:
    """Sets one font for every script. The attributes of the template are removed: a theme's font would win over it."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    fonts.attrib.clear()
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
