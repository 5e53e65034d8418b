"""Reads the cover of a source: its title, the lines in front of its first paragraph, and its opening paragraphs.

A cover may run over several lines, a letter has its title below "Dear …" or after "Re:", and a page that was copied
from a browser begins with the browser's menus.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, takewhile

from index.sources.dates import find_periods
from index.sources.force_names import commissioned_areas, unwrapped, written_names
from index.text.transcript import Block, Role
from index.text.words import MONTH_ABBREVIATIONS, MONTHS, alternatives

MAX_COVER_LINES = 30
MAX_OPENING_PARAGRAPHS = 12
MAX_OPENING_CHARACTERS = 6_000
MAX_TITLE_LINES = 4
MAX_LINES_TO_ADDRESS = 6
MAX_LINE_CHARACTERS = 200
MIN_SENTENCE_WORDS = 5

MONTH = f"(?:{alternatives([*MONTHS, *MONTH_ABBREVIATIONS])})"  # for patterns that ignore case
_SENTENCE = re.compile(r"[.!?][\"'”’)\]]*$")
_NAVIGATION = re.compile(
    r"(?:skip (?:to|navigation)\b.*|(?:main |site )?menu|home(?: ?page)?|search|navigation|back(?: to .*)?|breadcrumbs?"
    r"|cookies?(?: .*)?|(?:accept|reject|manage) .*cookies.*|contact(?: us)?|about(?: us)?|news|publications|log ?in"
    r"|sign in|print(?: this page)?|share(?: this page)?|close|open menu|toggle .*|you are here:?.*"
    r"|.{1,80}(?: [>›»/] .{1,80}){1,8}|[>›»|•·/-]+)",
    re.IGNORECASE,
)
_LETTERHEAD = re.compile(
    r"(?:by (?:e-?mail|post|hand)(?: only)?\b.*|(?:via|sent by) e-?mail\b.*|official(?:[ –—:-].*)?|protect|restricted"
    r"|(?:not )?for (?:immediate )?(?:release|publication)\b.*|embargoed\b.*|private and confidential|press release"
    r"|news release|dear\b.*|hmic(?:frs)?"
    r"|(?:hm|h(?:er|is) majesty['’]s) inspectorate of constabulary(?: (?:and|&) fire (?:and|&) rescue services)?)",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:to|from|cc|copied to|copy to|date|our ref|your ref|ref(?:erence)?|tel|e-?mail|address)\s*:", re.IGNORECASE
)
_DATE_LINE = re.compile(
    rf"(?:[a-z ]{{0,30}}:?\s*)?(?:[a-z]{{3,9}}day,?\s+)?(?:[0-9]{{1,2}}(?:st|nd|rd|th)?\s+)?{MONTH}\s+[0-9]{{4}}"
    rf"|(?:[a-z]{{3,9}},?\s+)?{MONTH}\s+[0-9]{{1,2}},?\s+[0-9]{{4}}(?:,?\s+[0-9:]+\s?[ap]m)?(?:\s*[•|·]\s*[0-9:]+)?",
    re.IGNORECASE,
)
_RANK_LINE = re.compile(r"\b(?:HMI\b|HM Inspector\b|Majesty['’]s Inspector\b|HM Chief Inspector\b)")
_SUBJECT_LINE = re.compile(r"(?:re|subject|ref)\s*:\s*(?P<subject>\S.{3,200})", re.IGNORECASE)
_DEAR = re.compile(r"Dear\s+\S.{0,80}$")
_DOCUMENT = re.compile(
    r"\b(?:inspections?|assessment|report|review|letter|transcript|minutes|PEEL|evidence|meeting|podcast|webinar"
    r"|revisit|interview|press conference)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(?:(?:an?|the|our|this|unannounced|joint)\b|\s)*(?:[\w-]+\s+){0,3}"
    r"(?:inspection|assessment|report|review|visit|revisit|transcript)(?:\s+visit)?\s+(?:of|on|into|to|for|about)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_EMPHASIS = re.compile(r"(\*\*|__)([^*_]{1,200})\1")  # of Markdown
_CONTINUED = frozenset({"of", "on", "and", "the", "for", "to", "into", "in", "at", "by", "with", "a", "an", "–", "-"})
_PLAIN_WORDS = frozenset({
    "peel", "inspection", "assessment", "report", "police", "effectiveness", "efficiency", "legitimacy", "and",
    "overall", "annual", "integrated",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class CoverLine:
    """A line of a source, and the number of the block it is in. `role` is that of the block."""

    text: str
    block: int
    role: Role

    @property
    def is_sentence(self) -> bool:
        """Whether it reads like running text and not like a line of a cover."""
        long = len(self.text) > MAX_LINE_CHARACTERS
        return long or (_SENTENCE.search(self.text) is not None and len(self.text.split()) >= MIN_SENTENCE_WORDS)


@dataclass(frozen=True, slots=True)
class Cover:
    """The cover of a source. `title` is empty where it has none; `lines` are those in front of the first paragraph.

    `below_title` are the lines of these from the title on, all where it has none. `opening` are the first paragraphs,
    the lines of the cover included.
    """

    title: str = ""
    lines: tuple[str, ...] = ()
    below_title: tuple[str, ...] = ()
    opening: tuple[str, ...] = ()


NO_COVER = Cover()


def read_cover(text: str, blocks: Sequence[Block]) -> Cover:
    """Returns the cover of a text."""
    lines = list(_lines(text, blocks))
    front: list[CoverLine] = []
    for line in lines[:MAX_COVER_LINES]:
        if line.is_sentence:
            break
        front.append(line)
    subject = _subject_of_letter(lines[:MAX_COVER_LINES])
    start = _first_title_line(front)
    title = subject or (_joined(_title_lines(front[start:], lines)) if start is not None else "")
    texts = tuple(line.text for line in front)
    return Cover(title, texts, texts if subject else texts[start or 0 :], tuple(_opening(text, blocks)))


def _lines(text: str, blocks: Sequence[Block]) -> Iterator[CoverLine]:
    count = 0
    for number, block in enumerate(blocks):
        if block.role in (Role.MARKUP, Role.STRAPLINE):
            continue
        content = text[block.start : min(block.end, block.start + MAX_OPENING_CHARACTERS)]
        for line in unwrapped(content).splitlines():
            if words := _EMPHASIS.sub(r"\2", " ".join(line.split())):
                yield CoverLine(words, number, block.role)
                count += 1
        if count > 2 * MAX_COVER_LINES:
            return


def _opening(text: str, blocks: Sequence[Block]) -> Iterator[str]:
    left = MAX_OPENING_CHARACTERS
    paragraphs = 0
    for block in blocks:
        if block.role is Role.MARKUP:
            continue
        content = unwrapped(text[block.start : min(block.end, block.start + left)])
        yield content
        left -= len(content)
        paragraphs += _SENTENCE.search(content) is not None
        if left <= 0 or paragraphs >= MAX_OPENING_PARAGRAPHS:
            return


def _subject_of_letter(lines: Sequence[CoverLine]) -> str:
    """Returns the subject of a letter: what follows "Re:", or the first line below "Dear …" if it is no sentence.

    A letter whose first line is a title has that one.
    """
    dear = next((number for number, line in enumerate(lines) if _DEAR.match(line.text)), None)
    if (dear is None and not _has_address(lines)) or _begins_with_title(lines):
        return ""
    stated = (match["subject"].rstrip(".") for line in lines if (match := _SUBJECT_LINE.fullmatch(line.text)))
    return next(chain(stated, _below_salutation(lines, dear)), "")


def _below_salutation(lines: Sequence[CoverLine], dear: int | None) -> Iterator[str]:
    below = lines[dear + 1 : dear + 2] if dear is not None else ()
    return (line.text for line in below if _is_title_line(line))


def _has_address(lines: Sequence[CoverLine]) -> bool:
    return any(_LABEL.match(line.text) for line in lines[:MAX_LINES_TO_ADDRESS])


def _begins_with_title(lines: Sequence[CoverLine]) -> bool:
    return _is_title_line(lines[0]) and _adds_facts(lines[0].text)


def _first_title_line(front: Sequence[CoverLine]) -> int | None:
    """Returns the number of the line with which the title begins: below a menu, the first that says what it is."""
    usable = [number for number, line in enumerate(front) if _is_title_line(line)]
    marked = [number for number in usable if front[number].role is Role.TITLE][:1]
    telling = [number for number in [*marked, *usable] if _adds_facts(front[number].text)]
    if any(map(_is_navigation, front[:3])):
        return next(iter(telling), None)
    return marked[0] if marked else _first_of_block(front, usable, telling)


def _first_of_block(front: Sequence[CoverLine], usable: Sequence[int], telling: Sequence[int]) -> int | None:
    """Returns the first usable line if the same block goes on to one that tells; that one if others are in between."""
    if not telling or front[telling[0]].block != front[usable[0]].block:
        return None
    run = range(usable[0], telling[0] + 1)
    return usable[0] if list(run) == list(usable[: len(run)]) else telling[0]


def _title_lines(front: Sequence[CoverLine], lines: Sequence[CoverLine]) -> list[str]:
    """Returns the first line with those below that belong to it: its own block, or what it lacks and they state."""
    run = list(takewhile(_is_title_line, front))
    first_block = [line for line in lines if line.block == front[0].block]
    is_cover = 1 < len(first_block) <= MAX_TITLE_LINES and first_block == run[: len(first_block)]
    if is_cover and len(lines) > len(first_block):
        return [line.text for line in first_block]
    texts = [line.text for line in run[:MAX_TITLE_LINES]]
    completing = [number for number in range(1, len(texts)) if _completes(_joined(texts[:number]), texts[number])]
    return texts[: max(completing, default=0) + 1]


def _completes(title: str, line: str) -> bool:
    """Whether a line states the force or the period that the title above it lacks."""
    is_subject = _is_only_subject(line)
    adds_force = not _names_force(title) and _names_force(line) and (is_subject or _ABOUT.match(line))
    return bool(adds_force or (is_subject and find_periods(line) and not find_periods(title)))


def _is_navigation(line: CoverLine) -> bool:
    return _NAVIGATION.fullmatch(line.text) is not None


def _is_title_line(line: CoverLine) -> bool:
    text = line.text
    return not (
        len(text) > MAX_LINE_CHARACTERS
        or line.is_sentence
        or _is_navigation(line)
        or _LETTERHEAD.fullmatch(text)
        or _LABEL.match(text)
        or _DATE_LINE.fullmatch(text)
        or (_RANK_LINE.search(text) and not _DOCUMENT.search(text))
        or text.endswith((":", ","))
    )


def _adds_facts(text: str) -> bool:
    return bool(_names_force(text) or find_periods(text) or _DOCUMENT.search(text))


def _names_force(text: str) -> bool:
    return any(written_names(text)) or any(commissioned_areas(text))


def _is_only_subject(text: str) -> bool:
    """Whether a line has nothing but the name of a force, a period, and words such as "PEEL" and "inspection"."""
    names = [(name.start, name.end) for name in written_names(text)]
    spans = [*names, *((mention.start, mention.end) for mention in find_periods(text))]
    rest = "".join(character for at, character in enumerate(text) if not any(start <= at < end for start, end in spans))
    return all(word.lower() in _PLAIN_WORDS for word in _WORD.findall(rest))


def _joined(lines: Sequence[str]) -> str:
    """Returns lines as one title: what a line leaves open is continued, and the rest is divided by dashes."""
    title = lines[0]
    for line in lines[1:]:
        continues = line[0].islower() or title.split()[-1].lower() in _CONTINUED
        title += f" {line}" if continues else f" – {line}"
    return title
