"""Markdown (CommonMark with tables): headings, paragraphs, list items and table rows, their markers set apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.readers.blocks import mark_straplines, mark_title, markup_between, piece, with_sections
from index.text.transcript import Block, Role

_LINE = re.compile(r"[^\n\r]*(?:\r\n|\n|\r|\Z)")
# Two rules with prose between them are no front matter: that begins with a key.
_FRONT_MATTER = re.compile(
    r"---[ \t]*(?:\r\n|\n|\r)(?=[A-Za-z_][\w-]*:[ \t\n\r])"
    r"(?:[^\n\r]*(?:\r\n|\n|\r))*?(?:---|\.\.\.)[ \t]*(?=\r|\n|\Z)"
)
_TAG = re.compile(r"<!--.*?-->|<[^>]*>", re.DOTALL)
_ROW_EDGE = re.compile(r"[\s>]*\|?")
_DELIMITER_ROW = re.compile(r"[\s>|:-]*")


def blocks_of_markdown(text: str) -> tuple[Block, ...]:
    """Every character that is not white space in exactly one block; hashes, bullets, rules and fences are markup.

    The first heading of level one is the title; without one, the first paragraph is if it is a single short line.
    YAML front matter is one block of markup. A table row is one finding, its header row a heading.
    """
    front = _FRONT_MATTER.match(text)
    at = front.end() if front else 0
    tokens = _parser().parse(text[at:])
    lines = _lines(text, at)
    blocks = [block for block in _content(text, tokens, lines) if block is not None]
    blocks = _titled(text, mark_straplines(text, blocks), tokens, lines)
    if front:
        blocks.insert(0, Block(Role.MARKUP, front.start(), front.end()))
    tables = [range(*_stretch(lines, token)) for token in tokens if token.type == "table_open"]
    heads = {b.start for b in blocks if b.role is Role.HEADING and any(b.start in table for table in tables)}
    return with_sections(text, markup_between(text, blocks), heads)


def _content(text: str, tokens: Sequence[Token], lines: Sequence[tuple[int, int]]) -> Iterator[Block | None]:
    """The stretches that hold words, in order. Cells of a table are passed over: its rows are read whole."""
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
            yield from _rows(text, lines[first:last])
        elif token.type == "inline" and token.map and first >= table_end:
            yield _span(text, role, token.content, lines[first:last])
        elif token.type in ("fence", "code_block", "html_block"):
            yield from _verbatim(text, token, lines[first:last])


def _span(text: str, role: Role, content: str, lines: Sequence[tuple[int, int]]) -> Block | None:
    """From the first character of a paragraph's content to its last, past the markers before and after."""
    written = content.split("\n")
    (start, first_end), (last_start, end) = lines[0], lines[-1]
    begins = text.rfind(written[0].strip(), start, first_end)
    ends = text.rfind(written[-1].strip(), last_start, end)
    begins = start if begins < 0 else begins
    return piece(text, role, begins, end if ends < 0 else ends + len(written[-1].strip()))


def _rows(text: str, lines: Sequence[tuple[int, int]]) -> Iterator[Block | None]:
    for number, (start, end) in enumerate(lines):
        row = text[start:end].rstrip()
        if number == 1 and _DELIMITER_ROW.fullmatch(row):
            continue
        edge = _ROW_EDGE.match(row)
        inner = row[: -len("|")] if row.endswith("|") and not row.endswith("\\|") else row
        yield piece(
            text, Role.FINDING if number else Role.HEADING, start + (edge.end() if edge else 0), start + len(inner)
        )


def _verbatim(text: str, token: Token, lines: Sequence[tuple[int, int]]) -> Iterator[Block | None]:
    """Code and raw HTML as they stand: findings, since an indented paragraph reads as code, unless no word is left."""
    if token.type == "fence":
        closed = len(lines) > 1 and text[slice(*lines[-1])].strip(" \t\r\n>").startswith(token.markup)
        lines = lines[1 : -1 if closed else None]
    if lines and (token.type != "html_block" or re.search(r"\w", _TAG.sub("", token.content))):
        yield piece(text, Role.FINDING, lines[0][0], lines[-1][1])


def _titled(text: str, blocks: list[Block], tokens: Sequence[Token], lines: Sequence[tuple[int, int]]) -> list[Block]:
    title = next((token for token in tokens if token.type == "heading_open" and token.tag == "h1"), None)
    if title is None:
        return mark_title(text, blocks)
    start, end = _stretch(lines, title)
    return [
        Block(Role.TITLE, b.start, b.end) if b.role is Role.HEADING and start <= b.start < end else b for b in blocks
    ]


def _stretch(lines: Sequence[tuple[int, int]], token: Token) -> tuple[int, int]:
    first, last = token.map or (0, 1)
    return lines[first][0], lines[last - 1][1]


def _lines(text: str, at: int) -> list[tuple[int, int]]:
    """Where each line lies, by the line ends that Markdown knows."""
    return [match.span() for match in _LINE.finditer(text, at)]


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("table")
