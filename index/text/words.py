"""Words: splits a text into words and stems, normalises text, and lists words that have a fixed meaning.

Those are months, numbers, grades, and the names that inspectorates give to sections of their reports. The word index
and all that is matched against it use one tokenizer. Normalised text is never quoted: it is not what the source has.
"""

from __future__ import annotations

import re
import threading
import tomllib
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

import snowballstemmer

MARKDOWN_SUFFIXES = (".md", ".markdown")
_STRAIGHT = {
    ord(character): plain
    for characters, plain in (
        ("‘’‚‛′ʼ`´", "'"),
        ("“”„‟″«»", '"'),
        ("‐‑‒–—―−", "-"),
        ("⁄∕", "/"),
        ("…", "..."),
    )
    for character in characters
}
# Invisible: soft hyphen, zero-width and joining characters, directions, fillers, variation selectors, tags.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_SPACE = re.compile(r"\s+")
MAX_MARKDOWN_CHARACTERS = 1_000
_MARKUP = tuple(
    (re.compile(pattern, re.DOTALL), words)
    for pattern, words in (
        (r"!?\[([^\[\]]*)\]\([^()\s]*(?:\s+[\"'][^\"']*[\"'])?\)", r"\1"),  # a link or picture with its address
        (r"!?\[([^\[\]]+)\]\[[^\[\]]*\]", r"\1"),  # a link by reference
        (r"<((?:https?|mailto):[^<>\s]*)>", r"\1"),
        (r"<!--.{0,300}?-->|</?[a-zA-Z][^<>]*>", " "),
        (r"(?<!`)(`+)(?!`)(.{1,300}?)(?<!`)\1(?!`)", r"\2"),
        (r"(?<!\\)(\*{1,3}|~~)(?=\S)(.{1,300}?)(?<=[^\s\\])\1", r"\2"),
        (r"(?<![\w\\])(_{1,3})(?=\S)(.{1,300}?)(?<=[^\s\\])\1(?!\w)", r"\2"),
        (r"(?<=\s)\|(?=\s)", " "),
        (r"\\([!-/:-@\[-`{-~])", r"\1"),
    )
)


def clean(text: str, *, markdown: bool = False) -> str:
    """Returns one form for all texts that read the same.

    The text is brought to NFKC with ligatures folded, invisible characters removed, quotation marks and dashes
    straightened, and white space collapsed. With `markdown`, emphasis, links and tags are reduced to their words,
    unless the text is longer than a sentence can be: the time for it grows faster than its length.
    """
    if markdown and len(text) <= MAX_MARKDOWN_CHARACTERS:
        for pattern, words in _MARKUP:
            text = pattern.sub(words, text)
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text).translate(_STRAIGHT)).translate(_STRAIGHT)
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", _INVISIBLE.sub("", plain))).strip()


_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_CACHED_STEMS = 200_000


class WordSpan(NamedTuple):
    """A word in lower case, without a possessive ending, and where it is written: `text[start:end]`, in characters."""

    word: str
    start: int
    end: int


class _Stemmers(threading.local):
    """One stemmer per thread: Snowball keeps the word it works on in the stemmer, so threads must not share one."""

    def __init__(self) -> None:
        self.english = snowballstemmer.stemmer("english")


_STEMMERS = _Stemmers()


def words(text: str) -> list[str]:
    """Returns the words of a text in order, in lower case and without possessive endings."""
    return [_plain(written) for written in _WORD.findall(_straightened(text))]


def words_at(text: str) -> list[WordSpan]:
    """Returns the same words as `words`, each with its position."""
    found = _WORD.finditer(_straightened(text))
    return [WordSpan(_plain(match.group()), match.start(), match.end()) for match in found]


@lru_cache(maxsize=_CACHED_STEMS)
def stem(word: str) -> str:
    """Returns the stem of a lower-case word by Snowball's English stemmer (Porter 2)."""
    return str(_STEMMERS.english.stemWord(word))


def _straightened(text: str) -> str:
    return text.replace("’", "'")  # one character for one, so that positions hold for the text as given


def _plain(written: str) -> str:
    return written.lower().removesuffix("'s")


MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
MONTH_ABBREVIATIONS = {name[:3]: name for name in MONTHS if name != "may"} | {"sept": "september"}
MONTH_NUMBERS = {name: number for number, name in enumerate(MONTHS, start=1)}
MONTH_NUMBERS |= {short: MONTH_NUMBERS[name] for short, name in MONTH_ABBREVIATIONS.items()}

UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
NUMBERS_BELOW_100 = {word: value for value, word in enumerate(UNITS)}
NUMBERS_BELOW_100 |= {word: 10 * tens for tens, word in enumerate(TENS, start=2)}

# HMICFRS's grades, best first. "Adequate" was added with PEEL 2021/22; before, there were the other four.
GRADES = ("outstanding", "good", "adequate", "requires improvement", "inadequate")
HIGH_GRADES = frozenset({"outstanding", "good"})
LOW_GRADES = frozenset({"requires improvement", "inadequate"})
ONE_WORD_GRADES = tuple(grade for grade in GRADES if " " not in grade)


def alternatives(words: Iterable[str]) -> str:
    """Returns a regular expression that matches any of some words, tried in their order. It is not grouped."""
    return "|".join(map(re.escape, words))


# A grade in a sentence in lower case, in any form of its verb, or the statement that there is none yet.
GRADE_STATED = rf"{alternatives(ONE_WORD_GRADES)}|requir\w+ improvement|not yet graded"


MAX_NAME_CHARACTERS = 160


class SectionKind(StrEnum):
    """What a named section of a report has: where it is among the others follows from it."""

    FRONT = "front"
    BACK = "back"
    PILLAR = "pillars"
    CONCERN = "concerns"
    TERM = "terms"
    RECOMMENDATION = "recommendations"


FORMAL_TERMS = frozenset({SectionKind.CONCERN, SectionKind.TERM, SectionKind.RECOMMENDATION})

# A fragment that matches this states something: it is a finding without a full stop, not a heading.
STATEMENT = re.compile(
    r"\b(?:is|are|was|were|isn['’]t|aren['’]t|has|have|had|hasn['’]t|does|do|did|doesn['’]t|don['’]t|should|must|will"
    r"|would|can|can['’]t|could|may|might|needs?|said|found|requires?|"
    r"no|not|none)\b|[%£]"
    rf"|\b(?:{alternatives(ONE_WORD_GRADES)}|requires? improvement)(?=\s*(?:$|[,;(]))",
    re.IGNORECASE,
)
_GRADE = re.compile(
    rf"(?:{alternatives(GRADES)}|not graded|not yet graded|ungraded|no grade|not inspected)"
    r"(?:\s*\([^()]*\))?[.]?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?:[0-9]{1,3}(?:\.[0-9]{1,3})*[.)]?|[a-z][.)]|\([a-z0-9]{1,3}\))\s+")
_LABEL = r"(?:\s+(?:no\.?\s*)?(?:[0-9]{1,2}|[a-z])(?:\s*(?:to|and|–|-)\s*[0-9]{1,2})?)?"
_SUBJECT = r"(?::|\s*:\s+(?P<subject>\S.*)|\s+[–—-]\s+(?P<dashed>\S.*)|\s+(?:for|of|from|in)\s+(?P<whose>\S.*))?"


@lru_cache(maxsize=4096)
def section_kind(content: str) -> SectionKind | None:
    """Returns the kind of section that a line names; None where it names none, or says something about one."""
    if len(content) > MAX_NAME_CHARACTERS:
        return None
    line = " ".join(content.replace("’", "'").casefold().split())
    number = _NUMBER.match(line)
    for kind, names in _names().items():
        match = names.fullmatch(line, number.end() if number else 0)
        if match and _is_subject(match["subject"] or match["dashed"] or match["whose"] or ""):
            return kind
    return None


def is_section_name(content: str) -> bool:
    return section_kind(content) is not None


def is_grade(content: str) -> bool:
    """Whether a line is a grade alone: "Good", "Requires improvement (judgment made in 2017)"."""
    return _GRADE.fullmatch(content) is not None


def _is_subject(subject: str) -> bool:
    """Whether words after a section's name say what it is about, and state nothing themselves."""
    return not subject or not (subject[-1] in ".!?;:,…" or subject[0].isdigit() or STATEMENT.search(subject))


@cache
def _names() -> dict[SectionKind, re.Pattern[str]]:
    data = tomllib.loads(resources.files("index").joinpath("data", "sections.toml").read_text(encoding="utf-8"))
    return {
        kind: re.compile(rf"(?:{alternatives(sorted(data[kind]['names'], key=len, reverse=True))}){_LABEL}{_SUBJECT}")
        for kind in SectionKind
    }
