"""Reads the parts of a Word package (ECMA-376, Transitional and Strict): its XML, styles, notes and paragraphs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from lxml import etree

from index.readers.extracted import UnreadableFileError, left_out_notes
from index.readers.formats import member_bytes
from index.readers.styles import StyledText

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_STRICT_NAMESPACE = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
_CHARACTERS = {
    f"{W}tab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "\u2011",
    f"{W}softHyphen": "\u00ad",
    f"{W}sym": "\ufffd",  # a character of a symbol font: the file does not say what it looks like
}
_WITHOUT_TEXT = frozenset(
    {f"{W}pPr", f"{W}rPr", f"{W}instrText", f"{W}delText", f"{W}sdtPr", f"{W}footnoteRef", f"{W}endnoteRef"}
)
_NOTE_KINDS = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
_OBJECTS = (f"{W}drawing", f"{W}pict", f"{W}object")
_OFF = ("0", "false", "off")


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style: its name in lower case, its outline level (0 to 8), its list, and how it looks."""

    name: str = ""
    level: int | None = None
    list_id: str = ""  # "0" for none although it inherits one
    list_level: int = 0
    is_bold: bool = False
    is_boxed: bool = False


class ParagraphText(NamedTuple):
    """The words of a paragraph, the text boxes anchored in it, and the notes it refers to as (kind, id)."""

    pieces: list[StyledText]
    boxes: list[Element]
    note_references: list[tuple[str, str]]


