"""What the parser of a format returns, `Extracted`, and the transcript text that `compose_text` makes of it.

A parser returns the parts of a file in reading order, and notes on what it left out or could not read.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

from index.readers.blocks import (
    fill_with_markup,
    mark_straplines,
    mark_title,
    trimmed_block,
)
from index.readers.headings import mark_headings
from index.readers.levels import assign_levels
from index.readers.styles import Boxes, assign_sections_by_box, joined_boxes
from index.text.transcript import Block, Locator, Role

PARAGRAPH = "\n\n"
LINE = "\n"
ITEM = "\n\n• "  # the bullet is markup: it shows that this is a list item, and is never quoted
CELL = " | "
METADATA_FIELDS = ("url", "published", "updated", "licence")  # fields of `Metadata` that a parser may supply
EXCERPT_CHARACTERS = 60  # quoted in a note on text that was left out
_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
_ENDED = re.compile(r"[.!?…][\"'”’)\]]*$")  # of a paragraph that does not introduce the list below it


class UnreadableFileError(Exception):
    """A file is not what its name says, or has no readable text. The message is a sentence that says which."""


@dataclass(frozen=True, slots=True)
class ExtractedPart:
    """A run of text that becomes one block.

    `separator` is put before it: white space, a bullet or a bar. `locators` are those that begin within it, their
    `start` counted from its first character. A table cell in the role of a heading heads only its table. `level` is
    that of a heading, from 1, or 0. `list_depth` is 1 for an item of a list, 2 for an item of a list within it, and 0
    for any other part. `heads` are the numbers, in `Extracted.parts`, of the parts that head the row and the column of
    a table cell. `boxes` are the numbers of the boxes around it, such as callouts and panels, outermost first: a
    heading in a box heads nothing after it.
    """

    text: str
    role: Role = Role.FINDING
    separator: str = PARAGRAPH
    locators: tuple[Locator, ...] = ()
    is_cell: bool = False
    level: int = 0
    list_depth: int = 0
    heads: tuple[int, ...] = ()
    boxes: Boxes = ()


@dataclass(frozen=True, slots=True)
class Extracted:
    """The parts of one file in reading order, and notes on what was left out or could not be read.

    `declares_headings` is true when the file itself marks its title and headings, so that none need be guessed from
    their shape. `metadata` has the `METADATA_FIELDS` that the file declares, by name.
    """

    parts: tuple[ExtractedPart, ...]
    notes: tuple[str, ...] = ()
    declares_headings: bool = True
    metadata: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Returns the same in types that JSON has."""
        return {
            "parts": [
                [
                    part.text,
                    part.role,
                    part.separator,
                    [[locator.kind, locator.label, locator.start] for locator in part.locators],
                    part.is_cell,
                    part.level,
                    part.list_depth,
                    list(part.heads),
                    list(part.boxes),
                ]
                for part in self.parts
            ],
            "notes": list(self.notes),
            "declares_headings": self.declares_headings,
            "metadata": dict(self.metadata),
        }

    @classmethod
    def from_json(cls, reply: Mapping[str, Any]) -> Self:
        """Reverses `to_json`. Raises `KeyError`, `TypeError` or `ValueError` for anything else."""
        parts = tuple(
            ExtractedPart(
                str(text),
                Role(role),
                str(separator),
                _locators_from_json(locators),
                bool(is_cell),
                int(level),
                int(list_depth),
                tuple(map(int, heads)),
                tuple(map(int, boxes)),
            )
            for text, role, separator, locators, is_cell, level, list_depth, heads, boxes in reply["parts"]
        )
        declared = reply["metadata"]
        return cls(
            parts,
            tuple(map(str, reply["notes"])),
            bool(reply["declares_headings"]),
            {name: str(declared[name]) for name in METADATA_FIELDS if name in declared},
        )


@dataclass(frozen=True, slots=True)
class ComposedText:
    """The text of a transcript, its blocks and locators by position, notes, and the metadata that its file declares."""

    text: str
    blocks: tuple[Block, ...]
    locators: tuple[Locator, ...] = ()
    notes: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


def compose_text(extracted: Extracted) -> ComposedText:
    """Joins the parts of a file to one text.

    Where the file does not mark its title or headings, they are recognised as in plain text.
    """
    text, starts = _join(extracted.parts)
    cell_starts = {start for part, start in zip(extracted.parts, starts, strict=True) if part.is_cell}
    blocks = _blocks(text, extracted, starts, cell_starts)
    locators = [
        Locator(locator.kind, locator.label, start + locator.start)
        for part, start in zip(extracted.parts, starts, strict=True)
        for locator in part.locators
    ]
    related = _related(fill_with_markup(text, blocks), extracted.parts, starts)
    if not extracted.declares_headings:
        related = assign_levels(text, related, cell_starts)
    boxes = _boxes_of_blocks(related, extracted.parts, starts)
    return ComposedText(
        text,
        tuple(assign_sections_by_box(text, related, boxes, cell_starts)),
        tuple(sorted(locators, key=lambda locator: locator.start)),
        (*extracted.notes, *_replacement_notes(text)),
        extracted.metadata,
    )


