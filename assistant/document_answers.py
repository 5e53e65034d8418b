"""Answers questions about the documents themselves from their metadata, and cites the sentences that state it.

What the catalogue or a file name gives has no sentence to cite, so the answer says where it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from assistant.answer import Status
from assistant.compose import compose
from assistant.coverage import sort_key
from assistant.messages import listed, load_messages
from assistant.outcome import Outcome
from assistant.question.document_request import DocumentFact, DocumentRequest
from assistant.question.question import Question
from assistant.question.scope import Corpus
from assistant.retrieval.sentences import SentenceStore
from index.published.generation import IndexedTranscript
from index.storage.reader import StoredSentence

MAX_CITED = 30  # sentences of one answer

_FIELDS = {  # the fact, the field of the metadata that gives it, and what it is of a document
    DocumentFact.FORCES: "force",
    DocumentFact.PERIODS: "period",
    DocumentFact.PUBLISHED: "published",
    DocumentFact.INSPECTORS: "inspector",
    DocumentFact.DOCUMENTS: "title",
    DocumentFact.EVERYTHING: "force",
}


def documents_outcome(
    question: Question,
    request: DocumentRequest,
    transcripts: Sequence[IndexedTranscript],
    sentences: SentenceStore,
    corpus: Corpus,
) -> Outcome | None:
    """What the metadata of the transcripts in scope say; None where they do not say what is asked.

    `transcripts` are all that are searched, by their place.
    """
    scope = question.scope
    if scope.missing_periods and not scope.periods:
        return Outcome(Status.PERIOD_NOT_HELD)
    if scope.missing_forces and not scope.parts:
        return Outcome(Status.FORCE_NOT_HELD)
    if request.is_of_one and not corpus.by_force and len(transcripts) > 1:
        return None
    places = sorted(scope.places or range(len(transcripts)), key=lambda place: sort_key(transcripts[place].metadata))
    chosen = _newest(places, transcripts) if request.newest else places
    asked = {place: _value(request.fact, transcripts[place]) for place in chosen}
    known = [place for place in chosen if asked[place]]
    if not known:
        return None
    said = [_said(request, [transcripts[place] for place in known])]
    said += _unknown(request.fact, len(chosen) - len(known))
    said += _from_elsewhere(request.fact, [(transcripts[place], sentences.has_title(place)) for place in known])
    cited = _cited(request.fact, known, asked, transcripts, sentences)
    if len(cited) > MAX_CITED:
        said.append(load_messages().say("about.limit", number=str(MAX_CITED)))
    missing = (*scope.missing_forces, *scope.missing_periods)
    if missing:
        said.append(load_messages().say("reason.partly_answered", missing=listed(missing)))
    statements, citations = compose(cited[:MAX_CITED], {})
    return Outcome(
        Status.PARTLY_ANSWERED if missing and citations else Status.ANSWERED,
        statements=statements,
        citations=citations,
        counted=" ".join(said),
        about_documents=True,
    )


def _newest(places: Sequence[int], transcripts: Sequence[IndexedTranscript]) -> list[int]:
    """The places of the latest inspection period, or all where no period is known."""
    periods = [period for place in places if (period := transcripts[place].metadata.period)]
    if not periods:
        return list(places)
    newest = max(periods, key=lambda period: (period.last, period.first))
    return [place for place in places if transcripts[place].metadata.period == newest]


def _value(fact: DocumentFact, transcript: IndexedTranscript) -> str:
    """What a transcript's metadata say of a fact; empty where they say nothing."""
    metadata = transcript.metadata
    match fact:
        case DocumentFact.FORCES:
            return metadata.force
        case DocumentFact.PERIODS:
            return transcript.period
        case DocumentFact.PUBLISHED:
            return metadata.published or metadata.updated
        case DocumentFact.INSPECTORS:
            return metadata.inspector
        case _:
            return transcript.title


