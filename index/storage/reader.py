"""Reading the record back: every sentence and transcript is held against its seal before it is handed out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from index.errors import CorruptRecordError, GenerationError
from index.sources.files import Failure
from index.storage.checksums import (
    Body,
    Facts,
    contents_digest,
    decode_blocks,
    decode_locators,
    decode_metadata,
    facts_seal,
    sentence_seal,
)
from index.text.sentences import Sentence
from index.text.transcript import Locator, Metadata, Role, Transcript

if TYPE_CHECKING:
    from pathlib import Path

    from index.storage.database import IndexDatabase, Row

_ROLES = {role.value: role for role in Role}
# CROSS JOIN keeps SQLite to this order; left to itself it reads every sentence of the generation, 500 times slower.
_SENTENCES = """
SELECT s.version, s.key, s.ordinal, s.block, s.start, s.end, s.role, s.text, s.place, s.seal
FROM json_each(?) AS asked
CROSS JOIN sentence AS s ON s.key = asked.value
CROSS JOIN member AS m ON m.version = s.version AND m.generation = ?
"""
_FACTS = """
SELECT v.number, v.transcript, v.source, v.sha256, v.title, v.metadata, v.body_sha256, v.seal
FROM json_each(?) AS asked CROSS JOIN version AS v ON v.number = asked.value
"""
_TRANSCRIPT = """
SELECT v.transcript, v.source, v.sha256, v.title, v.metadata, v.body_sha256, v.seal,
       v.blocks, v.locators, v.notes, v.text
FROM version AS v JOIN member AS m ON m.version = v.number WHERE m.generation = ? AND v.number = ?
"""
# Found anew for each transcript, a version would be looked for among all members, a hundred times as long.
_VERSIONS = (
    "SELECT v.transcript, v.number FROM member AS m JOIN version AS v ON v.number = m.version WHERE m.generation = ?"
)


@dataclass(frozen=True, slots=True)
class StoredSentence:
    """A sentence as the record has it, and what is known of the transcript it is from. `sha256` is of its file."""

    sentence: Sentence
    source: str
    sha256: str
    title: str
    metadata: Metadata
    locators: tuple[Locator, ...] = ()  # page, time, speaker and section, as far as the source has them


@dataclass(frozen=True, slots=True)
class SealedFacts:
    """A transcript's facts, held against their seal once: a sentence's own seal is over theirs."""

    facts: Facts
    seal: str
    metadata: Metadata

    @classmethod
    def of(cls, path: Path, row: Row) -> SealedFacts:
        """A row of facts and seal. Raises `CorruptRecordError` for one that was changed."""
        *stored, seal = row
        facts: Facts = (*stored,)
        if facts_seal(facts) != seal:
            raise CorruptRecordError(path, f"the facts of {facts[1]} have been changed.")
        return cls(facts, seal, decode_metadata(facts[4]))


@dataclass(frozen=True, slots=True)
class SourceText:
    """A transcript's text, and the SHA-256 of its file: what a quotation is held against."""

    sha256: str
    text: str


