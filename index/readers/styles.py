"""Reads what the look of a block says: bold headings, typed bullets, lines within it, and boxes around it.

People write headings in bold and bullets as characters in web pages and Word documents alike, so both readers use this.
A block is divided at its line breaks, and a heading in a callout or panel heads nothing after it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import dropwhile, groupby, islice
from typing import NamedTuple

from index.readers.blocks import assign_sections
from index.text.transcript import Block, Role
from index.text.words import GRADES, alternatives

MAX_HEADING_CHARACTERS = 100
MAX_ABBREVIATION_CHARACTERS = 6
_NOT_YET_GRADED = ("not yet graded", "not graded", "ungraded")
_GRADE = re.compile(rf"(?:grade\s*:\s*)?(?:{alternatives((*GRADES, *_NOT_YET_GRADED))})\.?", re.IGNORECASE)
# The inspectorate's formal terms, which head what they name; a number or subject may follow.
_FORMAL_TERM = re.compile(
    r"(?:accelerated )?(?:causes? (?:of|for) concern|areas? for improvement|recommendations?"
    r"|(?:innovative|promising|notable|positive|good) practices?)(?: [0-9]{1,3}| [a-z])?:?",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!;,…][\"'”’)\]]*$")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|should|must|will|would|can|could|may|might|needs?)\b",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(r"\b(?:to|that|by|for|and|the|are|is):$", re.IGNORECASE)
_TYPED_MARKER = re.compile(
    r"(?P<bullet>[•◦▪‣●○■□➢✓\uf0b7·*–-])[\s\xa0]+(?=\w|[\"'“‘(£])"
    r"|(?P<number>[0-9]{1,2}[.)]|\([0-9a-zA-Z]\)|\([ivx]{1,5}\)|[a-z]\))[\s\xa0]+(?=\w|[\"'“‘(£])"
)


def is_grade(text: str) -> bool:
    """Returns whether a text is a grade and nothing else."""
    return _GRADE.fullmatch(" ".join(text.split())) is not None


def is_formal_term(text: str) -> bool:
    """Returns whether a text is a formal term, such as "Area for improvement", and nothing else."""
    return len(text) <= MAX_HEADING_CHARACTERS and _FORMAL_TERM.fullmatch(" ".join(text.split())) is not None


def can_be_heading(text: str) -> bool:
    """Returns whether a line that stands out by its look is a heading, and not a grade, a statement or a lead-in."""
    line = text.strip()
    if not line or len(line) > MAX_HEADING_CHARACTERS or "\n" in line or is_grade(line):
        return False
    if line.endswith("?"):
        return True
    return not _SENTENCE_END.search(line) and not _VERB.search(line) and not _LEAD_IN.search(line)


def is_in_capitals(text: str) -> bool:
    """Returns whether all letters of a text are capitals, and it is longer than an abbreviation."""
    return text.isupper() and sum(map(str.isalpha, text)) > MAX_ABBREVIATION_CHARACTERS


def heading_depth(text: str) -> int:
    """Returns how far below the last marked heading an unmarked one stands: formal terms head a part of a section."""
    if not is_formal_term(text):
        return 1
    return 3 if text.strip().lower().startswith("recommendation") else 2


def typed_marker(text: str) -> str:
    """Returns the bullet or number of an item that is typed at the start of a text, with the space after it."""
    marker = _TYPED_MARKER.match(text)
    return marker[0] if marker else ""


BREAK = "\n"
_SPACE = re.compile("[ \t\n\r\f]+")


class StyledText(NamedTuple):
    """A run of text or a line, and whether all its words are bold."""

    text: str
    is_bold: bool


def collapse(text: str) -> str:
    """Returns a text with each run of white space as one space, as a browser shows it."""
    return _SPACE.sub(" ", text)


def lines_of(pieces: Sequence[StyledText]) -> list[StyledText]:
    """Returns the lines between breaks, without blank ones at the beginning and end.

    White space at the ends of a line is dropped.
    """
    lines: list[list[StyledText]] = [[]]
    for piece in pieces:
        if piece.text == BREAK:
            lines.append([])
        else:
            lines[-1].append(piece)
    joined = [joined_text(line, between="") for line in lines]
    for _ in range(2):
        joined = list(dropwhile(lambda line: not line.text, reversed(joined)))
    return joined


def joined_text(pieces: Sequence[StyledText], between: str = BREAK) -> StyledText:
    """Returns pieces as one; it is bold if all its words are."""
    text = between.join(piece.text for piece in pieces).strip()
    return StyledText(text, all(piece.is_bold for piece in pieces if piece.text.strip()))


def paragraphs_of(lines: Sequence[StyledText]) -> Iterator[StyledText]:
    """Yields a heading in bold on the first line apart, and each line apart where typed bullets begin them."""
    if len(lines) > 1 and lines[0].is_bold and not lines[1].is_bold and can_be_heading(lines[0].text):
        yield lines[0]
        lines = lines[1:]
    if any(typed_marker(line.text) for line in lines[1:]):
        yield from (line for line in lines if line.text)
    else:
        yield joined_text(lines)


Boxes = tuple[int, ...]  # the numbers of the boxes around a part or block, outermost first
_NO_HEADING = 99  # a level below every other


def assign_sections_by_box(
    text: str, blocks: Sequence[Block], boxes: Sequence[Boxes], table_heads: Collection[int], depth: int = 0
) -> Iterator[Block]:
    """Yields the blocks with the headings above them. `boxes` are those around each block."""
    runs = list(_runs(boxes, depth))
    assigned = iter(assign_sections(text, _outside(blocks, runs), table_heads))
    levels: list[int] = []  # of the headings in the path
    for box, run in runs:
        if box:
            above = _above_box(next(assigned).path, levels, blocks[run[0]].level)
            inside = [blocks[number] for number in run], [boxes[number] for number in run]
            within = assign_sections_by_box(text, *inside, table_heads, depth + 1)
            yield from (replace(block, path=above + block.path) for block in within)
        else:
            beside = list(islice(assigned, len(run)))
            yield from beside
            levels = _levels_after(levels, [block for block in beside if block.start not in table_heads])


def _outside(blocks: Sequence[Block], runs: Sequence[tuple[Boxes, list[int]]]) -> Iterator[Block]:
    """Yields the blocks that are in no box, and an empty one for each box."""
    for box, run in runs:
        start = blocks[run[0]].start
        yield from [Block(Role.MARKUP, start, start)] if box else (blocks[number] for number in run)


def _levels_after(levels: list[int], blocks: Sequence[Block]) -> list[int]:
    """Returns the levels of the headings that are open after some blocks."""
    for block in blocks:
        if block.role is Role.HEADING:
            levels = [*levels[: len(block.path)], block.level or _NO_HEADING]
    return levels


def _above_box(path: tuple[str, ...], levels: Sequence[int], level: int) -> tuple[str, ...]:
    """Returns the headings that go on within a box that begins with a heading of a level, or with none (0).

    Lower headings end there, and so does a formal term of the same level.
    """
    if not level:
        return path
    kept = len(path)
    while kept and (levels[kept - 1] > level or (levels[kept - 1] == level and is_formal_term(path[kept - 1]))):
        kept -= 1
    return path[:kept]


def _runs(boxes: Sequence[Boxes], depth: int) -> Iterator[tuple[Boxes, list[int]]]:
    """Yields the numbers of consecutive blocks that are in one box of a depth, or in none, with that box."""
    for box, run in groupby(enumerate(boxes), lambda numbered: numbered[1][depth : depth + 1]):
        yield box, [number for number, _ in run]


def joined_boxes(boxes: Sequence[Boxes], levels: Sequence[int]) -> Iterator[Boxes]:
    """Yields the boxes around each part, with a box joined to the one right before it if it goes on with it.

    It does so when it begins with a heading below the one that the other begins with, as recommendations under a cause
    of concern do. `levels` are those of the parts that are headings, and 0 for the others.
    """
    joined: dict[int, int] = {}
    first_levels: dict[int, int] = {}  # of the heading that each box begins with
    before: Boxes = ()
    for own, level in zip(boxes, levels, strict=True):
        around = tuple(joined.get(box, box) for box in own)
        if around and around[-1] not in first_levels:
            beside = before[: len(around)]
            if _are_beside(beside, around) and level > first_levels.get(beside[-1], level):
                joined[around[-1]] = beside[-1]
                around = beside
            else:
                first_levels[around[-1]] = level or _NO_HEADING
        before = around
        yield around


def _are_beside(first: Boxes, second: Boxes) -> bool:
    return len(first) == len(second) and first[:-1] == second[:-1]
