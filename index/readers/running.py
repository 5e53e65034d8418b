"""Running heads and page numbers: lines at the edge of a page that others have at the same place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from index.readers.letters import Sheet
from index.readers.lines import Stretch, row_text, rows_of
from index.readers.parts import excerpt

MARGIN = 0.13  # of a page's height, at the top and at the bottom
ROWS = 3  # looked at in each margin
_PLACE = 4.0  # points within which a line stands at the same place
_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_NUMBERED = re.compile(r"^#\s|\s#$")
_PAGE = re.compile(r"[-–—|\s]*(?:page\s*)?#(?:\s*(?:of|/)\s*#)?[-–—|\s]*", re.IGNORECASE)


def without_running_heads(
    sheets: Sequence[Sheet], stretches: Sequence[list[Stretch]]
) -> tuple[list[list[Stretch]], list[str]]:
    """The stretches of each page but for those of running heads and page numbers, and notes on these.

    A line is a running head when two pages have it at the same place, or three in a longer document, whatever its
    figures say; and when it stands at such a place and begins or ends with a page's number.
    """
    found: dict[tuple[str, int], list[tuple[int, list[Stretch]]]] = defaultdict(list)
    for number, (sheet, of_page) in enumerate(zip(sheets, stretches, strict=True)):
        for row in _edge_rows(sheet, of_page):
            found[_pattern(row), round(row[0].y / _PLACE)].append((number, row))
    wanted = 2 if len(sheets) <= 4 else 3
    repeated = {key: rows for key, rows in found.items() if len({number for number, _ in rows}) >= wanted}
    places = {place for _, place in repeated}
    repeated |= {key: rows for key, rows in found.items() if key[1] in places and _NUMBERED.search(key[0])}
    gone = {id(one) for rows in repeated.values() for _, row in rows for one in row}
    left = [[one for one in of_page if id(one) not in gone] for of_page in stretches]
    return left, [
        _note(pattern, [(sheets[n].number, row) for n, row in rows]) for (pattern, _), rows in repeated.items()
    ]


def _edge_rows(sheet: Sheet, stretches: Sequence[Stretch]) -> list[list[Stretch]]:
    heights = [one.y for one in stretches]
    if not heights:
        return []
    bottom, top = min(0.0, *heights), max(sheet.height, *heights)  # of a turned page too
    edge = MARGIN * (top - bottom)
    rows = rows_of(one for one in stretches if one.y >= top - edge or one.y <= bottom + edge)
    upper = [row for row in rows if row[0].y >= top - edge][:ROWS]
    return upper + [row for row in rows if row[0].y <= bottom + edge][-ROWS:]


def _pattern(row: Sequence[Stretch]) -> str:
    return _NUMBER.sub("#", row_text(row).lower())


def _note(pattern: str, rows: Sequence[tuple[int, list[Stretch]]]) -> str:
    pages = sorted({page for page, _ in rows})
    where = (
        f"on pages {pages[0]} to {pages[-1]}" if len(pages) == pages[-1] - pages[0] + 1 else f"on {len(pages)} pages"
    )
    if _PAGE.fullmatch(pattern):
        return f"Page numbers {where} left out."
    return f"Running head {where} left out: {excerpt(row_text(rows[0][1]))}."
