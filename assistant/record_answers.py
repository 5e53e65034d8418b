"""Composes the answer to a question that asks for formal records: each with its full text, and how many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.answer import Citation, Statement, Status
from assistant.coverage import coverage_of
from assistant.messages import Messages, listed, load_messages
from assistant.outcome import Outcome, scope_in_words
from assistant.question.question import Question
from assistant.question.record_request import RecordRequest
from assistant.question.scope import Corpus
from assistant.retrieval.records import FoundRecord, SelectedRecords
from assistant.sources import cite
from index.records.record import RecordKind, RecordStatus
from index.storage.reader import StoredSentence

MAX_SENTENCES = 600  # of one answer; beyond it, only the first records of each transcript are shown


def records_outcome(
    question: Question, request: RecordRequest, selected: SelectedRecords, corpus: Corpus
) -> Outcome | None:
    """The records by force and period; or that none is listed; None where that cannot be said.

    None is listed of a kind that the question names where it asks whether there is one, or where the transcripts have
    other formal records. Talks without any may say the same in other words, which a search finds.
    """
    messages = load_messages()
    if selected.records:
        return _listed(question, selected.records, corpus, _counted(selected.records, messages))
    if selected.none_stated:
        return _listed(question, selected.none_stated, corpus, messages.say("records.none_stated"))
    if not request.is_named or request.is_limited:
        return None
    says_none = selected.has_formal or (request.asks_existence and RecordKind.CAUSE_OF_CONCERN in request.kinds)
    return _none_listed(question, request, corpus, messages) if says_none else None


def _none_listed(question: Question, request: RecordRequest, corpus: Corpus, messages: Messages) -> Outcome:
    kinds = listed([messages.say(f"term.{kind.value}").lower() for kind in request.kinds])
    said = messages.say("records.none", kinds=kinds, scope=scope_in_words(question.scope, corpus))
    return Outcome(Status.NOT_IN_ASSESSMENTS, counted=said)


def _counted(records: Sequence[FoundRecord], messages: Messages) -> str:
    """How many records of each kind are listed, in words."""
    numbers = Counter(item.record.kind for item in {_identity(item): item for item in records}.values())
    counts = listed([messages.count(kind.value, numbers[kind]) for kind in RecordKind if numbers[kind]])
    closed = all(item.record.status is RecordStatus.CLOSED for item in records)
    return messages.say("records.closed" if closed else "records.listed", count=counts)


def _identity(item: FoundRecord) -> tuple[object, ...]:
    """What tells a record from others: a grade given to the same thing twice in one transcript counts once."""
    record = item.record
    if record.kind is RecordKind.GRADE:
        return item.transcript.id, record.grade, record.subject.lower().removeprefix("its ")
    return item.transcript.id, record.kind, record.ordinals


def _listed(question: Question, records: Sequence[FoundRecord], corpus: Corpus, counted: str) -> Outcome:
    most, shown = _shown(records)
    quoted = _Quoted()
    for item in shown:
        quoted.add(item)
    citations = tuple(quoted.citations)
    return Outcome(
        Status.ANSWERED,
        statements=tuple(quoted.statements),
        citations=citations,
        counted=counted,
        coverage=coverage_of(citations, question.scope, corpus),
        most=most,
    )


def _shown(records: Sequence[FoundRecord]) -> tuple[int, list[FoundRecord]]:
    """The records, and 0; of too many, the first of each transcript, and how many of each."""
    if sum(len(item.record.ordinals) for item in records) <= MAX_SENTENCES:
        return 0, list(records)
    seen: Counter[str] = Counter()
    ranks = []
    for item in records:
        seen[item.transcript.id] += 1
        ranks.append(seen[item.transcript.id])
    most = max(1, max(ranks) * MAX_SENTENCES // sum(len(item.record.ordinals) for item in records))
    return most, [item for item, rank in zip(records, ranks, strict=True) if rank <= most]


@dataclass(slots=True)
class _Quoted:
    """The statements and citations so far. A sentence is cited once, with the first record that it is part of."""

    statements: list[Statement] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    _cited: set[str] = field(default_factory=set)

    def add(self, item: FoundRecord) -> None:
        """Adds a record as one statement: its heading, if that says more than its kind, then its full text."""
        numbers: list[int] = []
        for heading in item.headings if item.record.subject else ():
            numbers += self._cite(heading, context=True)
        for stored in item.full_text:
            numbers += self._cite(stored, context=False)
        if any(not self.citations[number - 1].context for number in numbers):
            text = " ".join(self.citations[number - 1].quote for number in numbers)
            self.statements.append(Statement(text=text, citations=tuple(numbers)))

    def _cite(self, stored: StoredSentence, *, context: bool) -> list[int]:
        if stored.sentence.id in self._cited:
            return []
        self._cited.add(stored.sentence.id)
        self.citations.append(cite(stored, len(self.citations) + 1, context=context))
        return [len(self.citations)]
