"""Divides the segments of a PDF page into regions in reading order: columns of prose, and the text around them.

Text that is side by side in a table stays in one region. A gutter, the white strip between columns, is accepted only
where the lines on both sides of it run on, each in its own column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby, pairwise
from statistics import median

from index.readers.pdf_lines import MAX_BASELINE_DIFFERENCE, TextSegment, rows_of

# Lengths are in font sizes unless a comment says otherwise.
MIN_GUTTER = 0.8
MIN_SHORT_GUTTER = 1.6  # between columns of fewer than MIN_COLUMN_LINES lines, or with ragged left edges
MIN_COLUMN_LINES = 3
MIN_ALIGNED = 0.6  # share of the lines of a column that begin at its left edge
_MIN_SIDE_LINES = 2  # so that one can run on in the next
MIN_PROSE_WORDS = 2.5  # of a line, median
MIN_LINE_FILL = 0.55  # share of its column's width that a line of prose fills, median
_MAX_ROW_DISTANCE = 3.0  # between lines of one paragraph
_MAX_BAND_DISTANCE = 4.0  # between rows of the same columns
_MIN_APART = 2.2  # times the usual distance of rows: a line as far from columns does not belong to them
_MIN_LONE_RUNS = 3  # lines that run on, in a column beside a box
_MIN_HEADING_SIZE = 1.12  # times the size of the columns that a heading across them interrupts
_MIN_GRID_ROWS = 2  # rows that begin together on both sides of a gutter: a table
_EDGE_POINTS = 1.0
_MAX_SEGMENTS = 1200  # a page with more is not searched for columns: no page of prose has as many
_MAX_EDGES = 60  # of the most frequent left edges that are tried
_WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]]*$")

Row = list[TextSegment]


@dataclass(frozen=True, slots=True)
class _Split:
    """A region divided by a gutter, how many lines are beside each other along it, and how wide it is."""

    above: list[TextSegment]
    left: list[TextSegment]
    right: list[TextSegment]
    below: list[TextSegment]
    lines: int
    gap: float  # points

    def regions(self) -> Iterator[list[TextSegment]]:
        for segments in (self.above, self.left, self.right, self.below):
            yield from regions_of(segments)


def regions_of(segments: Sequence[TextSegment]) -> Iterator[list[TextSegment]]:
    """Yields the segments of a page, divided into columns and the text above and below them, in reading order."""
    if not segments:
        return
    split = _best_split(segments) if len(segments) <= _MAX_SEGMENTS else None
    if split is None:
        yield list(segments)
    else:
        yield from split.regions()


def _best_split(segments: Sequence[TextSegment]) -> _Split | None:
    rows = rows_of(segments)
    edges = Counter(round(segment.x0) for segment in segments)
    best: _Split | None = None
    for edge, _ in edges.most_common(_MAX_EDGES):
        for run_start, run_end in _uncrossed_runs(rows, edge - _EDGE_POINTS):
            split = _split_at(rows, run_start, run_end, edge - _EDGE_POINTS)
            if split is not None and (best is None or (split.lines, split.gap) > (best.lines, best.gap)):
                best = split
    return best


def _uncrossed_runs(rows: Sequence[Row], gutter: float) -> Iterator[tuple[int, int]]:
    """Yields the first and the last row of each run of rows that leave a gutter white, with text on both sides."""
    bands = accumulate(
        (
            upper[0].y - lower[0].y > _MAX_BAND_DISTANCE * max(upper[0].size, lower[0].size)
            for upper, lower in pairwise(rows)
        ),
        initial=0,
    )
    crossing = [(band, _crosses(row, gutter)) for band, row in zip(bands, rows, strict=True)]
    for (_, crosses), run in groupby(range(len(rows)), key=crossing.__getitem__):
        first, *others = run
        last = others[-1] if others else first
        if not crosses and all(_sides(_flat(rows[first : last + 1]), gutter)):
            yield first, last + 1


def _crosses(row: Row, gutter: float) -> bool:
    return any(_intrudes(segment, gutter) for segment in row)


def _flat(rows: Sequence[Row]) -> list[TextSegment]:
    return [segment for row in rows for segment in row]


def _intrudes(segment: TextSegment, gutter: float) -> bool:
    return segment.x0 < gutter < segment.x1 + MIN_GUTTER * segment.size - _EDGE_POINTS


def _split_at(rows: Sequence[Row], start: int, end: int, gutter: float) -> _Split | None:
    """Returns a region divided by a gutter in some of its rows; None where they are no columns."""
    end = _before_heading_across(rows, start, end, gutter)
    first, last = _side_by_side(rows, start, end, gutter)
    if first >= last:
        return None
    start, end = _attached(rows, (start, end), (first, last), gutter)
    beside = _sides(_flat(rows[first:last]), gutter)
    lines = min(map(len, beside))
    left, right = _sides(_flat(rows[start:end]), gutter)
    if lines < _MIN_SIDE_LINES or not _are_columns(left, right):
        return None
    return _Split(_flat(rows[:start]), left, right, _flat(rows[end:]), lines, _gap(left, right))


def _sides(segments: Sequence[TextSegment], gutter: float) -> tuple[list[TextSegment], list[TextSegment]]:
    left = [segment for segment in segments if segment.x0 < gutter]
    return left, [segment for segment in segments if segment.x0 >= gutter]


def _side_by_side(rows: Sequence[Row], start: int, end: int, gutter: float) -> tuple[int, int]:
    """Returns the rows from the first to the last that have text on both sides of a gutter, or between such."""
    left = [number for number in range(start, end) if rows[number][0].x0 < gutter]
    right = [number for number in range(start, end) if rows[number][-1].x0 >= gutter]
    if not left or not right:
        return start, start
    return max(left[0], right[0]), min(left[-1], right[-1]) + 1


def _attached(rows: Sequence[Row], run: tuple[int, int], beside: tuple[int, int], gutter: float) -> tuple[int, int]:
    """Extends rows that are side by side to those above and below in the run that belong to the same columns."""
    distances = [upper[0].y - lower[0].y for upper, lower in pairwise(rows[beside[0] : beside[1]])]
    usual = median(distances) if distances else _MAX_ROW_DISTANCE * rows[beside[0]][0].size / 2
    first, last = beside
    while first > run[0] and rows[first - 1][0].y - rows[first][0].y <= _MIN_APART * usual:
        first -= 1
    while last < run[1] and rows[last - 1][0].y - rows[last][0].y <= _MIN_APART * usual:
        last += 1
    return first, _end_of_longer_column(rows, last, run[1], gutter)


def _end_of_longer_column(rows: Sequence[Row], last: int, end: int, gutter: float) -> int:
    """Extends a left column that is longer than the right to its last line that runs on."""
    rest = [row[0] for row in rows[last:end]]
    if any(line.x0 >= gutter for line in rest):
        return last
    running = [number for number, (upper, lower) in enumerate(pairwise(rest)) if _runs_on(upper, lower)]
    return last + running[-1] + 2 if running else last


def _before_heading_across(rows: Sequence[Row], start: int, end: int, gutter: float) -> int:
    """Returns the end of a run of rows, or the first row in it that is a heading over both columns."""
    size = median(segment.size for segment in _flat(rows[start:end]))
    right = [row[-1] for row in rows[start:end] if row[-1].x0 >= gutter]
    for number in range(start + 1, end - 1):
        row = rows[number]
        is_large = row[0].size >= _MIN_HEADING_SIZE * size
        if is_large and row[-1].x0 < gutter and _gap_around(row[0], right) >= 2 * row[0].size + size:
            return number
    return end


def _gap_around(line: TextSegment, column: Sequence[TextSegment]) -> float:
    """Returns how far the lines of a column above and below a line are from each other; 0 where either is missing."""
    above = min((other.y for other in column if other.y > line.y), default=0.0)
    below = max((other.y for other in column if other.y < line.y), default=above)
    return above - below


def _are_columns(left: Sequence[TextSegment], right: Sequence[TextSegment]) -> bool:
    """Returns whether the text on both sides of a gutter is read one side after the other, not row by row."""
    if not _gutter_is_wide(left, right):
        return False
    sides = _Side.of(left), _Side.of(right)
    prose = [side for side in sides if side.is_prose]
    if len(prose) == 1 and prose[0].runs >= _MIN_LONE_RUNS:
        return _have_words(sides) and not _is_grid(sides, min_rows=_MIN_GRID_ROWS)
    return (len(prose) == len(sides) or _fill_lines(sides)) and not _is_grid(sides, min_rows=_MIN_GRID_ROWS + 1)


def _have_words(sides: Sequence[_Side]) -> bool:
    return all(side.has_words for side in sides)


def _fill_lines(sides: Sequence[_Side]) -> bool:
    return all(side.fills_lines for side in sides)


def _gutter_is_wide(left: Sequence[TextSegment], right: Sequence[TextSegment]) -> bool:
    size = median(segment.size for segment in (*left, *right))
    if _gap(left, right) >= MIN_SHORT_GUTTER * size:
        return True
    edge, aligned = Counter(round(segment.x0) for segment in right).most_common(1)[0]
    aligned += sum(0 < abs(segment.x0 - edge) <= _EDGE_POINTS and round(segment.x0) != edge for segment in right)
    return min(len(left), len(right)) >= MIN_COLUMN_LINES and aligned >= MIN_ALIGNED * len(right)


def _gap(left: Sequence[TextSegment], right: Sequence[TextSegment]) -> float:
    return min(segment.x0 for segment in right) - max(segment.x1 for segment in left)


@dataclass(frozen=True, slots=True)
class _Side:
    """The text on one side of a gutter: how many of its lines run on in the next, and how many are broken off."""

    segments: Sequence[TextSegment]
    starts: Sequence[TextSegment]  # lines that do not continue the one above
    runs: int
    broken: int

    @classmethod
    def of(cls, segments: Sequence[TextSegment]) -> _Side:
        ordered = sorted(segments, key=lambda segment: (-segment.y, segment.x0))
        starts: list[TextSegment] = []
        runs = broken = 0
        for number, line in enumerate(ordered):
            upper = _line_above(ordered, number)
            if upper is not None and _runs_on(upper, line):
                runs += 1
            else:
                starts.append(line)
                broken += upper is not None and not SENTENCE_END.search(upper.text)
        return cls(ordered, starts, runs, broken)

    @property
    def is_prose(self) -> bool:
        return self.runs >= max(1, self.broken) and self._words >= MIN_PROSE_WORDS

    @property
    def has_words(self) -> bool:
        worded = sum(_WORD.search(segment.text) is not None for segment in self.segments)
        return 2 * worded >= len(self.segments)

    @property
    def fills_lines(self) -> bool:
        if len(self.segments) < MIN_COLUMN_LINES:
            return False
        width = max(segment.x1 for segment in self.segments) - min(segment.x0 for segment in self.segments)
        fill = median(segment.x1 - segment.x0 for segment in self.segments) / max(width, 1.0)
        return fill >= MIN_LINE_FILL and self._words > MIN_PROSE_WORDS

    @property
    def _words(self) -> float:
        return median(len(segment.text.split()) for segment in self.segments)


def _line_above(ordered: Sequence[TextSegment], number: int) -> TextSegment | None:
    """Returns the nearest segment above a line, within the distance of a paragraph, that overlaps it."""
    line = ordered[number]
    for above in range(number - 1, -1, -1):
        segment = ordered[above]
        if segment.y - line.y > _MAX_ROW_DISTANCE * max(segment.size, line.size):
            return None
        if segment.x0 < line.x1 and line.x0 < segment.x1 and segment.y > line.y:
            return segment
    return None


def _runs_on(upper: TextSegment, lower: TextSegment) -> bool:
    """Returns whether a sentence runs from one line to the next, as far as these lines show."""
    is_near = upper.y - lower.y <= _MAX_ROW_DISTANCE * max(upper.size, lower.size)
    return is_near and lower.text[:1].islower() and not SENTENCE_END.search(upper.text)


def _is_grid(sides: tuple[_Side, _Side], min_rows: int) -> bool:
    """Returns whether the entries on both sides of a gutter begin in the same rows, as those of a table do."""
    fewer, more = sorted(sides, key=lambda side: len(side.starts))
    if len(fewer.starts) < min_rows:
        return False
    heights = [start.y for start in more.starts]
    return all(
        any(abs(start.y - height) <= MAX_BASELINE_DIFFERENCE * start.size for height in heights)
        for start in fewer.starts
    )
