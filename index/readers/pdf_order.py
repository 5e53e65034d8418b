"""Puts the paragraphs of a PDF's pages in reading order, and joins those that run over a column, a box or a page.

A paragraph is joined to its continuation only where these are the only ones that fit. Otherwise they stay apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise

from index.readers.pdf_boxes import boxes_of, is_inside
from index.readers.pdf_characters import PdfPage, Rectangle
from index.readers.pdf_columns import regions_of
from index.readers.pdf_lines import TextSegment
from index.readers.pdf_paragraphs import SENTENCE_END, Paragraph, Spacings, paragraphs_of

MAX_FOOTNOTE_SIZE = 0.92  # times the size of the body
MAX_FOOTNOTE_HEIGHT = 0.45  # of the page's height, from the bottom
_MAX_SIZE_DIFFERENCE = 0.08  # share of the size
_MAX_REGIONS_AHEAD = 20  # in which the continuation of a line is looked for
_MAX_BOXES = 1000  # on a page
_MIN_DOUBTFUL_WORDS = 4  # of a paragraph that begins within a sentence
_FOOTNOTE_START = re.compile(r"(?:[0-9]{1,3}|[*†‡§]+)[.)]?\s*\S")


@dataclass(slots=True)
class _Region:
    """The paragraphs of a column, a box, or the text around them, with the footnotes at its end and its bounds."""

    page: int
    bounds: Rectangle
    paragraphs: list[Paragraph]
    footnotes: list[Paragraph]

    def is_above(self, other: _Region) -> bool:
        """Returns whether another region of the same page is below this one, not beside it."""
        overlap = min(self.bounds.right, other.bounds.right) - max(self.bounds.left, other.bounds.left)
        return self.page == other.page and overlap > 0 and self.bounds.bottom >= other.bounds.top


@dataclass(frozen=True, slots=True)
class ReadingOrder:
    """The paragraphs of a document, and the pages on which a sentence begins whose other part could not be told."""

    paragraphs: list[Paragraph]
    doubtful_pages: list[int]


def reading_order(
    pages: Sequence[PdfPage], segments: Sequence[list[TextSegment]], body_size: float, spacings: Spacings
) -> ReadingOrder:
    """Returns the paragraphs of all pages. One that runs over a column or a page comes before the footnotes between."""
    by_page = [
        list(_page_regions(page, on_page, body_size, spacings)) for page, on_page in zip(pages, segments, strict=True)
    ]
    joiner = _Joiner([region for region in chain(*by_page) if region.paragraphs])
    joiner.join()
    footnotes = [list(chain(*(region.footnotes for region in regions))) for regions in by_page]
    _join_footnotes(footnotes)
    ordered: list[Paragraph] = []
    for regions, on_page in zip(by_page, footnotes, strict=True):
        ordered += chain(*(region.paragraphs for region in regions), on_page)
    return ReadingOrder([paragraph for paragraph in ordered if paragraph.lines], sorted(joiner.doubtful_pages))


def _page_regions(
    page: PdfPage, segments: Sequence[TextSegment], body_size: float, spacings: Spacings
) -> Iterator[_Region]:
    """Yields the regions of a page, each box before the regions that begin below its top."""
    boxes = boxes_of(page.drawings, segments)
    outside = [segment for segment in segments if not any(is_inside(segment, box) for box in boxes)]
    regions = list(regions_of(outside))
    for box in sorted(boxes, key=lambda box: -box.top):
        inside = list(regions_of([segment for segment in segments if is_inside(segment, box)]))
        regions = _with_box(regions, box, inside)
    for segments_of_region in regions:
        paragraphs = list(paragraphs_of(segments_of_region, spacings, boxes))
        for paragraph in paragraphs:
            paragraph.boxes = _numbers_of_boxes(page.number, segments_of_region[0], boxes)
        first_footnote = _first_footnote(paragraphs, page, body_size)
        footnotes = [_with_its_label(footnote) for footnote in paragraphs[first_footnote:]]
        yield _Region(page.number, _bounds(segments_of_region), paragraphs[:first_footnote], footnotes)


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


def _bounds(segments: Sequence[TextSegment]) -> Rectangle:
    return Rectangle(
        min(segment.x0 for segment in segments),
        min(segment.y for segment in segments),
        max(segment.x1 for segment in segments),
        max(segment.y for segment in segments),
    )


def _interrupts(box: Rectangle, region: Sequence[TextSegment]) -> bool:
    """Returns whether a region has text above and below a box, and none beside it."""
    above = [segment for segment in region if segment.y > box.top]
    below = [segment for segment in region if segment.y < box.bottom]
    is_over = any(segment.x0 < box.right and box.left < segment.x1 for segment in (*above[-1:], *below[:1]))
    return bool(above) and bool(below) and len(above) + len(below) == len(region) and is_over


def _first_footnote(paragraphs: Sequence[Paragraph], page: PdfPage, body_size: float) -> int:
    """Returns where the footnotes of a region begin: small paragraphs at its end, the first with a mark or cut off."""
    first = len(paragraphs)
    while first and _is_small_and_low(paragraphs[first - 1], page, body_size):
        first -= 1
    while first < len(paragraphs) and not _begins_footnotes(paragraphs[first]):
        first += 1
    return first


def _is_small_and_low(paragraph: Paragraph, page: PdfPage, body_size: float) -> bool:
    is_small = paragraph.size <= MAX_FOOTNOTE_SIZE * body_size
    return is_small and paragraph.row is None and paragraph.lines[0].y <= MAX_FOOTNOTE_HEIGHT * page.height


def _begins_footnotes(paragraph: Paragraph) -> bool:
    text = f"{paragraph.label} {paragraph.text}".lstrip()
    return _FOOTNOTE_START.match(text) is not None or text[:1].islower()


def _with_its_label(footnote: Paragraph) -> Paragraph:
    """Returns a footnote with its number in its text, as a list item has not."""
    if footnote.label:
        first = footnote.lines[0]
        footnote.lines[0] = replace(first, text=f"{footnote.label} {first.text}")
        footnote.label = ""
    return footnote


def _join_footnotes(by_page: Sequence[Sequence[Paragraph]]) -> None:
    """Joins a footnote that runs over a page to its other part, whose lines are moved."""
    last: Paragraph | None = None
    for footnotes in by_page:
        first = footnotes[0] if footnotes else None
        if last is not None and first is not None and first.text[:1].islower() and not SENTENCE_END.search(last.text):
            _move_lines(first, last)
        last = next((footnote for footnote in reversed(footnotes) if footnote.lines), last if first else None)


@dataclass(slots=True)
class _Joiner:
    """Joins paragraphs that run over regions. `open_tails` are those that end within a sentence, with their region."""

    regions: Sequence[_Region]
    doubtful_pages: set[int] = field(default_factory=set)
    open_tails: list[tuple[Paragraph, _Region]] = field(default_factory=list)

    def join(self) -> None:
        """Joins what runs on from region to region, and notes the pages on which a sentence lacks its beginning."""
        for number, region in enumerate(self.regions):
            head, tail = region.paragraphs[0], region.paragraphs[-1]
            self.open_tails = [item for item in self.open_tails if item[1].page >= region.page - 1]
            before = self._continued_by(number) if number else None
            if before is not None:
                self._join(head, before)
                tail = before if head is tail else tail
            elif number and _lacks_its_beginning(head):
                self.doubtful_pages.add(region.page)
            self.open_tails += [(tail, region)] if _is_open(tail) else []

    def _join(self, head: Paragraph, before: Paragraph) -> None:
        self.open_tails = [item for item in self.open_tails if item[0] is not before]
        _move_lines(head, before)

    def _continued_by(self, number: int) -> Paragraph | None:
        """Returns the only open paragraph that a region may continue; None when it begins a sentence or several fit."""
        nearest = _only(self._fitting(number, lambda before: before is self.regions[number - 1]))
        if not _begins_within_sentence(self.regions[number].paragraphs[0]):
            return nearest if nearest is not None and self._continues_with_name(nearest, number) else None
        fitting = self._fitting(number, lambda before: self._could_follow(before, number))
        full = [tail for tail in fitting if tail.fills_last_line]
        return _only(full) if full else nearest

    def _fitting(self, number: int, is_before: Callable[[_Region], bool]) -> list[Paragraph]:
        head = self.regions[number].paragraphs[0]
        return [tail for tail, before in self.open_tails if is_before(before) and _fits(tail, head)]

    def _could_follow(self, before: _Region, number: int) -> bool:
        region = self.regions[number]
        return before is self.regions[number - 1] or before.page < region.page or before.is_above(region)

    def _continues_with_name(self, before: Paragraph, number: int) -> bool:
        """Returns whether a region continues the one before although it begins with a capital or a number.

        It does where the line above is full and no region that could follow continues that line in lower case.
        """
        if not before.fills_last_line or not self.regions[number].paragraphs[0].text[:1].isalnum():
            return False
        previous = self.regions[number - 1]
        for region, later in pairwise(self.regions[number : number + _MAX_REGIONS_AHEAD]):
            head = later.paragraphs[0]
            is_explained = _is_open(region.paragraphs[-1]) and not previous.is_above(later)
            if later.page <= previous.page + 1 and _begins_within_sentence(head) and _fits(before, head):
                return is_explained
        return True


def _only(paragraphs: Sequence[Paragraph]) -> Paragraph | None:
    return paragraphs[0] if len(paragraphs) == 1 else None


def _is_open(paragraph: Paragraph) -> bool:
    return paragraph.row is None and bool(paragraph.lines) and not SENTENCE_END.search(paragraph.lines[-1].text)


def _begins_within_sentence(paragraph: Paragraph) -> bool:
    return paragraph.row is None and not paragraph.label and paragraph.text[:1].islower()


def _lacks_its_beginning(paragraph: Paragraph) -> bool:
    return _begins_within_sentence(paragraph) and len(paragraph.text.split()) >= _MIN_DOUBTFUL_WORDS


def _fits(tail: Paragraph, head: Paragraph) -> bool:
    """Returns whether two paragraphs are in one font, and may be parts of one."""
    is_near = abs(tail.size - head.size) <= _MAX_SIZE_DIFFERENCE * tail.size and tail.is_bold == head.is_bold
    return is_near and head.row is None and not head.label


def _move_lines(source: Paragraph, target: Paragraph) -> None:
    """Adds the lines of a paragraph to another. The source is left without any."""
    target.lines += source.lines
    target.fills_last_line = source.fills_last_line
    source.lines = []
