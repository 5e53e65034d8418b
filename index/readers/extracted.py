"""What the reader of a foreign format hands over: parts in reading order, and notes on what was left out.

Parts put together: the text of a transcript whose source is no plain text, with its blocks and locators.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from index.readers.blocks import mark_headings, mark_straplines, mark_title, markup_between, piece, with_sections
from index.text.transcript import Block, Locator, Role

PARAGRAPH = "\n\n"
LINE = "\n"
ITEM = "\n\n• "  # the bullet is markup: it groups a list's items, and is never quoted
CELL = " | "
SAID = ("url", "published", "updated", "licence")  # what a format may have a place of its own for
EXCERPT = 60  # characters of what was left out, quoted in a note


class UnreadableFileError(Exception):
    """A file is not what its name says, or holds no text that can be read; the message says which, in a sentence."""


@dataclass(frozen=True, slots=True)
class ExtractedPart:
    """A run of text that becomes one block. `before` sets it apart from the part before: white space, a bullet, a bar.

    `marks` are the locators that begin within it, their `start` counted from the part's own first character. `cell`
    is true of a table's cell: one with the role of a heading heads its table only.
    """

    text: str
    role: Role = Role.FINDING
    before: str = PARAGRAPH
    marks: tuple[Locator, ...] = ()
    cell: bool = False


@dataclass(frozen=True, slots=True)
class Extracted:
    """The parts of one file in reading order, and what was left out of them or could not be read, with its place.

    `told` means that the format itself says what is a title or a heading, so that none is guessed from its shape.
    `said` are fields of the transcript's metadata that the format has a place of its own for, by name.
    """

    parts: tuple[ExtractedPart, ...]
    notes: tuple[str, ...] = ()
    told: bool = True
    said: Mapping[str, str] = field(default_factory=dict)


def excerpt(text: str) -> str:
    """The first words of a text, on one line and in quotation marks, for a note."""
    line = " ".join(text.split())
    return f"“{line}”" if len(line) <= EXCERPT else f"“{line[:EXCERPT].rstrip()}…”"


def left_out(what: str, texts: Sequence[str]) -> list[str]:
    """A note on texts that were left out, with the first of them; nothing when they hold no word."""
    said = [text for text in texts if any(character.isalnum() for character in text)]
    if not said:
        return []
    more = f" and {len(said) - 1} more" if len(said) > 1 else ""
    words = sum(len(text.split()) for text in said)
    return [f"{what} left out: {excerpt(said[0])}{more} ({words} {'word' if words == 1 else 'words'})."]


def encode(extracted: Extracted) -> dict[str, Any]:
    """As JSON can carry it."""
    return {
        "parts": [
            [part.text, part.role, part.before, [[m.kind, m.label, m.start] for m in part.marks], part.cell]
            for part in extracted.parts
        ],
        "notes": list(extracted.notes),
        "told": extracted.told,
        "said": dict(extracted.said),
    }


def decode(reply: dict[str, Any]) -> Extracted:
    """What `encode` made. Raises `ValueError` or `TypeError` for anything else."""
    parts = tuple(
        ExtractedPart(
            str(text), Role(role), str(before), tuple(Locator(str(k), str(n), int(s)) for k, n, s in marks), bool(cell)
        )
        for text, role, before, marks, cell in reply["parts"]
    )
    said = {name: str(reply["said"][name]) for name in SAID if name in reply["said"]}
    return Extracted(parts, tuple(map(str, reply["notes"])), bool(reply["told"]), said)


def dump(message: dict[str, Any]) -> bytes:
    """A message as one line."""
    return json.dumps(message).encode("ascii") + b"\n"


_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class ComposedText:
    """A transcript's text and what is known of its places."""

    text: str
    blocks: tuple[Block, ...]
    locators: tuple[Locator, ...]
    notes: tuple[str, ...]


def compose_text(extracted: Extracted) -> ComposedText:
    """The parts one after the other, each with what sets it apart before it.

    What a part's reader called a title or a heading is one; where the format does not say, they are told as in plain
    text.
    """
    text, blocks, cells, locators = "", [], set(), []
    written: list[str] = []
    at = 0
    for part in extracted.parts:
        said = _UNREADABLE.sub(_REPLACEMENT, part.text)
        before = part.before if at else part.before.lstrip("\n |")
        start = at + len(before)
        written += [before, said]
        at = start + len(said)
        blocks.append((part.role, start, at))
        locators += [Locator(mark.kind, mark.label, start + mark.start) for mark in part.marks]
        if part.cell:
            cells.add(start)
    text = "".join(written)
    found = [block for block in (piece(text, *block) for block in blocks) if block is not None]
    roles = {block.role for block in found}
    found = mark_straplines(text, found)
    if Role.TITLE not in roles and not extracted.told:
        found = mark_title(text, found)
    if Role.HEADING not in roles and not extracted.told:
        found = mark_headings(text, found)
    notes = (*extracted.notes, *_unreadable(text))
    return ComposedText(text, with_sections(text, markup_between(text, found), cells), _in_order(locators), notes)


def _in_order(locators: Sequence[Locator]) -> tuple[Locator, ...]:
    return tuple(sorted(locators, key=lambda locator: locator.start))


def _unreadable(text: str) -> list[str]:
    count = text.count(_REPLACEMENT)
    return (
        [f"{count} {'character' if count == 1 else 'characters'} could not be read (shown as U+FFFD)."] if count else []
    )