class IndexReader:
    """Reads one generation's sentences and transcripts from the record. Safe to use from several threads."""

    def __init__(self, record: IndexDatabase, generation: int) -> None:
        self._record = record
        self._generation = generation
        self._lock = Lock()
        # What a generation holds never changes.
        self._versions: dict[str, int] | None = None  # by transcript
        self._known: dict[int, SealedFacts] = {}  # by version

    def sentences(self, keys: Sequence[int]) -> list[StoredSentence]:
        """Sentences by key, in the order asked for.

        Raises `CorruptRecordError` for a row that was changed, and `GenerationError` for a key that is not there,
        as when the generation has been superseded twice since it was opened.
        """
        asked = json.dumps([int(key) for key in keys])
        rows = self._query(_SENTENCES, asked, self._generation)
        known = self._facts({int(row[0]) for row in rows})
        found = {
            int(key): read_sentence(self._record.path, (key, *row), known[int(version)])
            for version, key, *row in rows
            if version in known  # else it was pruned just now
        }
        absent = [key for key in keys if int(key) not in found]
        if absent:
            raise self._gone(f"sentence {absent[0]:015x}")
        return [found[int(key)] for key in keys]

    def transcript(self, transcript_id: str) -> Transcript | None:
        """A transcript with its text; None for one that the generation does not hold. Raises as `sentences` does."""
        row = self._version(transcript_id)
        return read_transcript(self._record.path, row) if row else None

    def text(self, transcript_id: str) -> SourceText | None:
        """The text alone, checked no less: every quotation of every answer is held against it."""
        row = self._version(transcript_id)
        if not row:
            return None
        known, body = _checked(self._record.path, row)
        return SourceText(known.facts[2], body.text)

    def failures(self) -> tuple[Failure, ...]:
        """The sources that could not be taken in last time, by name."""
        return tuple(Failure(*row) for row in self._query("SELECT source, reason FROM failure ORDER BY source"))

    def superseded(self) -> bool:
        """Whether a newer generation has been published, or the record replaced. Takes some ten microseconds."""
        if self._record.replaced():
            return True
        return bool(self._query("SELECT coalesce(max(number), 0) FROM generation")[0][0] != self._generation)

    def close(self) -> None:
        """Close the record."""
        with self._lock:
            self._record.close()

    def _version(self, transcript_id: str) -> Row | None:
        """The row of a transcript; None for one that the generation does not hold."""
        if self._versions is None:
            self._versions = dict(self._query(_VERSIONS, self._generation))
        rows = self._query(_TRANSCRIPT, self._generation, self._versions.get(transcript_id))
        if not rows and not self._query("SELECT number FROM generation WHERE number = ?", self._generation):
            raise self._gone(f"transcript {transcript_id}")
        return rows[0] if rows else None

    def _facts(self, versions: set[int]) -> dict[int, SealedFacts]:
        """What is known of some versions, by their numbers, and of others; not of those that are there no longer."""
        unread = versions - self._known.keys()
        for number, *row in self._query(_FACTS, json.dumps(sorted(unread))) if unread else ():
            self._known[int(number)] = SealedFacts.of(self._record.path, (*row,))
        return self._known

    def _query(self, statement: str, *parameters: object) -> list[Row]:
        with self._lock:
            return self._record.query(statement, *parameters)

    def _gone(self, what: str) -> GenerationError:
        return GenerationError(
            f"Generation {self._generation} no longer has {what} in the record.", advice="Open the index again."
        )


def read_sentence(path: Path, row: Row, known: SealedFacts) -> StoredSentence:
    """A row of a sentence of a transcript, checked. Raises `CorruptRecordError`."""
    key, ordinal, block, start, end, role, text, place, seal = row
    identity, source, sha256, title, _, _ = known.facts
    if role not in _ROLES:
        raise CorruptRecordError(path, f"a sentence of {source} has been changed.")
    sentence = Sentence(f"{key:015x}", identity, ordinal, block, start, end, text, _ROLES[role])
    if sentence_seal(known.seal, sentence, place) != seal:
        raise CorruptRecordError(path, f"a sentence of {source} has been changed.")
    return StoredSentence(sentence, source, sha256, title, known.metadata, decode_locators(place))


def read_transcript(path: Path, row: Row) -> Transcript:
    """A row of facts, seal and body, checked. Raises `CorruptRecordError`."""
    known, body = _checked(path, row)
    identity, source, sha256, title, *_ = known.facts
    return Transcript(
        identity, source, sha256, title, body.text, decode_blocks(body.blocks), known.metadata,
        decode_locators(body.locators), tuple(json.loads(body.notes)),
    )  # fmt: skip


def _checked(path: Path, row: Row) -> tuple[SealedFacts, Body]:
    *facts, blocks, locators, notes, text = row
    body, known = Body(blocks, locators, notes, text), SealedFacts.of(path, (*facts,))
    _, source, *_, digest = known.facts
    if body.digest != digest:
        raise CorruptRecordError(path, f"the text of {source} has been changed.")
    return known, body


def audit(record: IndexDatabase) -> None:
    """Check every page, transcript, sentence and passage of a record, and that none is missing.

    Raises `CorruptRecordError` at what is damaged.
    """
    record.check_pages()
    for number, contents, *row in record.query(
        "SELECT number, contents_sha256, transcript, source, sha256, title, metadata, body_sha256, seal FROM version"
    ):
        known = SealedFacts.of(record.path, (*row,))
        body = record.query("SELECT blocks, locators, notes, text FROM version WHERE number = ?", number)[0]
        read_transcript(record.path, (*row, *body))
        sentences = record.query(
            "SELECT key, ordinal, block, start, end, role, text, place, seal, embeds FROM sentence WHERE version = ?"
            " ORDER BY ordinal",
            number,
        )
        for *sentence, _ in sentences:
            read_sentence(record.path, (*sentence,), known)
        passages = record.query("SELECT first, last FROM passage WHERE version = ? ORDER BY ordinal", number)
        if contents_digest(((one[-2], one[-1]) for one in sentences), ((a, b) for a, b in passages)) != contents:
            raise CorruptRecordError(record.path, f"sentences or passages of {known.facts[1]} have been changed.")
