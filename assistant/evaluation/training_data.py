"""The documents and questions that the encoder is fitted to, and random batches of them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.evaluation.metrics import GoldQuestion, quotes_match, read_gold
from index.published.arrays import context_rows
from index.readers.read import read
from index.readers.sandbox import SandboxedParser
from index.sources.files import SourceFile, discover
from index.storage.fingerprint import embedding_text
from index.text.sentences import split_sentences
from index.text.transcript import Role

DOCUMENTS_PER_STEP = 2
MAX_SENTENCES_PER_DOCUMENT = 110
MAX_QUESTIONS_PER_DOCUMENT = 28
AS_ASKED_SHARE = 0.3  # of the questions, which are taken as asked and not as they stand alone


@dataclass(frozen=True, slots=True)
class Document:
    """The findings of one source: as they are quoted, as they are embedded, and the texts that each is read with."""

    name: str
    quotations: tuple[str, ...]
    sentences: tuple[str, ...]
    contexts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class TrainingQuestion:
    """A question as it is asked and as it stands alone, and its facts: positions of sentences by document.

    One without facts is not answered by the set.
    """

    text: str
    standalone: str
    facts: tuple[tuple[tuple[str, int], ...], ...]


@dataclass(frozen=True, slots=True)
class TrainingData:
    """Documents by name, and the questions that each answers."""

    documents: dict[str, Document]
    questions: dict[str, list[TrainingQuestion]]


def load_set(folder: Path) -> TrainingData:
    """Reads the sources and questions of a set. Names of documents begin with that of the set."""
    with SandboxedParser() as parser:
        documents = [_document(folder.name, source, parser) for source in discover(folder / "sources")]
    by_name = {document.name: document for document in documents}
    questions: dict[str, list[TrainingQuestion]] = {}
    names: set[str] = set()  # of the documents that answer the last answerable question
    for gold in read_gold(folder / "questions.jsonl"):
        question = TrainingQuestion(gold.question, gold.standalone or gold.question, _facts(folder.name, gold, by_name))
        names = {name for fact in question.facts for name, _ in fact} or names
        if question.facts or not gold.answerable:
            for name in names:
                questions.setdefault(name, []).append(question)
    return TrainingData(by_name, questions)


def _document(collection: str, source: SourceFile, parser: SandboxedParser) -> Document:
    transcript = read(source, parser)
    sentences = [sentence for sentence in split_sentences(transcript) if sentence.role is not Role.MARKUP]
    texts = [embedding_text(sentence, transcript) for sentence in sentences]
    rows = context_rows(transcript.blocks, sentences, 0)
    title = next((number for number, sentence in enumerate(sentences) if sentence.role is Role.TITLE), -1)
    findings = [number for number, sentence in enumerate(sentences) if sentence.role is Role.FINDING]
    return Document(
        f"{collection}/{transcript.source}",
        tuple(sentences[number].text for number in findings),
        tuple(texts[number] for number in findings),
        tuple(tuple(texts[row] for row in (title, *rows[number]) if row >= 0) for number in findings),
    )


def _facts(
    collection: str, gold: GoldQuestion, documents: dict[str, Document]
) -> tuple[tuple[tuple[str, int], ...], ...]:
    facts = []
    for alternatives in gold.evidence:
        places = []
        for quote in alternatives:
            document = documents.get(f"{collection}/{quote.source}")
            if document is not None:
                places += [
                    (document.name, position)
                    for position, quotation in enumerate(document.quotations)
                    if quotes_match(quotation, quote.quote)
                ]
        if places:
            facts.append(tuple(dict.fromkeys(places)))
    return tuple(facts)


def merged(parts: Sequence[TrainingData]) -> TrainingData:
    """Returns several sets as one."""
    return TrainingData(
        {name: document for part in parts for name, document in part.documents.items()},
        {name: questions for part in parts for name, questions in part.questions.items()},
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """The questions, sentences and contexts of one step. `facts` are positions of sentences, by question."""

    questions: list[str]
    sentences: list[str]
    contexts: list[tuple[str, ...]]
    facts: list[list[list[int]]]


def batches(data: TrainingData, steps: int, draw: random.Random) -> Iterator[Batch]:
    """Yields random batches. Half of the second documents are of the first one's collection, to be hard negatives."""
    names = sorted(data.questions)
    queue: list[str] = []
    for _ in range(steps):
        while len(queue) < DOCUMENTS_PER_STEP:
            queue += draw.sample(names, len(names))
        chosen, queue = queue[:DOCUMENTS_PER_STEP], queue[DOCUMENTS_PER_STEP:]
        same = [name for name in names if name.split("/")[0] == chosen[0].split("/")[0] and name != chosen[0]]
        if same and draw.random() < 0.5:
            chosen[1] = draw.choice(same)
        yield _batch(data, list(dict.fromkeys(chosen)), draw)


def _batch(data: TrainingData, names: Sequence[str], draw: random.Random) -> Batch:
    batch = Batch([], [], [], [])
    position_of: dict[tuple[str, int], int] = {}
    for name in names:
        document = data.documents[name]
        for position in _sampled_positions(document, data.questions[name], draw):
            position_of[name, position] = len(batch.sentences)
            batch.sentences.append(document.sentences[position])
            batch.contexts.append(document.contexts[position])
    for name in names:
        asked = data.questions[name]
        for question in draw.sample(asked, min(MAX_QUESTIONS_PER_DOCUMENT, len(asked))):
            facts = [[position_of[place] for place in fact if place in position_of] for fact in question.facts]
            if question.facts and not any(facts):
                continue  # answered by sentences that were not sampled
            batch.questions.append(question.text if draw.random() < AS_ASKED_SHARE else question.standalone)
            batch.facts.append([fact for fact in facts if fact])
    return batch


def _sampled_positions(document: Document, questions: Sequence[TrainingQuestion], draw: random.Random) -> list[int]:
    """Returns the positions of all sentences of a document, or of those that answer and a sample of the others."""
    wanted = {
        place for question in questions for fact in question.facts for name, place in fact if name == document.name
    }
    others = [place for place in range(len(document.sentences)) if place not in wanted]
    room = max(0, MAX_SENTENCES_PER_DOCUMENT - len(wanted))
    return sorted([*wanted, *draw.sample(others, min(room, len(others)))])
