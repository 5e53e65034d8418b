"""Formal records, the terms that introduce them, and whom a recommendation addresses by when.

A record is a grade, a cause of concern, an area for improvement, a recommendation or a practice. A term is a heading, a
label in front of a statement, or a name within a sentence.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum

from index.sources.dates import parse_date
from index.text.words import MONTH_ABBREVIATIONS, MONTHS, NUMBERS_BELOW_100, alternatives, clean


class RecordKind(StrEnum):
    """What an inspectorate states formally. Each kind binds the force in its own way, so kinds are never mixed."""

    CAUSE_OF_CONCERN = "cause_of_concern"
    AREA_FOR_IMPROVEMENT = "area_for_improvement"
    RECOMMENDATION = "recommendation"
    INNOVATIVE_PRACTICE = "innovative_practice"
    GRADE = "grade"


class RecordStatus(StrEnum):
    """Whether a record is made, is said to be closed, or says that there is none of its kind."""

    MADE = "made"
    CLOSED = "closed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FormalRecord:
    """One formal statement of a transcript. Numbers are ordinals of its sentences.

    `sentences` state it. `lead_in` introduces its `items`, or announces it ("There are two causes of concern").
    `headings` are the heading that names its kind; for a grade on a line of its own, the one above it; and for one in
    a table, the heads of its row and column. `section` has the headings above it that say what it is about.
    """

    kind: RecordKind
    sentences: tuple[int, ...]
    headings: tuple[int, ...] = ()
    lead_in: int | None = None
    items: tuple[int, ...] = ()
    section: tuple[str, ...] = ()
    number: str = ""  # as printed
    subject: str = ""  # of a grade, what it is given to; of any other kind, the title in its heading
    grade: str = ""  # in lower case
    addressee: str = ""
    deadline: str = ""  # as worded
    due: str = ""  # the deadline as a date, 2024-06-30, where it is one
    status: RecordStatus = RecordStatus.MADE

    @property
    def ordinals(self) -> tuple[int, ...]:
        """Every sentence of its full text, in reading order, without its headings."""
        lead_in = () if self.lead_in is None else (self.lead_in,)
        return tuple(sorted({*lead_in, *self.sentences, *self.items}))


def encode_record(record: FormalRecord) -> str:
    """Returns a record as JSON."""
    row = [
        record.kind, record.sentences, record.headings, record.lead_in, record.items, record.section, record.number,
        record.subject, record.grade, record.addressee, record.deadline, record.due, record.status,
    ]  # fmt: skip
    return json.dumps(row, ensure_ascii=False)


def decode_record(text: str) -> FormalRecord:
    """Reverses `encode_record`."""
    kind, sentences, headings, lead_in, items, section, number, subject, grade, addressee, deadline, due, status = (
        json.loads(text)
    )
    return FormalRecord(
        RecordKind(kind), tuple(sentences), tuple(headings), lead_in, tuple(items), tuple(section),
        number, subject, grade, addressee, deadline, due, RecordStatus(status),
    )  # fmt: skip


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
