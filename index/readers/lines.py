"""Divides plain text into paragraphs: lines, blank lines, list markers, and lines that were wrapped.

A line break is kept within a paragraph where a line was only wrapped. It ends the paragraph where the writer broke the
line: before a marker, at a heading, or where the next word would still have fitted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from index.readers.blocks import trimmed_block
from index.text.transcript import Block, Role
from index.text.words import is_section_name

MAX_WRAPPED_CHARACTERS = 140  # of a line; in a text with longer lines each line is a paragraph
_FULL_SHARE = 0.6  # of the longest line, that wrapped lines reach at the median
_SPARE_SHARE = 0.1  # of the longest line, that is left after the next word if the writer broke a sentence's line

# A number of a paragraph ("4.1", "[12]"), of an item ("1.", "(a)", "iv)"), or a bullet, with the space after it.
_SURE_BULLET = "•◦▪‣●○■□➢✓\uf0b7·"
_MARKER = re.compile(
    rf"(?P<bullet>[{_SURE_BULLET}*–—-])[ \t\xa0]+(?=\S)"
    r"|(?P<small_o>o)[ \t\xa0]+(?=\w)"
    r"|(?P<decimal>\[[0-9]{1,4}\]|[0-9]{1,3}(?:\.[0-9]{1,3}){1,3}[.)]?(?=[ \t\xa0]+[\"'“‘(]?[A-Z]))[ \t\xa0]+"
    r"|(?P<number>\(?[0-9]{1,3}[.)]\)?|\([a-zA-Z]\)|[a-z][.)]|[A-Z]\)|\(?[ivx]{1,5}[.)])[ \t\xa0]+(?=\S)"
)
_LONE_MARKER = re.compile(rf"[{_SURE_BULLET}*–—-]|[0-9]{{1,3}}(?:\.[0-9]{{1,3}})*[.)]|\([a-z0-9]{{1,3}}\)")
_WORD = re.compile(r"\w")
_ENDED = re.compile(r"[.:;!?…][\"'”’)\]]*$|;\s*(?:and|or)$")
_INTRODUCES = re.compile(r"[.:;,!?][\"'”’)\]]*$|\b(?:and|or)$")
_OPEN_LIST = re.compile(r"(?::|;|;\s*(?:and|or))$")
_UNFINISHED = re.compile(
    r"(?:,|\b(?:a|an|and|as|at|by|for|from|in|into|is|are|of|on|or|our|than|that|the|their|to|was|were|which|with))$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line with words or marks: `content` is `text[start:end]`, and `row` is the line with the white space around it.

    `after_gap` is true after a blank line.
    """

    start: int
    end: int
    content: str
    after_gap: bool
    row: tuple[int, int]


def lines_of(text: str) -> list[Line]:
    """Returns the lines that are not blank."""
    lines: list[Line] = []
    line_start = 0
    after_gap = True
    for line in text.splitlines(keepends=True):
        content = line.strip()
        if content:
            start = line_start + len(line) - len(line.lstrip())
            row = (line_start, line_start + len(line.rstrip("\r\n")))
            lines.append(Line(start, start + len(content), content, after_gap, row))
        after_gap = not content
        line_start += len(line)
    return lines


def marker_end(content: str) -> int:
    """Returns how many characters the list marker or paragraph number at the start of a line has; 0 without one."""
    marker = _MARKER.match(content)
    return len(marker[0].rstrip()) if marker else 0


def blocks_of_lines(text: str, lines: Sequence[Line]) -> list[Block]:
    """Returns a block for each paragraph and each list item, and one of markup for each marker."""
    width = wrap_width(lines)
    blocks: list[Block | None] = []
    for run in _runs(lines):
        for paragraph in _paragraphs(run, width):
            blocks += _blocks_of_paragraph(text, paragraph)
    return [block for block in blocks if block is not None]


def wrap_width(lines: Sequence[Line]) -> int:
    """Returns the length at which lines were wrapped; 0 where each line is a paragraph.

    Lines were wrapped if some go on with a small letter, and those are about as long as the longest.
    """
    longest = max((len(line.content) for line in lines), default=0)
    continued = [
        len(before.content)
        for before, line in pairwise(lines)
        if not line.after_gap and line.content[0].islower() and not _ENDED.search(before.content)
    ]
    if longest > MAX_WRAPPED_CHARACTERS or not continued or median(continued) < _FULL_SHARE * longest:
        return 0
    return longest


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Yields the lines between blank lines."""
    run: list[Line] = []
    for line in lines:
        if run and line.after_gap:
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def _paragraphs(run: Sequence[Line], width: int) -> Iterator[list[Line]]:
    paragraph = [run[0]]
    after_item = _begins_item("", run[0].content, "", after_item=False)
    after_lead_in = False
    for number, line in enumerate(run[1:], start=1):
        before = run[number - 1].content
        following = run[number + 1].content if number + 1 < len(run) else ""
        is_item = _begins_item(before, line.content, following, after_item=after_item)
        # Without wrapped lines, each line after a lead-in is an item, though it begins with a small letter.
        after_lead_in = not width and line.content[0].islower() and (after_lead_in or before.endswith(":"))
        if is_item or after_lead_in or _begins_paragraph(before, line.content, width):
            yield paragraph
            paragraph = []
        after_item = is_item or after_item
        paragraph.append(line)
    yield paragraph


def _begins_item(before: str, content: str, following: str, *, after_item: bool) -> bool:
    """Whether a line begins with the marker of an item, and not with a dash or a number of a wrapped sentence."""
    marker = _MARKER.match(content)
    if marker is None:
        return _LONE_MARKER.fullmatch(content) is not None
    introduced = after_item or _INTRODUCES.search(before) is not None or is_section_name(before)
    if marker["small_o"]:
        return introduced and bool(before)
    is_sure = not before or introduced or content[0] in _SURE_BULLET
    return is_sure or (content[marker.end()].isupper() and _is_marked_like(content, following))


def _is_marked_like(content: str, following: str) -> bool:
    """Whether the next line has a marker of the same kind."""
    marker, next_marker = _MARKER.match(content), _MARKER.match(following)
    return marker is not None and next_marker is not None and marker.lastgroup == next_marker.lastgroup


def _begins_paragraph(before: str, content: str, width: int) -> bool:
    """Whether the writer broke the line before this one."""
    if _LONE_MARKER.fullmatch(before):
        return False
    if is_section_name(before) or is_section_name(content):
        return True
    if content[marker_end(content) :].lstrip()[0].islower():
        return _OPEN_LIST.search(before) is not None
    if before.endswith(":") or not width:
        return True
    room = width - len(before) - 1 - len(content.split(maxsplit=1)[0])
    if _ENDED.search(before):
        return room >= 0 or len(content) < width * _FULL_SHARE
    return room >= width * _SPARE_SHARE and not _UNFINISHED.search(before)


def _blocks_of_paragraph(text: str, lines: Sequence[Line]) -> Iterator[Block | None]:
    start, end = lines[0].start, lines[-1].end
    lone = _LONE_MARKER.fullmatch(lines[0].content)
    mark = len(lines[0].content) if lone else marker_end(lines[0].content)
    if mark and _WORD.search(text, start + mark, end):
        yield trimmed_block(text, Role.MARKUP, start, start + mark)
        start += mark
    yield trimmed_block(text, Role.FINDING, start, end)