def _said(request: DocumentRequest, known: Sequence[IndexedTranscript]) -> str:
    """What the metadata say, in a sentence or two."""
    messages = load_messages()
    forces = list(dict.fromkeys(transcript.force for transcript in known if transcript.force))
    documents = messages.count("documents", len(known))
    match request.fact:
        case DocumentFact.FORCES:
            return messages.say("about.forces", count=messages.count("forces", len(forces)), names=listed(forces))
        case DocumentFact.PERIODS:
            periods = listed(_in_order_of_time(known))
            if request.newest:
                return messages.say("about.newest", names=listed(forces) or documents, periods=periods)
            return messages.say("about.periods", names=listed(_by_force(known)), periods=periods)
        case DocumentFact.PUBLISHED:
            return _each(known, lambda transcript: _value(DocumentFact.PUBLISHED, transcript), "about.published")
        case DocumentFact.INSPECTORS:
            return _inspectors(known)
    name = "about.newest_documents" if request.newest else "about.documents"
    said = messages.say(name, count=documents, names=listed(_by_force(known)))
    return f"{said} {messages.say('about.ask')}" if request.fact is DocumentFact.EVERYTHING else said


def _inspectors(known: Sequence[IndexedTranscript]) -> str:
    """Each inspector with the inspections that name them."""
    messages = load_messages()
    by_name: dict[str, list[str]] = {}
    for transcript in known:
        by_name.setdefault(transcript.metadata.inspector, []).append(_label(transcript))
    named = [messages.say("about.of", name=name, of=listed(of)) for name, of in by_name.items()]
    return messages.say("about.inspectors", count=messages.count("inspectors", len(named)), names=listed(named))


def _each(known: Sequence[IndexedTranscript], value: Callable[[IndexedTranscript], str], name: str) -> str:
    messages = load_messages()
    named = [messages.say("about.of", name=value(transcript), of=_label(transcript)) for transcript in known]
    return messages.say(name, names=listed(named))


def _in_order_of_time(known: Iterable[IndexedTranscript]) -> list[str]:
    periods = {transcript.metadata.period for transcript in known}
    return [period.label for period in sorted(filter(None, periods), key=lambda period: (period.first, period.last))]


def _by_force(known: Sequence[IndexedTranscript]) -> list[str]:
    """Each force with its periods, and how many documents have no force."""
    messages = load_messages()
    named = []
    for force, group in groupby(sorted(known, key=lambda one: one.force), key=lambda one: one.force):
        documents = list(group)
        periods = listed(_in_order_of_time(documents))
        if not force:
            continue
        several = len(documents) > max(1, len(_in_order_of_time(documents)))
        of = ": ".join(filter(None, (messages.count("documents", len(documents)) if several else "", periods)))
        named.append(messages.say("about.of", name=force, of=of) if of else force)
    without = sum(not transcript.force for transcript in known)
    return (
        [*named, messages.say("about.no_force", documents=messages.count("documents", without))] if without else named
    )


def _label(transcript: IndexedTranscript) -> str:
    return " ".join(filter(None, (transcript.force, transcript.period))) or transcript.title


def _unknown(fact: DocumentFact, number: int) -> list[str]:
    """That some documents do not say what is asked; nothing where all do."""
    messages = load_messages()
    if not number:
        return []
    return [messages.say(f"unknown_fact.{_FIELDS[fact]}", documents=messages.count("documents", number))]


def _from_elsewhere(fact: DocumentFact, known: Sequence[tuple[IndexedTranscript, bool]]) -> list[str]:
    """That some of it comes from the catalogue, and that some titles are made from the names of files."""
    messages, field = load_messages(), _FIELDS[fact]
    catalogued = [transcript.source for transcript, _ in known if field in transcript.metadata.catalogued]
    said = [messages.say("about.catalogue", field=field, sources=listed(catalogued))] if catalogued else []
    untitled = [
        transcript.source
        for transcript, has_title in known
        if field == "title" and not has_title and transcript.source not in catalogued
    ]
    return [*said, messages.say("about.file_name", sources=listed(untitled))] if untitled else said


def _cited(
    fact: DocumentFact,
    known: Sequence[int],
    asked: dict[int, str],
    transcripts: Sequence[IndexedTranscript],
    sentences: SentenceStore,
) -> list[StoredSentence]:
    """For each thing said, the sentence of a document that states it, where one does: at most one for each document."""
    cited: dict[str, StoredSentence] = {}
    shown: set[tuple[str, str]] = set()
    for place in known:
        transcript = transcripts[place]
        what = (transcript.force, asked[place] if fact is not DocumentFact.FORCES else "")
        if len(cited) > MAX_CITED or (what in shown and fact in (DocumentFact.FORCES, DocumentFact.PERIODS)):
            continue
        stating = "" if _FIELDS[fact] in transcript.metadata.catalogued else asked[place]
        for sentence in sentences.stating(place, stating):
            shown.add(what)
            cited[sentence.sentence.id] = sentence
    return list(cited.values())
