"""Reads Markdown: CommonMark with the tables of GitHub Flavored Markdown, as markdown-it-py parses it.

Headings, paragraphs, list items, table cells, code and raw HTML are kept as they are written. Hashes, bullets, bars,
rules, fences, link definitions and YAML front matter become markup, which is part of the text and never quoted. Nothing
is left out.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.readers.blocks import assign_sections, fill_with_markup, mark_straplines, mark_title, trimmed_block
from index.readers.headings import mark_headings
from index.readers.levels import assign_levels
from index.readers.lists import introduces
from index.readers.text import TextTable, bar_cells, blocks_of_tables, column_heads, relate_tables, table_of
from index.text.transcript import Block, Role

Span = tuple[int, int]  # from the first character to the one after the last

_LINE = re.compile(r"[^\n\r]*(?:\r\n|\n|\r|\Z)")
# Front matter begins with a key; two rules with prose between them do not.
_FRONT_MATTER = re.compile(
    r"---[ \t]*(?:\r\n|\n|\r)(?=[A-Za-z_][\w-]*:[ \t\n\r])"
    r"(?:[^\n\r]*(?:\r\n|\n|\r))*?(?:---|\.\.\.)[ \t]*(?=\r|\n|\Z)"
)
_QUOTE_MARK = re.compile(r"[\s>]*")
_LIST_OPENS = ("bullet_list_open", "ordered_list_open")
_LIST_CLOSES = ("bullet_list_close", "ordered_list_close")
_EMPHASIS = re.compile(r"(?P<mark>\*{1,3}|_{1,3})(?P<words>[^*_]+)(?P=mark)")


def blocks_of_markdown(text: str) -> tuple[Block, ...]:
    """Returns the blocks of a text, each with its role, section, lead-in and heads.

    The first heading of level one is the title; without one, the first paragraph is the title if it is a single short
    line. Lines in bold type, and all lines of a text without headings, may be headings as in plain text. Each cell of a
    table is a block.
    """
    front_matter = _FRONT_MATTER.match(text)
    start = front_matter.end() if front_matter else 0
    tokens = _parser().parse(text[start:])
    lines = [match.span() for match in _LINE.finditer(text, start)]
    tables = list(_tables(text, tokens, lines))
    cells = blocks_of_tables(text, tables)
    blocks = [*(block for block in _content_blocks(text, tokens, lines) if block is not None), *cells]
    blocks.sort(key=lambda block: block.start)
    blocks = _mark_title(text, mark_straplines(text, blocks), tokens, lines)
    if front_matter:
        blocks.insert(0, Block(Role.MARKUP, front_matter.start(), front_matter.end()))
    filled = _with_headings(text, fill_with_markup(text, blocks), tokens, {cell.start for cell in cells})
    filled = relate_tables(text, _with_lists(text, filled, tokens, lines), tables)
    heads = column_heads(text, tables)
    return assign_sections(text, assign_levels(text, _with_levels(filled, tokens, lines), heads), heads)


def _content_blocks(text: str, tokens: Sequence[Token], lines: Sequence[Span]) -> Iterator[Block | None]:
    """Yields the blocks with words, in order, without the cells of tables."""
    role = Role.FINDING
    table_end = 0
    for token in tokens:
        first, last = token.map or (0, 0)
        if token.type == "heading_open":
            role = Role.HEADING
        elif token.type == "heading_close":
            role = Role.FINDING
        elif token.type == "table_open":
            table_end = last
        elif token.type == "inline" and token.map and first >= table_end:
            yield _paragraph(text, role, token.content, lines[first:last])
        elif token.type in ("fence", "code_block", "html_block"):
            yield from _code_or_html(text, token, lines[first:last])


def _tables(text: str, tokens: Sequence[Token], lines: Sequence[Span]) -> Iterator[TextTable]:
    for token in tokens:
        if token.type == "table_open" and token.map:
            rows = [row for line in lines[slice(*token.map)] if (row := _row(text, *line))]
            if rows:  # every row may look like the rule below the heads
                yield table_of(text, rows, has_header=True)


def _row(text: str, start: int, end: int) -> tuple[Span, ...]:
    mark = _QUOTE_MARK.match(text, start, end)
    return bar_cells(text, mark.end() if mark else start, start + len(text[start:end].rstrip()))


def _with_headings(text: str, blocks: Sequence[Block], tokens: Sequence[Token], cells: set[int]) -> list[Block]:
    """Returns the blocks with the headings that the text does not mark as such."""
    if not any(token.type == "heading_open" for token in tokens):
        return mark_headings(text, blocks, cells)
    return mark_headings(text, blocks, {block.start for block in blocks if text[max(block.start - 1, 0)] not in "*_"})


def _with_levels(blocks: Sequence[Block], tokens: Sequence[Token], lines: Sequence[Span]) -> list[Block]:
    """Returns the blocks with the level of each heading that the text marks."""
    headings = [token for token in tokens if token.type == "heading_open"]
    levels = {_span(lines, token)[0]: int(token.tag[1:]) for token in headings}
    starts = sorted(levels)
    leveled = []
    for block in blocks:
        line = bisect_right(starts, block.start) - 1
        is_heading = block.role is Role.HEADING and line >= 0
        leveled.append(replace(block, level=levels[starts[line]]) if is_heading else block)
    return leveled


def _with_lists(text: str, blocks: Sequence[Block], tokens: Sequence[Token], lines: Sequence[Span]) -> list[Block]:
    """Returns the blocks with the lead-in of each list item: the paragraph before the list, or the item around it."""
    related = list(blocks)
    starts = [block.start for block in blocks]
    lead_ins: list[int | None] = []  # of each open list
    before: int | None = None
    for token in tokens:
        if token.type in _LIST_OPENS:
            lead_ins.append(before if lead_ins or _leads(text, blocks, before) else None)
        elif token.type in _LIST_CLOSES:
            lead_ins.pop()
        elif token.type == "inline" and token.map:
            start, end = _span(lines, token)
            before = _first_finding(blocks, range(bisect_left(starts, start), bisect_left(starts, end)))
            if before is not None:
                related[before] = replace(related[before], lead_in=next(reversed(lead_ins), None))
    return related


def _first_finding(blocks: Sequence[Block], numbers: Iterable[int]) -> int | None:
    """Returns the first block that is not markup, if it is a finding."""
    first = next((number for number in numbers if blocks[number].role is not Role.MARKUP), None)
    return first if first is not None and blocks[first].role is Role.FINDING else None


def _leads(text: str, blocks: Sequence[Block], number: int | None) -> bool:
    """Whether a block before a list introduces it."""
    if number is None:
        return False
    words = text[blocks[number].start : blocks[number].end]
    return introduces(words) or words[-1] not in ".!?"


def _paragraph(text: str, role: Role, content: str, lines: Sequence[Span]) -> Block | None:
    """Returns a paragraph from the first to the last character of its content, without the markers around it."""
    emphasis = _EMPHASIS.fullmatch(content)
    content_lines = (emphasis["words"] if emphasis else content).split("\n")
    first_line, last_line = content_lines[0].strip(), content_lines[-1].strip()
    start = text.rfind(first_line, *lines[0])
    end = text.rfind(last_line, *lines[-1])
    return trimmed_block(
        text, role, lines[0][0] if start < 0 else start, lines[-1][1] if end < 0 else end + len(last_line)
    )


def _code_or_html(text: str, token: Token, lines: Sequence[Span]) -> Iterator[Block | None]:
    """Yields code and raw HTML with words as findings, because CommonMark reads an indented paragraph as code."""
    if token.type == "fence":
        closed = len(lines) > 1 and text[slice(*lines[-1])].strip(" \t\r\n>").startswith(token.markup)
        lines = lines[1 : -1 if closed else None]
    if lines and (token.type != "html_block" or re.search(r"\w", _without_tags(token.content))):
        yield trimmed_block(text, Role.FINDING, lines[0][0], lines[-1][1])


def _without_tags(html: str) -> str:
    """Returns the text outside tags and comments. What is opened and never closed is text; each end is sought once."""
    written: list[str] = []
    position, comments_end = 0, True
    while (start := html.find("<", position)) >= 0:
        end = -1
        if comments_end and html.startswith("<!--", start):
            end = html.find("-->", start + 4) + 2
            comments_end = end > 1
        if end < 2:
            end = html.find(">", start)
        if end < 0:
            break
        written.append(html[position:start])
        position = end + 1
    return "".join(written) + html[position:]


def _mark_title(text: str, blocks: list[Block], tokens: Sequence[Token], lines: Sequence[Span]) -> list[Block]:
    title = next((token for token in tokens if token.type == "heading_open" and token.tag == "h1"), None)
    if title is None:
        return mark_title(text, blocks)
    start, end = _span(lines, title)
    return [
        Block(Role.TITLE, block.start, block.end)
        if block.role is Role.HEADING and start <= block.start < end
        else block
        for block in blocks
    ]


def _span(lines: Sequence[Span], token: Token) -> Span:
    first, last = token.map or (0, 1)
    return lines[first][0], lines[last - 1][1]


@cache
def _parser() -> MarkdownIt:
    """Returns a parser of blocks only: what is within a line is not needed, and its parsing takes quadratic time."""
    return MarkdownIt("commonmark").enable("table").disable("inline")
