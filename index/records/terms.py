"""The inspectorate's formal terms: as headings, as labels in front of a statement, and within a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.records.record import RecordKind
from index.text.normalise import clean

MAX_LABEL_CHARACTERS = 160

_CAUSE = r"causes? of concern|cocs?"
_AREA = r"areas? (?:for|of) improvement|afis?"
_RECOMMENDATION = r"recommendations?"
_PRACTICE = r"(?:innovative|promising|notable|positive|good) practices?"
TERMS = {
    RecordKind.CAUSE_OF_CONCERN: re.compile(rf"\b(?:{_CAUSE})\b", re.IGNORECASE),
    RecordKind.AREA_FOR_IMPROVEMENT: re.compile(rf"\b(?:{_AREA})\b", re.IGNORECASE),
    RecordKind.RECOMMENDATION: re.compile(rf"\b{_RECOMMENDATION}\b", re.IGNORECASE),
    RecordKind.INNOVATIVE_PRACTICE: re.compile(r"\b(?:innovative|promising) practices?\b", re.IGNORECASE),
}
_KINDS = {
    "cause": RecordKind.CAUSE_OF_CONCERN,
    "area": RecordKind.AREA_FOR_IMPROVEMENT,
    "recommendation": RecordKind.RECOMMENDATION,
    "practice": RecordKind.INNOVATIVE_PRACTICE,
}
_TERM = rf"(?P<cause>{_CAUSE})|(?P<area>{_AREA})|(?P<recommendation>{_RECOMMENDATION})|(?P<practice>{_PRACTICE})"
_LABEL = re.compile(
    r"(?:(?P<before>\(?[0-9]{1,3}(?:\.[0-9]{1,3})*[.)]?|[a-z][.)]) )?"
    r"(?:(?:our|the|new|further|accelerated|list of|summary of(?: our| the)?|all) ){0,2}"
    rf"(?:{_TERM})"
    r"(?: (?:made|identified|given|raised|found))?"
    r"(?: (?P<number>(?:no\. ?)?[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-z]\b|[ivx]{1,4}\b))?[.)]?"
    r"(?: (?P<about>(?:about|for|to|on|in relation to|relating to) [^.:;]{2,80}))?"
    r"(?: ?(?:[:|]| [-–—]) ?(?P<rest>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_PLURAL = re.compile(r"causes|cocs|areas|afis|recommendations|.* practices", re.IGNORECASE)
_DIRECTS = re.compile(
    r"\b(?:should(?! have (?:had|been|done|\w+ed)\b)|must|ought to|needs? to|shall"
    r"|(?:is|are) (?:asked|required|directed) to"
    r"|recommend(?:s|ed)?)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|do|did|will|would|can|could|cannot|should|must|needs?)\b|n['’]t\b",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"(?:there (?:are|were|is|was) (?:currently |also )?(?:none|no\b)|none\b|nil\b"
    r"|(?:we|i|the inspection|inspectors?|hmic(?:frs)?) (?:have |has )?"
    r"(?:made|identified|found|raised|issued|gave|given) (?:none|no)\b"
    r"|no (?:causes? of concern|areas? for improvement|recommendations?)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class TermLabel:
    """A formal term as a heading or in front of a statement.

    `title` is what follows it in a heading; `statement` is set where what follows states the thing itself.
    """

    kind: RecordKind
    is_plural: bool
    number: str = ""
    title: str = ""
    statement: str = ""


def label_of(text: str) -> TermLabel | None:
    """Returns the label that a line is, or begins with; None for any other line."""
    line = clean(text)
    found = _LABEL.fullmatch(line[:MAX_LABEL_CHARACTERS]) if len(line) <= MAX_LABEL_CHARACTERS else _opening(line)
    if found is None:
        return None
    name = next(name for name in _KINDS if found[name])
    rest = (found["rest"] or "").strip()
    about = (found["about"] or "").strip()
    states = bool(rest) and (rest[-1] in ".:;" or directs(rest) or len(line) > MAX_LABEL_CHARACTERS)
    return TermLabel(
        _KINDS[name],
        _PLURAL.match(found[name]) is not None,
        (found["number"] or found["before"] or "").strip("().").removeprefix("no. ").strip(),
        "" if states else (rest or about),
        rest if states else "",
    )


def _opening(line: str) -> re.Match[str] | None:
    """Returns the label that a long line begins with, followed by a colon and a statement."""
    head, colon, _ = line.partition(":")
    return _LABEL.fullmatch(line) if colon and len(head) <= MAX_LABEL_CHARACTERS and _LABEL.fullmatch(head) else None


def directs(text: str) -> bool:
    """Whether a text says what somebody should do."""
    return _DIRECTS.search(text) is not None


def is_statement(text: str) -> bool:
    """Whether a heading states something: it has a verb, or ends like a sentence."""
    return text.rstrip().endswith((".", ":", ";")) or directs(text) or _SENTENCE.search(text) is not None


def says_none(text: str) -> bool:
    """Whether a sentence under a formal heading says that there is none."""
    return _NONE.match(clean(text)) is not None
