"""Reads from a recommendation whom it addresses and by when."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.sources.dates import parse_date
from index.text.lexicon import MONTH_ABBREVIATIONS, MONTHS, NUMBERS_BELOW_100, alternatives
from index.text.normalise import clean

_MONTH = alternatives((*MONTHS, *MONTH_ABBREVIATIONS))
_DATE = rf"(?:[0-9]{{1,2}}(?:st|nd|rd|th)? )?(?:{_MONTH})\.?(?: [0-9]{{4}})?|[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}}"
_COUNT = rf"(?:[0-9]{{1,3}}|{alternatives(NUMBERS_BELOW_100)})"
DEADLINE = re.compile(
    rf"\b(?:(?:by|before|no later than|not later than|until) (?:the )?(?:(?:end|start|middle) of )?(?P<date>{_DATE})\b"
    rf"|within (?:the next )?(?:{_COUNT}|a)(?: working)? (?:hour|day|week|month|year)s?"
    r"(?: of (?:the )?(?:publication|receipt|receiving|this report|the date of)(?: of)?(?: this| the)?(?: report)?)?"
    r"|with immediate effect|immediately|without delay|straight away|at once"
    r"|as soon as (?:possible|practicable))(?!\w)",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"(?:(?:[0-9.()]{1,8}|[a-z][.)]) ?)?(?:by|before|within|with immediate|immediately|no later|as soon)\b",
    re.IGNORECASE,
)
_RECOMMENDS = re.compile(
    r"^.{0,160}?\brecommend(?:s|ed)?(?: to (?P<to>[^,;:.]{2,60}?))?(?:,? that|:)?,? (?:that )?",
    re.IGNORECASE | re.DOTALL,
)
_ADDRESSEE = re.compile(
    r"^(?P<who>[^,;:.]{1,90}?),? (?:should|must|ought to|needs? to|shall|(?:is|are) (?:asked|required) to)\b"
    r"(?! (?:not )?be (?!able\b|\w+ing\b))",  # "records should be kept" addresses nobody
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"^(?:(?:recommendation|area for improvement|cause of concern) ?)?\(?[0-9a-z.]{0,6}[.):]+ ", re.IGNORECASE
)
_ORDER = re.compile(
    r"(?:[^,;:.]{1,80}, ){0,2}(?:that )?(?!(?:when|which|who|where|while|whereas|although|because|and|but|as|if|so)\b)"
    r"[^,;:.]{1,90},? (?:should(?! have (?:had|been|done|\w+ed)\b)|must|ought to|needs? to|shall"
    r"|(?:is|are) (?:asked|required) to)\b|[^.]{1,160}?\brecommend(?:s|ed)?\b",
    re.IGNORECASE,
)
_PRONOUNS = frozenset({"it", "they", "this", "these", "he", "she", "we", "you", "there"})
MAX_ADDRESSEE_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Direction:
    """Whom a recommendation addresses and by when: as worded, and as an ISO date where it is one."""

    addressee: str = ""
    deadline: str = ""
    due: str = ""


def direction_of(text: str) -> Direction:
    """Returns the addressee and the deadline of a recommendation; what it does not give is empty."""
    line = clean(text)
    found = DEADLINE.search(line)
    return Direction(_addressee(line), found.group() if found else "", due_date(found) if found else "")


def is_order(text: str) -> bool:
    """Whether a text begins by saying what somebody should do, or by when."""
    line = clean(text)
    return opens_with_deadline(line) or _ORDER.match(_NUMBER.sub("", line)) is not None


def opens_with_deadline(text: str) -> bool:
    """Whether a sentence begins with a deadline, as "By 30 June 2024, the force should" does."""
    line = clean(text)
    found = DEADLINE.search(line[:120]) if _OPENS.match(line) else None
    return found is not None and found.start() <= 8


def due_date(deadline: re.Match[str]) -> str:
    """Returns the last day that a deadline names, as an ISO date; empty where it names none."""
    words = deadline["date"]
    days = parse_date(words.replace(".", "")) if words else None
    return days.last.isoformat() if days else ""


def _addressee(line: str) -> str:
    rest = re.sub(r"^that ", "", _NUMBER.sub("", line))
    found = _RECOMMENDS.match(rest)
    if found and found["to"]:
        return found["to"]
    rest = rest[found.end() :] if found else rest
    match = _ADDRESSEE.match(" ".join(DEADLINE.sub(" ", rest, count=1).split()).strip(" ,"))
    who = match["who"].strip(" ,") if match else ""
    return "" if who.lower() in _PRONOUNS or len(who) > MAX_ADDRESSEE_CHARACTERS else who
