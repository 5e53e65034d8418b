"""Web pages: headings, paragraphs, list items and table cells in reading order, without the page's furniture.

What a web page's head says of the page: its address, when it was published and changed, its licence.
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

from index.readers.boilerplate import UNSEEN, furniture
from index.readers.extracted import CELL, ITEM, LINE, PARAGRAPH, Extracted, ExtractedPart, UnreadableFileError, left_out
from index.readers.text import decode
from index.sources.metadata import is_web_address
from index.text.transcript import Role

if TYPE_CHECKING:
    from lxml.html import HtmlElement


LONGEST = 200  # characters of a licence's name
# By the Open Graph protocol (ogp.me, "article") and the DCMI Metadata Terms.
_DATES = {
    "article:published_time": "published", "dcterms.issued": "published", "dc.date.issued": "published",
    "article:modified_time": "updated", "dcterms.modified": "updated", "dc.date.modified": "updated",
}  # fmt: skip
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])")


def said_of_page(root: HtmlElement) -> dict[str, str]:
    """Fields of `Metadata` by name, as far as the page says each once: `url`, `published`, `updated`, `licence`."""
    found: dict[str, set[str]] = {}
    for name, value in _said(root):
        found.setdefault(name, set()).add(value)
    return {name: values.pop() for name, values in sorted(found.items()) if len(values) == 1}


def _said(root: HtmlElement) -> Iterator[tuple[str, str]]:
    for one in root.iter("meta"):
        field = _DATES.get((one.get("property") or one.get("name") or "").strip().lower())
        if field and (day := _DAY.match((one.get("content") or "").strip())):
            yield field, day.group()
    for one in root.iter("link", "a"):
        relations = (one.get("rel") or "").lower().split()
        address, name = (one.get("href") or "").strip(), " ".join(one.text_content().split())
        if one.tag == "link" and "canonical" in relations and is_web_address(address):
            yield "url", address
        if one.tag == "a" and "license" in relations and 0 < len(name) <= LONGEST:
            yield "licence", name


_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE = frozenset(
    {
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "dfn", "em", "font", "i", "ins"),
        *("kbd", "label", "mark", "output", "q", "rp", "rt", "ruby", "samp", "small", "span", "strong", "sub", "sup"),
        *("time", "tt", "u", "var", "wbr"),
    }
)
_SPACE = re.compile("[ \t\n\r\f]+")
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_LATIN = frozenset({"iso8859-1", "cp1252", "ascii"})  # by the HTML standard each of these labels means Windows-1252
_TOO_MUCH = ("ERR_RESOURCE_LIMIT", "ERR_NO_MEMORY")


def read_html(data: bytes) -> Extracted:
    """The parts of a page. Its first heading of level one is the title, else the name in its `title` element.

    Navigation, banners, page headers and footers, form controls, deletions and hidden text are left out and noted,
    and so are pictures. What the page's head says of it is handed over as said. Raises `UnreadableFileError` for what
    is no page, and `SourceError` for bytes that are no text.
    """
    notes: list[str] = []
    root = _tree(decoded(data, notes))
    page = _HtmlPage()
    page.walk(root)
    name = (root.findtext(".//title") or "").strip()
    parts = list(page.parts)
    if name and not any(part.role is Role.TITLE for part in parts):
        parts.insert(0, ExtractedPart(_SPACE.sub(" ", name), Role.TITLE))
    for kind, texts in page.left.items():
        notes += left_out(kind.capitalize(), texts)
    if page.pictures:
        notes.append(f"{page.pictures} {'picture' if page.pictures == 1 else 'pictures'} or embedded objects not read.")
    return Extracted(tuple(parts), tuple(notes), said=said_of_page(root))


def decoded(data: bytes, notes: list[str]) -> str:
    """A page's characters: by its byte-order mark, else by the encoding it declares, else as plain text is decoded."""
    declared = _DECLARED.search(data[:4096])
    label = declared[1].decode("ascii") if declared else ""
    if label and not data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            codec = codecs.lookup(label).name
            if codec not in _LATIN and not codec.startswith(("utf-16", "utf-32")):
                return data.decode(codec)
        except (LookupError, UnicodeDecodeError):
            notes.append(
                f"It declares the encoding {label}, which its bytes are not in; read as UTF-8 or Windows-1252."
            )
    return decode(Path("page"), data)


