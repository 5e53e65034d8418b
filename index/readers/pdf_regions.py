"""Divides a page of a PDF into regions, columns and boxes, with the paragraphs and footnotes of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.readers.pdf_boxes import boxes_of, is_inside
from index.readers.pdf_characters import PdfPage, Rectangle
from index.readers.pdf_columns import regions_of
from index.readers.pdf_lines import TextSegment
from index.readers.pdf_paragraphs import SENTENCE_END, Paragraph, Spacings, paragraphs_of

MAX_FOOTNOTE_SIZE = 0.92  # times the size of the body
MAX_FOOTNOTE_HEIGHT = 0.6  # of the page's height, from the bottom
_MAX_WIDTH_RATIO = 1.2  # of columns of one text
_MAX_TOP_DISTANCE = 2.0  # font sizes
_MAX_BOXES = 1000  # on a page
_FOOTNOTE_START = re.compile(r"(?:[0-9]{1,3}|[*†‡§]+)[.)]?\s*\S")


@dataclass(slots=True)
class PageRegion:
    """The paragraphs of a column, a box, or the text around them, with the footnotes at its end and its bounds."""

    page: int
    bounds: Rectangle
    paragraphs: list[Paragraph]
    footnotes: list[Paragraph]

    def is_followed_by(self, other: PageRegion) -> bool:
        """Returns whether the next region is as wide, and begins as high on the page or at the top of another."""
        widths = [bounds.right - bounds.left for bounds in (self.bounds, other.bounds)]
        if max(widths) > _MAX_WIDTH_RATIO * min(widths) or self.paragraphs[-1].boxes != other.paragraphs[0].boxes:
            return False
        is_beside = other.bounds.left >= self.bounds.right
        is_as_high = abs(other.bounds.top - self.bounds.top) <= _MAX_TOP_DISTANCE * other.paragraphs[0].size
        return self.page != other.page or (is_beside and is_as_high)

    def is_above(self, other: PageRegion) -> bool:
        """Returns whether another region of the same page is below this one, not beside it."""
        overlap = min(self.bounds.right, other.bounds.right) - max(self.bounds.left, other.bounds.left)
        return self.page == other.page and overlap > 0 and self.bounds.bottom >= other.bounds.top


@dataclass(slots=True)
class PageLayout:
    """A page, the font size of the body, and whether a footnote runs over to the next region."""

    page: PdfPage
    body_size: float
    runs_over: bool

    def regions(self, segments: Sequence[TextSegment], spacings: Spacings) -> Iterator[PageRegion]:
        """Yields the regions of the page, each box before the regions that begin below its top."""
        boxes = boxes_of(self.page.drawings, segments)
        outside = [segment for segment in segments if not any(is_inside(segment, box) for box in boxes)]
        regions = list(regions_of(outside))
        for box in sorted(boxes, key=lambda box: -box.top):
            inside = list(regions_of([segment for segment in segments if is_inside(segment, box)]))
            regions = _with_box(regions, box, inside)
        for in_region in regions:
            yield self._region(in_region, list(paragraphs_of(in_region, spacings, boxes)), boxes)

    def _region(
        self, segments: Sequence[TextSegment], paragraphs: list[Paragraph], boxes: Sequence[Rectangle]
    ) -> PageRegion:
        """Returns a region with its footnotes apart."""
        for paragraph in paragraphs:
            paragraph.boxes = _numbers_of_boxes(self.page.number, segments[0], boxes)
        first = self._first_footnote(paragraphs)
        footnotes = [_with_its_label(footnote) for footnote in paragraphs[first:]]
        self.runs_over = is_open(footnotes[-1]) if footnotes else self.runs_over
        return PageRegion(self.page.number, _bounds(segments), paragraphs[:first], footnotes)

    def _first_footnote(self, paragraphs: Sequence[Paragraph]) -> int:
        """Returns where the footnotes of a region begin: small paragraphs at its end, the first with a mark."""
        first = len(paragraphs)
        while first and self._is_small_and_low(paragraphs[first - 1]):
            first -= 1
        while first < len(paragraphs) and not self._begins_footnotes(paragraphs[first]):
            first += 1
        return first

    def _is_small_and_low(self, paragraph: Paragraph) -> bool:
        is_small = paragraph.size <= MAX_FOOTNOTE_SIZE * self.body_size
        return is_small and paragraph.row is None and paragraph.lines[0].y <= MAX_FOOTNOTE_HEIGHT * self.page.height

    def _begins_footnotes(self, paragraph: Paragraph) -> bool:
        text = f"{paragraph.label} {paragraph.text}".lstrip()
        return _FOOTNOTE_START.match(text) is not None or (self.runs_over and text[:1].islower())


def _numbers_of_boxes(page: int, segment: TextSegment, boxes: Sequence[Rectangle]) -> tuple[int, ...]:
    """Returns the number of the box that a segment is in, which no other box of the document has."""
    return tuple(page * _MAX_BOXES + number for number, box in enumerate(boxes) if is_inside(segment, box))


def _with_box(
    regions: Sequence[list[TextSegment]], box: Rectangle, inside: Sequence[list[TextSegment]]
) -> list[list[TextSegment]]:
    """Returns regions with those of a box: where the box interrupts one, else after those that begin above the box."""
    across = next((number for number, region in enumerate(regions) if _interrupts(box, region)), None)
    if across is None:
        place = max((number + 1 for number, region in enumerate(regions) if _precedes(region, box)), default=0)
        return [*regions[:place], *inside, *regions[place:]]
    above = [segment for segment in regions[across] if segment.y > box.top]
    below = [segment for segment in regions[across] if segment.y <= box.top]
    return [*regions[:across], above, *inside, below, *regions[across + 1 :]]


def _precedes(region: Sequence[TextSegment], box: Rectangle) -> bool:
    """Returns whether a region begins above a box and over it, or is at the left of it."""
    bounds = _bounds(region)
    is_over = bounds.left < box.right and box.left < bounds.right
    return (is_over and bounds.top > box.top) or (bounds.right <= box.left and bounds.top >= box.bottom)


def _interrupts(box: Rectangle, region: Sequence[TextSegment]) -> bool:
    """Returns whether a region has text above and below a box, and none beside it."""
    above = [segment for segment in region if segment.y > box.top]
    below = [segment for segment in region if segment.y < box.bottom]
    is_over = any(segment.x0 < box.right and box.left < segment.x1 for segment in (*above[-1:], *below[:1]))
    return bool(above) and bool(below) and len(above) + len(below) == len(region) and is_over


def _bounds(segments: Sequence[TextSegment]) -> Rectangle:
    return Rectangle(
        min(segment.x0 for segment in segments),
        min(segment.y for segment in segments),
        max(segment.x1 for segment in segments),
        max(segment.y for segment in segments),
    )


def _with_its_label(footnote: Paragraph) -> Paragraph:
    """Returns a footnote with its number in its text, as a list item has not."""
    if footnote.label:
        first = footnote.lines[0]
        footnote.lines[0] = replace(first, text=f"{footnote.label} {first.text}")
        footnote.label = ""
    return footnote


def is_open(paragraph: Paragraph) -> bool:
    """Returns whether a paragraph ends within a sentence."""
    return paragraph.row is None and bool(paragraph.lines) and not SENTENCE_END.search(paragraph.lines[-1].text)
