"""Writes to the database of an index: stages versions, adds vectors, publishes generations and prunes old rows."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from index.records.record import encode_record
from index.storage.fingerprint import (
    EMBEDDED_ROLES,
    TranscriptBody,
    TranscriptHeader,
    contents_digest,
    decode_metadata,
    embedding_text,
    encode_locators,
    header_checksum,
    sentence_checksum,
)
from index.text.transcript import locators_at

if TYPE_CHECKING:
    from index.embedding.embedder import EncodedTexts
    from index.records.record import FormalRecord
    from index.sources.catalogue_fields import CatalogueFields
    from index.sources.files import Failure
    from index.storage.database import IndexDatabase, Row
    from index.text.sentences import Passage, Sentence
    from index.text.transcript import Transcript

MAX_GENERATIONS = 2  # the current one and the one before it


@dataclass(frozen=True, slots=True)
class PublishedGeneration:
    """A published generation, as the database lists it. The one with the highest number is the current one."""

    number: int
    id: str
    digest: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class _StagedSentence:
    """The columns of a sentence. `text_to_embed` and its SHA-256 `embeds` are None for one without a vector."""

    sentence: Sentence
    locators: str
    checksum: bytes
    text_to_embed: str | None
    embeds: bytes | None

    @classmethod
    def of(cls, sentence: Sentence, transcript: Transcript, transcript_checksum: str) -> Self:
        locators = encode_locators(locators_at(transcript, sentence.block, sentence.start))
        checksum = sentence_checksum(transcript_checksum, sentence, locators)
        text = embedding_text(sentence, transcript) if sentence.role in EMBEDDED_ROLES else None
        embeds = None if text is None else hashlib.sha256(text.encode()).digest()
        return cls(sentence, locators, checksum, text, embeds)

    def row(self, version: int) -> Row:
        sentence = self.sentence
        return (
            version, sentence.ordinal, sentence.key, sentence.block, sentence.start, sentence.end, sentence.role,
            self.embeds, self.checksum, sentence.text, self.locators,
        )  # fmt: skip


class IndexWriter:
    """Writes to a database. Every method raises `IndexDatabaseError` when that fails."""

    def __init__(self, database: IndexDatabase) -> None:
        self.database = database

    def find_version(self, source: str, sha256: str, fields: CatalogueFields) -> int | None:
        """Returns the number of the version with these bytes and catalogue fields, or None if it is not staged."""
        rows = self.database.query(
            "SELECT number, title, metadata FROM version WHERE source = ? AND sha256 = ?", source, sha256
        )
        matching = (number for number, title, metadata in rows if fields.matches(title, decode_metadata(metadata)))
        return next(matching, None)

    def stage(
        self,
        transcript: Transcript,
        sentences: Sequence[Sentence],
        passages: Sequence[Passage],
        records: Sequence[FormalRecord],
    ) -> int:
        """Adds a version of a transcript, to be published later, and adds its new texts to those to be embedded.

        Returns the version's number. Call it within a transaction.
        """
        header, body = TranscriptHeader.of(transcript), TranscriptBody.of(transcript)
        checksum = header_checksum(header)
        staged = [_StagedSentence.of(sentence, transcript, checksum) for sentence in sentences]
        encoded = [encode_record(record) for record in records]
        spans = ((passage.first, passage.last) for passage in passages)
        contents = contents_digest(((row.checksum, row.embeds) for row in staged), spans, encoded)
        version = self.database.write(
            "INSERT INTO version (transcript, source, sha256, title, metadata, body_sha256, seal, contents_sha256,"
            " blocks, locators, notes, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *header, checksum, contents, body.blocks, body.locators, body.notes, body.text,
        )  # fmt: skip
        self.database.write_many(
            "INSERT INTO sentence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (row.row(version) for row in staged)
        )
        self.database.write_many(
            "INSERT INTO passage VALUES (?, ?, ?, ?)",
            ((version, passage.ordinal, passage.first, passage.last) for passage in passages),
        )
        self.database.write_many(
            "INSERT INTO formal_record VALUES (?, ?, ?, ?)",
            (
                (version, ordinal, record.kind, text)
                for ordinal, (record, text) in enumerate(zip(records, encoded, strict=True))
            ),
        )
        self.database.write_many(
            "INSERT OR IGNORE INTO pending SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM vector WHERE embeds = ?1)",
            ((row.embeds, row.text_to_embed) for row in staged if row.embeds is not None),
        )
        return version

    def pending(self, limit: int) -> list[tuple[bytes, str]]:
        """Returns texts to embed, each with its SHA-256, the longest first: like lengths embed fastest together."""
        rows = self.database.query("SELECT embeds, text FROM pending ORDER BY length(text) DESC, embeds LIMIT ?", limit)
        return [(embeds, text) for embeds, text in rows]

    def count_pending(self) -> int:
        """Returns the number of texts still to be embedded."""
        return int(self.database.query("SELECT count(*) FROM pending")[0][0])

    def add_vectors(self, embeds: Sequence[bytes], encoded: EncodedTexts) -> None:
        """Stores the vectors of pending texts and of their tokens; the texts by SHA-256. One transaction."""
        rows = [
            (digest, vector.astype("<f4").tobytes(), tokens.tobytes())
            for digest, vector, tokens in zip(embeds, encoded.vectors, encoded.tokens, strict=True)
        ]
        with self.database.transaction():
            self.database.write_many(
                "INSERT OR REPLACE INTO vector (embeds, data, tokens, crc) VALUES (?, ?, ?, ?)",
                ((digest, data, tokens, vector_crc(digest, data, tokens)) for digest, data, tokens in rows),
            )
            self.database.write_many("DELETE FROM pending WHERE embeds = ?", ((digest,) for digest in embeds))

    def generations(self) -> list[PublishedGeneration]:
        """Returns the stored generations, the current one first."""
        rows = self.database.query("SELECT number, id, digest, manifest_sha256 FROM generation ORDER BY number DESC")
        return [PublishedGeneration(*row) for row in rows]

    def current(self) -> PublishedGeneration | None:
        """Returns the current generation, or None if nothing has been published."""
        return next(iter(self.generations()), None)

    def next_number(self) -> int:
        """Returns a number for the next generation, higher than that of any stored one."""
        return int(self.database.query("SELECT coalesce(max(number), 0) + 1 FROM generation")[0][0])

    def members(self, generation: PublishedGeneration) -> dict[str, int]:
        """Returns the versions in a generation, by the name of their source."""
        rows = self.database.query(
            "SELECT source, number FROM member JOIN version ON number = version WHERE generation = ?", generation.number
        )
        return dict(rows)

    def publish(
        self,
        generation: PublishedGeneration,
        versions: Collection[int],
        *,
        instead_of: PublishedGeneration | None = None,
    ) -> None:
        """Makes a generation the current one, and deletes all but it and the one before, in one transaction.

        `instead_of` is a broken generation, to be deleted too.
        """
        with self.database.transaction():
            if instead_of:
                self.database.write("DELETE FROM generation WHERE number = ?", instead_of.number)
            self.database.write(
                "INSERT INTO generation VALUES (?, ?, ?, ?)",
                generation.number, generation.id, generation.digest, generation.manifest_sha256,
            )  # fmt: skip
            self.database.write_many(
                "INSERT INTO member VALUES (?, ?)", ((generation.number, version) for version in versions)
            )
            self.database.write(
                "DELETE FROM generation WHERE number NOT IN"
                " (SELECT number FROM generation ORDER BY number DESC LIMIT ?)",
                MAX_GENERATIONS,
            )
            self._prune(())

    def prune(self, versions: Collection[int]) -> None:
        """Deletes the versions that are in no stored generation, except these, and the vectors that only they used."""
        with self.database.transaction():
            self._prune(versions)

    def _prune(self, versions: Collection[int]) -> None:
        deleted = self.database.query(
            "DELETE FROM version WHERE number NOT IN (SELECT version FROM member)"
            " AND number NOT IN (SELECT value FROM json_each(?)) RETURNING number",
            json.dumps(sorted(versions)),
        )
        if deleted:
            for table in ("vector", "pending"):
                self.database.write(
                    f"DELETE FROM {table} WHERE embeds NOT IN"  # noqa: S608  # the names are the two above
                    " (SELECT embeds FROM sentence WHERE embeds IS NOT NULL)"
                )

    def replace_failures(self, failures: Iterable[Failure]) -> None:
        """Stores the sources that this run could not index, in place of those of the last run."""
        with self.database.transaction():
            self.database.write("DELETE FROM failure")
            self.database.write_many(
                "INSERT OR REPLACE INTO failure VALUES (?, ?)",
                ((failure.source, failure.reason) for failure in failures),
            )


def vector_crc(embeds: bytes, data: bytes, tokens: bytes) -> int:
    """Returns the CRC-32 of the SHA-256 of a text, the bytes of its vector and those of its tokens' vectors."""
    return zlib.crc32(tokens, zlib.crc32(data, zlib.crc32(embeds)))
