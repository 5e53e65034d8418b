"""Reads Markdown: CommonMark with the tables of GitHub Flavored Markdown, as markdown-it-py parses it.

Headings, paragraphs, list items, table rows, code and raw HTML are kept as they are written. Hashes, bullets, rules,
fences, link definitions and YAML front matter become markup, which is part of the text and never quoted. Nothing is
left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.readers.blocks import assign_sections, fill_with_markup, mark_straplines, mark_title, trimmed_block
from index.text.transcript import Block, Role

Span = tuple[int, int]  # from the first character to the one after the last

_LINE = re.compile(r"[^\n\r]*(?:\r\n|\n|\r|\Z)")
# Front matter begins with a key; two rules with prose between them do not.
_FRONT_MATTER = re.compile(
    r"---[ \t]*(?:\r\n|\n|\r)(?=[A-Za-z_][\w-]*:[ \t\n\r])"
    r"(?:[^\n\r]*(?:\r\n|\n|\r))*?(?:---|\.\.\.)[ \t]*(?=\r|\n|\Z)"
)
_TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
_ROW_EDGE = re.compile(r"[\s>]*\|?")
_DELIMITER_ROW = re.compile(r"[\s>|:-]*")


def blocks_of_markdown(text: str) -> tuple[Block, ...]:
    """Returns the blocks of a text, each with its role and section.

    The first heading of level one is the title; without one, the first paragraph is the title if it is a single short
    line. A table row is one finding, and the header row of a table a heading.
    """
    front_matter = _FRONT_MATTER.match(text)
    start = front_matter.end() if front_matter else 0
    tokens = _parser().parse(text[start:])
    lines = [match.span() for match in _LINE.finditer(text, start)]
    blocks = [block for block in _content_blocks(text, tokens, lines) if block is not None]
    blocks = _mark_title(text, mark_straplines(text, blocks), tokens, lines)
    if front_matter:
        blocks.insert(0, Block(Role.MARKUP, front_matter.start(), front_matter.end()))
    return assign_sections(text, fill_with_markup(text, blocks), _table_heads(blocks, tokens, lines))


def _content_blocks(text: str, tokens: Sequence[Token], lines: Sequence[Span]) -> Iterator[Block | None]:
    """Yields the blocks with words, in order. The tokens of table cells are skipped, because tables are read by row."""
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
            yield from _table_rows(text, lines[first:last])
        elif token.type == "inline" and token.map and first >= table_end:
            yield _paragraph(text, role, token.content, lines[first:last])
        elif token.type in ("fence", "code_block", "html_block"):
            yield from _code_or_html(text, token, lines[first:last])


def _paragraph(text: str, role: Role, content: str, lines: Sequence[Span]) -> Block | None:
    """Returns a paragraph from the first to the last character of its content, without the markers around it."""
    content_lines = content.split("\n")
    first_line, last_line = content_lines[0].strip(), content_lines[-1].strip()
    start = text.rfind(first_line, *lines[0])
    end = text.rfind(last_line, *lines[-1])
    return trimmed_block(
        text, role, lines[0][0] if start < 0 else start, lines[-1][1] if end < 0 else end + len(last_line)
    )


def _table_rows(text: str, lines: Sequence[Span]) -> Iterator[Block | None]:
    for number, (start, end) in enumerate(lines):
        row = text[start:end].rstrip()
        if number == 1 and _DELIMITER_ROW.fullmatch(row):
            continue
        edge = _ROW_EDGE.match(row)
        content_start = start + (edge.end() if edge else 0)
        has_closing_bar = row.endswith("|") and not row.endswith("\\|")
        content_end = start + len(row) - has_closing_bar
        yield trimmed_block(text, Role.FINDING if number else Role.HEADING, content_start, content_end)


def _code_or_html(text: str, token: Token, lines: Sequence[Span]) -> Iterator[Block | None]:
    """Yields code and raw HTML with words as findings, because CommonMark reads an indented paragraph as code."""
    if token.type == "fence":
        closed = len(lines) > 1 and text[slice(*lines[-1])].strip(" \t\r\n>").startswith(token.markup)
        lines = lines[1 : -1 if closed else None]
    if lines and (token.type != "html_block" or re.search(r"\w", _TAG.sub("", token.content))):
        yield trimmed_block(text, Role.FINDING, lines[0][0], lines[-1][1])


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


def _table_heads(blocks: Sequence[Block], tokens: Sequence[Token], lines: Sequence[Span]) -> set[int]:
    """Returns where the header rows of tables start."""
    tables = [range(*_span(lines, token)) for token in tokens if token.type == "table_open"]
    headings = [block.start for block in blocks if block.role is Role.HEADING]
    return {start for start in headings if any(start in table for table in tables)}


def _span(lines: Sequence[Span], token: Token) -> Span:
    first, last = token.map or (0, 1)
    return lines[first][0], lines[last - 1][1]


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")
