"""Words with a fixed meaning that several steps look for: months, numbers in words, and the inspectorate's grades."""

from __future__ import annotations

import re
from collections.abc import Iterable

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
