"""Recognises headings and list items that are not marked as such: bold lines, formal terms, and typed bullets.

People write headings in bold and bullets as characters in web pages and Word documents alike, so both readers use this.
"""

from __future__ import annotations

import re

from index.text.lexicon import GRADES, alternatives

MAX_HEADING_CHARACTERS = 100
MAX_ABBREVIATION_CHARACTERS = 6
_NOT_YET_GRADED = ("not yet graded", "not graded", "ungraded")
_GRADE = re.compile(rf"(?:grade\s*:\s*)?(?:{alternatives((*GRADES, *_NOT_YET_GRADED))})\.?", re.IGNORECASE)
# The inspectorate's formal terms, which head what they name; a number or subject may follow.
_FORMAL_TERM = re.compile(
    r"(?:accelerated )?(?:causes? (?:of|for) concern|areas? for improvement|recommendations?"
    r"|(?:innovative|promising|notable|positive|good) practices?)(?: [0-9]{1,3}| [a-z])?:?",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!;,…][\"'”’)\]]*$")
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|should|must|will|would|can|could|may|might|needs?)\b",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(r"\b(?:to|that|by|for|and|the|are|is):$", re.IGNORECASE)
_TYPED_MARKER = re.compile(
    r"(?P<bullet>[•◦▪‣●○■□➢✓\uf0b7·*–-])[\s\xa0]+(?=\w|[\"'“‘(£])"
    r"|(?P<number>[0-9]{1,2}[.)]|\([0-9a-zA-Z]\)|\([ivx]{1,5}\)|[a-z]\))[\s\xa0]+(?=\w|[\"'“‘(£])"
)


def is_grade(text: str) -> bool:
    """Returns whether a text is a grade and nothing else."""
    return _GRADE.fullmatch(" ".join(text.split())) is not None


def is_formal_term(text: str) -> bool:
    """Returns whether a text is a formal term, such as "Area for improvement", and nothing else."""
    return len(text) <= MAX_HEADING_CHARACTERS and _FORMAL_TERM.fullmatch(" ".join(text.split())) is not None


def can_be_heading(text: str) -> bool:
    """Returns whether a line that stands out by its look is a heading, and not a grade, a statement or a lead-in."""
    line = text.strip()
    if not line or len(line) > MAX_HEADING_CHARACTERS or "\n" in line or is_grade(line):
        return False
    if line.endswith("?"):
        return True
    return not _SENTENCE_END.search(line) and not _VERB.search(line) and not _LEAD_IN.search(line)


def is_in_capitals(text: str) -> bool:
    """Returns whether all letters of a text are capitals, and it is longer than an abbreviation."""
    return text.isupper() and sum(map(str.isalpha, text)) > MAX_ABBREVIATION_CHARACTERS


def heading_depth(text: str) -> int:
    """Returns how far below the last marked heading an unmarked one stands: formal terms head a part of a section."""
    if not is_formal_term(text):
        return 1
    return 3 if text.strip().lower().startswith("recommendation") else 2


def typed_marker(text: str) -> str:
    """Returns the bullet or number of an item that is typed at the start of a text, with the space after it."""
    marker = _TYPED_MARKER.match(text)
    return marker[0] if marker else ""
