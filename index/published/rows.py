"""The record's versions put together as the rows of a generation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from index.errors import CorruptDatabaseError
from index.published.generation import ROLES, Arrays, IndexedTranscript
from index.published.vector_store import SentenceMetadata, VectorEntries
from index.sources.versions import Snapshot, find_superseded
from index.storage.checksums import contents_digest, decode_metadata
from index.storage.fingerprint import SEARCHED_ROLES, Fingerprint, matching_text
from index.storage.writer import vector_crc
from index.text.transcript import Role

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from index.storage.database import IndexDatabase, Row

_VERSIONS = """
SELECT number, transcript, sha256, source, title, metadata, seal FROM version
WHERE number IN (SELECT value FROM json_each(?)) ORDER BY transcript
"""
_SENTENCES = """
SELECT s.ordinal, s.key, s.block, s.role, s.text, s.seal, s.embeds, v.data, v.crc, s.start, s.end
FROM sentence AS s LEFT JOIN vector AS v ON v.embeds = s.embeds WHERE s.version = ? ORDER BY s.ordinal
"""
_FINDINGS = "SELECT text FROM sentence WHERE version = ? AND role = ?"
_PASSAGES = "SELECT first, last FROM passage WHERE version = ? ORDER BY ordinal"
_CODES = {role: code for code, role in enumerate(ROLES)}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a generation is made of. One for each row: `texts` for the word index, `documents` as quoted, `metadata`."""

    digest: str
    arrays: Arrays
    transcripts: tuple[IndexedTranscript, ...]
    superseded: tuple[IndexedTranscript, ...]
    texts: list[str]
    documents: list[str]
    metadata: list[SentenceMetadata]

    def entries(self) -> VectorEntries:
        """The rows that the vector store searches."""
        arrays = self.arrays
        every = VectorEntries(arrays.keys, arrays.vectors, self.documents, self.metadata)
        return every.taken(np.flatnonzero(arrays.searched))


def assemble(record: IndexDatabase, maker: Fingerprint, versions: Sequence[int]) -> Contents:
    """Put versions together, by transcript id; those that others of them supersede have no rows.

    Raises `CorruptDatabaseError` when a vector is missing or damaged.
    """
    rows = record.query(_VERSIONS, json.dumps(sorted(versions)))
    if len(rows) != len(versions):
        raise CorruptDatabaseError(record.path, "a transcript is missing.")
    later = _later(record, rows)
    gathered = _Gathered(record.path, hashlib.sha256(maker.digest.encode()))
    for number, *facts in rows:
        sentences, passages = record.query(_SENTENCES, number), record.query(_PASSAGES, number)
        gathered.seal(facts[-1], sentences, passages)
        if by := later.get(facts[2]):
            gathered.pass_over(facts, sentences, by)
        else:
            gathered.add(facts, sentences, passages)
    return Contents(
        gathered.digest.hexdigest(), gathered.arrays(), tuple(gathered.transcripts), tuple(gathered.superseded),
        gathered.texts, gathered.documents, gathered.metadata,
    )  # fmt: skip


def _later(record: IndexDatabase, rows: Sequence[Row]) -> dict[str, str]:
    """The id of the transcript that took a source's place, by the source's name."""
    numbers = {source: number for number, _, _, source, *_ in rows}
    identities = {source: identity for _, identity, _, source, *_ in rows}
    snapshots = [Snapshot.of(source, title, decode_metadata(said)) for _, _, _, source, title, said, _ in rows]

    def findings(source: str) -> frozenset[str]:
        return frozenset(" ".join(text.split()) for (text,) in record.query(_FINDINGS, numbers[source], Role.FINDING))

    return {source: identities[by] for source, by in find_superseded(snapshots, findings).replaced_by.items()}


