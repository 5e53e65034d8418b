"""The parts of a Word package (ECMA-376): its XML, its styles and its notes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from index.readers.packed import member_bytes
from index.readers.parts import UnreadableError

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
    """A member of a package as XML. Raises `UnreadableError` when it is missing, is no XML, or declares entities."""
    data = member_bytes(archive, name).replace(STRICT, W.strip("{}").encode())
    if _DOCTYPE.search(data):
        raise UnreadableError(f"{name!r} in it declares a document type, as no Word document does.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser=parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError(f"{name!r} in it is damaged: {error.msg}.") from error


def document_name(archive: zipfile.ZipFile) -> str:
    """The name of the member that holds the document. Raises `UnreadableError` when the package is no Word document."""
    names = archive.namelist()
    found = next((name for name in names if re.fullmatch(r"word/document\d*\.xml", name)), None)
    if found is None:
        raise UnreadableError("it is a zip archive, and not a Word document.")
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