def with_joined_boxes(parts: Sequence[ExtractedPart]) -> list[ExtractedPart]:
    """Returns the parts with each box joined to the one right before it, where it goes on with it."""
    levels = [part.level if part.role is Role.HEADING else 0 for part in parts]
    boxes = joined_boxes([part.boxes for part in parts], levels)
    return [replace(part, boxes=around) for part, around in zip(parts, boxes, strict=True)]


def excerpt(text: str) -> str:
    """Returns the first words of a text, on one line and in quotation marks, for a note."""
    line = " ".join(text.split())
    return f"“{line}”" if len(line) <= EXCERPT_CHARACTERS else f"“{line[:EXCERPT_CHARACTERS].rstrip()}…”"


def counted(count: int, noun: str) -> str:
    """Returns a number with its noun: "1 picture", "2 pictures"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def left_out_notes(kind: str, texts: Sequence[str]) -> list[str]:
    """Returns a note on texts of one kind that were left out, quoting the first; none when they have no word."""
    worded = [text for text in texts if any(character.isalnum() for character in text)]
    if not worded:
        return []
    others = f" and {len(worded) - 1} more" if len(worded) > 1 else ""
    words = counted(sum(len(text.split()) for text in worded), "word")
    return [f"{kind} left out: {excerpt(worded[0])}{others} ({words})."]


def _locators_from_json(locators: Sequence[Sequence[Any]]) -> tuple[Locator, ...]:
    return tuple(Locator(str(kind), str(label), int(start)) for kind, label, start in locators)


def _join(parts: Sequence[ExtractedPart]) -> tuple[str, list[int]]:
    """Returns the text of all parts with their separators, and where each part starts in it."""
    pieces: list[str] = []
    starts: list[int] = []
    end = 0
    for part in parts:
        separator = part.separator if end else part.separator.lstrip("\n |")
        pieces += [separator, _UNREADABLE.sub(_REPLACEMENT, part.text)]
        starts.append(end + len(separator))
        end = starts[-1] + len(part.text)
    return "".join(pieces), starts


def _blocks(text: str, extracted: Extracted, starts: Sequence[int], cell_starts: Collection[int]) -> list[Block]:
    trimmed = (
        trimmed_block(text, part.role, start, start + len(part.text))
        for part, start in zip(extracted.parts, starts, strict=True)
    )
    blocks = [block for block in trimmed if block is not None]
    roles = {block.role for block in blocks}
    blocks = mark_straplines(text, blocks)
    if Role.TITLE not in roles and not extracted.declares_headings:
        blocks = mark_title(text, blocks)
    if Role.HEADING not in roles and not extracted.declares_headings:
        blocks = mark_headings(text, blocks, cell_starts)
    return blocks


def _related(blocks: Sequence[Block], parts: Sequence[ExtractedPart], starts: Sequence[int]) -> list[Block]:
    """Returns the blocks with the levels, lead-ins and heads that their parts declare."""
    related = list(blocks)
    block_of = _blocks_of_parts(blocks, parts, starts)
    lead_ins: list[int | None] = []  # of each open list, from the outermost, by part
    before: int | None = None
    for part_number, part in enumerate(parts):
        opened = part.list_depth - len(lead_ins)
        lead_ins = [*lead_ins[: part.list_depth], *[before] * opened]
        block_number = block_of.get(part_number)
        if block_number is None:
            continue
        lead_in = block_of.get(lead_ins[-1] if lead_ins and lead_ins[-1] is not None else -1)
        heads = tuple(block_of[head] for head in part.heads if head in block_of)
        related[block_number] = replace(related[block_number], level=part.level, lead_in=lead_in, heads=heads)
        before = part_number if _introduces(part, parts[part_number + 1 : part_number + 2]) else None
    return related


def _introduces(part: ExtractedPart, following: Sequence[ExtractedPart]) -> bool:
    """Returns whether a list right below a part belongs to it."""
    if part.role is not Role.FINDING or any(after.is_cell != part.is_cell for after in following):
        return False
    return part.list_depth > 0 or not _ENDED.search(part.text)


def _boxes_of_blocks(blocks: Sequence[Block], parts: Sequence[ExtractedPart], starts: Sequence[int]) -> list[Boxes]:
    """Returns the boxes around each block; markup before a part is in its boxes."""
    found = []
    part_number = 0
    for block in blocks:
        while part_number + 1 < len(parts) and starts[part_number] + len(parts[part_number].text) <= block.start:
            part_number += 1
        found.append(parts[part_number].boxes)
    return found


def _blocks_of_parts(blocks: Sequence[Block], parts: Sequence[ExtractedPart], starts: Sequence[int]) -> dict[int, int]:
    """Returns the number of the last block with words within each part that has one."""
    found: dict[int, int] = {}
    part_number = 0
    for block_number, block in enumerate(blocks):
        while part_number + 1 < len(parts) and starts[part_number + 1] <= block.start:
            part_number += 1
        inside = parts and starts[part_number] <= block.start < starts[part_number] + len(parts[part_number].text)
        if inside and (block.role is not Role.MARKUP or parts[part_number].role is Role.MARKUP):
            found[part_number] = block_number
    return found


def _replacement_notes(text: str) -> list[str]:
    count = text.count(_REPLACEMENT)
    return [f"{counted(count, 'character')} could not be read (shown as U+FFFD)."] if count else []
