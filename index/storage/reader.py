"""Reads transcripts and sentences from the database. Every row is checked against its checksum before it is used."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import TYPE_CHECKING

from index.errors import CorruptDatabaseError, GenerationError
from index.sources.files import Failure
from index.storage.fingerprint import (
    TranscriptBody,
    TranscriptHeader,
    contents_digest,
    decode_blocks,
    decode_locators,
    decode_metadata,
    header_checksum,
    sentence_checksum,
)
from index.text.sentences import Sentence
from index.text.transcript import Locator, Metadata, Role, Transcript

if TYPE_CHECKING:
    from index.storage.database import RecordDatabase, Row

_ROLES = {role.value: role for role in Role}
# CROSS JOIN keeps SQLite to this order. Otherwise it reads every sentence of the generation, which is 500 times slower.
_SENTENCES = """
SELECT s.version, s.key, s.ordinal, s.block, s.start, s."end", s.role, s.text, s.place, s.seal
FROM json_each(?) AS asked
CROSS JOIN sentence AS s ON s.key = asked.value
CROSS JOIN member AS m ON m.version = s.version AND m.generation = ?
"""
_HEADERS = """
SELECT v.number, v.transcript, v.source, v.sha256, v.title, v.metadata, v.body_sha256, v.seal
FROM json_each(?) AS asked CROSS JOIN version AS v ON v.number = asked.value
"""
_TRANSCRIPT = """
SELECT v.transcript, v.source, v.sha256, v.title, v.metadata, v.body_sha256, v.seal,
       v.blocks, v.locators, v.notes, v.text
FROM version AS v JOIN member AS m ON m.version = v.number WHERE m.generation = ? AND v.number = ?
"""
# Read once for all transcripts: to look for one among the members takes a hundred times as long.
_VERSIONS = (
    "SELECT v.transcript, v.number FROM member AS m JOIN version AS v ON v.number = m.version WHERE m.generation = ?"
)
_ALL_HEADERS = (
    "SELECT number, contents_sha256, transcript, source, sha256, title, metadata, body_sha256, seal FROM version"
)
_BODY = "SELECT blocks, locators, notes, text FROM version WHERE number = ?"
_ALL_SENTENCES = """
SELECT key, ordinal, block, start, "end", role, text, place, seal, embeds FROM sentence
WHERE version = ? ORDER BY ordinal
"""
_COLUMNS = 'key, ordinal, block, start, "end", role, text, place, seal'
_OF_VERSION = f"SELECT {_COLUMNS} FROM sentence WHERE version = ?1 ORDER BY ordinal"  # noqa: S608
_READABLE = f"SELECT {_COLUMNS} FROM sentence WHERE version = ?1 AND role != '{Role.MARKUP.value}'"  # noqa: S608
_AROUND = f"""
SELECT * FROM ({_READABLE} AND ordinal <= ?2 ORDER BY ordinal DESC LIMIT ?3 + 1) AS before
UNION ALL SELECT * FROM ({_READABLE} AND ordinal > ?2 ORDER BY ordinal LIMIT ?3) AS after
"""  # noqa: S608
_ALL_RECORDS = "SELECT record FROM formal_record WHERE version = ? ORDER BY ordinal"
_ALL_PASSAGES = "SELECT first, last FROM passage WHERE version = ? ORDER BY ordinal"


@dataclass(frozen=True, slots=True)
class StoredSentence:
    """A sentence with its locators and the source, title, metadata and file's SHA-256 of its transcript."""

    sentence: Sentence
    source: str
    sha256: str
    title: str
    metadata: Metadata
    locators: tuple[Locator, ...] = ()  # page, time, speaker and section, where the source gives them


@dataclass(frozen=True, slots=True)
class SourceText:
    """A transcript's text, which quotations are compared with, and the SHA-256 of its file."""

    sha256: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckedHeader:
    """A transcript's header that matches its checksum, with its metadata decoded."""

    header: TranscriptHeader
    checksum: str
    metadata: Metadata

    @classmethod
    def of(cls, path: object, row: Row) -> CheckedHeader:
        """Checks a row: the columns of a header, then the checksum. Raises `CorruptDatabaseError`."""
        *columns, checksum = row
        header = TranscriptHeader(*columns)
        if header_checksum(header) != checksum:
            raise CorruptDatabaseError(path, f"the stored details of {header.source} have been changed.")
        return cls(header, checksum, decode_metadata(header.metadata))


