"""Finds what is in the margins of a PDF's pages and is no part of the text: running heads, page and line numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from index.readers.extracted import excerpt
from index.readers.pdf_characters import PdfPage
from index.readers.pdf_lines import TextSegment, row_text, rows_of


class _Pattern(NamedTuple):
    """The text of a row with "#" for numbers that are `offset` more than the number of the page, if not None."""

    text: str
    offset: int | None


class _Edge(NamedTuple):
    """An edge of the page with line numbers: how a number is read there, and where a segment with one is."""

    number: re.Pattern[str]
    is_right: bool

    def place(self, segment: TextSegment) -> float:
        """Returns how far a segment is from the edge, on a scale of its own: nearer is less."""
        return -segment.x1 if self.is_right else segment.x0

    def number_of(self, segment: TextSegment) -> int:
        """Returns the number of a segment there, 0 if it has none."""
        found = self.number.search(segment.text)
        return int(found[1]) if found else 0

    def without_number(self, segment: TextSegment) -> str:
        """Returns the words of a segment without its number."""
        return self.number.sub("", segment.text, count=1)


_Place = tuple[_Pattern, int]  # a pattern, and its height on the page

MARGIN = 0.13  # of a page's height, at the top and at the bottom, in which running heads are looked for
MAX_MARGIN_ROWS = 3
MIN_LINE_NUMBERS = 8  # on some page, one below the other
_MIN_FIFTH_LINE_NUMBERS = 4
_FIFTH = 5  # every fifth line has a number
_MAX_PITCH_DIFFERENCE = 0.25  # share of the usual distance between line numbers
_EDGE_SIZES = 2.0  # font sizes within which numbers are one below the other, whether aligned left or right
_MIN_RUNNING_SHARE = 0.2  # of the numbered lines that begin in lower case or are empty
_PLACE_POINTS = 4.0  # within which rows of two pages are at the same height
_SHORT_DOCUMENT_PAGES = 4
_EDGES = (
    _Edge(re.compile(r"^([0-9]{1,3})(?: (?=\S)|$)"), is_right=False),
    _Edge(re.compile(r"(?:^|(?<=\S) )([0-9]{1,3})$"), is_right=True),
)
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_NUMBER_AT_EDGE = re.compile(r"^#\s|\s#$|^#$")
_STATEMENT = re.compile(r"\S\s+\S+\s+\S+[.!?;][\"'”’)\]]*$")  # a footnote, say: it has the full stop that heads lack
_PAGE_NUMBER = re.compile(r"[-–—|\s]*(?:page\s*)?#(?:\s*(?:of|/)\s*[#\d]+)?[-–—|\s]*", re.IGNORECASE)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(frozen=True, slots=True)
class _MarginRow:
    """A row in the margin of a page.

    `patterns` are its text, and its text with "#" for what may count the pages; a number in a statement does not.
    """

    page: int
    row: Sequence[TextSegment]
    patterns: tuple[_Pattern, ...]

    @classmethod
    def of(cls, page: int, row: Sequence[TextSegment]) -> _MarginRow:
        """Reads a row of a page."""
        text = row_text(row).lower()
        may_count = not _STATEMENT.search(text)
        numbers = [(found.span(), _value(found[0]) - page) for found in _NUMBER.finditer(text) if may_count]
        patterns = {_Pattern(text, None): None}
        for offset in dict.fromkeys(offset for _, offset in numbers):
            spans = [span for span, other in numbers if other == offset]
            for replaced in (spans, *([span] for span in spans)):
                patterns[_Pattern(_with_number_signs(text, replaced), offset)] = None
        return cls(page, row, tuple(patterns))

    @property
    def height(self) -> int:
        """Its height on the page, the same for rows of two pages within a few points."""
        return round(self.row[0].y / _PLACE_POINTS)

    def numbered(self, offsets: Collection[int | None]) -> _Pattern | None:
        """Returns the pattern in which it begins or ends with a number that is one of these from the page's."""
        return next(
            (found for found in self.patterns if found.offset in offsets and _NUMBER_AT_EDGE.search(found.text)), None
        )


