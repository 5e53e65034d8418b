"""The parts of a Word package (ECMA-376): its XML, its styles and its notes.

The words of one paragraph of a Word document: which runs count, and what is left out of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lxml import etree

from index.readers.extracted import UnreadableFileError
from index.readers.zip import member_bytes

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Iterator

    from lxml.etree import _Element as Element


W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Style:
    """A paragraph style: its name in lower case, its outline level (0 to 8), and whether it is a list's."""

    name: str = ""
    level: int | None = None
    listed: bool = False


def read_xml(archive: zipfile.ZipFile, name: str) -> Element:
    """A member of a package as XML. Raises `UnreadableFileError` when it is missing, is no XML, or declares
    entities.
    """
    data = member_bytes(archive, name).replace(STRICT, W.strip("{}").encode())
    if _DOCTYPE.search(data):
        raise UnreadableFileError(f"{name!r} in it declares a document type, as no Word document does.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser=parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableFileError(f"{name!r} in it is damaged: {error.msg}.") from error


def document_name(archive: zipfile.ZipFile) -> str:
    """The name of the member that holds the document. Raises `UnreadableFileError` when the package is no Word
    document.
    """
    names = archive.namelist()
    found = next((name for name in names if re.fullmatch(r"word/document\d*\.xml", name)), None)
    if found is None:
        raise UnreadableFileError("it is a zip archive, and not a Word document.")
    return found


def styles_of(archive: zipfile.ZipFile) -> dict[str, Style]:
    """The paragraph styles by id, with what they inherit; none when the package has no styles."""
    if "word/styles.xml" not in archive.namelist():
        return {}
    elements = {
        str(style.get(f"{W}styleId")): style for style in read_xml(archive, "word/styles.xml").iter(f"{W}style")
    }
    return {key: _style(key, elements) for key in elements}


def _style(key: str, elements: dict[str, Element]) -> Style:
    name, level, listed = "", None, False
    seen: set[str] = set()
    while key in elements and key not in seen:
        seen.add(key)
        element = elements[key]
        name = name or value_of(element, "name").lower()
        if level is None and (outline := value_of(element, f"pPr/{W}outlineLvl")).isdigit():
            level = int(outline)
        listed = listed or element.find(f"{W}pPr/{W}numPr") is not None
        key = value_of(element, "basedOn")
    return Style(name, level, listed)


def value_of(element: Element, path: str) -> str:
    """The `w:val` of a child; empty when there is none."""
    child = element.find(f"{W}{path}")
    return "" if child is None else str(child.get(f"{W}val", ""))


def notes_of(archive: zipfile.ZipFile, kind: str) -> dict[str, Element]:
    """Footnotes or endnotes by id, without the separators. `kind` is "footnote" or "endnote"."""
    name = f"word/{kind}s.xml"
    if name not in archive.namelist():
        return {}
    found = read_xml(archive, name).iter(f"{W}{kind}")
    return {str(note.get(f"{W}id")): note for note in found if note.get(f"{W}type") in (None, "normal")}


def beside_the_text(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """What a package holds that is no part of its text: running heads and comments, each as (what, its words)."""
    for name in archive.namelist():
        if found := re.fullmatch(r"word/(header|footer|comments)\d*\.xml", name):
            what = "Comment" if found[1] == "comments" else "Running head"
            root = read_xml(archive, name)
            for one in root.iter(f"{W}comment") if found[1] == "comments" else [root]:
                yield what, " ".join("".join(text.text or "" for text in p.iter(f"{W}t")) for p in one.iter(f"{W}p"))


_MATHS = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_STANDS_FOR = {
    f"{W}tab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "\u2011",
    f"{W}softHyphen": "\u00ad",
    f"{W}sym": "\ufffd",  # a character of a symbol font: what it looks like is not in the file
}
_SKIPPED = frozenset(
    {f"{W}pPr", f"{W}rPr", f"{W}instrText", f"{W}delText", f"{W}sdtPr", f"{W}footnoteRef", f"{W}endnoteRef"}
)
_NOTES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
_OBJECTS = (f"{W}drawing", f"{W}pict", f"{W}object")
_OFF = ("0", "false", "off")


@dataclass(slots=True)
class Runs:
    """Reads paragraphs, and keeps account of what it leaves out: by kind, and by number where there are no words."""

    left: dict[str, list[str]] = field(default_factory=dict)
    pictures: int = 0
    objects: int = 0
    numbered: int = 0
    _boxes: list[Element] = field(default_factory=list)
    _referred: list[tuple[str, str]] = field(default_factory=list)

    def read(self, paragraph: Element) -> tuple[str, list[Element], list[tuple[str, str]]]:
        """The words of a paragraph, the text boxes anchored in it, and the notes it refers to as (kind, id)."""
        self._boxes, self._referred = [], []
        return "".join(self._words(paragraph)), self._boxes, self._referred

    def leave(self, what: str, text: str) -> None:
        """Take note of words that are left out."""
        if text.strip():
            self.left.setdefault(what, []).append(text)

    def uncounted(self) -> list[str]:
        """Notes on what has no words of its own."""
        counts = (
            (self.pictures, "picture", "pictures", "not read."),
            (self.objects, "embedded object", "embedded objects", "not read."),
            (self.numbered, "automatic bullet or number", "automatic bullets or numbers", "shown as a bullet."),
        )
        return [f"{count} {one if count == 1 else many} {what}" for count, one, many, what in counts if count]

    def _words(self, element: Element) -> list[str]:
        written: list[str] = []
        for child in element:
            tag = child.tag
            if tag in (f"{W}t", f"{_MATHS}t"):
                written.append(child.text or "")
            elif tag in _STANDS_FOR:
                written.append(_STANDS_FOR[tag])
            elif tag in _OBJECTS:
                self._object(child)
            elif tag in _NOTES:
                self._referred.append((_NOTES[tag], str(child.get(f"{W}id"))))
            elif not self._passed_over(child):
                written += self._words(child[0] if tag == f"{_MC}AlternateContent" and len(child) else child)
        return written

    def _passed_over(self, element: Element) -> bool:
        if element.tag in (f"{W}del", f"{W}moveFrom"):
            self.leave("Tracked deletion", "".join(element.itertext()))
            return True
        hidden = element.find(f"{W}rPr/{W}vanish") if element.tag == f"{W}r" else None
        if hidden is not None and hidden.get(f"{W}val", "1") not in _OFF:
            self.leave("Hidden text", "".join(element.itertext()))
            return True
        return element.tag in _SKIPPED

    def _object(self, element: Element) -> None:
        """Text boxes within a drawing are read; a drawing without one is a picture."""
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


def _is_fallback(element: Element) -> bool:
    """Whether an element says for older programs what its neighbour says already."""
    return next(element.iterancestors(f"{_MC}Fallback"), None) is not None
