"""Selects the formal records that a question asks for, from those that were found at indexing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.coverage import sort_key
from assistant.question.question import Question
from assistant.question.record_request import RecordRequest, plain_deadline
from assistant.retrieval.sentences import SentenceStore
from index.published.generation import IndexedTranscript
from index.published.open import OpenIndex
from index.records.record import FormalRecord, RecordKind, RecordStatus
from index.storage.reader import StoredSentence
from index.text.tokens import stem, words

_FORMAL = tuple(kind for kind in RecordKind if kind is not RecordKind.GRADE)


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record with its sentences as stored, by ordinal, its headings among them."""

    record: FormalRecord
    transcript: IndexedTranscript
    sentences: dict[int, StoredSentence]

    @property
    def full_text(self) -> tuple[StoredSentence, ...]:
        """Its sentences in reading order, without its headings."""
        return tuple(self.sentences[ordinal] for ordinal in self.record.ordinals)

    @property
    def headings(self) -> tuple[StoredSentence, ...]:
        """The sentences of its headings."""
        return tuple(self.sentences[ordinal] for ordinal in self.record.headings)


@dataclass(frozen=True, slots=True)
class SelectedRecords:
    """The records that meet a request, by force and time. `none_stated` are those that say that there is none.

    `has_formal` says whether the transcripts in scope have formal records at all.
    """

    records: tuple[FoundRecord, ...]
    none_stated: tuple[FoundRecord, ...] = ()
    has_formal: bool = False


def select_records(
    question: Question, request: RecordRequest, index: OpenIndex, sentences: SentenceStore
) -> SelectedRecords:
    """Every record in scope that meets the request; the closed ones only where no other does."""
    transcripts = _in_scope(question, index)
    everything = [(transcript, record) for transcript in transcripts for record in index.records(transcript.id)]
    of_kind = [(transcript, record) for transcript, record in everything if record.kind in request.kinds]
    asked = [pair for pair in of_kind if _meets(pair[1], request)]
    found = _about(question, request, _read(asked, index, sentences))
    found = _of_year(request, found)
    made = tuple(item for item in found if item.record.status is RecordStatus.MADE)
    closed = tuple(item for item in found if item.record.status is RecordStatus.CLOSED)
    stated = [pair for pair in of_kind if pair[1].status is RecordStatus.NONE]
    none_stated = () if made or request.is_limited else tuple(_read(stated, index, sentences))
    return SelectedRecords(made or closed, none_stated, any(record.kind in _FORMAL for _, record in everything))


def _in_scope(question: Question, index: OpenIndex) -> list[IndexedTranscript]:
    """The transcripts in scope, by force, then by time."""
    transcripts = index.generation.transcripts
    chosen = [transcripts[place] for place in question.scope.places] or list(transcripts)
    return sorted(chosen, key=lambda transcript: (sort_key(transcript.metadata), transcript.id))


def _meets(record: FormalRecord, request: RecordRequest) -> bool:
    """Whether a record has the grade, the addressee and the deadline asked for. Its text is not read."""
    if record.status is RecordStatus.NONE:
        return False
    if request.grades and not any(re.search(grade, record.grade) for grade in request.grades):
        return False
    if request.addressee and not request.addressee <= {stem(word) for word in words(record.addressee)}:
        return False
    if request.days is not None:
        first, last = request.days.first.isoformat(), request.days.last.isoformat()
        return first <= record.due <= last
    return not request.deadline or plain_deadline(record.deadline) == request.deadline


def _read(
    pairs: Sequence[tuple[IndexedTranscript, FormalRecord]], index: OpenIndex, sentences: SentenceStore
) -> list[FoundRecord]:
    """The records with their sentences, read from the database at once."""
    rows: list[int] = []
    places: list[tuple[int, ...]] = []
    for transcript, record in pairs:
        ordinals = (*record.headings, *record.ordinals)
        places.append(ordinals)
        rows += index.generation.rows_at(transcript, ordinals).tolist()
    stored = dict(zip(dict.fromkeys(rows), sentences.by_row(list(dict.fromkeys(rows))), strict=True))
    found = []
    at = 0
    for (transcript, record), ordinals in zip(pairs, places, strict=True):
        own = {ordinal: stored[row] for ordinal, row in zip(ordinals, rows[at : at + len(ordinals)], strict=True)}
        found.append(FoundRecord(record, transcript, own))
        at += len(ordinals)
    return found


def _about(question: Question, request: RecordRequest, found: Sequence[FoundRecord]) -> list[FoundRecord]:
    """The records about the topic: those that name all of it, if any; else those that name most of it."""
    if not request.topic or not found:
        return list(found)
    concepts = [concept for concept in question.concepts if concept.text in request.topic]
    shares = []
    for item in found:
        stems = _stems(item)
        named = sum(any(stems.issuperset(wording.stems) for wording in concept.wordings) for concept in concepts)
        shares.append(named / len(concepts) if concepts else 1.0)
    best = max(shares)
    return [item for item, share in zip(found, shares, strict=True) if share == best] if best > 0.5 else []


def _of_year(request: RecordRequest, found: list[FoundRecord]) -> list[FoundRecord]:
    """Of grades in a table with a column for each year, those of the years asked for."""
    dated = [item for item in found if any(year in head for year in request.years for head in item.record.section)]
    return dated or found


def _stems(item: FoundRecord) -> frozenset[str]:
    """The stems of a record's text, heading, section and subject, and of its transcript's title."""
    record = item.record
    texts: Iterable[str] = (
        *(stored.sentence.text for stored in item.sentences.values()),
        *record.section,
        record.subject,
        record.addressee,
        item.transcript.title,
    )
    if record.kind is RecordKind.GRADE:  # a sentence may give several grades: each to its own subject
        texts = (record.subject, *record.section, item.transcript.title)
    return frozenset(stem(word) for text in texts for word in words(text))
