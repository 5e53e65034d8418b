"""Divides a text into blocks: title, straplines, headings, findings and markup. Every reader uses these steps.

A block never begins or ends with white space, and every other character of the text lies in exactly one block.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from itertools import takewhile

from index.text.transcript import Block, Role
from index.text.words import FORMAL_TERMS, section_kind

MAX_TITLE_CHARACTERS = 200
MAX_COVER_LINES = 4  # of a title
_UNKNOWN_LEVEL = 99  # of a heading whose level the source does not give: within every other

MAX_NOTICE_CHARACTERS = 400
MIN_CONTENTS = 2  # entries that occur again, of a list of contents

_WORD_CHARACTER = re.compile(r"\w")
_NOT_SPACE = re.compile(r"\S")
_NOTICE = re.compile(
    r"cookies on\b|(?:we|this (?:web)?site|this service|our (?:web)?site)\b.{0,60}\bcookies\b"
    r"|you(?:['’]ve| have| can) (?:accept|reject|change)(?:ed)?\b.{0,40}\bcookies?\b",
    re.IGNORECASE,
)
# Above the first turn of a recording that a tool wrote down: its length, its keywords, the list of speakers.
_RECORDING = re.compile(r"(?:[0-9]{1,2}h )?[0-9]{1,2}m [0-9]{1,2}s|(?:SUMMARY )?KEYWORDS\b.*|SPEAKERS\b.*")
# Below a line such as "Skip to content" only: a report may have a section called "Search".
_MENU = re.compile(
    r"(?:main |site )?menu|home(?: ?page)?|search|navigation|contact(?: us)?|about us|news|publications|police forces?"
    r"|log ?in|sign in|you are here:?.*|home(?: [>›»/] .{1,80}){1,8}|[^.]{1,60}(?: [>›»] [^.]{1,60}){1,8}",
    re.IGNORECASE,
)
_CONTENTS = frozenset({"contents", "table of contents", "on this page", "contents of this report"})
_PAGE_OF_ENTRY = re.compile(r"(?<![ .…])[ .…]+[0-9]{1,3}$")
_SENTENCE_END = re.compile(r"[.!?;:,…][\"'”’)\]]*$")
_LINE_BREAK = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


_GAP = re.compile(r"[\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029][^\S\n]*[\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|\r[^\S\r\n]*\r")


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
    """Separates what belongs to the page and not to the report: straplines, a browser's menus, notices of cookies.

    The straplines listed in `data/straplines.txt` are separated where they begin a block and end a line. Lines of a
    menu are known only below such a line at the beginning of the page.
    """
    marked: list[Block] = []
    end = 0
    for block in blocks:
        if block.end <= end:
            continue
        start = max(block.start, end)
        while block.role is Role.FINDING and (strapline := _straplines().match(text, start)):
            marked.append(Block(Role.STRAPLINE, start, strapline.end()))
            following = _NOT_SPACE.search(text, strapline.end())
            end = start = following.start() if following else len(text)
        if start < block.end and (rest := trimmed_block(text, block.role, start, block.end)) is not None:
            is_of_page = block.role is Role.FINDING and _is_of_page(text, rest, marked)
            marked.append(replace(rest, role=Role.STRAPLINE) if is_of_page else rest)
    return marked


def _is_of_page(text: str, block: Block, above: Sequence[Block]) -> bool:
    """Whether a block is a notice about cookies, a tool's note on a recording, or part of a menu at the top."""
    if block.end - block.start > MAX_NOTICE_CHARACTERS:
        return False
    words = _on_one_line(text, block)
    if _NOTICE.match(words) or _RECORDING.fullmatch(words) or (above and _on_one_line(text, above[-1]) == "SPEAKERS"):
        return True
    at_top = bool(above) and all(other.role in (Role.STRAPLINE, Role.MARKUP) for other in above)
    return at_top and _MENU.fullmatch(words) is not None


