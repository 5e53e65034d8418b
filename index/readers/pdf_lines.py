"""Joins the characters of a PDF page to segments, the runs of a line without a gap, and segments to rows.

Also finds the boxes drawn on the page: framed or shaded areas whose text is apart from the text around them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from index.readers.pdf_characters import PdfCharacter, Rectangle

# Lengths are in font sizes unless a comment says otherwise.
MAX_CHARACTER_GAP = 0.8  # a wider gap separates segments: words far apart, columns or cells
MAX_BASELINE_DIFFERENCE = 0.3  # between characters of one row
_MAX_OVERLAP = 0.5  # of a character with the one before it
_LIGATURE_POINTS = 0.1  # the characters of a ligature share one box
_MARK_HEIGHTS = (0.1, 0.8)  # that a footnote mark is raised above its line
_MARK_GAPS_PER_SIZE = 3  # a mark follows its word within a third of the font size
_MAX_MARK_SIZE = 0.85
_MARK_CHARACTERS = frozenset("0123456789*†‡§,")
_MIN_SIZE_RUN = 3  # characters in one size that show the size of a line: an initial does not
_BOLD_SHARE = 0.9  # of the characters of a bold line


@dataclass(slots=True)
class TextSegment:
    """The characters of one line without a gap, on the baseline `y`, with the largest font size in it.

    `marks` are the footnote marks left out of it.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    page: int
    marks: list[str] = field(default_factory=list)
    last_x0: float = 0.0  # where its last character begins
    bold: int = 0  # characters in a bold font
    run_size: float = 0.0  # font size of its last characters
    run_length: int = 1  # how many of them have it
    has_size: bool = False  # `size` is not only that of the first character

    @property
    def is_bold(self) -> bool:
        """Returns whether nearly all of it is bold."""
        return self.bold >= _BOLD_SHARE * len(self.text.replace(" ", ""))

    def append(self, character: PdfCharacter) -> None:
        """Adds a character at the end."""
        self.text += (" " if character.after_space else "") + character.char
        self.x1 = max(self.x1, character.x1)
        self.last_x0 = character.x0
        self.bold += character.is_bold
        self.run_length = self.run_length + 1 if character.size == self.run_size else 1
        self.run_size = character.size
        if self.run_length == _MIN_SIZE_RUN:
            self.size = max(self.run_size, self.size if self.has_size else 0.0)
            self.has_size = True

    def append_mark(self, character: PdfCharacter, *, continues_mark: bool) -> None:
        """Adds a character to the last footnote mark, or as a new one."""
        if continues_mark:
            self.marks[-1] += character.char
        else:
            self.marks.append(character.char)
        self.x1 = max(self.x1, character.x1)


def segments_of(characters: Iterable[PdfCharacter], page: int) -> list[TextSegment]:
    """Returns the segments of a page, in the order they were drawn.

    Raised figures after a word are footnote marks. Those before a line number a footnote, and stay in its text.
    """
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
    return _with_leading_marks(segments)


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


def _segment(first: PdfCharacter, page: int) -> TextSegment:
    return TextSegment(
        first.char,
        first.x0,
        first.x1,
        first.y,
        first.size,
        page,
        last_x0=first.x0,
        bold=int(first.is_bold),
        run_size=first.size,
    )


def _continues(last: TextSegment, character: PdfCharacter) -> bool:
    size = max(last.size, character.size)
    same_row = abs(last.y - character.y) <= MAX_BASELINE_DIFFERENCE * size
    same_ligature = abs(character.x0 - last.last_x0) < _LIGATURE_POINTS
    return same_row and (same_ligature or -_MAX_OVERLAP * size <= character.x0 - last.x1 <= MAX_CHARACTER_GAP * size)


def _is_raised(last: TextSegment, character: PdfCharacter) -> bool:
    return _is_mark_height(character.y - last.y, character.size, last.size) and (
        -_MAX_OVERLAP * last.size <= character.x0 - last.x1 <= last.size / _MARK_GAPS_PER_SIZE
    )


def _is_mark_height(raised: float, mark_size: float, line_size: float) -> bool:
    lowest, highest = _MARK_HEIGHTS
    return lowest * line_size <= raised <= highest * line_size and mark_size <= _MAX_MARK_SIZE * line_size