def _with_number_signs(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = f"{text[:start]}#{text[end:]}"
    return text


def without_running_heads(
    pages: Sequence[PdfPage], segments: Sequence[list[TextSegment]]
) -> tuple[list[list[TextSegment]], list[str]]:
    """Returns the segments of each page without running heads and page numbers, and notes on those.

    A row in the margin is a running head when two pages have it at the same height, or three pages of a long
    document, page numbers aside; and when it is at such a height and begins or ends with the number of its page.
    """
    rows = [
        _MarginRow.of(page.number, row)
        for page, on_page in zip(pages, segments, strict=True)
        for row in _margin_rows(page, on_page)
    ]
    heads = _running_heads(rows, len(pages))
    removed = {id(segment) for found in heads.values() for head in found for segment in head.row}
    kept = [[segment for segment in on_page if id(segment) not in removed] for on_page in segments]
    notes = [_running_head_note(pattern.text, found) for (pattern, _), found in heads.items()]
    return kept, list(dict.fromkeys(notes))


def without_line_numbers(segments: Sequence[list[TextSegment]]) -> tuple[list[list[TextSegment]], list[str]]:
    """Returns the segments of each page without the numbers of its lines, and a note on those.

    Line numbers are one below the other at the left or right edge, evenly spaced, and count every line or every fifth.
    """
    for edge in _EDGES:
        if columns := _line_number_columns(segments, edge):
            numbers = {id(segment) for column in columns for segment in column}
            kept = [list(_stripped(on_page, numbers, edge)) for on_page in segments]
            return kept, [f"Line numbers {_on_pages([column[0].page for column in columns])} left out."]
    return [list(on_page) for on_page in segments], []


def _line_number_columns(segments: Sequence[list[TextSegment]], edge: _Edge) -> list[list[TextSegment]]:
    """Returns the line numbers of each page that has some at an edge."""
    columns = [_line_number_column(on_page, edge) for on_page in segments]
    places = [
        edge.place(column[0])
        for column, on_page in zip(columns, segments, strict=True)
        if _counts_lines(column, on_page, edge)
    ]
    return [column for column in columns if column and places and _is_at(column[0], places, edge)]


def _is_at(segment: TextSegment, places: Sequence[float], edge: _Edge) -> bool:
    return min(places) - segment.size <= edge.place(segment) <= max(places) + segment.size


def _margin_rows(page: PdfPage, segments: Sequence[TextSegment]) -> list[list[TextSegment]]:
    """Returns the outermost rows in the top and bottom margins of a page."""
    heights = [segment.y for segment in segments]
    if not heights:
        return []
    bottom, top = min(0.0, *heights), max(page.height, *heights)  # the page may be turned
    margin = MARGIN * (top - bottom)
    rows = rows_of(segment for segment in segments if segment.y >= top - margin or segment.y <= bottom + margin)
    upper = [row for row in rows if row[0].y >= top - margin][:MAX_MARGIN_ROWS]
    return upper + [row for row in rows if row[0].y <= bottom + margin][-MAX_MARGIN_ROWS:]


def _running_heads(rows: Sequence[_MarginRow], page_count: int) -> dict[_Place, list[_MarginRow]]:
    min_pages = 2 if page_count <= _SHORT_DOCUMENT_PAGES else 3
    counts = Counter((pattern, row.height) for row in rows for pattern in row.patterns)
    heads: dict[_Place, list[_MarginRow]] = defaultdict(list)
    others = []
    for row in rows:
        place = max(((pattern, row.height) for pattern in row.patterns), key=lambda place: counts[place])
        if counts[place] >= min_pages:
            heads[place].append(row)
        else:
            others.append(row)
    offsets: dict[int, set[int | None]] = defaultdict(set)
    for pattern, height in heads:
        offsets[height].add(pattern.offset)
    for row in others:
        if (numbered := row.numbered(offsets[row.height] - {None})) is not None:
            heads[numbered, row.height].append(row)
    return heads


def _value(number: str) -> int:
    """Returns the value of an Arabic or a Roman number."""
    if number.isdecimal():
        return int(number[:9])
    values = [_ROMAN_VALUES[letter] for letter in number]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def _running_head_note(pattern: str, rows: Sequence[_MarginRow]) -> str:
    numbers = sorted({row.page for row in rows})
    where = _on_pages(numbers)
    if _PAGE_NUMBER.fullmatch(pattern):
        return f"Page {'number' if len(numbers) == 1 else 'numbers'} {where} left out."
    return f"Running head {where} left out: {excerpt(row_text(rows[0].row))}."


def _on_pages(numbers: Sequence[int]) -> str:
    first, last = numbers[0], numbers[-1]
    if first == last:
        return f"on page {first}"
    return f"on pages {first} to {last}" if len(numbers) == last - first + 1 else f"on {len(numbers)} pages"


def _line_number_column(segments: Sequence[TextSegment], edge: _Edge) -> list[TextSegment]:
    """Returns the segments at an edge of a page whose numbers count its lines, from the top down."""
    outermost = [row[-1] if edge.is_right else row[0] for row in rows_of(segments)]
    numbered = [segment for segment in outermost if edge.number.search(segment.text)]
    if not numbered:
        return []
    first = min(map(edge.place, numbered))
    column = [segment for segment in numbered if edge.place(segment) - first <= _EDGE_SIZES * segment.size]
    return max(_counting_runs(column, edge), key=len, default=[])


def _counting_runs(column: Sequence[TextSegment], edge: _Edge) -> Iterator[list[TextSegment]]:
    """Yields the runs of consecutive segments whose numbers rise by one, or by five from a multiple of five."""
    run = list(column[:1])
    for upper, lower in pairwise(column):
        step = edge.number_of(lower) - edge.number_of(upper)
        first_step = edge.number_of(run[1]) - edge.number_of(run[0]) if len(run) > 1 else step
        if step != first_step or step not in (1, _FIFTH):
            yield run
            run = []
        run.append(lower)
    yield run


def _counts_lines(column: Sequence[TextSegment], segments: Sequence[TextSegment], edge: _Edge) -> bool:
    """Returns whether a column of numbers counts lines that run on, so that the document has line numbers."""
    if len(column) < _MIN_FIFTH_LINE_NUMBERS or not _is_even(column):
        return False
    inside = [row for row in rows_of(segments) if column[-1].y <= row[0].y <= column[0].y]
    if edge.number_of(column[1]) - edge.number_of(column[0]) == _FIFTH:
        return edge.number_of(column[0]) % _FIFTH == 0 and len(inside) >= len(column) * 2
    return len(column) >= MIN_LINE_NUMBERS and _lines_run_on(column, inside, edge)


def _lines_run_on(column: Sequence[TextSegment], rows: Sequence[Sequence[TextSegment]], edge: _Edge) -> bool:
    """Returns whether nearly every row has a number, and some begin within a sentence or are empty."""
    numbers = {id(segment) for segment in column}
    lines = [_text_beside(row, numbers, edge) for row in rows]
    running = sum(not line or line[:1].islower() for line in lines)
    return running >= _MIN_RUNNING_SHARE * len(lines) and len(rows) <= len(column) / (1 - _MIN_RUNNING_SHARE)


def _text_beside(row: Sequence[TextSegment], numbers: set[int], edge: _Edge) -> str:
    texts = (edge.without_number(segment) if id(segment) in numbers else segment.text for segment in row)
    return " ".join(texts).strip()


def _is_even(column: Sequence[TextSegment]) -> bool:
    distances = [upper.y - lower.y for upper, lower in pairwise(column)]
    usual = median(distances)
    return sum(abs(distance - usual) > _MAX_PITCH_DIFFERENCE * usual for distance in distances) * 4 <= len(distances)


def _stripped(segments: Sequence[TextSegment], numbers: set[int], edge: _Edge) -> Iterator[TextSegment]:
    """Yields the segments without line numbers, whether these were drawn apart from their lines or with them."""
    for segment in segments:
        if id(segment) not in numbers:
            yield segment
        elif rest := edge.without_number(segment):
            width = (segment.x1 - segment.x0) * len(rest) / len(segment.text)
            x0, x1 = (segment.x0, segment.x0 + width) if edge.is_right else (segment.x1 - width, segment.x1)
            yield replace(segment, text=rest, x0=x0, x1=x1)
