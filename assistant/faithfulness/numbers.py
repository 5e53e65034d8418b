"""Finds numbers and dates in a text, in digits or in words, and gives each a normal form.

A number is a value with its unit: `80 per cent` and `80%` are equal, `80` is another number. An inspection period such
as 2018/19 is one number. Texts must have been through `index.text.normalise.clean`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from index.text.lexicon import MONTH_ABBREVIATIONS, MONTHS, NUMBERS_BELOW_100, SCALES, alternatives

_FRACTIONS = {
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

_NUMBER_WORD = alternatives([*NUMBERS_BELOW_100, *SCALES])
_NUMBER = re.compile(
    r"\b(?P<years>(?:19|20)\d\d[/-](?:\d{4}|\d\d))\b|(?P<money>[£$€]\s?)?(?P<digits>\d[\d,]*(?:\.\d+)?)(?P<ordinal>st|nd|rd|th)?"
    r"(?:\s?(?P<scale>k|m|bn|million|billion|thousand|hundred)\b)?(?P<percent>\s?%|[\s-]per\s?cent\b)?"
    rf"|\b(?P<words>(?:a\s+)?(?:{_NUMBER_WORD})s?(?:(?:\s+|-|\s+and\s+)(?:{_NUMBER_WORD})s?)*)\b"
    r"(?P<wordcent>[\s-]per\s?cent\b)?"
    rf"|\b(?P<fraction>{'|'.join(_FRACTIONS)})\b|\b(?P<nth>{'|'.join(_ORDINALS)})\b",
    re.IGNORECASE,
)
_ONE_AS_PRONOUN = re.compile(
    r"\b(?:no|this|that|any|every|which|the|each|another)\s+ones?\b|\bone\s+(?:of|another|or more)\b", re.IGNORECASE
)
_NEXT_WORD = re.compile(r"[\s-]+([^\W\d_]+)")
_OUT_OF = re.compile(r"\s+(?:[a-z]+\s+)?(?:out\s+)?of\s+(?:the\s+|its\s+)?")
_BEFORE_COUNTED_NOUN = frozenset(
    "of the its their his her our these those more fewer less extra other new".split()  # noqa: SIM905
)
_MONTH_NAME = "|".join(name.capitalize() for name in (*MONTHS, *MONTH_ABBREVIATIONS))
_MONTH = re.compile(
    r"\b(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?:of\s+)?)?"
    rf"(?P<month>{_MONTH_NAME})\b\.?"
    r"(?:\s+(?P<after>\d{1,2})(?:st|nd|rd|th)?\b(?!\d))?,?(?:\s+(?P<year>(?:19|20)\d\d))?"
)
_BEFORE_MAY_AS_MONTH = re.compile(
    r"(?:in|since|by|from|until|to|of|during|before|after|last|next|and|or)\s+$|\d\s+$|^$|[(–-]$", re.IGNORECASE
)
_FROM_TO = re.compile(
    r"\bfrom\s+(?P<first>\S+(?:\s(?:per\s?cent|million|billion))?)\s+(?:[a-z]+\s+){0,3}?to\s+(?:\w+\s+){0,2}?(?P<last>\S+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number: its value, its unit (`£`, `%`, `th` or none), and where it is in the text, in characters."""

    value: str
    unit: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DateMention:
    """A month in lower case, with its day and year where they are given."""

    month: str
    day: str
    year: str


def numbers_in(text: str, *, pronouns: bool = False) -> list[Number]:
    """Every number, in order. "One" where it may be a pronoun is left out unless `pronouns`."""
    excluded = [] if pronouns else [match.span() for match in _ONE_AS_PRONOUN.finditer(text)]
    numbers = []
    for match in _NUMBER.finditer(text):
        if match["words"] and any(start <= match.start() < end for start, end in excluded):
            continue
        number = _number(match)
        if number is not None:
            numbers.append(number)
    return numbers


def months_in(text: str) -> list[DateMention]:
    """Every month, in order. "May" without a day or year counts only where it cannot be a verb."""
    mentions = []
    for match in _MONTH.finditer(text):
        name = match["month"].lower()
        month = MONTH_ABBREVIATIONS.get(name, name)
        day, year = match["day"] or match["after"] or "", match["year"] or ""
        bare_may = month == "may" and not (day or year)
        if not bare_may or _BEFORE_MAY_AS_MONTH.search(text[: match.start()]):
            mentions.append(DateMention(month, day.lstrip("0"), year))
    return mentions


def changes_in(text: str) -> list[tuple[str, str]]:
    """Pairs of values of which something changed from the first to the second."""
    pairs = []
    for match in _FROM_TO.finditer(text):
        first, last = (numbers_in(match[name].strip(".,;:()")) for name in ("first", "last"))
        if first and last:
            pairs.append((first[0].value, last[0].value))
    return pairs


def ratios_in(text: str) -> list[tuple[str, str]]:
    """Pairs of values of which the first is a part of the second, as in "three of the five"."""
    pairs = pairwise(numbers_in(text, pronouns=True))
    return [(part.value, whole.value) for part, whole in pairs if _OUT_OF.fullmatch(text[part.end : whole.start])]


def counted_noun(text: str, number: Number) -> str:
    """The word for what a number counts, in lower case: the first content word right after it; empty without one."""
    position = number.end
    while match := _NEXT_WORD.match(text, position):
        word, position = match.group(1).lower(), match.end()
        if word not in _BEFORE_COUNTED_NOUN:
            return word
    return ""


def is_number(word: str) -> bool:
    """Whether a word is a number, in digits or in letters."""
    return word[0].isdigit() or word.lower() in _SUFFIXES or bool(numbers_in(word))


def _number(match: re.Match[str]) -> Number | None:
    if match["years"]:
        value, unit = match["years"].replace("-", "/"), ""
    elif match["nth"]:
        value, unit = str(_ORDINALS.index(match["nth"].lower()) + 1), "th"
    elif match["fraction"]:
        value, unit = _FRACTIONS[match["fraction"].lower()], ""
    elif match["words"]:
        value, unit = _value_of_words(match["words"]), "%" if match["wordcent"] else ""
    else:
        value, unit = _value_of_digits(match), _unit_of_digits(match)
    return Number(value, unit, *match.span()) if value else None


def _value_of_digits(match: re.Match[str]) -> str:
    """The value of a number in digits; empty where they form none."""
    scale = _SUFFIXES[match["scale"].lower()] if match["scale"] else 1
    try:
        amount = Decimal(match["digits"].replace(",", "")) * scale
    except InvalidOperation:
        return ""
    return f"{amount.normalize():f}"


def _unit_of_digits(match: re.Match[str]) -> str:
    if match["money"]:
        return "£"
    if match["percent"]:
        return "%"
    return "th" if match["ordinal"] else ""


def _value_of_words(written: str) -> str:
    """The value of a number in words; empty where a scale stands alone, as in "thousands of"."""
    total = current = 0
    words = re.findall(r"[a-z]+", written.lower())
    if all(word.removesuffix("s") in SCALES for word in words):
        return ""
    for word in words:
        name = word if word in NUMBERS_BELOW_100 else word.removesuffix("s")
        if name in NUMBERS_BELOW_100:
            current += NUMBERS_BELOW_100[name]
        elif name == "hundred":
            current = max(current, 1) * 100
        elif name in SCALES:
            total += max(current, 1) * SCALES[name]
            current = 0
    return str(total + current)
