"""Columns of prose on a page, read one after the other. What stands side by side in a table stays in rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import median

from index.readers.lines import Stretch, rows_of

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
