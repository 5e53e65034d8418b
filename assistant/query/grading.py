"""Grades: which grade a sentence gives, and of what, in the sentence's own words. By rule, no model.

A grade is one only where it is given: "is good at investigating crime" gives one, "a good understanding" does not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ONE = r"outstanding|good|adequate|inadequate"
_LOW = r"requir(?:es|ed|ing) improvement|to require improvement"
_IS = (
    r"\b(?:is|are|was|were|been|being|as|remains?|remained|becomes?|became|become|now|still|graded|rated|judged|assessed"
    r"|found|a grade of|grade of)(?: (?:now|still|also|again|therefore|overall|to be|as))*[ “\"']+"
)
_ENDS = r"(?=[”\"']? *(?:[,.;:)]|$|\b(?:and|but|or|overall|in 20\d\d)\b))"
_ABOUT = r" (?:at|in|for|in terms of|with regard to) (?:the way (?:in which )?(?:it|the \w+) )?(?P<of>[^,.;:()]+)"
# A word of a name, as it stands in a list of grades.
_NAME = (
    r"(?!(?:be|not|is|was|are|were|no|a|an|as|more|less|very|nor|never|longer|been|being|graded|than|or|but) )[a-z'-]+"
)
_RULES = (
    # "is good at preventing crime", "requires improvement in the way it investigates crime"
    re.compile(rf"(?:{_IS}(?P<grade>{_ONE})|\b(?P<low>{_LOW}))[”\"']?{_ABOUT}", re.IGNORECASE),
    # "Protecting vulnerable people was inadequate", "managing offenders required improvement"
    re.compile(
        rf"(?:^|[;:,.] ?)(?P<of>[^,.;:]+?) (?:{_IS}(?P<grade>{_ONE})|(?P<low>{_LOW}))[”\"']?{_ENDS}", re.IGNORECASE
    ),
    # "effectiveness good; efficiency requires improvement"
    re.compile(
        rf"(?:[;:,] |^)(?P<of>(?:{_NAME} ){{0,5}}{_NAME}):? (?:(?P<grade>{_ONE})|(?P<low>{_LOW}))(?=[;,.]|$)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?:{_IS}(?P<grade>{_ONE}){_ENDS}|\b(?P<low>{_LOW})\b)(?P<of>)", re.IGNORECASE),
)  # fmt: skip
# What gives no grade: none given yet, and the grade of before.
_PASSED_OVER = re.compile(
    rf"\bnot yet graded\b|\bfrom (?:being )?(?:graded )?(?:as )?(?:{_ONE}|{_LOW})\b", re.IGNORECASE
)
# What stands between the words for a thing and its grade, or before them, and is no name of it.
_BESIDE = re.compile(
    r"^(?:and|but|while|although|though) |(?: (?:is|are|was|were|had|has|have|both|been|now|graded|rated|judged))+$",
    re.IGNORECASE,
)
HIGH = frozenset({"outstanding", "good"})
LOW = frozenset({"requires improvement", "inadequate"})


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade in the inspectorate's term, in lower case, and what it is given to, as written; empty when not said."""

    grade: str
    of: str


def grades_given(sentence: str) -> tuple[Grade, ...]:
    """The grades a sentence gives, in the order it gives them."""
    read = _PASSED_OVER.sub(lambda match: ";" * len(match.group()), sentence)
    found: dict[int, Grade] = {}
    for rule in _RULES:
        for match in rule.finditer(read):
            name = "grade" if match.group("grade") else "low"
            term = match.group("grade").lower() if name == "grade" else "requires improvement"
            found.setdefault(match.start(name), Grade(term, _BESIDE.sub("", match.group("of")).strip()))
    return tuple(found[place] for place in sorted(found))
