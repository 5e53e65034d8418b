"""The words of one paragraph of a Word document: which runs count, and what is left out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from index.readers.word_parts import W

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

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
