"""Which sentences say that the inspectorate's scale of grades changed, or that grades cannot be compared. By rule."""

from __future__ import annotations

import re

from index.cleaning import clean

# A sentence that says so holds a word of each kind: what the index is asked for before any sentence is read.
GRADES = ("grade", "graded", "grading", "judgement", "judgment", "rating")
CHANGES = ("compare", "comparable", "comparison", "scale", "tier", "five", "fifth", "system")

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
