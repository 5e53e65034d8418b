"""Recognises headings in text that does not mark them, from their words, their length and what follows.

A short line that states something, a grade below a heading, a date, a name or an office is a finding, so that what it
says is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from index.readers.blocks import follows_gap, trimmed_block
from index.readers.lists import is_list_marker, marker_of, unmarked_items
from index.text.transcript import Block, Role
from index.text.words import FORMAL_TERMS, MONTHS, STATEMENT, alternatives, is_grade, section_kind

MAX_HEADING_CHARACTERS = 100
MAX_QUESTION_CHARACTERS = 160  # headings that are questions run longer
MAX_SALUTATION_WORDS = 3  # "Dear Mrs Penn,"
MAX_FRAGMENT_WORDS = 3  # with a full stop, that are not prose
MIN_RUN_IN_HEADINGS = 3  # in one paragraph
MIN_FINDING_WORDS = 6  # of a line below the name of a formal term: a shorter one is the title of its case

SENTENCE_END = re.compile(r"[.!?;:,…][\"'”’)\]]*$")
LINE_BREAK = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
PART = re.compile(
    r"(?:part|chapter|annex|appendix|section|item|session)\s+"
    r"(?:[0-9]{1,3}|[a-z]|[ivx]+|one|two|three|four|five|six)\b",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})*\.?")
_SECTION_NUMBER = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2})*\.?\s+(?=[A-Z])")
_DIGIT = re.compile(r"[0-9]")
_SMALL_WORD = re.compile(r"\b[a-z]+\b")
_QUESTION = re.compile(
    r"(?:how|what|why|where|when|who|which|is|are|does|do|did|has|have|can|could|may|should|will|to what extent|i)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"(?:what|how|why|where|when|who)\b(?!['’])", re.IGNORECASE)
_OFFICE = (
    r"(?:Inspector|Constable|Commissioner|Superintendent|Sergeant|Officer|Director|Secretary|Chair|Chairman"
    r"|Minister|Executive|Mayor|Coroner|Ombudsman|Registrar)\b(?!['’]s)"
)
# "Ada Marlowe, HM Inspector of Constabulary"; "HM Inspector of Constabulary"; "Ada Marlowe OBE".
_SIGNATURE = re.compile(
    rf"[^,]+,\s.*\b{_OFFICE}(?:\s+of\s+[A-Z].*)?"
    rf"|(?:(?:HM|H[ei][rs] Majesty['’]s|[A-Z][a-z]+)\s+){{0,4}}{_OFFICE}(?:\s+of\s+[A-Z].*)?"
    r"|[^,]+\s(?:OBE|CBE|MBE|QPM|KPM|KC|QC)"
)
_RUN_IN = re.compile(r"(?<!\S)(?P<words>[A-Z][a-z]+(?: [a-z]+){0,4}\.)(?=\s+[A-Z][\w'’-]*,?\s+[\w'’-]+[\s,])")
_LETTER = re.compile(r"(?:dear|yours|to|from|cc|by (?:email|post)|kind regards)\b", re.IGNORECASE)
_DATED = re.compile(
    rf"[0-9]{{1,2}}(?:st|nd|rd|th)?\s+(?:{alternatives(MONTHS)})\b"
    r"|^(?:last\s+)?(?:published|updated|issued|released|date|reviewed|for immediate release)\b",
    re.IGNORECASE,
)
_DIGITS_OF_NAMES = re.compile(
    r"\b(?:19|20)[0-9]{2}(?:[/–-][0-9]{2,4})?\b|\b(?:section|part|chapter|annex|appendix|item|question|phase|stage|day"
    r"|session|theme|pillar|standard|objective|table|figure|step|strand|recommendation|finding)s?\s+[0-9]+[a-z]?\b",
    re.IGNORECASE,
)
# "The force lends doorbells", "Westmere Police lends", "Officers carry": a subject and its verb.
_SUBJECT_AND_VERB = re.compile(
    r"(?:The|This|Each|Every)\s+(?:\w+\s+)?(?:force|constabulary|service|team|unit|panel|inspectorate)\s+(?:\w+ly\s+)?"
    r"\w+(?:[^s\W]s|ed)\b"
    r"|(?:[A-Z]\w+\s+){1,3}(?:Police|Constabulary|Service)\s+(?:\w+ly\s+)?[a-z]+(?:[^s\W]s|ed)\b"
    r"|(?:We|It|They|He|She|There|This|These|Those)\s+[a-z]+",
)


@dataclass(frozen=True, slots=True)
class _Content:
    """A block with words, and what its words alone make it.

    `kind` is "known" (names a section), "possible" (may head one), "labelled" (may, with a colon in it), "office",
    "letter" (names that begin or end a letter), "prose", or "fragment" (any other finding).
    """

    number: int
    words: str
    kind: str
    after_gap: bool

    @property
    def is_of_address(self) -> bool:
        return self.kind == "letter" or (self.kind == "office" and "," not in self.words)


def mark_headings(text: str, blocks: Sequence[Block], cells: Collection[int] = ()) -> list[Block]:
    """Makes headings of the lines that name a section and state nothing themselves.

    A heading has something below it: prose, a list, a grade, or another heading. Its number becomes part of it. `cells`
    are the starts of the cells of tables, which head no section.
    """
    items = unmarked_items(text, blocks)
    contents = [
        _Content(
            number,
            text[block.start : block.end],
            "fragment" if number in items or block.start in cells else _kind(text, blocks, number),
            follows_gap(text, blocks, number - bool(marker_of(text, blocks, number))),
        )
        for number, block in enumerate(blocks)
        if block.role not in (Role.MARKUP, Role.STRAPLINE)
    ]
    headings = _headings(contents, frozenset(_SMALL_WORD.findall(text)))
    marked = [replace(block, role=Role.HEADING) if number in headings else block for number, block in enumerate(blocks)]
    return _with_numbers(text, marked)


def _headings(contents: Sequence[_Content], small_words: frozenset[str]) -> set[int]:
    """Returns the numbers of the blocks that are headings, found from the last to the first.

    `small_words` are the words that the text writes with a small letter somewhere: a name has none.
    """
    headings: set[int] = set()
    for position in range(len(contents) - 2, -1, -1):
        content, following = contents[position], contents[position + 1]
        before = contents[position - 1] if position else None
        is_name = _is_name(content.words, small_words)
        if _heads(content, before, following, heading_follows=following.number in headings, is_name=is_name):
            headings.add(content.number)
    return headings


def _heads(
    content: _Content, before: _Content | None, following: _Content, *, heading_follows: bool, is_name: bool
) -> bool:
    """Whether a block is a heading, given the blocks with words around it."""
    if content.kind == "labelled":
        return following.kind == "prose" and (before is None or before.kind in ("prose", "known"))
    if content.kind != "possible":
        return content.kind == "known"
    if is_name and (heading_follows or following.kind in ("office", "known")):
        return False
    return before is None or not (
        _ends_address(content, before) or _is_said(content, before, heading_follows=heading_follows)
    )


def _ends_address(content: _Content, before: _Content) -> bool:
    """Whether a line belongs to the names and offices directly above it."""
    return before.is_of_address and not content.after_gap


def _is_said(content: _Content, before: _Content, *, heading_follows: bool) -> bool:
    """Whether a line below the name of a formal term is what is said there, and not the title of a case."""
    if before.kind != "known" or section_kind(before.words) not in FORMAL_TERMS:
        return False
    return heading_follows or len(content.words.split()) >= MIN_FINDING_WORDS


def _is_name(words: str, small_words: frozenset[str]) -> bool:
    """Whether a line may be a person's name: two to four words with capitals, none of them a common word."""
    parts = words.split()
    return 2 <= len(parts) <= 4 and all(part[0].isupper() and part.lower() not in small_words for part in parts)


