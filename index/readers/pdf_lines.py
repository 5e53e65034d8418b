"""Letters put together: stretches of one line without a gap, and rows of stretches on one base line.

Columns of prose on a page, read one after the other. What stands side by side in a table stays in rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import median

from index.readers.pdf_characters import Letter

GAP = 1.4  # font sizes between two letters of a line, at which a stretch ends: between columns, or cells
ON_LINE = 0.3  # font sizes that two base lines may differ by
_BACK = 0.5
_RAISED = (0.1, 0.8)  # font sizes that a superscript stands above its line
_SMALLER = 0.85
_MARKS = frozenset("0123456789*†‡§,")


@dataclass(slots=True)
class Stretch:
    """Letters of one line without a gap. `marks` are the footnote marks left out of its text."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    page: int
    marks: list[str] = field(default_factory=list)
    last: float = 0.0  # where its last letter begins

    def add(self, letter: Letter) -> None:
        """Put a letter at its end."""
        self.text += (" " if letter.spaced else "") + letter.char
        self.x1 = max(self.x1, letter.x1)
        self.last = letter.x0


def stretches_of(letters: Iterable[Letter], page: int) -> list[Stretch]:
    """The stretches of a page, in the order they were drawn. Raised figures after a word are footnote marks."""
    found: list[Stretch] = []
    marking = False
    for letter in letters:
        last = found[-1] if found else None
        if last is not None and letter.char in _MARKS and _is_raised(last, letter):
            last.marks[len(last.marks) - marking :] = [(last.marks[-1] if marking else "") + letter.char]
            last.x1 = max(last.x1, letter.x1)
            marking = True
            continue
        marking = False
        if last is not None and (_is_raised(last, letter) or _goes_on(last, letter)):
            last.add(letter)
        else:
            found.append(Stretch(letter.char, letter.x0, letter.x1, letter.y, letter.size, page, last=letter.x0))
    return found


def rows_of(stretches: Iterable[Stretch]) -> list[list[Stretch]]:
    """Stretches that stand on one base line, from left to right; the rows from the top down."""
    rows: list[list[Stretch]] = []
    for stretch in sorted(stretches, key=lambda one: (-one.y, one.x0)):
        if rows and abs(rows[-1][0].y - stretch.y) <= ON_LINE * max(rows[-1][0].size, stretch.size):
            rows[-1].append(stretch)
        else:
            rows.append([stretch])
    return [sorted(row, key=lambda one: one.x0) for row in rows]


def row_text(row: Sequence[Stretch]) -> str:
    """The words of a row, a space between its stretches."""
    return " ".join(stretch.text for stretch in row)


def _goes_on(last: Stretch, letter: Letter) -> bool:
    size = max(last.size, letter.size)
    on_line = abs(last.y - letter.y) <= ON_LINE * size
    of_a_ligature = abs(letter.x0 - last.last) < 0.1  # its letters have one box
    return on_line and (of_a_ligature or -_BACK * size <= letter.x0 - last.x1 <= GAP * size)


def _is_raised(last: Stretch, letter: Letter) -> bool:
    low, high = _RAISED
    raised = low * last.size <= letter.y - last.y <= high * last.size
    near = -_BACK * last.size <= letter.x0 - last.x1 <= last.size / 3
    return raised and near and letter.size <= _SMALLER * last.size


FEWEST = 4  # stretches of a column
WORDS = 3  # in a line of prose, at the least, by median
FULL = 0.55  # of a column's width that its lines fill, by median
_NEAR = 2.0  # points
_MOST = 1200  # stretches of a page that are looked at for columns: no page of prose has more


def regions_of(stretches: Sequence[Stretch]) -> Iterator[list[Stretch]]:
    """Parts of a page in the order they are read, each with its stretches."""
    gutter = _gutter(stretches) if 2 * FEWEST <= len(stretches) <= _MOST else None
    if gutter is None:
        if stretches:
            yield list(stretches)
        return
    rows = rows_of(stretches)
    for spans, band in groupby(rows, key=lambda row: any(_crosses(one, gutter) for one in row)):
        inside = [stretch for row in band for stretch in row]
        if spans:
            yield inside
        else:
            yield from regions_of([one for one in inside if one.x1 <= gutter])
            yield from regions_of([one for one in inside if one.x1 > gutter])


def _gutter(stretches: Sequence[Stretch]) -> float | None:
    """Where a column of prose begins that has another beside it on its left; the one with most lines."""
    edges = sorted({round(stretch.x0) for stretch in stretches})
    found = [(count, edge) for edge in edges[1:] if (count := _support(stretches, edge - _NEAR))]
    return max(found)[1] - _NEAR if found else None


def _support(stretches: Sequence[Stretch], gutter: float) -> int:
    """How many lines begin just at the right of a gutter; 0 when it parts no two columns of prose."""
    beginning = [one for one in stretches if gutter < one.x0 <= gutter + 2 * _NEAR]
    if len(beginning) < FEWEST:
        return 0
    top, bottom = max(one.y for one in beginning), min(one.y for one in beginning)
    beside = [one for one in stretches if bottom - one.size <= one.y <= top + one.size]
    left = [one for one in beside if one.x1 <= gutter]
    right = [one for one in beside if one.x0 > gutter]
    crossing = len(beside) - len(left) - len(right)
    if crossing > min(len(left), len(right)) // 2 or not (_is_prose(left) and _is_prose(right)):
        return 0
    return len(beginning)


def _is_prose(column: Sequence[Stretch]) -> bool:
    if len(column) < FEWEST:
        return False
    width = max(one.x1 for one in column) - min(one.x0 for one in column)
    filled = median(one.x1 - one.x0 for one in column) / max(width, 1.0)
    return filled >= FULL and median(len(one.text.split()) for one in column) >= WORDS


def _crosses(stretch: Stretch, gutter: float) -> bool:
    return stretch.x0 <= gutter < stretch.x1
