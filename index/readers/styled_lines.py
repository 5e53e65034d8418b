"""Divides a block at its line breaks: a bold heading on its first line, and items that are typed line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import dropwhile
from typing import NamedTuple

from index.readers.unmarked_headings import can_be_heading, typed_marker

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
