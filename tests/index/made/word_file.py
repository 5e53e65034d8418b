"""Word documents written as XML by hand, so that tracked changes, notes and boxes are as Word would have them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_SPACES = (
    f'xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:v="urn:schemas-microsoft-com:vml"'
)
STYLES = (
    '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Force heading"/><w:basedOn w:val="Lvl"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Lvl"><w:name w:val="Base"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr>'
    "</w:style>"
    '<w:style w:type="paragraph" w:styleId="TOC1"><w:name w:val="toc 1"/></w:style>'
)


def run(text: str, properties: str = "") -> str:
    """A run of text."""
    inside = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inside}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def p(inside: str, style: str = "", properties: str = "") -> str:
    """A paragraph of runs, or of a text that holds no markup."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    written = inside if inside.startswith("<") else run(inside)
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{written}</w:p>"


def deleted(text: str) -> str:
    """A tracked deletion."""
    return f'<w:del w:id="1" w:author="A"><w:r><w:delText xml:space="preserve">{escape(text)}</w:delText></w:r></w:del>'


def inserted(text: str) -> str:
    """A tracked insertion."""
    return f'<w:ins w:id="2" w:author="A">{run(text)}</w:ins>'


def table(*rows: tuple[str, ...], heads: bool = False) -> str:
    """A table of cells, each a text or XML; with `heads` its first row is marked as one of headings."""
    written = []
    for number, row in enumerate(rows):
        marked = "<w:trPr><w:tblHeader/></w:trPr>" if heads and not number else ""
        cells = "".join(f"<w:tc>{cell if cell.startswith('<') else p(cell)}</w:tc>" for cell in row)
        written.append(f"<w:tr>{marked}{cells}</w:tr>")
    return f"<w:tbl>{''.join(written)}</w:tbl>"


def box(inside: str) -> str:
    """A run with a text box, as Word writes it: once for itself, and once for older programs."""
    content = f"<w:txbxContent>{inside}</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{content}</wps:txbx></w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{content}</v:textbox></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


def docx(body: str, parts: Mapping[str, str] | None = None, *, strict: bool = False) -> bytes:
    """A document. `parts` are further members below `word/`, by name, each the inside of its root element."""
    members = {"styles": STYLES, **(parts or {}), "document": f"<w:body>{body}</w:body>"}
    roots = {"header1": "hdr", "footer1": "ftr"}
    written = {
        f"word/{name}.xml": f"<w:{roots.get(name, name)} {_SPACES}>{inside}</w:{roots.get(name, name)}>"
        for name, inside in members.items()
    }
    if strict:
        written = {name: text.replace(W, STRICT) for name, text in written.items()}
    return package({"[Content_Types].xml": "<Types/>", **written})


def package(members: Mapping[str, str | bytes]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