def _with_leading_marks(segments: Sequence[TextSegment]) -> list[TextSegment]:
    """Joins each raised mark that was drawn just before a line to it."""
    joined: list[TextSegment] = []
    for segment in segments:
        mark = joined[-1] if joined else None
        if mark is not None and _leads(mark, segment):
            segment.text = f"{mark.text} {segment.text}"
            segment.x0, segment.bold = mark.x0, segment.bold + mark.bold
            joined[-1] = segment
        else:
            joined.append(segment)
    return joined


def _leads(mark: TextSegment, line: TextSegment) -> bool:
    is_near = -_MAX_OVERLAP * line.size <= line.x0 - mark.x1 <= line.size
    return is_near and _MARK_CHARACTERS.issuperset(mark.text) and _is_mark_height(mark.y - line.y, mark.size, line.size)


MIN_BOX_WIDTH, MIN_BOX_HEIGHT = 60.0, 20.0  # points
MAX_BOX_SHARE = 0.85  # of the text of a page: a larger box is its background
_TOUCHING_POINTS = 2.0
_MIN_EDGE_SHARE = 0.9  # of a box's side that is drawn


def boxes_of(drawings: Sequence[Rectangle], segments: Sequence[TextSegment]) -> list[Rectangle]:
    """Returns the boxes of a page that contain text and do not cut any; those that overlap are one."""
    backgrounds = [drawing for drawing in drawings if _share_inside(drawing, segments) > MAX_BOX_SHARE]
    groups = _touching([drawing for drawing in drawings if drawing not in backgrounds])
    boxes = [_around(group) for group in groups if _is_framed(group)]
    return [box for box in boxes if 0 < _share_inside(box, segments) <= MAX_BOX_SHARE and not _cuts_text(box, segments)]


def is_inside(segment: TextSegment, box: Rectangle) -> bool:
    """Returns whether a segment is in a box."""
    middle = (segment.x0 + segment.x1) / 2
    return box.left <= middle <= box.right and box.bottom - _TOUCHING_POINTS <= segment.y <= box.top


def _share_inside(box: Rectangle, segments: Sequence[TextSegment]) -> float:
    return sum(is_inside(segment, box) for segment in segments) / max(len(segments), 1)


def _touching(drawings: Sequence[Rectangle]) -> list[list[Rectangle]]:
    """Returns the drawings in groups of those that touch or overlap, directly or by others."""
    groups: list[list[Rectangle]] = []
    for drawing in drawings:
        joined = [drawing]
        apart = []
        for group in groups:
            if any(_touch(drawing, member) for member in group):
                joined += group
            else:
                apart.append(group)
        groups = [*apart, joined]
    return groups


def _touch(first: Rectangle, second: Rectangle) -> bool:
    return (
        first.left <= second.right + _TOUCHING_POINTS
        and second.left <= first.right + _TOUCHING_POINTS
        and first.bottom <= second.top + _TOUCHING_POINTS
        and second.bottom <= first.top + _TOUCHING_POINTS
    )


def _around(group: Sequence[Rectangle]) -> Rectangle:
    return Rectangle(
        min(drawing.left for drawing in group),
        min(drawing.bottom for drawing in group),
        max(drawing.right for drawing in group),
        max(drawing.top for drawing in group),
    )


def _is_framed(group: Sequence[Rectangle]) -> bool:
    """Returns whether drawings form a box: it is large enough, and its four edges are drawn."""
    box = _around(group)
    width, height = box.right - box.left, box.top - box.bottom
    if width < MIN_BOX_WIDTH or height < MIN_BOX_HEIGHT:
        return False
    across = [(drawing.right - drawing.left, drawing.top, drawing.bottom) for drawing in group]
    along = [(drawing.top - drawing.bottom, drawing.left, drawing.right) for drawing in group]
    return _edges_are_drawn(across, width, box.top, box.bottom) and _edges_are_drawn(along, height, box.left, box.right)


def _edges_are_drawn(drawn: Sequence[tuple[float, float, float]], side: float, first: float, second: float) -> bool:
    """Returns whether drawings, given as length and two positions, make up two sides of a box at these positions."""
    at_first = sum(length for length, position, _ in drawn if abs(position - first) <= _TOUCHING_POINTS)
    at_second = sum(length for length, _, position in drawn if abs(position - second) <= _TOUCHING_POINTS)
    return min(at_first, at_second) >= _MIN_EDGE_SHARE * side


def _cuts_text(box: Rectangle, segments: Sequence[TextSegment]) -> bool:
    return any(
        is_inside(segment, box)
        and (segment.x0 < box.left - _TOUCHING_POINTS or segment.x1 > box.right + _TOUCHING_POINTS)
        for segment in segments
    )
