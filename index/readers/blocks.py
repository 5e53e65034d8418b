"""Divides a text into blocks: title, straplines, headings, findings and markup. Every reader uses these steps.

A block never begins or ends with white space, and every other character of the text lies in exactly one block.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources

from index.text.lexicon import ONE_WORD_GRADES, alternatives
from index.text.transcript import Block, Role

MAX_TITLE_CHARACTERS = 200
MAX_HEADING_CHARACTERS = 100
MAX_QUESTION_CHARACTERS = 160  # headings that are questions run longer
_UNKNOWN_LEVEL = 99  # of a heading whose level the source does not give: within every other

_WORD_CHARACTER = re.compile(r"\w")
_SENTENCE_END = re.compile(r"[.!?;:,…][\"'”’)\]]*$")
_LINE_BREAK = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_QUESTION = re.compile(r"(?:how|what|why|where|when|who|which|is|are|does|do|has|have|to what extent)\b", re.IGNORECASE)
# A fragment that matches this states something: it is a finding without a full stop, not a heading.
_STATEMENT = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|should|must|will|would|can|could|may|might|needs?|found|"
    rf"{alternatives(ONE_WORD_GRADES)}|requires? improvement|no|not|none)\b|[0-9%£]|:\s",
    re.IGNORECASE,
)


def trimmed_block(text: str, role: Role, start: int, end: int) -> Block | None:
    """Returns the block `text[start:end]` without white space at its ends; None when nothing is left.

    A block without a word is markup, whatever its role.
    """
    content = text[start:end]
    start += len(content) - len(content.lstrip())
    content = content.strip()
    if not content:
        return None
    return Block(role if _WORD_CHARACTER.search(content) else Role.MARKUP, start, start + len(content))


def fill_with_markup(text: str, blocks: Iterable[Block]) -> tuple[Block, ...]:
    """Returns the blocks in order of the text, with each line of text between them added as a block of markup."""
    filled: list[Block] = []
    end = 0
    for block in sorted(blocks, key=lambda block: (block.start, block.end)):
        rest = trimmed_block(text, block.role, max(block.start, end), block.end) if block.end > end else None
        if rest is not None:
            filled += [*_markup_lines(text, end, rest.start), rest]
            end = rest.end
    return (*filled, *_markup_lines(text, end, len(text)))


def mark_straplines(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Separates the straplines listed in `data/straplines.txt`, where they begin a block and end a line."""
    marked: list[Block] = []
    end = 0
    for block in blocks:
        if block.end <= end:
            continue
        start = max(block.start, end)
        strapline = _straplines().match(text, start) if block.role is Role.FINDING else None
        if strapline and start == block.start:
            marked.append(Block(Role.STRAPLINE, start, strapline.end()))
            end = start = strapline.end()
        if (rest := trimmed_block(text, block.role, start, block.end)) is not None:
            marked.append(rest)
    return marked


def mark_title(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Makes the first block of content the title, if it is one short line and other content follows."""
    marked = list(blocks)
    content = [number for number, block in enumerate(blocks) if block.role not in (Role.STRAPLINE, Role.MARKUP)]
    if len(content) < 2:
        return marked
    first = blocks[content[0]]
    if _is_line(text, first, MAX_TITLE_CHARACTERS) and _begins_line(text, first):
        marked[content[0]] = replace(first, role=Role.TITLE)
    return marked


def mark_headings(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Makes headings of the short lines before prose that state nothing themselves.

    A fragment with a verb, a number or a grade may be content, so it stays a finding.
    """
    marked = []
    prose_follows = False
    for block in reversed(blocks):
        is_heading = block.role is Role.FINDING and prose_follows and _is_heading(text, block)
        marked.append(replace(block, role=Role.HEADING) if is_heading else block)
        if block.role is not Role.MARKUP:
            prose_follows = _is_prose(text, block)
    return marked[::-1]


def assign_sections(text: str, blocks: Iterable[Block], table_heads: Collection[int] = ()) -> tuple[Block, ...]:
    """Gives each block the headings above it, outermost first, with white space collapsed.

    A heading ends the sections of its own level and of those below it; a heading of unknown level (0) ends only the
    section of another such heading. `table_heads` are the starts of headings that head only a table.
    """
    above: list[tuple[int, str]] = []  # (level, words) of each open section
    assigned = []
    for block in blocks:
        if block.role is Role.HEADING and block.start not in table_heads:
            level = block.level or _UNKNOWN_LEVEL
            above = [heading for heading in above if heading[0] < level]
            assigned.append(replace(block, path=tuple(words for _, words in above)))
            above.append((level, _on_one_line(text, block)))
        else:
            assigned.append(replace(block, path=tuple(words for _, words in above)))
    return tuple(assigned)


def title_of(text: str, blocks: Iterable[Block]) -> str:
    """Returns the words of the title block, with white space collapsed; empty when there is none."""
    return next((_on_one_line(text, block) for block in blocks if block.role is Role.TITLE), "")


def _on_one_line(text: str, block: Block) -> str:
    return " ".join(text[block.start : block.end].split())


def _begins_line(text: str, block: Block) -> bool:
    """Returns whether only white space precedes the block on its line, not a bullet or a quotation mark of Markdown."""
    before = text[: block.start].splitlines(keepends=True)[-1:]
    return not before or _LINE_BREAK.search(before[0]) is not None or not before[0].strip()


def _is_line(text: str, block: Block, max_characters: int) -> bool:
    content = text[block.start : block.end]
    return (
        block.role is Role.FINDING
        and len(content) <= max_characters
        and not _LINE_BREAK.search(content)
        and not _SENTENCE_END.search(content)
    )


def _is_heading(text: str, block: Block) -> bool:
    content = text[block.start : block.end]
    if content.endswith("?"):
        return (
            len(content) <= MAX_QUESTION_CHARACTERS
            and not _LINE_BREAK.search(content)
            and _QUESTION.match(content) is not None
            and content.count("?") == 1
        )
    return _is_line(text, block, MAX_HEADING_CHARACTERS) and content[0].isupper() and not _STATEMENT.search(content)


def _is_prose(text: str, block: Block) -> bool:
    content = text[block.start : block.end]
    return block.role is Role.FINDING and _SENTENCE_END.search(content) is not None and len(content.split()) > 3


def _markup_lines(text: str, start: int, end: int) -> list[Block]:
    blocks = []
    for line in text[start:end].splitlines(keepends=True):
        if (block := trimmed_block(text, Role.MARKUP, start, start + len(line))) is not None:
            blocks.append(block)
        start += len(line)
    return blocks


@cache
def _straplines() -> re.Pattern[str]:
    """Matches any known strapline, across any white space, up to the end of its line."""
    lines = resources.files("index").joinpath("data", "straplines.txt").read_text(encoding="utf-8").splitlines()
    straplines = [line for line in lines if line.strip() and not line.startswith("#")]
    longest_first = sorted(straplines, key=len, reverse=True)
    patterns = (r"\s+".join(re.escape(word).replace("'", "['’]") for word in line.split()) for line in longest_first)
    return re.compile(rf"(?:{'|'.join(patterns)})\.?(?=[^\S\n\r]*(?:[\n\r]|\Z))", re.IGNORECASE)
