"""Joins the characters of a PDF page to segments and rows, and finds the columns of prose, in reading order.

Columns are read one after the other. Text that stands side by side in a table stays in rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from statistics import median

from index.readers.pdf_characters import PdfCharacter

# Lengths are in font sizes unless a comment says otherwise.
MAX_CHARACTER_GAP = 1.4  # a wider gap separates segments: columns or cells
MAX_BASELINE_DIFFERENCE = 0.3  # between characters of one row
_MAX_OVERLAP = 0.5  # of a character with the one before it
_LIGATURE_POINTS = 0.1  # the characters of a ligature share one box
_MARK_HEIGHTS = (0.1, 0.8)  # that a footnote mark is raised above its line
_MARK_GAPS_PER_SIZE = 3  # a mark follows its word within a third of the font size
_MAX_MARK_SIZE = 0.85
_MARK_CHARACTERS = frozenset("0123456789*†‡§,")
MIN_COLUMN_SEGMENTS = 4
MIN_PROSE_WORDS = 3  # of a line, median
MIN_LINE_FILL = 0.55  # share of its column's width that a line of prose fills, median
_GUTTER_TOLERANCE_POINTS = 2.0
_MAX_COLUMN_SEGMENTS = 1200  # a page with more is not searched for columns: no page of prose has as many


@dataclass(slots=True)
class TextSegment:
    """The characters of one line without a gap, on the baseline `y`. `marks` are the footnote marks left out of it."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    page: int
    marks: list[str] = field(default_factory=list)
    last_x0: float = 0.0  # where its last character begins

    def append(self, character: PdfCharacter) -> None:
        """Adds a character at the end."""
        self.text += (" " if character.after_space else "") + character.char
        self.x1 = max(self.x1, character.x1)
        self.last_x0 = character.x0

    def append_mark(self, character: PdfCharacter, *, continues_mark: bool) -> None:
        """Adds a character to the last footnote mark, or as a new one."""
        if continues_mark:
            self.marks[-1] += character.char
        else:
            self.marks.append(character.char)
        self.x1 = max(self.x1, character.x1)


def segments_of(characters: Iterable[PdfCharacter], page: int) -> list[TextSegment]:
    """Returns the segments of a page, in the order they were drawn. Raised figures after a word are footnote marks."""
    segments: list[TextSegment] = []
    in_mark = False
    for character in characters:
        last = segments[-1] if segments else None
        is_raised = last is not None and _is_raised(last, character)
        if last is not None and is_raised and character.char in _MARK_CHARACTERS:
            last.append_mark(character, continues_mark=in_mark)
            in_mark = True
            continue
        in_mark = False
        if last is not None and (is_raised or _continues(last, character)):
            last.append(character)
        else:
            segments.append(_segment(character, page))
    return segments


def rows_of(segments: Iterable[TextSegment]) -> list[list[TextSegment]]:
    """Returns segments grouped by baseline: the rows from the top down, each from left to right."""
    rows: list[list[TextSegment]] = []
    for segment in sorted(segments, key=lambda segment: (-segment.y, segment.x0)):
        first = rows[-1][0] if rows else None
        if first and abs(first.y - segment.y) <= MAX_BASELINE_DIFFERENCE * max(first.size, segment.size):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [sorted(row, key=lambda segment: segment.x0) for row in rows]


def row_text(row: Sequence[TextSegment]) -> str:
    """Returns the words of a row, with a space between its segments."""
    return " ".join(segment.text for segment in row)


def regions_of(segments: Sequence[TextSegment]) -> Iterator[list[TextSegment]]:
    """Yields the segments of a page, divided into columns and the text above and below them, in reading order."""
    is_searched = 2 * MIN_COLUMN_SEGMENTS <= len(segments) <= _MAX_COLUMN_SEGMENTS
    gutter = _gutter(segments) if is_searched else None
    if gutter is None:
        if segments:
            yield list(segments)
        return
    for crosses, rows in groupby(rows_of(segments), key=lambda row: _crosses(row, gutter)):
        band = list(chain.from_iterable(rows))
        if crosses:
            yield band
        else:
            yield from regions_of([segment for segment in band if segment.x1 <= gutter])
            yield from regions_of([segment for segment in band if segment.x1 > gutter])


def _segment(first: PdfCharacter, page: int) -> TextSegment:
    return TextSegment(first.char, first.x0, first.x1, first.y, first.size, page, last_x0=first.x0)


def _continues(last: TextSegment, character: PdfCharacter) -> bool:
    size = max(last.size, character.size)
    same_row = abs(last.y - character.y) <= MAX_BASELINE_DIFFERENCE * size
    same_ligature = abs(character.x0 - last.last_x0) < _LIGATURE_POINTS
    return same_row and (same_ligature or -_MAX_OVERLAP * size <= character.x0 - last.x1 <= MAX_CHARACTER_GAP * size)


def _is_raised(last: TextSegment, character: PdfCharacter) -> bool:
    lowest, highest = _MARK_HEIGHTS
    is_above = lowest * last.size <= character.y - last.y <= highest * last.size
    is_near = -_MAX_OVERLAP * last.size <= character.x0 - last.x1 <= last.size / _MARK_GAPS_PER_SIZE
    return is_above and is_near and character.size <= _MAX_MARK_SIZE * last.size


def _gutter(segments: Sequence[TextSegment]) -> float | None:
    """Returns where the column with most lines begins that has a column on its left; None when there is none."""
    edges = sorted({round(segment.x0) for segment in segments})
    gutters = [edge - _GUTTER_TOLERANCE_POINTS for edge in edges[1:]]
    counted = [(_lines_beside(segments, gutter), gutter) for gutter in gutters]
    most_lines, gutter = max(counted, default=(0, 0.0))
    return gutter if most_lines else None


def _lines_beside(segments: Sequence[TextSegment], gutter: float) -> int:
    """Returns how many lines begin just right of a gutter; 0 when it does not separate two columns of prose."""
    beginning = [segment for segment in segments if gutter < segment.x0 <= gutter + 2 * _GUTTER_TOLERANCE_POINTS]
    if len(beginning) < MIN_COLUMN_SEGMENTS:
        return 0
    top, bottom = max(segment.y for segment in beginning), min(segment.y for segment in beginning)
    band = [segment for segment in segments if bottom - segment.size <= segment.y <= top + segment.size]
    return len(beginning) if _separates_columns(band, gutter) else 0


def _separates_columns(band: Sequence[TextSegment], gutter: float) -> bool:
    left = [segment for segment in band if segment.x1 <= gutter]
    right = [segment for segment in band if segment.x0 > gutter]
    crossing = len(band) - len(left) - len(right)
    return crossing <= min(len(left), len(right)) // 2 and _is_prose(left) and _is_prose(right)


def _is_prose(column: Sequence[TextSegment]) -> bool:
    if len(column) < MIN_COLUMN_SEGMENTS:
        return False
    width = max(segment.x1 for segment in column) - min(segment.x0 for segment in column)
    fill = median(segment.x1 - segment.x0 for segment in column) / max(width, 1.0)
    return fill >= MIN_LINE_FILL and median(len(segment.text.split()) for segment in column) >= MIN_PROSE_WORDS


def _crosses(row: Sequence[TextSegment], gutter: float) -> bool:
    return any(segment.x0 <= gutter < segment.x1 for segment in row)
