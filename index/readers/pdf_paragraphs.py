"""Lines of a page put together as paragraphs, table rows and footnotes.

Words cut at the end of a line: joined where the document itself says how they are written, and else left cut.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median

from index.readers.pdf_lines import Stretch, rows_of

SPACE = 0.15  # font sizes between two stretches of a row that part two words
CELLS = 2.3  # font sizes between two stretches of a row that make them cells
_WIDE = 1.4  # times the usual distance between lines: a paragraph ends
_LINE = 1.8  # font sizes: the usual distance where a region has too few lines to tell
_OTHER_SIZE = 0.08
_INDENT = 0.9  # font sizes
_SHORT = 0.8  # of the region's width: a line that is shorter and ends a sentence ends its paragraph
_BULLET = re.compile(r"[•◦▪‣●○■□➢✓–*-](?=\s)|\(?(?:[0-9]{1,2}|[a-z]|[ivx]{1,4})[.)](?=\s)")
_LABEL = re.compile(r"[•◦▪‣●○■□➢✓–*-]|\(?(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-z]|[ivx]{1,4})[.)]?")
LEADERS = re.compile(r"(?:\s?[.…]){5,}\s*[0-9ivxlc]*$")  # of a table of contents
ENDS = re.compile(r"[.!?:;…][\"'”’)\]]*$")


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together, or the cells of one row of a table. `full`: its last line reaches the right edge."""

    lines: list[Stretch] = field(default_factory=list)
    cells: bool = False
    full: bool = False

    @property
    def size(self) -> float:
        return median(line.size for line in self.lines)

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)


def paragraphs_of(region: Sequence[Stretch]) -> Iterator[Paragraph]:
    """The paragraphs of a region of a page, from the top down."""
    rows = [_merged(row) for row in rows_of(region)]
    left, right = min(one.x0 for one in region), max(one.x1 for one in region)
    pitch = _pitch([row[0] for row in rows]) / median(row[0].size for row in rows)
    open_one = Paragraph()
    for row in rows:
        last = open_one.lines[-1] if open_one.lines else None
        if last is not None and (len(row) > 1 or open_one.cells or _begins(last, row[0], left, right, pitch)):
            yield _closed(open_one, left, right, len(rows))
            open_one = Paragraph()
        open_one.lines += row
        open_one.cells = len(row) > 1
    yield _closed(open_one, left, right, len(rows))


def _closed(paragraph: Paragraph, left: float, right: float, rows: int) -> Paragraph:
    paragraph.full = rows > 1 and paragraph.lines[-1].x1 - left >= _SHORT * (right - left)
    return paragraph


def _merged(row: Sequence[Stretch]) -> list[Stretch]:
    """A row's cells; stretches that stand too near for that are one, and so is a bullet with what follows it."""
    cells = [replace(row[0])]
    for one in row[1:]:
        last = cells[-1]
        near = one.x0 - last.x1 < CELLS * one.size
        if near or (len(cells) == 1 and _LABEL.fullmatch(last.text)):
            last.text += (" " if one.x0 - last.x1 > SPACE * one.size else "") + one.text
            last.x1, last.size, last.marks = one.x1, max(last.size, one.size), last.marks + one.marks
        else:
            cells.append(replace(one))
    return cells


def _pitch(lines: Sequence[Stretch]) -> float:
    """The usual distance between lines."""
    usual = [a.y - b.y for a, b in pairwise(lines) if a.y - b.y <= _LINE * max(a.size, b.size)]
    return median(usual) if usual else _LINE * lines[0].size / _WIDE


def _begins(last: Stretch, line: Stretch, left: float, right: float, pitch: float) -> bool:
    """Whether a line begins a paragraph; `pitch` is the usual distance between lines, in font sizes."""
    if last.y - line.y > _WIDE * max(pitch * line.size, 1.0) or abs(last.size - line.size) > _OTHER_SIZE * max(
        last.size, line.size
    ):
        return True
    if _BULLET.match(line.text) or LEADERS.search(line.text) or LEADERS.search(last.text):
        return True
    ended = ENDS.search(last.text) is not None
    indented = line.x0 - left > _INDENT * line.size and last.x0 - left <= _INDENT * line.size
    short = last.x1 - left < _SHORT * (right - left)
    return (ended and (indented or short)) or (short and _is_broken_off(last, line, right))


def _is_broken_off(last: Stretch, line: Stretch, right: float) -> bool:
    """Whether a line ends though the first word of the next would have had room, and that begins like a sentence."""
    if not line.text[:1].isupper() or last.text.endswith((",", "-", "–")):
        return False
    first = (line.x1 - line.x0) * len(line.text.split()[0]) / len(line.text)
    return last.x1 + line.size + first < right


SOFT = "\u00ad"
_CUT = re.compile(r"([^\W\d_]+)[-‐]$")
_REST = re.compile(r"[^\W\d_]+")
_HYPHENATED_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")


def vocabulary(lines: Iterable[str]) -> frozenset[str]:
    """The words that stand within lines, in small letters: how the document writes them when it does not cut them."""
    found: set[str] = set()
    for line in lines:
        words = [match for match in _HYPHENATED_WORD.finditer(line) if not line[match.end() :].startswith(("-", SOFT))]
        found.update(match[0].lower() for match in words)
    return frozenset(found)


def joined(before: str, after: str, known: Collection[str]) -> str:
    """A line and the one after it as one text: a space between them, unless a word was cut.

    A soft hyphen is kept, and the word whole. A hyphen goes where the document has the word without it elsewhere, and
    stays where it has the word with it. Where it has both or neither, hyphen and line end stay.
    """
    if before.endswith(SOFT):
        return before + after
    cut, rest = _CUT.search(before), _REST.match(after)
    if cut is None or rest is None:
        return f"{before} {after}"
    whole, hyphened = (cut[1] + rest[0]).lower(), f"{cut[1]}-{rest[0]}".lower()
    if rest[0][0].islower() and (whole in known) != (hyphened in known):
        return before[:-1] + after if whole in known else before + after
    return f"{before}\n{after}"
