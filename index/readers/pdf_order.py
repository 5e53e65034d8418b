"""Puts the paragraphs of a PDF in reading order, over regions and pages.

A page is divided into columns and boxes, with the paragraphs and footnotes of each. A paragraph that runs over a
column, a box or a page is joined to its continuation only where these are the only ones that fit. Otherwise they stay
apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from index.readers.pdf_characters import PdfPage, Rectangle
from index.readers.pdf_columns import regions_of
from index.readers.pdf_lines import TextSegment, boxes_of, is_inside
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
        edges: dict[int, float] = {}  # the right edge of the text of a box, where it has one column
        for box in sorted(boxes, key=lambda box: -box.top):
            inside = list(regions_of([segment for segment in segments if is_inside(segment, box)]))
            if len(inside) == 1:
                edges[id(inside[0])] = box.right - (min(segment.x0 for segment in inside[0]) - box.left)
            regions = _with_box(regions, box, inside)
        for in_region in regions:
            yield self._region(
                in_region, list(paragraphs_of(in_region, spacings, boxes, edges.get(id(in_region), 0.0))), boxes
            )

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


_MAX_SIZE_DIFFERENCE = 0.08  # share of the size
_MAX_REGIONS_AHEAD = 20  # in which the continuation of a line is looked for
_MIN_DOUBTFUL_WORDS = 4  # of a paragraph that begins within a sentence


@dataclass(frozen=True, slots=True)
class ReadingOrder:
    """The paragraphs of a document, and the pages on which a sentence begins whose other part could not be told."""

    paragraphs: list[Paragraph]
    doubtful_pages: list[int]


def reading_order(
    pages: Sequence[PdfPage], segments: Sequence[list[TextSegment]], body_size: float, spacings: Spacings
) -> ReadingOrder:
    """Returns the paragraphs of all pages. One that runs over a column or a page comes before the footnotes between."""
    by_page: list[list[PageRegion]] = []
    footnote: Paragraph | None = None  # the last one, if it ends within a sentence
    for page, on_page in zip(pages, segments, strict=True):
        layout = PageLayout(page, body_size, runs_over=footnote is not None)
        by_page.append(list(layout.regions(on_page, spacings)))
        footnote = _joined_footnote(footnote, [*chain(*(region.footnotes for region in by_page[-1]))])
    joiner = _Joiner([region for region in chain(*by_page) if region.paragraphs])
    joiner.join()
    ordered: list[Paragraph] = []
    for regions in by_page:
        ordered += chain(*(region.paragraphs for region in regions), *(region.footnotes for region in regions))
    return ReadingOrder([paragraph for paragraph in ordered if paragraph.lines], sorted(joiner.doubtful_pages))


def _joined_footnote(last: Paragraph | None, footnotes: Sequence[Paragraph]) -> Paragraph | None:
    """Joins footnotes that run over to another column or page. Returns the last one if it runs over in turn."""
    for footnote in footnotes:
        if last is not None and footnote.text[:1].islower():
            _move_lines(footnote, last)
        last = next((item for item in (footnote, last) if item is not None and is_open(item)), None)
    return last


@dataclass(slots=True)
class _Joiner:
    """Joins paragraphs that run over regions. `open_tails` are those that end within a sentence, with their region."""

    regions: Sequence[PageRegion]
    doubtful_pages: set[int] = field(default_factory=set)
    open_tails: list[tuple[Paragraph, PageRegion]] = field(default_factory=list)

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
            self.open_tails += [(tail, region)] if is_open(tail) else []

    def _join(self, head: Paragraph, before: Paragraph) -> None:
        self.open_tails = [item for item in self.open_tails if item[0] is not before]
        _move_lines(head, before)

    def _continued_by(self, number: int) -> Paragraph | None:
        """Returns the open paragraph that a region continues; None when it begins a sentence or several fit."""
        nearest = _only(self._fitting(number, lambda before: before is self.regions[number - 1]))
        if not _begins_within_sentence(self.regions[number].paragraphs[0]):
            return nearest if nearest is not None and self._continues_with_name(nearest, number) else None
        farther = self._fitting(number, lambda before: self._could_follow(before, number, nearest))
        return _only_full(nearest, farther)

    def _fitting(self, number: int, is_before: Callable[[PageRegion], bool]) -> list[Paragraph]:
        head = self.regions[number].paragraphs[0]
        return [tail for tail, before in self.open_tails if is_before(before) and _fits(tail, head)]

    def _could_follow(self, before: PageRegion, number: int, nearest: Paragraph | None) -> bool:
        """Returns whether a region could go on with one that is not the last before it, past boxes and asides."""
        region = self.regions[number]
        if not before.is_above(region) and (before.page == region.page or nearest is not None):
            return False
        first = next(index for index, other in enumerate(self.regions) if other is before)
        between = [other.paragraphs[0] for other in self.regions[first + 1 : number]]
        if before.is_above(region):
            return not any(map(_begins_within_sentence, between))
        return all(paragraph.boxes or not _fits(before.paragraphs[-1], paragraph) for paragraph in between)

    def _continues_with_name(self, before: Paragraph, number: int) -> bool:
        """Returns whether a region continues the one before although it begins with a capital or a number.

        It does where the line above is full, the region is the next column or page, and nothing below the region before
        continues it in lower case.
        """
        previous, region = self.regions[number - 1], self.regions[number]
        ahead = self.regions[number + 1 : number + _MAX_REGIONS_AHEAD]
        return (
            before.fills_last_line
            and region.paragraphs[0].text[:1].isalnum()
            and previous.is_followed_by(region)
            and not any(_begins_within_sentence(other.paragraphs[0]) for other in ahead if previous.is_above(other))
        )


def _only_full(nearest: Paragraph | None, farther: Sequence[Paragraph]) -> Paragraph | None:
    """Returns the one of some paragraphs whose last line is full, else the nearest; None when several are."""
    full = [tail for tail in farther if tail.fills_last_line and tail is not nearest]
    if nearest is None or (full and not nearest.fills_last_line):
        return _only(full)
    return None if full else nearest


def _only(paragraphs: Sequence[Paragraph]) -> Paragraph | None:
    return paragraphs[0] if len(paragraphs) == 1 else None


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