@dataclass(slots=True)
class _Gathered:
    """Rows so far. The digest covers what the vectors were made from, not their bytes: how a model rounds depends on
    which texts were embedded together, and so on history.
    """

    path: Path
    digest: hashlib._Hash
    transcripts: list[IndexedTranscript] = field(default_factory=list)
    superseded: list[IndexedTranscript] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)
    metadata: list[SentenceMetadata] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    blocks: list[int] = field(default_factory=list)
    roles: list[int] = field(default_factory=list)
    vectors: list[bytes] = field(default_factory=list)
    passage_of: list[int] = field(default_factory=list)
    passage_rows: list[tuple[int, int]] = field(default_factory=list)
    title_rows: list[int] = field(default_factory=list)

    def seal(self, seal: str, sentences: list[Row], passages: list[Row]) -> None:
        """Have the digest cover a transcript."""
        contents = contents_digest(((row[5], row[6]) for row in sentences), ((a, b) for a, b in passages))
        self.digest.update(f"{seal} {contents}".encode())

    def pass_over(self, facts: Row | list[Any], sentences: list[Row], by: str) -> None:
        """Keep a transcript without its rows."""
        identity, sha256, source, title, metadata, _ = map(str, facts)
        count = sum(row[3] != Role.MARKUP for row in sentences)
        self.superseded.append(
            IndexedTranscript(identity, sha256, source, title, decode_metadata(metadata), -1, count, by)
        )

    def add(self, facts: Row | list[Any], sentences: list[Row], passages: list[Row]) -> None:
        """Add a transcript."""
        identity, sha256, source, title, metadata, _ = map(str, facts)
        first = len(self.keys)
        self.title_rows.append(-1)
        words = matching_text(title, source)
        known = decode_metadata(metadata)
        period = known.period.label if known.period else ""
        place = SentenceMetadata(identity, source, known.force, period)
        ordinals = [ordinal for ordinal, *rest in sentences if self._sentence(place, words, rest)]
        self._passages(first, np.array(ordinals, dtype=np.int64), passages)
        rows = len(self.keys) - first
        self.transcripts.append(IndexedTranscript(identity, sha256, source, title, known, first, rows))

    def _sentence(self, place: SentenceMetadata, title: str, row: Row | list[Any]) -> bool:
        """Add a sentence; whether it has a row. It is found by its own words and by its title's."""
        key, block, role, text, _, embeds, data, crc, start, end = row
        source = place.source
        if role == Role.MARKUP:
            return False
        if embeds is not None and (data is None or vector_crc(embeds, data) != crc):
            raise CorruptDatabaseError(self.path, f"the vector of a sentence of {source} is missing or damaged.")
        if role == Role.TITLE and self.title_rows[-1] < 0:
            self.title_rows[-1] = len(self.keys)
        self.keys.append(key)
        self.blocks.append(block)
        self.roles.append(_CODES[role])
        self.texts.append(f"{title} {matching_text(text, source)}")
        self.documents.append(text)
        self.metadata.append(replace(place, start=start, end=end))
        self.vectors.append(data if embeds is not None else b"")
        return True

    def _passages(self, first: int, ordinals: NDArray[np.int64], passages: list[Row]) -> None:
        """Passages in rows: what is left of each without its markup."""
        starts = first + np.searchsorted(ordinals, [start for start, _ in passages], side="left")
        ends = first + np.searchsorted(ordinals, [last for _, last in passages], side="right")
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if start < end:
                self.passage_of += [len(self.passage_rows)] * (end - start)
                self.passage_rows.append((start, end))

    def arrays(self) -> Arrays:
        """All that was added, as arrays. Raises `CorruptDatabaseError` when two sentences share a key."""
        if len(set(self.keys)) < len(self.keys):
            raise CorruptDatabaseError(self.path, "two sentences have one key.")
        vectors = self._matrix()
        roles = np.array(self.roles, dtype=np.int8)
        searched = np.isin(roles, [_CODES[role] for role in SEARCHED_ROLES]) & vectors.any(axis=1)
        return Arrays(
            keys=np.array(self.keys, dtype=np.int64),
            vectors=vectors,
            searched=searched,
            transcript_of=np.repeat(
                np.arange(len(self.transcripts), dtype=np.int32),
                [transcript.row_count for transcript in self.transcripts],
            ),
            passage_of=np.array(self.passage_of, dtype=np.int32),
            passage_rows=np.array(self.passage_rows, dtype=np.int32).reshape(-1, 2),
            roles=roles,
            blocks=np.array(self.blocks, dtype=np.int32),
            title_rows=np.array(self.title_rows, dtype=np.int32),
        )

    def _matrix(self) -> NDArray[np.float32]:
        """The vectors: shape (N, d), and d is 1 where there is none."""
        dimension = max((len(data) // 4 for data in self.vectors), default=0) or 1
        matrix = np.zeros((len(self.vectors), dimension), dtype=np.float32)
        for row, data in enumerate(self.vectors):
            if data:
                matrix[row] = np.frombuffer(data, dtype="<f4")
                self.vectors[row] = b""  # let go of, so that not all are held twice
        return matrix
