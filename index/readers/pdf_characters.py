"""Extracts the characters and the drawn boxes of a PDF's pages (ISO 32000) with their positions, using PDFium."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import hypot, pi
from typing import Any, NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from index.readers.extracted import UnreadableFileError, counted

_HIGH_SURROGATES, _LOW_SURROGATES = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
_FIRST_SUPPLEMENTARY = 0x10000
_LINE_END_HYPHENS = (0x02, 0xFFFE)  # how PDFium writes a hyphen at the end of a line
_PRIVATE_USE = range(0xE000, 0xF900)
_IMAGE_DEPTH = 3  # levels of nested form objects searched for pictures
_TURN_TOLERANCE = 0.05  # quarter turns
_MAX_DRAWINGS = 400  # a page with more is a chart or a map, and is not searched for boxes
_SYMBOL_BULLETS = {0xF0B7: "•", 0xF0A7: "▪", 0xF0D8: "➢", 0xF0FC: "✓", 0xF076: "❖"}  # of the fonts Symbol and Wingdings
_BOLD_NAMES = ("bold", "black", "heavy", "semibold", "demi")
_FORCE_BOLD = 1 << 18  # a flag of a font (ISO 32000-2, table 121)
_FONT_NAME_BYTES = 128
_UNKNOWN = "\ufffd"


class Rectangle(NamedTuple):
    """The edges of something drawn, in points from the lower left of the page."""

    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class PdfCharacter:
    """A character from `x0` to `x1` on the baseline `y`, in points from the lower left of the page."""

    char: str
    x0: float
    x1: float
    y: float
    size: float  # of its font, in points
    after_space: bool
    is_bold: bool = False


@dataclass(slots=True)
class PdfPage:
    """One page: its number, counted from 1, its height in points, and its characters in the order they were drawn.

    `drawings` are the bounds of the lines and areas drawn on it; a page whose text is turned has none.
    """

    number: int
    height: float
    characters: list[PdfCharacter] = field(default_factory=list)
    drawings: list[Rectangle] = field(default_factory=list)
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
    _read_characters(page, text, turns, page_turn)
    text.close()
    if page_turn == 0:
        page.drawings = _drawings(raw_page)
    return page


def _read_characters(page: PdfPage, text: Any, turns: Sequence[int], page_turn: int) -> None:  # noqa: ANN401
    """Adds the characters of a page that are written in its direction, and counts the others."""
    bold = _BoldFonts(text)
    after_space = False
    for index, code in _code_points(text):
        if _is_space(text, index, code):
            after_space = True
        elif turns[index] != page_turn:
            page.angled += 1
        else:
            char = _visible_character(code)
            page.unmapped += char == _UNKNOWN or ord(char) in _PRIVATE_USE
            is_bold = bold.at(index, begins_word=after_space)
            page.characters.append(_character(text, index, char, page_turn, after_space=after_space, is_bold=is_bold))
            after_space = False


def _is_space(text: Any, index: int, code: int) -> bool:  # noqa: ANN401
    return chr(code).isspace() or pdfium.FPDFText_IsGenerated(text, index) == 1


def _visible_character(code: int) -> str:
    if code in _LINE_END_HYPHENS:
        return "-"
    return _SYMBOL_BULLETS.get(code) or (chr(code) if code else _UNKNOWN)


class _BoldFonts:
    """Finds which characters of a page are bold. The font is looked up at the first character of each word."""

    def __init__(self, text: Any) -> None:  # noqa: ANN401
        self._text = text
        self._name = ctypes.create_string_buffer(_FONT_NAME_BYTES)
        self._flags = ctypes.c_int()
        self._last_index = -2
        self._is_bold = False

    def at(self, index: int, *, begins_word: bool) -> bool:
        """Returns whether a character is bold. To be called for each character in turn."""
        if begins_word or index != self._last_index + 1:
            pdfium.FPDFText_GetFontInfo(self._text, index, self._name, _FONT_NAME_BYTES, self._flags)
            name = self._name.value.decode("latin-1").lower()
            self._is_bold = bool(self._flags.value & _FORCE_BOLD) or any(part in name for part in _BOLD_NAMES)
        self._last_index = index
        return self._is_bold


def _drawings(raw_page: Any) -> list[Rectangle]:  # noqa: ANN401
    """Returns the bounds of what is drawn on a page; none when it is too much to be boxes and rules."""
    found: list[Rectangle] = []
    for drawing in raw_page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=1):
        if len(found) == _MAX_DRAWINGS:
            return []
        found.append(Rectangle(*drawing.get_bounds()))
    return found


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


def _character(
    text: Any,  # noqa: ANN401
    index: int,
    char: str,
    turn: int,
    *,
    after_space: bool,
    is_bold: bool,
) -> PdfCharacter:
    """Returns a character with its box, turned so that the text of the page runs from left to right."""
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    pdfium.FPDFText_GetLooseCharBox(text, index, box)
    pdfium.FPDFText_GetMatrix(text, index, matrix)
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text, index, x, y)
    left, right, bottom, top = box.left, box.right, min(box.bottom, box.top), max(box.bottom, box.top)
    size = abs(pdfium.FPDFText_GetFontSize(text, index)) * hypot(matrix.c, matrix.d) or min(right - left, top - bottom)
    if turn == 3:  # written upwards: PDFium turns clockwise
        return PdfCharacter(char, bottom, top, -x.value, size, after_space, is_bold)
    if turn == 2:  # upside down
        return PdfCharacter(char, -right, -left, -y.value, size, after_space, is_bold)
    if turn == 1:  # downwards
        return PdfCharacter(char, -top, -bottom, x.value, size, after_space, is_bold)
    return PdfCharacter(char, left, right, y.value, size, after_space, is_bold)


def _quarter_turns(angle: float) -> int:
    """Returns a direction of writing in quarter turns; 0 when it is unknown, and -1 when it is between two."""
    turns = max(angle, 0.0) / (pi / 2)
    return round(turns) % 4 if abs(turns - round(turns)) <= _TURN_TOLERANCE else -1


def no_text_reason(pages: Sequence[PdfPage]) -> str:
    """Returns why no page has any text."""
    if all(page.damaged for page in pages):
        return f"all its {len(pages)} pages are damaged." if len(pages) > 1 else "its page is damaged."
    content = "its page contains" if len(pages) == 1 else f"its {len(pages)} pages contain"
    if any(page.pictures for page in pages):
        return f"{content} pictures and no text: it is a scan, which first needs text recognition (OCR)."
    return f"{content} no text."


def page_notes(page: PdfPage) -> Iterator[str]:
    """Yields what is left out of a page."""
    if page.damaged:
        yield f"Page {page.number}: damaged, not read."
    elif not page.characters:
        content = "a picture and no text, probably a scan; not read" if page.pictures else "no text"
        yield f"Page {page.number}: {content}."
    elif page.pictures:
        yield f"Page {page.number}: {counted(page.pictures, 'picture')} not read."
    if page.angled:
        yield f"Page {page.number}: {counted(page.angled, 'character')} at an angle left out."
    if page.unmapped:
        yield f"Page {page.number}: the file does not identify {counted(page.unmapped, 'character')}."
