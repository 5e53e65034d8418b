"""Finds numbers in a text, in digits or in words, and gives each a normal form.

A number is a value with its unit: `80 per cent` and `80%` are equal, `80` is another number. An inspection period such
as 2018/19 is one number. Texts must have been through `index.text.normalise.clean`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from index.text.lexicon import NUMBERS_BELOW_100, SCALES, alternatives

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
    r"\b(?P<years>(?:19|20)\d\d[/-](?:\d{4}|\d\d))\b|(?P<money>[£$€]\s?)?(?P<digits>\d(?:[\d,]*\d)?(?:\.\d+)?)(?P<ordinal>st|nd|rd|th)?"
    r"(?:\s?(?P<scale>k|m|bn|million|billion|thousand|hundred)\b)?(?P<percent>\s?%|[\s-]per\s?cent\b)?"
    rf"|\b(?P<words>(?:a\s+)?(?:{_NUMBER_WORD})s?(?:(?:\s+|-|\s+and\s+)(?:{_NUMBER_WORD})s?)*)\b"
    r"(?P<wordcent>[\s-]per\s?cent\b)?"
    rf"|\b(?P<fraction>{'|'.join(_FRACTIONS)})\b|\b(?P<nth>{'|'.join(_ORDINALS)})\b",
    re.IGNORECASE,
)
_ONE_AS_PRONOUN = re.compile(
    r"\b(?:no|this|that|any|every|which|the|each|another)\s+ones?\b|\bone\s+(?:of|another|or more)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number: its value, its unit (`£`, `%`, `th` or none), and where it is in the text, in characters."""

    value: str
    unit: str
    start: int
    end: int


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