class IndexReader:
    """Reads the sentences and transcripts of one generation. Safe to use from several threads.

    `metadata` has, by transcript id, what the whole collection tells of each; without it, each source's own counts.
    """

    def __init__(
        self, database: RecordDatabase, generation: int, metadata: Mapping[str, Metadata] | None = None
    ) -> None:
        self._database = database
        self._generation = generation
        self._metadata = metadata or {}
        self._lock = Lock()
        # A generation never changes, so these are read once.
        self._versions: dict[str, int] | None = None  # by transcript id
        self._headers: dict[int, CheckedHeader] = {}  # by version

    def sentences(self, keys: Sequence[int]) -> list[StoredSentence]:
        """Returns the sentences with these keys, in their order.

        Raises `CorruptDatabaseError` for a row that was changed, and `GenerationError` for a key that is not there,
        as when two newer generations have been published since this one was opened.
        """
        wanted = [int(key) for key in keys]
        rows = self._query(_SENTENCES, json.dumps(wanted), self._generation)
        headers = self._headers_of({int(version) for version, *_ in rows})
        found = {
            int(key): read_sentence(self._database.path, (key, *columns), headers[int(version)])
            for version, key, *columns in rows
            if version in headers  # it may have been pruned since the first query
        }
        missing = next((key for key in wanted if key not in found), None)
        if missing is not None:
            raise self._pruned(f"sentence {missing:015x}")
        return [found[key] for key in wanted]

    def sentences_of(self, transcript_id: str) -> tuple[Sentence, ...]:
        """Returns every sentence of a transcript, in order; none for an unknown id. Raises as `sentences` does."""
        return self._sentences_of(transcript_id, _OF_VERSION)

    def neighbours(self, transcript_id: str, key: int, around: int) -> tuple[Sentence, ...]:
        """Returns a sentence with up to `around` sentences on each side, in order and without markup; reads no others.

        Returns none if the transcript has no such sentence. Raises as `sentences` does.
        """
        version = self._version(transcript_id)
        rows = self._query("SELECT ordinal FROM sentence WHERE key = ? AND version = ?", key, version)
        found = self._sentences_of(transcript_id, _AROUND, rows[0][0], around) if rows else ()
        return tuple(sorted(found, key=lambda sentence: sentence.ordinal))

    def _sentences_of(self, transcript_id: str, statement: str, *parameters: int) -> tuple[Sentence, ...]:
        version = self._version(transcript_id)
        if version is None:
            return ()
        rows = self._query(statement, version, *parameters)
        header = self._headers_of({version}).get(version)
        if header is None:
            raise self._pruned(f"transcript {transcript_id}")
        return tuple(read_sentence(self._database.path, row, header).sentence for row in rows)

    def transcript(self, transcript_id: str) -> Transcript | None:
        """Returns a transcript with its text, or None if it is not in the generation. Raises as `sentences` does."""
        row = self._transcript_row(transcript_id)
        if not row:
            return None
        transcript = read_transcript(self._database.path, row)
        return replace(transcript, metadata=self._metadata.get(transcript_id, transcript.metadata))

    def text(self, transcript_id: str) -> SourceText | None:
        """Returns the text alone, checked in the same way, or None. Raises as `sentences` does."""
        row = self._transcript_row(transcript_id)
        if not row:
            return None
        checked, body = _checked(self._database.path, row)
        return SourceText(checked.header.sha256, body.text)

    def failures(self) -> tuple[Failure, ...]:
        """Returns the sources that could not be indexed by the last run, by name."""
        return tuple(Failure(*row) for row in self._query("SELECT source, reason FROM failure ORDER BY source"))

    def is_outdated(self) -> bool:
        """Whether a newer generation has been published, or the database replaced. In a file: ten microseconds."""
        if self._database.replaced():
            return True
        with self._lock:
            return self._database.newest_generation() != self._generation

    def close(self) -> None:
        """Closes the database."""
        with self._lock:
            self._database.close()

    def _transcript_row(self, transcript_id: str) -> Row | None:
        """Returns the row of a transcript, or None if it is not in the generation."""
        rows = self._query(_TRANSCRIPT, self._generation, self._version(transcript_id))
        if not rows and not self._query("SELECT number FROM generation WHERE number = ?", self._generation):
            raise self._pruned(f"transcript {transcript_id}")
        return rows[0] if rows else None

    def _version(self, transcript_id: str) -> int | None:
        if self._versions is None:
            self._versions = dict(self._query(_VERSIONS, self._generation))
        return self._versions.get(transcript_id)

    def _headers_of(self, versions: set[int]) -> dict[int, CheckedHeader]:
        """Returns the headers read so far, by version: those of these versions, but for any that were pruned."""
        unread = versions - self._headers.keys()
        if unread:
            for number, *row in self._query(_HEADERS, json.dumps(sorted(unread))):
                checked = CheckedHeader.of(self._database.path, (*row,))
                known = self._metadata.get(checked.header.transcript_id, checked.metadata)
                self._headers[int(number)] = replace(checked, metadata=known)
        return self._headers

    def _query(self, statement: str, *parameters: object) -> list[Row]:
        with self._lock:
            return self._database.query(statement, *parameters)

    def _pruned(self, what: str) -> GenerationError:
        return GenerationError(
            f"{self._database.path} no longer has {what} of generation {self._generation}.",
            advice="Open the index again to use the newest generation.",
        )