def _kind(text: str, blocks: Sequence[Block], number: int) -> str:
    """Returns what the words of a block make it, without a look at what is around it."""
    block = blocks[number]
    words = text[block.start : block.end]
    if block.role is not Role.FINDING:
        return "other"
    marker = marker_of(text, blocks, number)
    if is_list_marker(marker) and not _is_section_number(marker):
        return "fragment"
    if len(words) > MAX_QUESTION_CHARACTERS or len(LINE_BREAK.findall(words)) > 1:
        return "prose" if SENTENCE_END.search(words) else "fragment"
    words = " ".join(words.split())
    if section_kind(words):
        return "known"
    if _is_section_number(marker) and _is_beside_like(text, blocks, number, marker):
        return "fragment"
    return _kind_of_line(words, marker)


def _kind_of_line(words: str, marker: str) -> str:
    if SENTENCE_END.search(words):
        return _kind_of_sentence(words)
    if _SIGNATURE.fullmatch(words):
        return "office"
    if _LETTER.match(words):
        return "letter"
    if not _may_head(words, is_numbered=bool(marker)):
        return "fragment"
    return "labelled" if ": " in words and not PART.match(words) else "possible"


def _kind_of_sentence(words: str) -> str:
    count = len(words.split())
    if words.endswith("?"):
        return "possible" if words.count("?") == 1 and _QUESTION.match(words) else "prose"
    if _LETTER.match(words) and count <= MAX_SALUTATION_WORDS:
        return "letter"
    return "prose" if count > MAX_FRAGMENT_WORDS else "fragment"


