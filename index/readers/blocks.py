"""Blocks: which stretches of a decoded text are title, strapline, heading, markup or finding; none is left over."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

from index.text.lexicon import ONE_WORD_GRADES, alternatives
from index.text.transcript import Block, Role

LONGEST_TITLE = 200  # characters
LONGEST_HEADING = 100  # characters
LONGEST_QUESTION = 160  # characters: headings that are questions run longer

_WORD_CHARACTER = re.compile(r"\w")
_SENTENCE_END = re.compile(r"[.!?;:,…][\"'”’)\]]*$")
_LINE_BREAK = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_QUESTION = re.compile(r"(?:how|what|why|where|when|who|which|is|are|does|do|has|have|to what extent)\b", re.IGNORECASE)
# A fragment with one of these says something: it is a finding without its full stop, not a heading.
_SAYS_SOMETHING = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|should|must|will|would|can|could|may|might|needs?|found|"
    rf"{alternatives(ONE_WORD_GRADES)}|requires? improvement|no|not|none)\b|[0-9%£]|:\s",
    re.IGNORECASE,
)


def piece(text: str, role: Role, start: int, end: int) -> Block | None:
    """A block with the white space at its ends cut off; None when nothing is left. One without a word is markup."""
    written = text[start:end]
    start += len(written) - len(written.lstrip())
    written = written.strip()
    if not written:
        return None
    return Block(role if _WORD_CHARACTER.search(written) else Role.MARKUP, start, start + len(written))


def markup_between(text: str, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The same blocks in order, with what lies between them as markup, a block for each line of it."""
    tiled: list[Block] = []
    at = 0
    for block in sorted(blocks, key=lambda block: (block.start, block.end)):
        cut = piece(text, block.role, max(block.start, at), block.end) if block.end > at else None
        if cut is not None:
            tiled += [*_markup_lines(text, at, cut.start), cut]
            at = cut.end
    return (*tiled, *_markup_lines(text, at, len(text)))


def mark_straplines(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Finds the straplines of `data/straplines.txt` where they begin a block and end a line."""
    marked: list[Block] = []
    at = 0
    for block in blocks:
        if block.end <= at:
            continue
        start = max(block.start, at)
        found = _strapline().match(text, start) if block.role is Role.FINDING else None
        if found and start == block.start:
            marked.append(Block(Role.STRAPLINE, start, found.end()))
            at = start = found.end()
        if (rest := piece(text, block.role, start, block.end)) is not None:
            marked.append(rest)
    return marked


def mark_title(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Makes the first block that is no strapline or markup the title, if it is one short line and not all there is."""
    content = [n for n, block in enumerate(blocks) if block.role not in (Role.STRAPLINE, Role.MARKUP)]
    if len(content) < 2 or not _is_line(text, blocks[content[0]], LONGEST_TITLE):
        return list(blocks)
    if not _begins_line(text, blocks[content[0]]):
        return list(blocks)
    return [replace(block, role=Role.TITLE) if n == content[0] else block for n, block in enumerate(blocks)]


def mark_headings(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Makes headings of short lines that say nothing by themselves and stand before prose.

    A fragment that may be content (a verb, a number, a grade) stays a finding.
    """
    marked = []
    prose_follows = False
    for block in reversed(blocks):
        heads = block.role is Role.FINDING and prose_follows and _is_heading(text, block)
        marked.append(replace(block, role=Role.HEADING) if heads else block)
        if block.role is not Role.MARKUP:
            prose_follows = _is_prose(text, block)
    return marked[::-1]


def with_sections(text: str, blocks: Iterable[Block], table_heads: Collection[int] = ()) -> tuple[Block, ...]:
    """Each block with the nearest heading above it, white space collapsed, as its section.

    `table_heads` are the starts of headings that head a table and not what follows it.
    """
    section = ""
    placed = []
    for block in blocks:
        placed.append(replace(block, section=section))
        if block.role is Role.HEADING and block.start not in table_heads:
            section = " ".join(text[block.start : block.end].split())
    return tuple(placed)


def title_of(text: str, blocks: Iterable[Block]) -> str:
    """The title block's words, white space collapsed; empty when there is none."""
    return next((" ".join(text[b.start : b.end].split()) for b in blocks if b.role is Role.TITLE), "")


def _begins_line(text: str, block: Block) -> bool:
    """Whether nothing but white space stands before the block on its line: no bullet, no quotation mark of Markdown."""
    before = text[: block.start].splitlines(keepends=True)[-1:]
    return not before or _LINE_BREAK.search(before[0]) is not None or not before[0].strip()


def _is_line(text: str, block: Block, longest: int) -> bool:
    written = text[block.start : block.end]
    return (
        block.role is Role.FINDING
        and len(written) <= longest
        and not _LINE_BREAK.search(written)
        and not _SENTENCE_END.search(written)
    )


def _is_heading(text: str, block: Block) -> bool:
    written = text[block.start : block.end]
    if written.endswith("?"):
        return (
            len(written) <= LONGEST_QUESTION
            and not _LINE_BREAK.search(written)
            and _QUESTION.match(written) is not None
            and written.count("?") == 1
        )
    return _is_line(text, block, LONGEST_HEADING) and written[0].isupper() and not _SAYS_SOMETHING.search(written)


def _is_prose(text: str, block: Block) -> bool:
    written = text[block.start : block.end]
    return block.role is Role.FINDING and _SENTENCE_END.search(written) is not None and len(written.split()) > 3


def _markup_lines(text: str, start: int, end: int) -> list[Block]:
    blocks = []
    for line in text[start:end].splitlines(keepends=True):
        if (block := piece(text, Role.MARKUP, start, start + len(line))) is not None:
            blocks.append(block)
        start += len(line)
    return blocks


@cache
def _strapline() -> re.Pattern[str]:
    """Any known strapline, over any white space, up to the end of its line."""
    lines = resources.files("index").joinpath("data", "straplines.txt").read_text(encoding="utf-8").splitlines()
    known = sorted((line for line in lines if line.strip() and not line.startswith("#")), key=len, reverse=True)
    patterns = (r"\s+".join(re.escape(word).replace("'", "['’]") for word in line.split()) for line in known)
    return re.compile(rf"(?:{'|'.join(patterns)})\.?(?=[^\S\n\r]*(?:[\n\r]|\Z))", re.IGNORECASE)