def _tree(text: str) -> lxml_html.HtmlElement:
    parser = lxml_html.HTMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
    written = _XML_DECLARATION.sub("", text, count=1)
    if "<" not in written:
        raise UnreadableFileError("it is not HTML: it holds no tag.")
    try:
        root = lxml_html.document_fromstring(written, parser=parser)
    except etree.ParserError as error:
        raise UnreadableFileError("it holds no text.") from error
    except etree.XMLSyntaxError as error:
        raise UnreadableFileError("it is damaged, or needs more memory than a file is given.") from error
    if any(entry.type_name in _TOO_MUCH for entry in parser.error_log):
        raise UnreadableFileError("its elements are nested too deeply to be read whole.")
    return root


@dataclass(slots=True)
class _HtmlPage:
    """Parts so far, and the text of the block that is being read."""

    parts: list[ExtractedPart] = field(default_factory=list)
    left: dict[str, list[str]] = field(default_factory=dict)
    pictures: int = 0
    _open: list[str] = field(default_factory=list)  # tags of the blocks around
    _before: str = PARAGRAPH
    _written: list[str] = field(default_factory=list)
    _titled: bool = False

    def walk(self, root: lxml_html.HtmlElement) -> None:
        """Read every element below a root, in order, without recursion: pages may be nested deeply."""
        skipped: set[lxml_html.HtmlElement] = set()
        steps = etree.iterwalk(root, events=("start", "end"))
        for event, element in steps:
            if event == "start":
                if self._leave(element):
                    skipped.add(element)
                    steps.skip_subtree()
                else:
                    self._begin(element)
                continue
            if element in skipped:
                skipped.discard(element)
            else:
                self._end(str(element.tag))
            if element is not root and element.tail:
                self._written.append(self._text(element.tail))
        self._flush()

    def _leave(self, element: lxml_html.HtmlElement) -> bool:
        """Whether an element is passed over; what is lost with it is kept for the notes."""
        if element.tag in UNSEEN:
            return True
        kind = furniture(element)
        if kind == "picture":
            self.pictures += 1
        elif kind:
            self.left.setdefault(kind, []).append(" ".join(_words(element)))
        return bool(kind)

    def _begin(self, element: lxml_html.HtmlElement) -> None:
        tag = str(element.tag)
        if tag == "br":
            self._written.append("\n")
        elif tag not in _INLINE:
            self._flush()
            self._open.append(tag)
            self._set_apart(element, tag)
        if element.text:
            self._written.append(self._text(element.text))

    def _end(self, tag: str) -> None:
        if tag not in _INLINE and tag != "br":
            self._flush()
            self._open.pop()

    def _set_apart(self, element: lxml_html.HtmlElement, tag: str) -> None:
        if tag == "li":
            self._before = ITEM
        elif tag in ("td", "th"):
            first = element.getprevious() is None
            row = element.getparent()
            self._before = (
                CELL if not first else LINE if row is not None and row.getprevious() is not None else PARAGRAPH
            )

    def _text(self, text: str) -> str:
        return text if "pre" in self._open else _SPACE.sub(" ", text)

    def _flush(self) -> None:
        """What was read becomes a part, unless it is nothing but white space."""
        text = "".join(self._written)
        self._written.clear()
        if "pre" not in self._open:
            text = "\n".join(_SPACE.sub(" ", line).strip(" ") for line in text.split("\n"))
        text = text.strip()
        if text:
            tag = next((one for one in reversed(self._open) if one in _HEADINGS or one in ("td", "th", "caption")), "")
            self.parts.append(ExtractedPart(text, self._role(tag), self._before, cell=tag == "th"))
            self._before = LINE if tag in ("td", "th") else PARAGRAPH

    def _role(self, tag: str) -> Role:
        if tag == "h1" and not self._titled:
            self._titled = True
            return Role.TITLE
        return Role.HEADING if tag in _HEADINGS or tag in ("th", "caption") else Role.FINDING


def _words(element: lxml_html.HtmlElement) -> Iterator[str]:
    """The text within an element that somebody would be shown."""
    for one in element.iter():
        if one.tag in UNSEEN:
            continue
        yield from (
            piece.strip() for piece in (one.text, one.tail if one is not element else "") if piece and piece.strip()
        )
