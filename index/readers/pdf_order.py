"""Puts the paragraphs of a PDF's pages in reading order, and joins those that run over a column, a box or a page.

A paragraph is joined to its continuation only where these are the only ones that fit. Otherwise they stay apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from index.readers.pdf_characters import PdfPage
from index.readers.pdf_lines import TextSegment
from index.readers.pdf_paragraphs import Paragraph, Spacings
from index.readers.pdf_regions import PageLayout, PageRegion, is_open

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
