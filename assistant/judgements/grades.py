"""Recognises the grades that a question names, and which grades cannot be compared, also where a sentence says so."""

from __future__ import annotations

import re

from index.text.transcript import Period
from index.text.words import GRADE_STATED, clean

# The inspectorate graded in four grades up to PEEL 2020 and in five from PEEL 2021/22: adequate was added.
FIVE_GRADES_FROM = 2021
_GRADE_NAME = re.compile(rf"\b({GRADE_STATED})\b")
GRADE_LEFT_OPEN = re.compile(r"\b(\w+):? (?:is |was |were )?not yet graded")


def grade_patterns_in(question: str) -> list[str]:
    """The grades that a question names, as patterns for lower-case text."""
    found = [match.group() for match in _GRADE_NAME.finditer(question.lower())]
    return [r"requir\w+ improvement" if grade.startswith("requir") else rf"\b{grade}\b" for grade in found]


def grades_of(text: str) -> list[str]:
    """Every grade named in a text in lower case, in order, with repetitions."""
    return _GRADE_NAME.findall(text)


def leaves_open(text: str) -> bool:
    """Whether a text in lower case says that something is not yet graded."""
    return GRADE_LEFT_OPEN.search(text) is not None


def has_five_grades(period: Period | None) -> bool | None:
    """Whether an inspection of this period gave one of five grades; None where the period does not say."""
    if period is None or period.first < FIVE_GRADES_FROM <= period.last:
        return None
    return period.first >= FIVE_GRADES_FROM


# A sentence saying that grades cannot be compared contains a word of each list: they narrow the search for one.
GRADE_WORDS = ("grade", "graded", "grading", "judgement", "judgment", "rating")
CHANGE_WORDS = ("compare", "comparable", "comparison", "scale", "tier", "five", "fifth", "system")

_GRADED = r"(?:grad(?:e|es|ed|ing|ings)|judge?ments?|ratings?)"
_GRADE = re.compile(rf"\b{_GRADED}\b")
_NEW = r"\b(?:new|chang\w+|different|revised)"
_SAYS = re.compile(
    r"(?:\bnot\b|n't\b|\bnever\b|\bcannot\b|\bno\b|\bimpossible\b)(?: [\w-]+){0,5} compar(?:e|ed|able|isons?)\b"
    r"|\bcompar(?:e|ed|able|isons?)\b(?: [\w-]+){0,6} (?:not|cannot|impossible|inappropriate)\b"
    rf"|{_NEW}(?: [\w-]+){{0,5}} (?:scale|system|tiers?) (?:of|for) {_GRADED}\b"
    rf"|{_NEW}(?: [\w-]+){{0,4}} {_GRADED} (?:scale|system|tiers?)\b"
    r"|\b(?:five|5)[ -](?:grade|tier|point)\b|\bfifth (?:grade|judge?ment|tier)\b"
    r"|\bfive (?:grades|tiers|judge?ments) (?:instead of|rather than|and not|where|in place of)\b"
)


def says_scales_changed(sentence: str) -> bool:
    """Whether a sentence says that the scale of grades changed, or that grades of different years do not compare."""
    text = clean(sentence).lower()
    return _GRADE.search(text) is not None and _SAYS.search(text) is not None
