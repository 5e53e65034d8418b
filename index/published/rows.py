"""Assembles the rows of a generation from versions of transcripts in the database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.embedding.embedder import TOKEN_DIMENSION
from index.errors import CorruptDatabaseError
from index.published.arrays import ROLES, Arrays, ContextColumn, context_rows, vector_matrix
from index.published.generation import IndexedTranscript
from index.published.vector_store import SentenceMetadata, VectorEntries
from index.sources.collection import DescribedSource, Snapshot, find_superseded, in_collection
from index.storage.fingerprint import (
    SEARCHED_ROLES,
    Fingerprint,
    contents_digest,
    decode_blocks,
    decode_locators,
    decode_metadata,
    matching_text,
)
from index.storage.writer import vector_crc
from index.text.transcript import Block, Metadata, Role

if TYPE_CHECKING:
    from pathlib import Path

    from index.storage.database import IndexDatabase

_VERSIONS = """
SELECT number, transcript, sha256, source, title, metadata, seal, blocks FROM version
WHERE number IN (SELECT value FROM json_each(?)) ORDER BY transcript
"""
_SENTENCES = """
SELECT s.ordinal, s.key, s.block, s.role, s.text, s.seal, s.embeds, v.data, v.tokens, v.crc, s.start, s.end, s.place
FROM sentence AS s LEFT JOIN vector AS v ON v.embeds = s.embeds WHERE s.version = ? ORDER BY s.ordinal
"""
_FINDINGS = "SELECT text FROM sentence WHERE version = ? AND role = ?"
_TEXT = "SELECT text, blocks FROM version WHERE number = ?"
_RECORDS = "SELECT record FROM formal_record WHERE version = ? ORDER BY ordinal"
_PASSAGES = "SELECT first, last FROM passage WHERE version = ? ORDER BY ordinal"
_ROLE_NUMBERS = {role: number for number, role in enumerate(ROLES)}


class _VersionRow(NamedTuple):
    """A row of `_VERSIONS`."""

    number: int
    id: str
    sha256: str
    source: str
    title: str
    metadata: str
    checksum: str
    blocks: str


class _SentenceRow(NamedTuple):
    """A row of `_SENTENCES`."""

    ordinal: int
    key: int
    block: int
    role: str
    text: str
    checksum: bytes
    embeds: bytes | None
    vector: bytes | None
    tokens: bytes | None
    crc: int | None
    start: int
    end: int
    locators: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of a generation. `texts`, `documents` and `metadata` have an item for each row."""

    digest: str
    arrays: Arrays
    transcripts: tuple[IndexedTranscript, ...]
    superseded: tuple[IndexedTranscript, ...]
    texts: list[str]  # for the word index
    documents: list[str]  # the sentences as quoted
    metadata: list[SentenceMetadata]
    records: dict[str, list[str]]  # the formal records of each searched transcript, by its id

    def entries(self) -> VectorEntries:
        """Returns the rows that the vector store searches."""
        arrays = self.arrays
        rows = VectorEntries(arrays.keys, arrays.vectors, self.documents, self.metadata)
        return rows.taken(np.flatnonzero(arrays.searched))


def assemble(database: IndexDatabase, fingerprint: Fingerprint, versions: Sequence[int]) -> Contents:
    """Assembles versions in the order of their transcripts' ids. Versions that another supersedes get no rows.

    Raises `CorruptDatabaseError` when a transcript or a vector is missing or damaged.
    """
    found = [_VersionRow(*row) for row in database.query(_VERSIONS, json.dumps(sorted(versions)))]
    if len(found) != len(versions):
        raise CorruptDatabaseError(database.path, "a transcript is missing.")
    metadata = _in_collection(database, found)
    replaced_by = _replaced_by(database, found, metadata)
    builder = _ContentsBuilder(database.path, hashlib.sha256(fingerprint.digest.encode()))
    for version in found:
        sentences = [_SentenceRow(*row) for row in database.query(_SENTENCES, version.number)]
        passages = [(first, last) for first, last in database.query(_PASSAGES, version.number)]
        records = [record for (record,) in database.query(_RECORDS, version.number)]
        replaced = replaced_by.get(version.source, "")
        builder.add(version, metadata[version.source], sentences, passages, records, replaced)
    return builder.contents()


