"""Finds the formal records of a transcript: grades, causes of concern, areas for improvement, recommendations.

Most stand in a section of their own. Those in speech, letters and summaries are read from the sentence that states
them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from index.records.grades import grade_records
from index.records.parts import Part, parts_of
from index.records.record import (
    TERMS,
    FormalRecord,
    RecordKind,
    RecordStatus,
    direction_of,
    directs,
    label_of,
    opens_with_deadline,
)
from index.records.sections import SectionReader, is_formal
from index.text.sentences import Sentence
from index.text.transcript import Role, Transcript
from index.text.words import NUMBERS_BELOW_100, alternatives, clean

_NAMED = rf"(?:{TERMS[RecordKind.CAUSE_OF_CONCERN].pattern}|{TERMS[RecordKind.AREA_FOR_IMPROVEMENT].pattern})"
_COUNTED = (
    rf"(?:an?|another|one|both|several|some|the following|these|{alternatives(NUMBERS_BELOW_100)}|[0-9]{{1,3}})"
    r"(?: (?:new|further|more|other|accelerated|serious|additional|separate))?"
)
# "I have two causes of concern", "custody is an area for improvement", "we raised a cause of concern about…"
_STATED = re.compile(
    rf"\b(?:is|are|was|were|be|as|remains?|have|has|had|there(?:'s|'re)|raised?|raising|issu(?:e|ed|ing)|identif(?:y|ied)"
    rf"|made|found|gave|given|set out|recorded|named|added|lists?)"
    r"(?: (?:also|still|now|therefore|[a-z]+ly|it|them|us|you|this|that"
    rf"|in [0-9/-]+)){{0,2}} (?:{_COUNTED}) {_NAMED}"
    rf"|^(?:my|our|one|another|(?:my|our|the) (?:first|second|third|other|main|remaining|last|final)) {_NAMED}"
    r" (?:is|was|relates?|concerns?)\b"
    rf"|^(?:{_COUNTED}) {_NAMED} (?:was|were|has been|have been) (?:raised|issued|identified|made|found|given)"
    rf"|\b{_NAMED} (?:that )?(?:i|we|my predecessor|hmic(?:frs)?|inspectors?) (?:have |has )?"
    r"(?:raised|issued|identified|made)",
    re.IGNORECASE,
)
_DEFINES = re.compile(rf"^(?:so )?(?:an?|the) {_NAMED} (?:is|means?|comes|does|can)\b", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|if|would|could|might|may)\b|n't\b|\?", re.IGNORECASE
)
_OVER = r"(?:closed|discharged|lifted|removed|resolved|dealt with|addressed|signed off|put right|withdrawn)"
_CLOSED = re.compile(
    rf"\b{_NAMED}\b[^.;]{{0,120}}\b(?:is|are|was|were|has|have|had|been) (?:\w+ ){{0,3}}{_OVER}\b"
    rf"|\b(?:clos(?:e|es|ed|ing)|discharg(?:e|es|ed|ing)|lift(?:s|ed|ing)?|remov(?:e|es|ed|ing))"
    rf" (?!an? )(?:[\w']+ ){{0,4}}{_NAMED}\b",
    re.IGNORECASE,
)
_NOT_CLOSED = re.compile(
    r"\b(?:not|never|yet|until|unless|whether|if|before|will|to be|cannot|remains?)\b|n't\b", re.IGNORECASE
)
_NEXT_OF_SEVERAL = re.compile(
    r"^(?:and |the |my )?(?:first|second|third|fourth|fifth|sixth|seventh|other|last|final|one|another)"
    r"(?: one| of these| cause)?"
    r"(?:,|:| (?:is|was|are|were|concerns?|relates?|about|that)\b)",
    re.IGNORECASE,
)
_RECOMMENDS = re.compile(
    r"\b(?:we|i|hmic(?:frs)?|the inspectorate|inspectors?|the review|this report)(?: \w+){0,2} recommend(?:s|ed)?"
    r" that\b",
    re.IGNORECASE,
)


def records_in(part: Part, section: tuple[str, ...]) -> list[FormalRecord]:
    """Returns the records that the sentences of a paragraph state in so many words."""
    found: list[FormalRecord] = []
    for place, sentence in enumerate(part.sentences):
        text = clean(sentence.text)
        kind = _kind_named(text)
        if kind is not None:
            found += _named(kind, text, part.sentences[place:], section)
        elif _recommends(text):
            found.append(_recommendation(sentence, text, section))
    return found


def _kind_named(text: str) -> RecordKind | None:
    """The kind that a sentence names: a cause of concern before an area for improvement."""
    kinds = (RecordKind.CAUSE_OF_CONCERN, RecordKind.AREA_FOR_IMPROVEMENT)
    return next((kind for kind in kinds if TERMS[kind].search(text)), None)


def _named(kind: RecordKind, text: str, sentences: Sequence[Sentence], section: tuple[str, ...]) -> list[FormalRecord]:
    """The records of a sentence that names a term, and of those that go on from it: "The first is that…"."""
    first = sentences[0].ordinal
    if _is_closed(text):
        return [FormalRecord(kind, (first,), section=section, status=RecordStatus.CLOSED)]
    if _DEFINES.match(text) or _DENIED.search(text) or not _STATED.search(text):
        return []
    several = []
    for sentence in sentences[1:]:
        if not _NEXT_OF_SEVERAL.match(clean(sentence.text)):
            break
        several.append(FormalRecord(kind, (sentence.ordinal,), lead_in=first, section=section))
    return several or [FormalRecord(kind, (first,), section=section)]


def _is_closed(text: str) -> bool:
    """Whether a sentence says that what it names is closed; "has not been closed" and "will close" do not."""
    found = _CLOSED.search(text)
    return (
        found is not None
        and not text.endswith("?")
        and not _NOT_CLOSED.search(text[max(0, found.start() - 30) : found.end()])
    )


def _recommends(text: str) -> bool:
    if text.endswith("?"):
        return False
    return _RECOMMENDS.search(text) is not None or (opens_with_deadline(text) and directs(text))


def _recommendation(sentence: Sentence, text: str, section: tuple[str, ...]) -> FormalRecord:
    direction = direction_of(text)
    introduces = text.endswith(":")
    return FormalRecord(
        RecordKind.RECOMMENDATION,
        () if introduces else (sentence.ordinal,),
        lead_in=sentence.ordinal if introduces else None,
        section=section,
        addressee=direction.addressee,
        deadline=direction.deadline,
        due=direction.due,
    )


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
