"""Parts put together: the text of a transcript whose source is no plain text, with its blocks and locators."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.readers.blocks import mark_headings, mark_straplines, mark_title, markup_between, piece, with_sections
from index.readers.parts import Extracted
from index.transcript import Block, Locator, Role

_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class Composed:
    """A transcript's text and what is known of its places."""

    text: str
    blocks: tuple[Block, ...]
    locators: tuple[Locator, ...]
    notes: tuple[str, ...]


def compose(extracted: Extracted) -> Composed:
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
    return Composed(text, with_sections(text, markup_between(text, found), cells), _in_order(locators), notes)


def _in_order(locators: Sequence[Locator]) -> tuple[Locator, ...]:
    return tuple(sorted(locators, key=lambda locator: locator.start))


def _unreadable(text: str) -> list[str]:
    count = text.count(_REPLACEMENT)
    return (
        [f"{count} {'character' if count == 1 else 'characters'} could not be read (shown as U+FFFD)."] if count else []
    )
