"""Recognises the names that inspectorates give to sections of their reports, from `data/sections.toml`."""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from functools import cache, lru_cache
from importlib import resources

from index.text.lexicon import GRADES, ONE_WORD_GRADES, alternatives

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
