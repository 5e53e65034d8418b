"""Numbers and dates as they are written, in digits or in words, each brought to one value.

A number is a value with what it counts in: `80 per cent` and `80%` are the same, `80` is not. A range such as 2018/19
is its two years.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from index.text.lexicon import MONTH_ABBREVIATIONS, MONTHS, NUMBERS_BELOW_100, SCALES, alternatives
from index.text.normalise import clean

_SHARES = {
    "half": "1/2",
    "halves": "1/2",
    "quarter": "1/4",
    "quarters": "1/4",
    "dozen": "12",
    "twice": "2",
    "double": "2",
}
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()  # noqa: SIM905
_SUFFIXES = {"k": 1_000, "m": 1_000_000, "bn": 1_000_000_000, "million": 1_000_000, "billion": 1_000_000_000,
             "thousand": 1_000, "hundred": 100}  # fmt: skip

_WORD_NUMBER = alternatives([*NUMBERS_BELOW_100, *SCALES])
_NUMBER = re.compile(
    r"\b(?P<years>(?:19|20)\d\d[/-](?:\d{4}|\d\d))\b|(?P<money>[£$€]\s?)?(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<ordinal>st|nd|rd|th)?"
    r"(?:\s?(?P<scale>k|m|bn|million|billion|thousand|hundred)\b)?(?P<percent>\s?%|[\s-]per\s?cent\b)?"
    rf"|\b(?P<words>(?:a\s+)?(?:{_WORD_NUMBER})s?(?:(?:\s+|-|\s+and\s+)(?:{_WORD_NUMBER})s?)*)\b"
    r"(?P<wordcent>[\s-]per\s?cent\b)?"
    rf"|\b(?P<share>{'|'.join(_SHARES)})\b|\b(?P<nth>{'|'.join(_ORDINALS)})\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(
    r"\b(?:no|this|that|any|every|which|the|each|another)\s+ones?\b|\bone\s+(?:of|another|or more)\b", re.IGNORECASE
)
_FOLLOWING = re.compile(r"[\s-]+([^\W\d_]+)")
_SHARE = re.compile(r"\s+(?:[a-z]+\s+)?(?:out\s+)?of\s+(?:the\s+|its\s+)?")
_PASSED_OVER = frozenset(
    (
        "of",
        "the",
        "its",
        "their",
        "his",
        "her",
        "our",
        "these",
        "those",
        "more",
        "fewer",
        "less",
        "extra",
        "other",
        "new",
    )
)
_MONTH_NAME = "|".join(name.capitalize() for name in (*MONTHS, *MONTH_ABBREVIATIONS))
_MONTH = re.compile(
    r"\b(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?)?"
    rf"(?P<month>{_MONTH_NAME})\b\.?"
    r"(?:\s+(?P<after>\d{1,2})(?:st|nd|rd|th)?\b(?!\d))?,?(?:\s+(?P<year>(?:19|20)\d\d))?"
)
_MODAL_MAY = re.compile(
    r"(?:in|since|by|from|until|to|of|during|before|after|last|next|and|or)\s+$|\d\s+$|^$|[(–-]$", re.IGNORECASE
)
_FROM_TO = re.compile(
    r"\bfrom\s+(?P<first>\S+(?:\s(?:per\s?cent|million|billion))?)\s+(?:[a-z]+\s+){0,3}?to\s+(?:\w+\s+){0,2}?(?P<last>\S+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number: its value, `£`, `%`, `th` or nothing, and where it stands in the cleaned text, in characters."""

    value: str
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DateMention:
    """A month, with its day and year where they are given."""

    month: str
    day: str
    year: str


def figures_in(text: str, *, pronouns: bool = False) -> list[Number]:
    """Every number in a cleaned text, in order. "One" is left out where it may be a pronoun, unless asked for."""
    idle = [] if pronouns else [match.span() for match in _PRONOUN.finditer(text)]
    found: list[Number] = []
    for match in _NUMBER.finditer(text):
        if match["words"] and any(a <= match.start() < b for a, b in idle):
            continue
        figure = _figure(match)
        if figure is not None:
            found.append(figure)
    return found


def moments_in(text: str) -> list[DateMention]:
    """Every month named in a cleaned text. "May" counts where it can be no verb."""
    found = []
    for match in _MONTH.finditer(text):
        month = match["month"].lower()
        month = MONTH_ABBREVIATIONS.get(month, month)
        day, year = match["day"] or match["after"] or "", match["year"] or ""
        if month == "may" and not (day or year) and not _MODAL_MAY.search(text[: match.start()]):
            continue
        found.append(DateMention(month, day.lstrip("0"), year))
    return found


def courses_in(text: str) -> list[tuple[str, str]]:
    """Pairs of values that something went from and to."""
    pairs = []
    for match in _FROM_TO.finditer(text):
        ends = [figures_in(match[name].strip(".,;:()")) for name in ("first", "last")]
        if all(ends):
            pairs.append((ends[0][0].value, ends[1][0].value))
    return pairs


def shares_in(text: str) -> list[tuple[str, str]]:
    """Pairs of numbers of which the first is said to be of the second: three of the five."""
    found = figures_in(text, pronouns=True)
    return [(a.value, b.value) for a, b in pairwise(found) if _SHARE.fullmatch(text[a.end : b.start])]


def counted(text: str, figure: Number) -> str:
    """The word for what a number counts, in lower case: the one after it; empty where none follows at once."""
    at = figure.end
    while match := _FOLLOWING.match(text, at):
        word, at = match.group(1).lower(), match.end()
        if word not in _PASSED_OVER:
            return word
    return ""


def is_figure(word: str) -> bool:
    """Whether a word is a number, in digits or in letters."""
    return word[0].isdigit() or word.lower() in _SUFFIXES or bool(figures_in(word))


def cleaned(text: str) -> str:
    """A text as the functions here take it."""
    return clean(text)


def _figure(match: re.Match[str]) -> Number | None:
    if match["years"]:
        return Number(match["years"].replace("-", "/"), "", *match.span())
    if match["nth"]:
        return Number(str(_ORDINALS.index(match["nth"].lower()) + 1), "th", *match.span())
    if match["share"]:
        return Number(_SHARES[match["share"].lower()], "", *match.span())
    if match["words"]:
        value = _of_words(match["words"])
        return None if value is None else Number(str(value), "%" if match["wordcent"] else "", *match.span())
    scale = _SUFFIXES[match["scale"].lower()] if match["scale"] else 1
    unit = "£" if match["money"] else "%" if match["percent"] else "th" if match["ordinal"] else ""
    try:
        amount = Decimal(match["digits"].replace(",", "")) * scale
    except InvalidOperation:
        return None
    return Number(f"{amount.normalize():f}", unit, *match.span())


def _of_words(written: str) -> int | None:
    """The value of a number in words; None where a scale stands alone: "thousands of" is no number."""
    total = current = 0
    words = re.findall(r"[a-z]+", written.lower())
    if all(word.removesuffix("s") in SCALES for word in words):
        return None
    for word in words:
        name = word if word in NUMBERS_BELOW_100 else word.removesuffix("s")
        if name in NUMBERS_BELOW_100:
            current += NUMBERS_BELOW_100[name]
        elif name == "hundred":
            current = max(current, 1) * 100
        elif name in SCALES:
            total += max(current, 1) * SCALES[name]
            current = 0
    return total + current
