"""Finds the formal records of a transcript: grades, causes of concern, areas for improvement, recommendations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.records.grades import grade_records
from index.records.parts import Part, parts_of
from index.records.prose import records_in
from index.records.record import FormalRecord, RecordStatus
from index.records.sections import SectionReader, is_formal
from index.records.terms import label_of
from index.text.sentences import Sentence
from index.text.transcript import Role, Transcript


def find_records(transcript: Transcript, sentences: Sequence[Sentence]) -> tuple[FormalRecord, ...]:
    """Returns the formal records of a transcript in reading order. `sentences` are all of its sentences, in order.

    Where a kind has sections of its own, a sentence elsewhere that names it ("I have issued a cause of concern") speaks
    of what they state, and is no further record unless it says that one is closed.
    """
    parts = list(parts_of(transcript, sentences))
    grades = list(grade_records(transcript, parts))
    heads = frozenset(head for block in transcript.blocks for head in block.heads)
    reader = SectionReader(frozenset(grade.subject.lower() for grade in grades), heads)
    in_tables, in_prose = _read_parts(parts, reader)
    under_headings = {record.kind for record in reader.records if record.headings}
    mentions = [
        record for record in in_prose if record.kind not in under_headings or record.status is RecordStatus.CLOSED
    ]
    found = {*mentions, *in_tables, *reader.records, *grades}
    return tuple(sorted(found, key=lambda record: (record.ordinals, record.kind, record.subject)))


def _read_parts(parts: Sequence[Part], reader: SectionReader) -> tuple[list[FormalRecord], list[FormalRecord]]:
    """Returns the records in tables and those in prose; the `reader` collects those under formal headings."""
    by_block = {part.number: part for part in parts}
    in_tables: list[FormalRecord] = []
    in_prose: list[FormalRecord] = []
    for part in parts:
        in_table = _in_table(part, by_block)
        if in_table is not None:
            in_tables.append(in_table)
        elif not reader.read(part) and part.block.role is Role.FINDING:
            for record in records_in(part, reader.section_of(part)):
                if record.lead_in is not None and not record.sentences:
                    reader.begin_list(record, part)
                else:
                    in_prose.append(record)
    reader.close()
    return in_tables, in_prose


def _in_table(part: Part, by_block: Mapping[int, Part]) -> FormalRecord | None:
    """The record in a table cell whose column or row head names a formal term."""
    heads = [by_block[head] for head in part.block.heads if head in by_block]
    for head in heads:
        label = label_of(head.text)
        if label is not None and part.sentences and not part.text.strip().isdigit():
            above = tuple(heading for heading in part.block.path if not is_formal(heading))
            others = tuple(" ".join(other.text.split()) for other in heads if other is not head)
            return FormalRecord(label.kind, part.ordinals, (head.sentences[0].ordinal,), section=(*above, *others))
    return None