def read_sentence(path: object, row: Row, transcript: CheckedHeader) -> StoredSentence:
    """Returns the sentence in a row, checked. Raises `CorruptDatabaseError`."""
    key, ordinal, block, start, end, role, text, locators, checksum = row
    header = transcript.header
    if role not in _ROLES:
        raise CorruptDatabaseError(path, f"a sentence of {header.source} has been changed.")
    sentence = Sentence(f"{key:015x}", header.transcript_id, ordinal, block, start, end, text, _ROLES[role])
    if sentence_checksum(transcript.checksum, sentence, locators) != checksum:
        raise CorruptDatabaseError(path, f"a sentence of {header.source} has been changed.")
    return StoredSentence(
        sentence, header.source, header.sha256, header.title, transcript.metadata, decode_locators(locators)
    )


def read_transcript(path: object, row: Row) -> Transcript:
    """Returns the transcript in a row of header, checksum and body, checked. Raises `CorruptDatabaseError`."""
    checked, body = _checked(path, row)
    header = checked.header
    return Transcript(
        id=header.transcript_id,
        source=header.source,
        sha256=header.sha256,
        title=header.title,
        text=body.text,
        blocks=decode_blocks(body.blocks),
        metadata=checked.metadata,
        locators=decode_locators(body.locators),
        notes=tuple(json.loads(body.notes)),
    )


def _checked(path: object, row: Row) -> tuple[CheckedHeader, TranscriptBody]:
    *header_columns, blocks, locators, notes, text = row
    body, checked = TranscriptBody(blocks, locators, notes, text), CheckedHeader.of(path, (*header_columns,))
    if body.sha256 != checked.header.body_sha256:
        raise CorruptDatabaseError(path, f"the text of {checked.header.source} has been changed.")
    return checked, body


def audit(database: RecordDatabase) -> None:
    """Checks every page, transcript, sentence, passage and formal record of a database, and that none is missing.

    Raises `CorruptDatabaseError` at the first damage.
    """
    database.check_pages()
    for number, contents, *header_row in database.query(_ALL_HEADERS):
        audit_version(database, number, contents, (*header_row,))


def audit_version(database: RecordDatabase, number: int, contents: str, header_row: Row) -> None:
    """Checks a transcript: its `header_row`, and by the digest of its `contents` all of its rows.

    Raises `CorruptDatabaseError`.
    """
    checked = CheckedHeader.of(database.path, header_row)
    [body_row] = database.query(_BODY, number)
    read_transcript(database.path, (*header_row, *body_row))
    sentence_rows = database.query(_ALL_SENTENCES, number)
    for *sentence_row, _ in sentence_rows:
        read_sentence(database.path, (*sentence_row,), checked)
    sentences = ((checksum, embedded) for *_, checksum, embedded in sentence_rows)
    passages = ((first, last) for first, last in database.query(_ALL_PASSAGES, number))
    records = (record for (record,) in database.query(_ALL_RECORDS, number))
    if contents_digest(sentences, passages, records) != contents:
        source = checked.header.source
        raise CorruptDatabaseError(database.path, f"sentences, passages or records of {source} have been changed.")
