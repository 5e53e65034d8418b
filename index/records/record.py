"""The type of a formal record: a grade, a cause of concern, an area for improvement, a recommendation or a practice."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum


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
