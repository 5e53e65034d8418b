"""Finds the formal records of a transcript: grades, causes of concern, areas for improvement, recommendations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from index.records.grades import grade_records
from index.records.parts import Part, parts_of
from index.records.prose import records_in
from index.records.record import FormalRecord, RecordKind, RecordStatus
from index.records.sections import SectionReader
from index.records.terms import label_of
from index.text.sentences import Sentence
from index.text.transcript import Role, Transcript

_OF_THEIR_SECTION = (RecordKind.AREA_FOR_IMPROVEMENT, RecordKind.INNOVATIVE_PRACTICE)


def find_records(transcript: Transcript, sentences: Sequence[Sentence]) -> tuple[FormalRecord, ...]:
    """Returns the formal records of a transcript in reading order. `sentences` are all of its sentences, in order.

    Where a kind has sections of its own, a sentence elsewhere that names it ("I have issued a cause of concern") speaks
    of what they state, and is no further record unless it says that one is closed.
    """
    parts = list(parts_of(transcript, sentences))
    by_block = {part.number: part for part in parts}
    reader = SectionReader()
    records: list[FormalRecord] = []
    for part in parts:
        if reader.read(part) or part.block.role is not Role.FINDING:
            continue
        in_table = _in_table(part, by_block)
        for record in [in_table] if in_table else records_in(part, reader.section_of(part)):
            if record.lead_in is not None and not record.sentences:
                reader.begin_list(record, part)
            else:
                records.append(record)
    reader.close()
    grades = list(grade_records(transcript, parts))
    under_headings = {record.kind for record in reader.records if record.heading is not None}
    mentions = [
        record for record in records if record.kind not in under_headings or record.status is RecordStatus.CLOSED
    ]
    stated = _with_true_sections(transcript, [*mentions, *reader.records], grades)
    found = {*stated, *grades}
    return tuple(sorted(found, key=lambda record: (record.ordinals, record.kind, record.subject)))


def _with_true_sections(
    transcript: Transcript, records: Sequence[FormalRecord], grades: Sequence[FormalRecord]
) -> list[FormalRecord]:
    """The records without sections that may not be theirs.

    Where the levels of headings are not known, the heading before a cause of concern says what it is about only if a
    grade is given to it.
    """
    if any(block.level > 1 for block in transcript.blocks):
        return list(records)
    graded = {grade.subject.lower() for grade in grades}
    return [
        record
        if record.kind in _OF_THEIR_SECTION or any(heading.lower() in graded for heading in record.section)
        else replace(record, section=())
        for record in records
    ]


def _in_table(part: Part, by_block: Mapping[int, Part]) -> FormalRecord | None:
    """The record in a table cell whose column or row head names a formal term."""
    heads = [by_block[head] for head in part.block.heads if head in by_block]
    for head in heads:
        label = label_of(head.text)
        if label is not None and part.sentences and not part.text.strip().isdigit():
            others = tuple(" ".join(other.text.split()) for other in heads if other is not head)
            return FormalRecord(label.kind, part.ordinals, head.sentences[0].ordinal, section=others)
    return None
