"""Reads web pages: HTML in UTF-8 or a declared encoding, parsed by libxml2, which repairs what is malformed.

Title, headings, paragraphs, list items and table cells are kept in reading order. Navigation, banners, page headers
and footers, form controls, deletions, hidden text and pictures are left out and noted; scripts, styles and comments
are dropped. The page's address, dates and licence are read from its canonical and license links (HTML Standard), and
from the Open Graph ("article") and DCMI terms in its head.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree
from lxml import html as lxml_html

from index.readers.boilerplate import NEVER_RENDERED, boilerplate_kind
from index.readers.extracted import (
    CELL,
    ITEM,
    LINE,
    PARAGRAPH,
    Extracted,
    ExtractedPart,
    UnreadableFileError,
    counted,
    left_out_notes,
)
from index.readers.text import decode_text
from index.sources.metadata import is_web_address
from index.text.transcript import Role

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CELLS = frozenset({"td", "th"})
_INLINE = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "ins"),
        *("kbd", "label", "mark", "output", "q", "rp", "rt", "ruby", "samp", "small", "span", "strong", "sub", "sup"),
        *("time", "tt", "u", "var", "wbr"),
    }
)
_SPACE = re.compile("[ \t\n\r\f]+")
_DECLARED_ENCODING = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HEAD_BYTES = 4096  # searched for the declared encoding
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
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
    reader = _HtmlReader()
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
    return Extracted(tuple(parts), tuple(notes), metadata=_declared_metadata(root))


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
    markup = _XML_DECLARATION.sub("", text, count=1)
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


@dataclass(slots=True)
class _HtmlReader:
    """The parts read so far, and the text of the block that is being read."""

    parts: list[ExtractedPart] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=dict)  # texts by kind of boilerplate
    pictures: int = 0
    _open_tags: list[str] = field(default_factory=list)  # of the block elements around the current position
    _separator: str = PARAGRAPH
    _pending: list[str] = field(default_factory=list)  # text of the current block
    _has_title: bool = False

    def read(self, root: HtmlElement) -> None:
        """Reads every element below a root in order, without recursion, because pages may be nested deeply."""
        skipped: set[HtmlElement] = set()
        steps = etree.iterwalk(root, events=("start", "end"))
        for event, element in steps:
            if event == "start":
                if self._is_left_out(element):
                    skipped.add(element)
                    steps.skip_subtree()
                else:
                    self._start(element)
                continue
            if element in skipped:
                skipped.discard(element)
            else:
                self._end(str(element.tag))
            if element is not root and element.tail:
                self._pending.append(self._collapse(element.tail))
        self._finish_block()

    def _is_left_out(self, element: HtmlElement) -> bool:
        """Returns whether an element is left out, and if so records it for the notes."""
        if element.tag in NEVER_RENDERED:
            return True
        kind = boilerplate_kind(element)
        if kind == "picture":
            self.pictures += 1
        elif kind:
            self.left_out.setdefault(kind, []).append(" ".join(_rendered_text(element)))
        return bool(kind)

    def _start(self, element: HtmlElement) -> None:
        tag = str(element.tag)
        if tag == "br":
            self._pending.append("\n")
        elif tag not in _INLINE:
            self._finish_block()
            self._open_tags.append(tag)
            if tag == "li":
                self._separator = ITEM
            elif tag in _CELLS:
                self._separator = _cell_separator(element)
        if element.text:
            self._pending.append(self._collapse(element.text))

    def _end(self, tag: str) -> None:
        if tag not in _INLINE and tag != "br":
            self._finish_block()
            self._open_tags.pop()

    def _collapse(self, text: str) -> str:
        return text if "pre" in self._open_tags else _SPACE.sub(" ", text)

    def _finish_block(self) -> None:
        """Makes a part of the pending text, unless it is only white space."""
        text = "".join(self._pending)
        self._pending.clear()
        if "pre" not in self._open_tags:
            text = "\n".join(_SPACE.sub(" ", line).strip(" ") for line in text.split("\n"))
        text = text.strip()
        if text:
            tag = self._innermost_tag()
            self.parts.append(ExtractedPart(text, self._role(tag), self._separator, is_cell=tag == "th"))
            self._separator = LINE if tag in _CELLS else PARAGRAPH

    def _innermost_tag(self) -> str:
        """Returns the innermost heading, cell or caption around the current position; empty when there is none."""
        for tag in reversed(self._open_tags):
            if tag in _HEADINGS or tag in _CELLS or tag == "caption":
                return tag
        return ""

    def _role(self, tag: str) -> Role:
        if tag == "h1" and not self._has_title:
            self._has_title = True
            return Role.TITLE
        return Role.HEADING if tag in _HEADINGS or tag in ("th", "caption") else Role.FINDING


def _cell_separator(cell: HtmlElement) -> str:
    if cell.getprevious() is not None:
        return CELL
    row = cell.getparent()
    return LINE if row is not None and row.getprevious() is not None else PARAGRAPH


def _rendered_text(element: HtmlElement) -> Iterator[str]:
    """Yields the runs of text within an element that a browser would show."""
    for descendant in element.iter():
        if descendant.tag in NEVER_RENDERED:
            continue
        for text in (descendant.text, descendant.tail if descendant is not element else ""):
            if text and text.strip():
                yield text.strip()


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
