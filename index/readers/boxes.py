"""Gives blocks their sections where there are boxes: a heading in a callout or panel heads nothing after it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, islice

from index.readers.blocks import assign_sections
from index.readers.unmarked_headings import is_formal_term
from index.text.transcript import Block, Role

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
