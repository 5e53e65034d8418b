"""Gives headings their levels in text that does not mark them, from numbering, names, capitals and order.

Parts and chapters, and the pillars of an assessment, are outermost. The areas that were inspected come below them, and
causes of concern, areas for improvement, recommendations and practice below their area.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.readers.blocks import follows_gap
from index.readers.headings import NUMBERED, PART
from index.text.transcript import Block, Role
from index.text.words import FORMAL_TERMS, SectionKind, section_kind


@dataclass(frozen=True, slots=True)
class _OutlineHeading:
    """A heading: its block, its words, the kind of section it names, and how many parts its number has."""

    number: int
    words: str
    kind: SectionKind | None
    depth: int
    is_stacked: bool  # directly above another heading

    @property
    def is_plain(self) -> bool:
        return self.kind is None and not self.depth

    @property
    def asks(self) -> bool:
        return self.words.endswith("?")

    @property
    def is_part(self) -> bool:
        return PART.match(self.words) is not None


def assign_levels(text: str, blocks: Sequence[Block], table_heads: Collection[int] = ()) -> list[Block]:
    """Returns the blocks with a level for each heading that has none; `table_heads` head only tables."""
    headings = _headings(text, blocks, table_heads)
    leveled = list(blocks)
    for heading, level in zip(headings, _levels(headings), strict=True):
        if not leveled[heading.number].level:
            leveled[heading.number] = replace(leveled[heading.number], level=level)
    return leveled


def closed_terms(text: str, blocks: Sequence[Block]) -> set[int]:
    """Returns where the section of a formal term ends without another heading.

    Where the heading of a term and what it says are set without a blank line between them, a blank line ends the term.
    """
    ends: set[int] = set()
    is_open = before_is_heading = False
    for number, block in enumerate(blocks):
        if block.role is Role.MARKUP:
            continue
        gap = follows_gap(text, blocks, number)
        if block.role is Role.HEADING:
            is_open = (is_open and not gap) or section_kind(text[block.start : block.end]) in FORMAL_TERMS
        elif gap and is_open:
            if not before_is_heading and block.lead_in is None:
                ends.add(block.start)
            is_open = False
        before_is_heading = block.role is Role.HEADING
    return ends


def _headings(text: str, blocks: Sequence[Block], table_heads: Collection[int]) -> list[_OutlineHeading]:
    found: list[_OutlineHeading] = []
    contents = [number for number, block in enumerate(blocks) if block.role is not Role.MARKUP]
    for position, number in enumerate(contents):
        block = blocks[number]
        if block.role is not Role.HEADING or block.start in table_heads:
            continue
        words = " ".join(text[block.start : block.end].split())
        number_match = NUMBERED.match(words)
        depth = number_match[0].strip(".").count(".") + 1 if number_match else 0
        following = blocks[contents[position + 1]] if position + 1 < len(contents) else None
        is_stacked = following is not None and following.role is Role.HEADING and following.start not in table_heads
        found.append(_OutlineHeading(number, words, section_kind(words), depth, is_stacked))
    return found


def _levels(headings: Sequence[_OutlineHeading]) -> list[int]:
    outline = _Outline(headings)
    return [outline.level(position) for position in range(len(headings))]


class _Outline:
    """The levels of the headings of one text, given in order."""

    def __init__(self, headings: Sequence[_OutlineHeading]) -> None:
        self._headings = headings
        self._base = 1 if any(heading.is_part for heading in headings) else 0
        self._parents = _parents(headings)
        self._plain = self._base + (2 if self._parents else 1)
        self._numbered = 0  # level of the numbered heading that is open
        self._in_area = False  # whether a formal term belongs to the section that is open
        self._concern = 0  # level of the cause of concern that is open
        self._last = 0
        counts = [heading.kind for heading in headings]
        self._one_recommendation = counts.count(SectionKind.RECOMMENDATION) == 1

    def level(self, position: int) -> int:
        heading = self._headings[position]
        if heading.kind in FORMAL_TERMS:
            level = self._term(heading)
        else:
            level = self._section(position, heading)
            self._in_area = heading.kind in (None, SectionKind.PILLAR)
            self._concern = 0
        self._last = level
        return level

    def _section(self, position: int, heading: _OutlineHeading) -> int:
        outermost = heading.is_part or heading.kind in (SectionKind.FRONT, SectionKind.BACK)
        if heading.depth and not heading.is_part:
            self._numbered = self._base + heading.depth
            return self._numbered
        if outermost:
            self._numbered = 0
            return 1 if heading.is_part else self._base + 1
        if heading.kind is SectionKind.PILLAR or position in self._parents:
            return self._base + 1
        return self._numbered + 1 if self._numbered else self._plain_section(position)

    def _plain_section(self, position: int) -> int:
        """Returns the level of a heading without a number, which may be the subheading of the one above it."""
        before = self._headings[position - 1] if position else None
        if before is None or not before.is_stacked or position - 1 in self._parents:
            return self._plain
        if before.kind in FORMAL_TERMS:
            return self._last + 1
        return self._plain + 1 if before.is_plain else self._plain

    def _term(self, heading: _OutlineHeading) -> int:
        area = max(self._plain, self._numbered)
        level = area + 1 if self._in_area else area
        if heading.kind is SectionKind.CONCERN:
            self._concern = level
        elif heading.kind is SectionKind.RECOMMENDATION:
            if self._concern:
                return self._concern + 1
            is_plural = "recommendations" in heading.words.casefold()
            if self._one_recommendation and is_plural:
                self._in_area = False
                return area
        else:
            self._concern = 0
        return level


def _parents(headings: Sequence[_OutlineHeading]) -> set[int]:
    """Returns the positions of the headings that have others of the same look below them.

    Those are the pillars, the headings in capitals among others, those above questions, and those directly above
    another heading, if there are several: one alone is a heading with its subheading.
    """
    plain = {position for position, heading in enumerate(headings) if heading.is_plain}
    capitals = {position for position in plain if headings[position].words.isupper()}
    stating = {position for position in plain if not headings[position].asks}
    return _pillars(headings).union(
        capitals if capitals != plain else (), stating if _asks(headings) else (), _stacked(headings, plain, stating)
    )


def _stacked(headings: Sequence[_OutlineHeading], plain: set[int], stating: set[int]) -> set[int]:
    """Returns the positions of the headings directly above another plain one, if there are several."""
    stacked = {position for position in stating if headings[position].is_stacked and position + 1 in plain}
    return stacked if len(stacked) > 1 else set()


def _pillars(headings: Sequence[_OutlineHeading]) -> set[int]:
    return {position for position, heading in enumerate(headings) if heading.kind is SectionKind.PILLAR}


def _asks(headings: Sequence[_OutlineHeading]) -> bool:
    """Whether the text groups questions below plain headings."""
    return sum(not above.asks and above.is_stacked and below.asks for above, below in pairwise(headings)) > 1
