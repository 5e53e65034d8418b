"""Relates the items of lists to the block that introduces them.

Items have bullets, numbers or letters, or are lines of one style after a lead-in that ends with a colon.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from index.readers.blocks import follows_gap
from index.text.transcript import Block, Role
from index.text.words import NUMBERS_BELOW_100, UNITS, alternatives, is_grade, is_section_name

MAX_ITEM_CHARACTERS = 400  # of an item without a marker
MAX_SENTENCE_CHARACTERS = 200  # of an item without a marker that is a sentence in a paragraph of its own

_INTRODUCES = re.compile(r"(?:[:：][\"'”’)\]]*|\b(?:as follows|the following)[.:])$", re.IGNORECASE)
_NEEDS_ITEMS = re.compile(
    r"\b(?:should|must|to|will|that|by|because|include|includes|including|for|as follows|following):$"
)
_COUNTS = re.compile(
    rf"\b(?P<count>{alternatives(UNITS[2:11])})\s+(?:\w+\s+)?(?:actions|areas|changes|concerns|matters|parts|points|questions"
    r"|reasons|recommendations|respects|steps|things|ways)\.$"
)
_SPEAKS = re.compile(
    r"\b(?:said|says|told us|wrote|asked|added|replied|commented|explained|concluded):$", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*$")
_LABEL = re.compile(r"[^:.;]{1,80}: ")

# The kinds of markers, from outer to inner where a text mixes them without indentation.
_KINDS = (
    ("number", re.compile(r"\(?[0-9]{1,3}[.)]\)?")),
    ("roman", re.compile(r"\(?[ivx]{2,5}[.)]|\(?[ivx][.)]")),
    ("letter", re.compile(r"\(?[a-zA-Z][.)]")),
    ("bullet", re.compile(r"[•◦▪‣●○■□➢✓·\uf0b7*]")),
    ("dash", re.compile(r"[–—-]")),
    ("small o", re.compile(r"o")),
)
_BULLETS = ("bullet", "dash", "small o")
_RANK = {"number": 0, "letter": 1, "roman": 2, "bullet": 3, "dash": 4, "small o": 5}


@dataclass(frozen=True, slots=True)
class _List:
    """An open list: the kind of its markers, how far they are indented, and the block that introduces it."""

    kind: str
    indent: int
    lead_in: int | None


@dataclass(frozen=True, slots=True)
class _Style:
    """What the items of a list without markers have in common."""

    after_gap: bool
    is_small: bool
    is_labelled: bool
    ending: str  # "." of a sentence, ";" of an item with others after it, "" of a bare line


def introduces(words: str) -> bool:
    """Whether a paragraph ends as one that introduces a list does."""
    return _INTRODUCES.search(words) is not None


def marker_of(text: str, blocks: Sequence[Block], number: int) -> str:
    """Returns the bullet or number directly before a block; empty where it has none."""
    before = blocks[number - 1] if number else None
    if before is None or before.role is not Role.MARKUP or follows_gap(text, blocks, number):
        return ""
    return text[before.start : before.end]


def is_list_marker(marker: str) -> bool:
    """Whether a marker is a bullet, a number or a letter of an item."""
    return any(pattern.fullmatch(marker) for _, pattern in _KINDS)


def unmarked_items(text: str, blocks: Sequence[Block]) -> dict[int, int]:
    """Returns the number of the lead-in for the number of each item without a marker."""
    lead_ins: dict[int, int] = {}
    contents = [number for number, block in enumerate(blocks) if block.role is not Role.MARKUP]
    position = 0
    while position < len(contents) - 1:
        items = _items_after(text, blocks, contents, position)
        lead_ins |= dict.fromkeys(items, contents[position])
        position += max(len(items), 1)
    return lead_ins


def relate_lists(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Returns the blocks with the lead-in of each list item."""
    related = list(blocks)
    unmarked = unmarked_items(text, blocks)
    open_lists: list[_List] = []
    before: int | None = None
    marker_before = ""
    for number, block in enumerate(blocks):
        if block.role is Role.MARKUP:
            continue
        marker = marker_of(text, blocks, number)
        kind = _marker_kind(marker, marker_before, open_lists)
        if kind and block.role is Role.FINDING:
            indent = _indent(text, blocks[number - 1].start)
            open_lists = _opened(text, blocks, open_lists, _List(kind, indent, before))
            related[number] = replace(block, lead_in=open_lists[-1].lead_in)
        else:
            open_lists = []
            if number in unmarked and block.role is Role.FINDING:
                related[number] = replace(block, lead_in=unmarked[number])
        before, marker_before = number if block.role is Role.FINDING else None, marker
    return related


def _opened(text: str, blocks: Sequence[Block], open_lists: Sequence[_List], item: _List) -> list[_List]:
    """Returns the open lists at an item, whose `lead_in` is the block before it."""
    for depth in range(len(open_lists), 0, -1):
        if (open_lists[depth - 1].kind, open_lists[depth - 1].indent) == (item.kind, item.indent):
            return list(open_lists[:depth])
    if item.lead_in is None:
        return [item]
    words = text[blocks[item.lead_in].start : blocks[item.lead_in].end]
    if not open_lists:
        return [item if _leads(words, item.kind) else replace(item, lead_in=None)]
    if introduces(words) or _is_within(item, open_lists[-1]):
        return [*open_lists, item]
    same_kind = [depth for depth, opened in enumerate(open_lists, start=1) if opened.kind == item.kind]
    return list(open_lists[: max(same_kind, default=1)])


def _is_within(item: _List, last: _List) -> bool:
    """Whether an item is indented further than the last one, or has a marker of a kind for lists within lists."""
    return item.indent > last.indent or _RANK[item.kind] > _RANK[last.kind]


