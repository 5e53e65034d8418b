"""Extracts the characters of a PDF's pages (ISO 32000) with their positions, using PDFium."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import hypot, pi
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from index.readers.extracted import UnreadableFileError

_HIGH_SURROGATES, _LOW_SURROGATES = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
_FIRST_SUPPLEMENTARY = 0x10000
_LINE_END_HYPHENS = (0x02, 0xFFFE)  # how PDFium writes a hyphen at the end of a line
_PRIVATE_USE = range(0xE000, 0xF900)
_IMAGE_DEPTH = 3  # levels of nested form objects searched for pictures
_TURN_TOLERANCE = 0.05  # quarter turns


@dataclass(frozen=True, slots=True)
class PdfCharacter:
    """A character from `x0` to `x1` on the baseline `y`, in points from the lower left of the page."""

    char: str
    x0: float
    x1: float
    y: float
    size: float  # of its font, in points
    after_space: bool


@dataclass(slots=True)
class PdfPage:
    """One page: its number, counted from 1, its height in points, and its characters in the order they were drawn."""

    number: int
    height: float
    characters: list[PdfCharacter] = field(default_factory=list)
    pictures: int = 0
    angled: int = 0  # characters written in another direction than most, which are left out
    unmapped: int = 0  # characters whose meaning the file does not state
    damaged: bool = False  # the page cannot be opened


def read_pages(data: bytes) -> Iterator[PdfPage]:
    """Yields the pages of a PDF. Raises `UnreadableFileError` when it is encrypted, damaged or without a page."""
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if b"/Encrypt" in data and "password" in str(error).lower():
            raise UnreadableFileError("it is encrypted, and opens only with a password.") from error
        raise UnreadableFileError(f"it is damaged, and does not open as a PDF: {error}") from error
    if not len(document):
        raise UnreadableFileError("it has no pages.")
    for index in range(len(document)):
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            yield PdfPage(index + 1, 0.0, damaged=True)
            continue
        yield _read_page(page, index + 1)
        page.close()
    document.close()


def _read_page(raw_page: Any, number: int) -> PdfPage:  # noqa: ANN401  # PDFium's bindings have no types
    page = PdfPage(number, raw_page.get_height())
    page.pictures = len(list(raw_page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_IMAGE_DEPTH)))
    text = raw_page.get_textpage()
    turns = [_quarter_turns(pdfium.FPDFText_GetCharAngle(text, index)) for index in range(text.count_chars())]
    page_turn = Counter(turns).most_common(1)[0][0] if turns else 0
    after_space = False
    for index, code in _code_points(text):
        char = "-" if code in _LINE_END_HYPHENS else chr(code)
        if char.isspace() or pdfium.FPDFText_IsGenerated(text, index) == 1:
            after_space = True
        elif turns[index] != page_turn:
            page.angled += 1
        else:
            page.unmapped += code == 0 or code in _PRIVATE_USE
            visible = char if code else "\ufffd"
            page.characters.append(_character(text, index, visible, page_turn, after_space=after_space))
            after_space = False
    text.close()
    return page


def _code_points(text: Any) -> Iterator[tuple[int, int]]:  # noqa: ANN401
    """Yields the characters of a text page, each as its index and code point. Surrogate pairs are combined."""
    high = 0
    for index in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if code in _HIGH_SURROGATES:
            high = code
            continue
        if code in _LOW_SURROGATES and high:
            code = _FIRST_SUPPLEMENTARY + ((high - _HIGH_SURROGATES.start) << 10) + code - _LOW_SURROGATES.start
        high = 0
        yield index, code


def _character(text: Any, index: int, char: str, turn: int, *, after_space: bool) -> PdfCharacter:  # noqa: ANN401
    """Returns a character with its box, turned so that the text of the page runs from left to right."""
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    pdfium.FPDFText_GetLooseCharBox(text, index, box)
    pdfium.FPDFText_GetMatrix(text, index, matrix)
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text, index, x, y)
    left, right, bottom, top = box.left, box.right, min(box.bottom, box.top), max(box.bottom, box.top)
    size = abs(pdfium.FPDFText_GetFontSize(text, index)) * hypot(matrix.c, matrix.d) or min(right - left, top - bottom)
    if turn == 3:  # written upwards: PDFium turns clockwise
        return PdfCharacter(char, bottom, top, -x.value, size, after_space)
    if turn == 2:  # upside down
        return PdfCharacter(char, -right, -left, -y.value, size, after_space)
    if turn == 1:  # downwards
        return PdfCharacter(char, -top, -bottom, x.value, size, after_space)
    return PdfCharacter(char, left, right, y.value, size, after_space)


def _quarter_turns(angle: float) -> int:
    """Returns a direction of writing in quarter turns; 0 when it is unknown, and -1 when it is between two."""
    turns = max(angle, 0.0) / (pi / 2)
    return round(turns) % 4 if abs(turns - round(turns)) <= _TURN_TOLERANCE else -1
