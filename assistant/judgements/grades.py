"""Recognises the grades that a sentence gives, and sentences saying that grades cannot be compared. By rule, no model.

"Is good at investigating crime" gives a grade; "a good understanding" does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.text.lexicon import GRADE_STATED, ONE_WORD_GRADES, alternatives
from index.text.normalise import clean

_GRADE_TERM = alternatives(ONE_WORD_GRADES)
_LOW = r"requir(?:es|ed|ing) improvement|to require improvement"
_IS = (
    r"\b(?:is|are|was|were|been|being|as|remains?|remained|becomes?|became|become|now|still|graded|rated|judged|assessed"
    r"|found|a grade of|grade of)(?: (?:now|still|also|again|therefore|overall|to be|as))*[ “\"']+"
)
_ENDS = r"(?=[”\"']? *(?:[,.;:)]|$|\b(?:and|but|or|overall|in 20\d\d)\b))"
_ABOUT = r" (?:at|in|for|in terms of|with regard to) (?:the way (?:in which )?(?:it|the \w+) )?(?P<of>[^,.;:()]+)"
# A word of the name of a thing that is graded, in a list of grades.
_NAME = (
    r"(?!(?:be|not|is|was|are|were|no|a|an|as|more|less|very|nor|never|longer|been|being|graded|than|or|but) )[a-z'-]+"
)
_RULES = (
    # "is good at preventing crime", "requires improvement in the way it investigates crime"
    re.compile(rf"(?:{_IS}(?P<grade>{_GRADE_TERM})|\b(?P<low>{_LOW}))[”\"']?{_ABOUT}", re.IGNORECASE),
    # "Protecting vulnerable people was inadequate", "managing offenders required improvement"
    re.compile(
        rf"(?:^|[;:,.] ?)(?P<of>[^,.;:]+?) (?:{_IS}(?P<grade>{_GRADE_TERM})|(?P<low>{_LOW}))[”\"']?{_ENDS}",
        re.IGNORECASE,
    ),
    # "effectiveness good; efficiency requires improvement"
    re.compile(
        rf"(?:[;:,] |^)(?P<of>(?:{_NAME} ){{0,5}}{_NAME}):? (?:(?P<grade>{_GRADE_TERM})|(?P<low>{_LOW}))(?=[;,.]|$)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?:{_IS}(?P<grade>{_GRADE_TERM}){_ENDS}|\b(?P<low>{_LOW})\b)(?P<of>)", re.IGNORECASE),
)  # fmt: skip
# Gives no grade: "not yet graded", and the grade of an earlier inspection.
_PASSED_OVER = re.compile(
    rf"\bnot yet graded\b|\bfrom (?:being )?(?:graded )?(?:as )?(?:{_GRADE_TERM}|{_LOW})\b", re.IGNORECASE
)
# Words before the name of a thing that is graded, or between it and its grade.
_NOT_NAME = re.compile(
    r"^(?:and|but|while|although|though) |(?: (?:is|are|was|were|had|has|have|both|been|now|graded|rated|judged))+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade in the inspectorate's term, in lower case, and what it is given to, as written; empty when not stated."""

    grade: str
    of: str


def grades_given(sentence: str) -> tuple[Grade, ...]:
    """The grades that a sentence gives, in order."""
    read = _PASSED_OVER.sub(lambda match: ";" * len(match.group()), sentence)
    found: dict[int, Grade] = {}
    for rule in _RULES:
        for match in rule.finditer(read):
            name = "grade" if match.group("grade") else "low"
            term = match.group("grade").lower() if name == "grade" else "requires improvement"
            found.setdefault(match.start(name), Grade(term, _NOT_NAME.sub("", match.group("of")).strip()))
    return tuple(found[place] for place in sorted(found))


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
