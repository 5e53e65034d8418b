"""Finds the boxes drawn on a PDF page: framed or shaded areas whose text is apart from the text around them."""

from __future__ import annotations

from collections.abc import Sequence

from index.readers.pdf_characters import Rectangle
from index.readers.pdf_lines import TextSegment

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
