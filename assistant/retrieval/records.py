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
from index.published.open_index import OpenIndex
from index.records.record import FormalRecord, RecordKind, RecordStatus
from index.search.candidates import Concept
from index.storage.reader import StoredSentence
from index.text.words import GRADES, stem, words

MIN_SHARE = 0.5  # more of the topic's words than this must be named
_NAMES_DOCUMENT = re.compile(r"\b(?:report|inspection|letter|notice|review)s?\b", re.IGNORECASE)
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
    if request.is_latest:
        transcripts = _latest(transcripts)
    everything = [(transcript, record) for transcript in transcripts for record in index.records(transcript.id)]
    of_kind = [(transcript, record) for transcript, record in everything if record.kind in request.kinds]
    asked = [pair for pair in of_kind if _meets(pair[1], request)]
    chosen = _chosen(question, request, _of_year(request, _about(question, request, _read(asked, index, sentences))))
    stated = [pair for pair in of_kind if pair[1].status is RecordStatus.NONE]
    is_answered = request.is_limited or any(item.record.status is RecordStatus.MADE for item in chosen)
    none_stated = () if is_answered else tuple(_read(stated, index, sentences))
    return SelectedRecords(chosen, none_stated, any(record.kind in _FORMAL for _, record in everything))


def _chosen(question: Question, request: RecordRequest, found: Sequence[FoundRecord]) -> tuple[FoundRecord, ...]:
    """The records that are made, each grade once; where there is none, those that are closed."""
    made = _each_grade_once(item for item in found if item.record.status is RecordStatus.MADE)
    if request.extreme:
        made = _extreme(made, request.extreme, by_transcript=bool(question.scope.forces))
    return made or tuple(item for item in found if item.record.status is RecordStatus.CLOSED)


def _in_scope(question: Question, index: OpenIndex) -> list[IndexedTranscript]:
    """The transcripts in scope, by force, then by time."""
    transcripts = index.generation.transcripts
    chosen = [transcripts[place] for place in question.scope.places] or list(transcripts)
    return sorted(chosen, key=lambda transcript: (sort_key(transcript.metadata), transcript.id))


def _latest(transcripts: Sequence[IndexedTranscript]) -> list[IndexedTranscript]:
    """Of each force, the transcripts of its newest inspection period."""
    newest: dict[str, int] = {}
    for transcript in transcripts:
        period = transcript.metadata.period
        newest[transcript.force] = max(newest.get(transcript.force, 0), period.last if period else 0)
    return [
        transcript
        for transcript in transcripts
        if (transcript.metadata.period.last if transcript.metadata.period else 0) == newest[transcript.force]
    ]


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
    """The records about the topic: those that name all of it, or else most of it.

    The title of the transcript counts too. For grades, whose titles name every pillar, it counts only where the
    question speaks of a report, or no record names the topic itself.
    """
    concepts = [concept for concept in question.concepts if concept.text in request.topic]
    if not request.topic or not found:
        return list(found)
    by_title = RecordKind.GRADE not in request.kinds or _NAMES_DOCUMENT.search(question.standalone) is not None
    for with_title in (True,) if by_title else (False, True):
        shares = [_share(_stems(item, with_title=with_title), concepts) for item in found]
        best = max(shares)
        if best == 1 or (with_title and best > MIN_SHARE):
            return [item for item, share in zip(found, shares, strict=True) if share == best]
    return []


def _share(stems: frozenset[str], concepts: Sequence[Concept]) -> float:
    """The share of the concepts that some words name."""
    named = sum(any(stems.issuperset(wording.stems) for wording in concept.wordings) for concept in concepts)
    return named / len(concepts) if concepts else 0.0


def _of_year(request: RecordRequest, found: list[FoundRecord]) -> list[FoundRecord]:
    """Of grades in a table with a column for each year, those of the years asked for."""
    dated = [item for item in found if any(year in head for year in request.years for head in item.record.section)]
    return dated or found


def _extreme(found: Sequence[FoundRecord], extreme: str, *, by_transcript: bool) -> tuple[FoundRecord, ...]:
    """The lowest or the highest grades: of each transcript where a force is named, else of all."""
    keys = [item.transcript.id if by_transcript else "" for item in found]
    ranks = [GRADES.index(item.record.grade) for item in found]
    ends: dict[str, int] = {}
    for key, rank in zip(keys, ranks, strict=True):
        ends[key] = (max if extreme == "lowest" else min)(rank, ends.get(key, rank))
    return tuple(item for item, key, rank in zip(found, keys, ranks, strict=True) if rank == ends[key])


def _stems(item: FoundRecord, *, with_title: bool) -> frozenset[str]:
    """The stems of a record's text, headings, section and subject; with the title of its transcript, if asked."""
    record = item.record
    texts: Iterable[str] = (*record.section, record.subject, record.addressee)
    if record.kind is not RecordKind.GRADE:  # a sentence may give several grades, each to its own subject
        texts = (*texts, *(stored.sentence.text for stored in item.sentences.values()))
    if with_title:
        texts = (*texts, item.transcript.title)
    return frozenset(stem(word) for text in texts for word in words(text))


def _each_grade_once(found: Iterable[FoundRecord]) -> tuple[FoundRecord, ...]:
    """The records without a grade that its transcript gave to the same thing before."""
    seen: dict[object, FoundRecord] = {}
    for item in found:
        record = item.record
        subject = record.subject.lower().removeprefix("its ")
        is_grade = record.kind is RecordKind.GRADE
        seen.setdefault((item.transcript.id, record.grade, subject) if is_grade else id(item), item)
    return tuple(seen.values())
