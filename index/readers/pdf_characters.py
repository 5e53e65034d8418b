"""The letters of a PDF's pages and where they stand, as PDFium finds them."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import hypot, pi
from typing import Any

from index.readers.extracted import UnreadableFileError

_HIGH, _LOW, _PLANES = range(0xD800, 0xDC00), range(0xDC00, 0xE000), 0x10000
_HYPHENS = (0x02, 0xFFFE)  # how PDFium writes a hyphen at the end of a line
_PRIVATE = range(0xE000, 0xF900)
_IMAGE_DEPTH = 3
_STRAIGHT = 0.05  # quarter turns


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter from `x0` to `x1` on the base line `y`, in points from the lower left; `spaced`: space is before it."""

    char: str
    x0: float
    x1: float
    y: float
    size: float  # of its font, in points
    spaced: bool


@dataclass(slots=True)
class PdfPage:
    """One page: its number, counted from 1, its height in points, its letters in the order they were drawn."""

    number: int
    height: float
    letters: list[Letter] = field(default_factory=list)
    pictures: int = 0
    askew: int = 0  # letters written in another direction than the page's
    unmapped: int = 0  # letters of which the file does not say what they are
    damaged: bool = False  # it cannot be opened


def sheets_of(data: bytes) -> Iterator[PdfPage]:
    """The pages of a PDF. Raises `UnreadableFileError` for one that is encrypted, damaged, or has no page."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if b"/Encrypt" in data and "password" in str(error).lower():
            raise UnreadableFileError("it is encrypted, and opens with a password only.") from error
        raise UnreadableFileError(f"it is damaged, and does not open as a PDF: {error}") from error
    if not len(document):
        raise UnreadableFileError("it has no page.")
    for index in range(len(document)):
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            yield PdfPage(index + 1, 0.0, damaged=True)
            continue
        yield _sheet(page, index + 1)
        page.close()
    document.close()


def _sheet(page: Any, number: int) -> PdfPage:  # noqa: ANN401  # PDFium's bindings have no types
    import pypdfium2.raw as pdfium

    sheet = PdfPage(number, page.get_height())
    sheet.pictures = sum(1 for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_IMAGE_DEPTH))
    text = page.get_textpage()
    count = text.count_chars()
    turns = [_quarter(pdfium.FPDFText_GetCharAngle(text, at)) for at in range(count)]
    turn = Counter(turns).most_common(1)[0][0] if turns else 0
    spaced = False
    high = 0
    for at in range(count):
        code = pdfium.FPDFText_GetUnicode(text, at)
        if code in _HIGH:
            high = code
            continue
        if code in _LOW and high:
            code = _PLANES + ((high - _HIGH.start) << 10) + code - _LOW.start
        high = 0
        char = "-" if code in _HYPHENS else chr(code)
        if char.isspace() or pdfium.FPDFText_IsGenerated(text, at) == 1:
            spaced = True
        elif turns[at] != turn:
            sheet.askew += 1
        else:
            sheet.unmapped += code == 0 or code in _PRIVATE
            sheet.letters.append(_letter(pdfium, text, at, char if code else "\ufffd", turn, spaced=spaced))
            spaced = False
    text.close()
    return sheet


def _letter(pdfium: Any, text: Any, at: int, char: str, turn: int, *, spaced: bool) -> Letter:  # noqa: ANN401
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    pdfium.FPDFText_GetLooseCharBox(text, at, box)
    pdfium.FPDFText_GetMatrix(text, at, matrix)
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text, at, x, y)
    left, right, bottom, top = box.left, box.right, min(box.bottom, box.top), max(box.bottom, box.top)
    size = abs(pdfium.FPDFText_GetFontSize(text, at)) * hypot(matrix.c, matrix.d) or min(right - left, top - bottom)
    if turn == 3:  # written upwards: PDFium turns clockwise
        return Letter(char, bottom, top, -x.value, size, spaced)
    if turn == 2:  # upside down
        return Letter(char, -right, -left, -y.value, size, spaced)
    if turn == 1:  # downwards
        return Letter(char, -top, -bottom, x.value, size, spaced)
    return Letter(char, left, right, y.value, size, spaced)


def _quarter(angle: float) -> int:
    """A direction of writing in quarter turns, 0 where it is not known, and -1 when it is between two."""
    turns = max(angle, 0.0) / (pi / 2)
    return round(turns) % 4 if abs(turns - round(turns)) <= _STRAIGHT else -1