def _may_head(words: str, *, is_numbered: bool) -> bool:
    """Whether a line without a full stop is short, begins with a capital, and states nothing."""
    number = _SECTION_NUMBER.match(words)
    title = words[number.end() :] if number else words
    if is_grade(title) or not title[0].isupper() or (not is_numbered and _is_dated(words, title)):
        return False
    return _is_subject(title) and (_CLAUSE.match(title) is not None or _states_nothing(title))


def _is_subject(title: str) -> bool:
    """Whether what follows a colon in a line, if anything, says what a section is about, and is not a value."""
    subject = title.partition(": ")[2]
    return not subject or subject[0].islower() or PART.match(title) is not None


def _states_nothing(title: str) -> bool:
    states = STATEMENT.search(title) or _SUBJECT_AND_VERB.match(title)
    return len(title) <= MAX_HEADING_CHARACTERS and not states


def _is_dated(words: str, title: str) -> bool:
    """Whether a line has a date, or a number that is not a year or the number of a thing that has one."""
    return _DATED.search(words) is not None or _DIGIT.search(_DIGITS_OF_NAMES.sub("", title)) is not None


def _is_section_number(marker: str) -> bool:
    return NUMBERED.fullmatch(marker) is not None


def _is_beside_like(text: str, blocks: Sequence[Block], number: int, marker: str) -> bool:
    """Whether the next or last block with words has a number of as many parts: then both are items of a list."""

    def depth(marker: str) -> int:
        return marker.strip(".)").count(".")

    neighbours = (number - 2, number + 2)
    return any(
        0 < near < len(blocks)
        and _is_section_number(near_marker := marker_of(text, blocks, near))
        and depth(near_marker) == depth(marker)
        and not SENTENCE_END.search(text[blocks[near].start : blocks[near].end])
        for near in neighbours
    )


def _with_numbers(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Joins each numbered heading with the block of markup that is its number."""
    joined: list[Block] = []
    for number, block in enumerate(blocks):
        is_numbered = block.role is Role.HEADING and _is_section_number(marker_of(text, blocks, number))
        joined.append(replace(block, start=joined.pop().start) if is_numbered else block)
    return joined


def mark_run_in_headings(text: str, blocks: Sequence[Block]) -> list[Block]:
    """Separates headings that are set in a paragraph, as in "Response. Officers arrive quickly. Finance. It will …".

    A paragraph has them if it begins with one and has at least three: short pieces without a verb between sentences.
    """
    marked: list[Block] = []
    for block in blocks:
        pieces = _run_in(text, block) if block.role is Role.FINDING else []
        if not pieces:
            marked.append(block)
            continue
        edges = [edge for piece in pieces for edge in piece] + [block.end]
        for heading, (start, end) in enumerate(pairwise(edges)):
            role = Role.FINDING if heading % 2 else Role.HEADING
            if (part := trimmed_block(text, role, start, end)) is not None:
                marked.append(part)
    return marked


def _run_in(text: str, block: Block) -> list[tuple[int, int]]:
    """Returns the spans of the headings in a paragraph; none where it has too few, or does not begin with one."""
    spans = [
        match.span("words")
        for match in _RUN_IN.finditer(text, block.start, block.end)
        if text[max(block.start, match.start() - 2) : match.start()].rstrip()[-1:] in ("", ".", "!", "?")
        and not (is_grade(match["words"]) or STATEMENT.search(match["words"]))
    ]
    enough = len(spans) >= MIN_RUN_IN_HEADINGS and spans[0][0] == block.start
    return spans if enough else []