def read_xml(archive: zipfile.ZipFile, name: str) -> Element:
    """Parses a member of a package, with Strict namespaces changed to Transitional ones.

    Raises `UnreadableFileError` when the member is missing, is not XML, or declares a document type (entities).
    """
    data = member_bytes(archive, name).replace(_STRICT_NAMESPACE, W.strip("{}").encode())
    if _DOCTYPE.search(data):
        raise UnreadableFileError(f"its member {name!r} declares a document type, which no Word document does.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser=parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableFileError(f"its member {name!r} is damaged: {error.msg}.") from error


def document_name(archive: zipfile.ZipFile) -> str:
    """Returns the name of the member with the document. Raises `UnreadableFileError` when there is none."""
    for name in archive.namelist():
        if re.fullmatch(r"word/document\d*\.xml", name):
            return name
    raise UnreadableFileError("it is a zip archive, but not a Word document.")


def styles_of(archive: zipfile.ZipFile) -> dict[str, Style]:
    """Returns the paragraph styles by id, with what they inherit; empty when the package has no styles."""
    if "word/styles.xml" not in archive.namelist():
        return {}
    elements = {
        str(style.get(f"{W}styleId")): style for style in read_xml(archive, "word/styles.xml").iter(f"{W}style")
    }
    found: dict[str, Style] = {}
    for style_id in elements:
        _resolve_style(style_id, elements, found)
    return found


def notes_of(archive: zipfile.ZipFile, kind: str) -> dict[str, Element]:
    """Returns the notes by id, without the separators. `kind` is "footnote" or "endnote"."""
    name = f"word/{kind}s.xml"
    if name not in archive.namelist():
        return {}
    notes = read_xml(archive, name).iter(f"{W}{kind}")
    return {str(note.get(f"{W}id")): note for note in notes if note.get(f"{W}type") in (None, "normal")}


def headers_and_comments(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Yields the running heads and comments of a package, each as its kind and its words."""
    for name in archive.namelist():
        if re.fullmatch(r"word/comments\d*\.xml", name):
            for comment in read_xml(archive, name).iter(f"{W}comment"):
                yield "Comment", _words(comment)
        elif re.fullmatch(r"word/(?:header|footer)\d*\.xml", name):
            yield "Running head", _words(read_xml(archive, name))


def value_of(element: Element, path: str) -> str:
    """Returns the `w:val` attribute of the element at a path; empty when there is none."""
    child = element.find(f"{W}{path}")
    return "" if child is None else str(child.get(f"{W}val", ""))


@dataclass(slots=True)
class ParagraphReader:
    """Reads paragraphs, and records what it leaves out: texts by kind, and counts of what has no text."""

    left_out: dict[str, list[str]] = field(default_factory=dict)
    pictures: int = 0
    objects: int = 0
    list_items: int = 0
    _boxes: list[Element] = field(default_factory=list)
    _note_references: list[tuple[str, str]] = field(default_factory=list)

    def read(self, paragraph: Element, *, is_bold: bool) -> ParagraphText:
        """Reads a paragraph. `is_bold` says how its style makes it look."""
        self._boxes, self._note_references = [], []
        return ParagraphText(self._text_pieces(paragraph, is_bold=is_bold), self._boxes, self._note_references)

    def leave_out(self, kind: str, text: str) -> None:
        """Records text that is left out."""
        if text.strip():
            self.left_out.setdefault(kind, []).append(text)

    def notes(self) -> tuple[str, ...]:
        """Returns notes on the texts left out, and on the pictures, objects and list markers, which have no text."""
        texts = [note for kind, texts in self.left_out.items() for note in left_out_notes(kind, texts)]
        counts = (
            (self.pictures, "picture not read.", "pictures not read."),
            (self.objects, "embedded object not read.", "embedded objects not read."),
            (
                self.list_items,
                "automatic bullet or number shown as a bullet.",
                "automatic bullets or numbers shown as bullets.",
            ),
        )
        counted = [f"{count} {singular if count == 1 else plural}" for count, singular, plural in counts if count]
        return (*texts, *counted)

    def _text_pieces(self, element: Element, *, is_bold: bool) -> list[StyledText]:
        pieces: list[StyledText] = []
        if element.tag == f"{W}r":
            is_bold = _is_bold(element, otherwise=is_bold)
        for child in element:
            tag = child.tag
            if (words := _words_of(child)) is not None:
                pieces.append(StyledText(words, is_bold))
            elif tag in _OBJECTS:
                self._read_object(child)
            elif tag in _NOTE_KINDS:
                self._note_references.append((_NOTE_KINDS[tag], str(child.get(f"{W}id"))))
            elif not self._is_left_out(child):
                inner = child[0] if tag == f"{MC}AlternateContent" and len(child) else child
                pieces += self._text_pieces(inner, is_bold=is_bold)
        return pieces

    def _is_left_out(self, element: Element) -> bool:
        if element.tag in (f"{W}del", f"{W}moveFrom"):
            self.leave_out("Tracked deletion", "".join(element.itertext()))
            return True
        hidden = element.find(f"{W}rPr/{W}vanish") if element.tag == f"{W}r" else None
        if hidden is not None and hidden.get(f"{W}val", "1") not in _OFF:
            self.leave_out("Hidden text", "".join(element.itertext()))
            return True
        return element.tag in _WITHOUT_TEXT

    def _read_object(self, element: Element) -> None:
        """Collects the text boxes in a drawing; a drawing without one is a picture."""
        around = next(element.iterancestors(f"{W}txbxContent"), None)
        boxes = [
            box
            for box in element.iter(f"{W}txbxContent")
            if next(box.iterancestors(f"{W}txbxContent"), None) is around and not _is_fallback(box)
        ]
        self._boxes += boxes
        if not boxes:
            self.pictures += element.tag != f"{W}object"
            self.objects += element.tag == f"{W}object"


def _resolve_style(style_id: str, elements: dict[str, Element], found: dict[str, Style]) -> None:
    """Adds a style, and those that it is based on, to those found."""
    chain: list[str] = []
    while style_id in elements and style_id not in found:
        chain.append(style_id)
        found[style_id] = Style()  # so that a style based on itself ends
        style_id = value_of(elements[style_id], "basedOn")
    base = found.get(style_id, Style())
    for own in reversed(chain):
        base = found[own] = _style(elements[own], base)


def _style(element: Element, base: Style) -> Style:
    """Returns a style with what it inherits. A name is inherited only by a style without one."""
    level = value_of(element, f"pPr/{W}outlineLvl")
    numbering = element.find(f"{W}pPr/{W}numPr")
    list_level = "" if numbering is None else value_of(numbering, "ilvl")
    return Style(
        value_of(element, "name").lower() or base.name,
        int(level) if level.isdigit() else base.level,
        base.list_id if numbering is None else value_of(numbering, "numId") or base.list_id,
        int(list_level) if list_level.isdigit() else base.list_level,
        _is_bold(element, otherwise=base.is_bold),
        base.is_boxed or is_boxed(element),
    )


def is_boxed(element: Element) -> bool:
    """Returns whether the properties of a paragraph or style give it a border at its left, or a background."""
    side, shade = element.find(f"{W}pPr/{W}pBdr/{W}left"), element.find(f"{W}pPr/{W}shd")
    has_side = side is not None and side.get(f"{W}val") not in ("nil", "none", None)
    fill = "" if shade is None else str(shade.get(f"{W}fill", "")).lower()
    return has_side or fill not in ("", "auto", "ffffff")


def _is_bold(element: Element, *, otherwise: bool) -> bool:
    """Returns whether the properties of a run or style make it bold or underlined, as headings are."""
    bold, underline = element.find(f"{W}rPr/{W}b"), value_of(element, f"rPr/{W}u")
    if underline not in ("", "none") or value_of(element, f"rPr/{W}rStyle") == "Strong":
        return True
    return otherwise if bold is None else bold.get(f"{W}val", "1") not in _OFF


def _words_of(element: Element) -> str | None:
    """Returns the words or character that an element is; None when it is neither."""
    if element.tag in (f"{W}t", f"{_MATHS}t"):
        return element.text or ""
    return _CHARACTERS.get(str(element.tag))


def _words(element: Element) -> str:
    paragraphs = element.iter(f"{W}p")
    return " ".join("".join(text.text or "" for text in paragraph.iter(f"{W}t")) for paragraph in paragraphs)


def _is_fallback(element: Element) -> bool:
    """Returns whether an element repeats, for older programs, what its neighbour says."""
    return next(element.iterancestors(f"{MC}Fallback"), None) is not None