def _leads(words: str, kind: str) -> bool:
    """Whether a paragraph introduces the list with markers that follows; a fragment introduces bullets."""
    if introduces(words) or _COUNTS.search(words):
        return True
    return kind in _BULLETS and not _SENTENCE_END.search(words)


def _marker_kind(marker: str, before: str, open_lists: Sequence[_List]) -> str:
    """Returns the kind of a marker; empty for the number of a paragraph. An "(i)" is a letter if it follows "(h)"."""
    kinds = [kind for kind, pattern in _KINDS if pattern.fullmatch(marker)]
    among_letters = bool(open_lists) and open_lists[-1].kind == "letter"
    if len(kinds) > 1 and among_letters and (marker.strip("().") != "i" or before.strip("().") == "h"):
        return "letter"
    return kinds[0] if kinds else ""


def _indent(text: str, start: int) -> int:
    """Returns how many characters of white space are before a marker on its line."""
    end = start
    while start and text[start - 1] in " \t\xa0":
        start -= 1
    return end - start


def _items_after(text: str, blocks: Sequence[Block], contents: Sequence[int], position: int) -> list[int]:
    """Returns the numbers of the items without markers that the block at a position introduces."""
    lead_in = blocks[contents[position]]
    words = text[lead_in.start : lead_in.end]
    counts = _COUNTS.search(words)
    if lead_in.role is not Role.FINDING or not (counts or _leads_to_lines(words)):
        return []
    items, style = _items_of_one_style(text, blocks, contents, position + 1)
    if style is None:
        return []
    if counts:
        return items if not style.after_gap and len(items) == NUMBERS_BELOW_100[counts["count"]] else []
    if style.is_labelled:
        items = _with_values_of_one_kind(text, blocks, items)
    lengths = [blocks[number].end - blocks[number].start for number in items]
    return items if _is_list(style, lengths, words) else []


def _with_values_of_one_kind(text: str, blocks: Sequence[Block], items: Sequence[int]) -> list[int]:
    """Returns the items "label: value" up to the first whose value is of another kind than those before it.

    Values are of one kind if they are grades, or if the first two end with the same word: "36 cells", "20 cells".
    """
    values = [_LABEL.sub("", text[blocks[number].start : blocks[number].end], count=1) for number in items]
    if len(values) > 1 and is_grade(values[0]) and is_grade(values[1]):
        kept = list(map(is_grade, values))
    elif len(values) > 1 and _last_word(values[0]) == _last_word(values[1]):
        kept = [_last_word(value) == _last_word(values[0]) for value in values]
    else:
        return list(items)
    return [number for number, _ in takewhile(lambda pair: pair[1], zip(items, kept, strict=True))]


def _last_word(value: str) -> str:
    return value.rstrip(" .;,").rpartition(" ")[2].lower()


def _leads_to_lines(words: str) -> bool:
    """Whether a paragraph introduces the lines below it, and does not only head or report them."""
    return introduces(words) and not (_SPEAKS.search(words) or is_section_name(words))


def _items_of_one_style(
    text: str, blocks: Sequence[Block], contents: Sequence[int], position: int
) -> tuple[list[int], _Style | None]:
    """Returns the numbers of the blocks from a position that have one style, and that style."""
    items: list[int] = []
    first: _Style | None = None
    while position < len(contents):
        number = contents[position]
        style = _style(text, blocks, number)
        if style is not None and first is not None and len(items) == 1:
            first = replace(first, after_gap=style.after_gap)  # a blank line may follow the lead-in alone
        if style is None or not _continues(first or style, style):
            break
        first = first or style
        items.append(number)
        position += 1
        if _is_last(text, blocks, number, first):
            break
    return items, first


def _style(text: str, blocks: Sequence[Block], number: int) -> _Style | None:
    """Returns the style of a block that may be an item without a marker; None for any other block."""
    block = blocks[number]
    words = text[block.start : block.end]
    if block.role is not Role.FINDING or len(words) > MAX_ITEM_CHARACTERS or marker_of(text, blocks, number):
        return None
    if is_section_name(words) or words[0] in '"“':
        return None
    ending = "." if _SENTENCE_END.search(words) else ";" if re.search(r"(?:[;,]|\b(?:and|or))$", words) else ""
    return _Style(follows_gap(text, blocks, number), words[0].islower(), bool(_LABEL.match(words)), ending)


def _continues(first: _Style, style: _Style) -> bool:
    """Whether a block has the style of the first item."""
    if (first.after_gap, first.is_small, first.is_labelled) != (style.after_gap, style.is_small, style.is_labelled):
        return False
    if first.ending == ";":
        return True
    return style.ending == first.ending or (style.is_small and style.ending == ".")


def _is_last(text: str, blocks: Sequence[Block], number: int, first: _Style) -> bool:
    """Whether a list without markers ends with this item: its full stop ends the list's sentence, or it leads on."""
    words = text[blocks[number].start : blocks[number].end]
    return introduces(words) or bool(_SENTENCE_END.search(words) and (first.is_small or first.ending == ";"))


def _is_list(first: _Style, lengths: Sequence[int], lead_in: str) -> bool:
    """Whether blocks of one style are the items of a list, and not the paragraphs after a sentence with a colon."""
    if first.is_small or not first.after_gap:
        return True
    if first.ending != ".":
        return len(lengths) > 1 or first.is_labelled
    return len(lengths) > 1 and bool(_NEEDS_ITEMS.search(lead_in)) and max(lengths) <= MAX_SENTENCE_CHARACTERS