def mark_contents(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Makes straplines of a list of contents: the line "Contents", and those below it that occur again further down."""
    entries = [_entry(text, block) for block in blocks]
    first = next((number for number, entry in enumerate(entries) if entry in _CONTENTS), None)
    listed = _entries_below(blocks, entries, first) if first is not None else []
    if first is None or not listed:
        return list(blocks)
    return [
        replace(block, role=Role.STRAPLINE) if first <= number <= listed[-1] and block.role is Role.FINDING else block
        for number, block in enumerate(blocks)
    ]


def _entries_below(blocks: Sequence[Block], entries: Sequence[str], first: int) -> list[int]:
    """Returns the numbers of the blocks of a list of contents that occur again below it; none where they are few."""
    last = {entry: number for number, entry in enumerate(entries)}
    seen: set[str] = set()
    listed: list[int] = []
    for number in range(first + 1, len(blocks)):
        entry = entries[number]
        if blocks[number].role is not Role.MARKUP and (not entry or entry in seen):
            break
        if last[entry] > number and entry:
            listed.append(number)
        seen.add(entry)
    kept = [number for number in listed if last[entries[number]] > listed[-1]]
    return listed if len(kept) >= MIN_CONTENTS else []


def _entry(text: str, block: Block) -> str:
    """Returns a line as an entry of a list of contents, in small letters, without its page; empty for other blocks."""
    if block.role is not Role.FINDING or not _is_line(text, block, MAX_TITLE_CHARACTERS):
        return ""
    return _PAGE_OF_ENTRY.sub("", _on_one_line(text, block)).casefold()


def mark_title(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Makes the first block of content the title, if it is one short line and other content follows.

    The lines of a cover are one title: up to four short lines that a blank line ends, none of which names a section.
    """
    marked = list(blocks)
    content = [number for number, block in enumerate(blocks) if block.role not in (Role.STRAPLINE, Role.MARKUP)]
    if len(content) < 2:
        return marked
    first = blocks[content[0]]
    if not (_is_line(text, first, MAX_TITLE_CHARACTERS) and _begins_line(text, first)):
        return marked
    last = content[0] + _cover_lines(text, blocks[content[0] :]) - 1
    return [*marked[: content[0]], Block(Role.TITLE, first.start, blocks[last].end), *marked[last + 1 :]]


def _cover_lines(text: str, blocks: Sequence[Block]) -> int:
    """Returns how many of the first blocks are the lines of one title."""
    count = 1
    while count < len(blocks) and not follows_gap(text, blocks, count):
        if not _is_line(text, blocks[count], MAX_TITLE_CHARACTERS) or section_kind(_on_one_line(text, blocks[count])):
            return 1
        count += 1
    return count if count < len(blocks) and count <= MAX_COVER_LINES else 1


def assign_sections(
    text: str, blocks: Iterable[Block], table_heads: Collection[int] = (), ends: Collection[int] = ()
) -> tuple[Block, ...]:
    """Gives each block the headings above it, outermost first, with white space collapsed.

    A heading ends the sections of its own level and of those below it; a heading of unknown level (0) ends only the
    section of another such heading. `table_heads` are the starts of headings that head only a table, and `ends` those
    of the blocks at which the sections of formal terms end.
    """
    above: list[tuple[int, str]] = []  # (level, words) of each open section
    assigned = []
    for block in blocks:
        if block.start in ends:
            above = list(takewhile(lambda heading: section_kind(heading[1]) not in FORMAL_TERMS, above))
        assigned_level = block.level or _UNKNOWN_LEVEL
        heads_section = block.role is Role.HEADING and block.start not in table_heads
        if heads_section:
            above = [heading for heading in above if heading[0] < assigned_level]
        assigned.append(replace(block, path=tuple(words for _, words in above)))
        if heads_section:
            above.append((assigned_level, _on_one_line(text, block)))
    return tuple(assigned)


def follows_gap(text: str, blocks: Sequence[Block], number: int) -> bool:
    """Whether a blank line comes before a block."""
    return number == 0 or _GAP.search(text, blocks[number - 1].end, blocks[number].start) is not None


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
