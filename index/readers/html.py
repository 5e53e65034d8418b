"""Reads web pages: HTML in UTF-8 or a declared encoding, parsed by libxml2, which repairs what is malformed.

Title, headings, paragraphs, list items, table cells and definitions are kept in reading order, with what is in closed
accordions, tabs and other panels. Navigation, banners, page headers and footers, lists of links, forms, deletions,
hidden text and pictures are left out and noted; scripts, styles and comments are dropped. The page's address, dates
and licence are read from its canonical and license links (HTML Standard), and from the Open Graph ("article") and DCMI
terms in its head.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree
from lxml import html as lxml_html

from index.readers.extracted import Extracted, ExtractedPart, UnreadableFileError, counted, left_out_notes
from index.readers.html_parts import HtmlReader
from index.readers.text import decode_text
from index.sources.metadata import is_web_address
from index.text.transcript import Role

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_SPACE = re.compile("[ \t\n\r\f]+")
_DECLARED_ENCODING = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HEAD_BYTES = 4096  # searched for the declared encoding
_LATIN = frozenset({"iso8859-1", "cp1252", "ascii"})  # the Encoding Standard reads each of these as Windows-1252
_RESOURCE_ERRORS = ("ERR_RESOURCE_LIMIT", "ERR_NO_MEMORY")
_DATE_FIELDS = {
    "article:published_time": "published", "dcterms.issued": "published", "dc.date.issued": "published",
    "article:modified_time": "updated", "dcterms.modified": "updated", "dc.date.modified": "updated",
}  # fmt: skip
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")
_MAX_LICENCE_CHARACTERS = 200


def read_html(data: bytes) -> Extracted:
    """Returns the parts of a page. Its first level-one heading is the title, else the text of its `title` element.

    Raises `UnreadableFileError` for what is not a web page, and `SourceError` for bytes that are not text.
    """
    notes: list[str] = []
    root = _parse(_decode_page(data, notes))
    reader = HtmlReader()
    reader.read(root)
    parts = list(reader.parts)
    title = (root.findtext(".//title") or "").strip()
    if title and not any(part.role is Role.TITLE for part in parts):
        parts.insert(0, ExtractedPart(_SPACE.sub(" ", title), Role.TITLE))
    for kind, texts in reader.left_out.items():
        notes += left_out_notes(kind.capitalize(), texts)
    if reader.pictures:
        objects = "embedded object" if reader.pictures == 1 else "embedded objects"
        notes.append(f"{counted(reader.pictures, 'picture')} or {objects} not read.")
    return Extracted(tuple(parts), tuple(notes), reader.has_headings, _declared_metadata(root))


def _decode_page(data: bytes, notes: list[str]) -> str:
    """Decodes a page by its byte-order mark, else by the encoding it declares, else as plain text."""
    declared = _DECLARED_ENCODING.search(data[:_HEAD_BYTES])
    label = declared[1].decode("ascii") if declared else ""
    if label and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            codec = codecs.lookup(label).name
            if codec not in _LATIN and not codec.startswith(("utf-16", "utf-32")):
                return data.decode(codec)
        except (LookupError, UnicodeDecodeError):
            notes.append(f"It declares the encoding {label} but is not in it; read as UTF-8 or Windows-1252.")
    return decode_text(Path("page"), data)


def _parse(text: str) -> HtmlElement:
    parser = lxml_html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
    markup = text.lstrip()
    if markup.startswith("<?xml"):  # lxml refuses text that declares an encoding
        markup = markup[markup.find("?>") + 2 :]
    if "<" not in markup:
        raise UnreadableFileError("it is not HTML: it contains no tags.")
    try:
        root = lxml_html.document_fromstring(markup, parser=parser)
    except etree.ParserError as error:
        raise UnreadableFileError("it contains no text.") from error
    except etree.XMLSyntaxError as error:
        raise UnreadableFileError("it is damaged, or needs more memory than is allowed for one file.") from error
    if any(entry.type_name in _RESOURCE_ERRORS for entry in parser.error_log):
        raise UnreadableFileError("its elements are nested too deeply to be read.")
    return root


def _declared_metadata(root: HtmlElement) -> dict[str, str]:
    """Returns the fields of `Metadata` for which the page declares exactly one value, by name."""
    values: dict[str, set[str]] = {}
    for name, value in (*_dates(root), *_links(root)):
        values.setdefault(name, set()).add(value)
    return {name: found.pop() for name, found in sorted(values.items()) if len(found) == 1}


def _dates(root: HtmlElement) -> Iterator[tuple[str, str]]:
    for element in root.iter("meta"):
        name = (element.get("property") or element.get("name") or "").strip().lower()
        date = _DATE.match((element.get("content") or "").strip())
        if name in _DATE_FIELDS and date:
            yield _DATE_FIELDS[name], date.group()


def _links(root: HtmlElement) -> Iterator[tuple[str, str]]:
    for element in root.iter("link", "a"):
        relations = (element.get("rel") or "").lower().split()
        address = (element.get("href") or "").strip()
        if element.tag == "link" and "canonical" in relations and is_web_address(address):
            yield "url", address
        if element.tag == "a" and "license" in relations:
            name = " ".join(element.text_content().split())
            if 0 < len(name) <= _MAX_LICENCE_CHARACTERS:
                yield "licence", name