def _in_collection(database: IndexDatabase, versions: Sequence[_VersionRow]) -> dict[str, Metadata]:
    """Returns the metadata of each source, by its name, with what the other sources tell of it."""
    numbers = {version.source: version.number for version in versions}

    def contents(source: str) -> tuple[str, tuple[Block, ...]]:
        [(text, blocks)] = database.query(_TEXT, numbers[source])
        return text, decode_blocks(blocks)

    described = (DescribedSource(item.source, item.title, decode_metadata(item.metadata)) for item in versions)
    return in_collection(list(described), contents)


def _replaced_by(
    database: IndexDatabase, versions: Sequence[_VersionRow], metadata: Mapping[str, Metadata]
) -> dict[str, str]:
    """Returns the id of the transcript that supersedes a source, by the source's name."""
    by_source = {version.source: version for version in versions}
    snapshots = [Snapshot.of(version.source, version.title, metadata[version.source]) for version in versions]

    def findings(source: str) -> frozenset[str]:
        texts = database.query(_FINDINGS, by_source[source].number, Role.FINDING)
        return frozenset(" ".join(text.split()) for (text,) in texts)

    replaced_by = find_superseded(snapshots, findings).replaced_by
    return {source: by_source[later].id for source, later in replaced_by.items()}


@dataclass(slots=True)
class _ContentsBuilder:
    """The rows so far.

    The digest covers the texts that were embedded and not the bytes of their vectors, for the last bits of a vector
    depend on which texts were embedded together, and so on the history of the index.
    """

    path: Path
    digest: hashlib._Hash
    transcripts: list[IndexedTranscript] = field(default_factory=list)
    superseded: list[IndexedTranscript] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    metadata: list[SentenceMetadata] = field(default_factory=list)
    records: dict[str, list[str]] = field(default_factory=dict)
    keys: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    vectors: list[bytes] = field(default_factory=list)
    passage_of: list[int] = field(default_factory=list)
    passage_rows: list[tuple[int, int]] = field(default_factory=list)
    title_rows: list[int] = field(default_factory=list)
    context_rows: list[list[int]] = field(default_factory=list)
    tokens: list[bytes] = field(default_factory=list)

    def add(
        self,
        version: _VersionRow,
        metadata: Metadata,
        sentences: Sequence[_SentenceRow],
        passages: Sequence[tuple[int, int]],
        records: Sequence[str],
        superseded_by: str,
    ) -> None:
        """Adds a transcript, with rows unless another one supersedes it."""
        contents = contents_digest(((sentence.checksum, sentence.embeds) for sentence in sentences), passages, records)
        self.digest.update(f"{version.checksum} {contents}".encode())
        rows = [sentence for sentence in sentences if sentence.role != Role.MARKUP]
        transcript = IndexedTranscript(
            *(version.id, version.sha256, version.source, version.title, metadata),
            first_row=-1 if superseded_by else len(self.keys),
            row_count=len(rows),
            superseded_by=superseded_by,
        )
        if superseded_by:
            self.superseded.append(transcript)
            return
        self.transcripts.append(transcript)
        self.records[version.id] = list(records)
        self.title_rows.append(-1)
        self._add_sentences(transcript, rows)
        self.context_rows += context_rows(decode_blocks(version.blocks), rows, transcript.first_row)
        self._add_passages(transcript.first_row, [sentence.ordinal for sentence in rows], passages)

    def _add_sentences(self, transcript: IndexedTranscript, sentences: Sequence[_SentenceRow]) -> None:
        """Adds a row for each sentence. The word index finds it by its own words and by those of the title."""
        common = _common_metadata(transcript)
        title_words = matching_text(transcript.title, transcript.source)
        for sentence in sentences:
            if sentence.role == Role.TITLE and self.title_rows[-1] < 0:
                self.title_rows[-1] = len(self.keys)
            self.keys.append(sentence.key)
            self.blocks.append(sentence.block)
            self.roles.append(_ROLE_NUMBERS[Role(sentence.role)])
            self.texts.append(f"{title_words} {matching_text(sentence.text, transcript.source)}")
            self.documents.append(sentence.text)
            self.metadata.append(_sentence_metadata(common, sentence))
            vector, tokens = self._checked_vectors(sentence, transcript.source)
            self.vectors.append(vector)
            self.tokens.append(tokens)

    def _checked_vectors(self, sentence: _SentenceRow, source: str) -> tuple[bytes, bytes]:
        """Returns the bytes of a sentence's vector and of its tokens' vectors, none if it is not embedded."""
        if sentence.embeds is None:
            return b"", b""
        vector, tokens = sentence.vector, sentence.tokens
        if vector is None or tokens is None or vector_crc(sentence.embeds, vector, tokens) != sentence.crc:
            raise CorruptDatabaseError(self.path, f"the vector of a sentence of {source} is missing or damaged.")
        return vector, tokens

    def _add_passages(self, first_row: int, ordinals: Sequence[int], passages: Sequence[tuple[int, int]]) -> None:
        """Adds the rows of each passage. One that consists of markup has none and is left out."""
        starts = first_row + np.searchsorted(ordinals, [first for first, _ in passages], side="left")
        ends = first_row + np.searchsorted(ordinals, [last for _, last in passages], side="right")
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if start < end:
                self.passage_of += [len(self.passage_rows)] * (end - start)
                self.passage_rows.append((start, end))

    def contents(self) -> Contents:
        """Returns all that was added. Raises `CorruptDatabaseError` when two sentences share a key."""
        if len(set(self.keys)) < len(self.keys):
            raise CorruptDatabaseError(self.path, "two sentences have the same key.")
        return Contents(
            digest=self.digest.hexdigest(),
            arrays=self._arrays(),
            transcripts=tuple(self.transcripts),
            superseded=tuple(self.superseded),
            texts=self.texts,
            documents=self.documents,
            metadata=self.metadata,
            records=self.records,
        )

    def _arrays(self) -> Arrays:
        vectors = vector_matrix(self.vectors)
        roles = np.array(self.roles, dtype=np.int8)
        searched_roles = np.isin(roles, [_ROLE_NUMBERS[role] for role in SEARCHED_ROLES])
        counts = [transcript.row_count for transcript in self.transcripts]
        return Arrays(
            keys=np.array(self.keys, dtype=np.int64),
            ordinals=np.array([item.ordinal for item in self.metadata], dtype=np.int32),
            vectors=vectors,
            searched=searched_roles & vectors.any(axis=1),
            transcript_of=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
            passage_of=np.array(self.passage_of, dtype=np.int32),
            passage_rows=np.array(self.passage_rows, dtype=np.int32).reshape(-1, 2),
            roles=roles,
            blocks=np.array(self.blocks, dtype=np.int32),
            title_rows=np.array(self.title_rows, dtype=np.int32),
            context_rows=np.array(self.context_rows, dtype=np.int32).reshape(-1, len(ContextColumn)),
            token_vectors=np.frombuffer(b"".join(self.tokens), dtype=np.int8).reshape(-1, TOKEN_DIMENSION),
            token_starts=np.cumsum([0, *(len(data) // TOKEN_DIMENSION for data in self.tokens)], dtype=np.int64),
        )


def _common_metadata(transcript: IndexedTranscript) -> SentenceMetadata:
    """Returns the metadata that all sentences of a transcript share."""
    metadata = transcript.metadata
    return SentenceMetadata(
        transcript_id=transcript.id,
        source=transcript.source,
        title=transcript.title,
        force=metadata.force or None,
        period=metadata.period.label if metadata.period else None,
        kind=metadata.kind or None,
    )


def _sentence_metadata(common: SentenceMetadata, sentence: _SentenceRow) -> SentenceMetadata:
    labels = {locator.kind: locator.label for locator in decode_locators(sentence.locators)}
    return replace(common, ordinal=sentence.ordinal, start=sentence.start, end=sentence.end, **labels)
