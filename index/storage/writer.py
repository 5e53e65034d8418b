"""What the record holds, and how it changes: versions staged, texts embedded, generations published and pruned."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.storage.checksums import (
    Body,
    contents_digest,
    decode_metadata,
    encode_locators,
    facts_of,
    facts_seal,
    sentence_seal,
)
from index.storage.fingerprint import EMBEDDED, embedding_text
from index.text.transcript import locators_at

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.sources.catalogue_fields import CatalogueFields
    from index.sources.files import Failure
    from index.storage.database import IndexDatabase
    from index.text.passages import Passage
    from index.text.sentences import Sentence
    from index.text.transcript import Transcript

KEPT = 2  # generations: the current one, and the one before it


@dataclass(frozen=True, slots=True)
class Published:
    """A published generation as the record knows it. The one with the highest number is the current one."""

    number: int
    id: str
    digest: str
    manifest_sha256: str


class IndexWriter:
    """The record, written to. Every method raises `RecordError` when the record cannot be used."""

    def __init__(self, record: IndexDatabase) -> None:
        self.record = record

    def version_of(self, source: str, sha256: str, given: CatalogueFields) -> int | None:
        """The number of the version of a source with these bytes and described by these particulars, if it was staged
        before.
        """
        rows = self.record.query(
            "SELECT number, title, metadata FROM version WHERE source = ? AND sha256 = ?", source, sha256
        )
        described = (number for number, title, said in rows if given.matches(title, decode_metadata(said)))
        return next(described, None)

    def stage(self, transcript: Transcript, sentences: Sequence[Sentence], passages: Sequence[Passage]) -> int:
        """Add a version of a transcript, to be published later, and put its new texts on the list to embed.

        Returns the version's number. To be called within a transaction.
        """
        facts = facts_of(transcript)
        seal = facts_seal(facts)
        body = Body.of(transcript)
        places = [encode_locators(locators_at(transcript, s.block, s.start)) for s in sentences]
        seals = [sentence_seal(seal, sentence, place) for sentence, place in zip(sentences, places, strict=True)]
        texts = {s.ordinal: embedding_text(s, transcript) for s in sentences if s.role in EMBEDDED}
        digests = {ordinal: hashlib.sha256(text.encode()).digest() for ordinal, text in texts.items()}
        embeds = [digests.get(sentence.ordinal) for sentence in sentences]
        contents = contents_digest(zip(seals, embeds, strict=True), ((p.first, p.last) for p in passages))
        version = self.record.write(
            "INSERT INTO version (transcript, source, sha256, title, metadata, body_sha256, seal, contents_sha256,"
            " blocks, locators, notes, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *facts, seal, contents, body.blocks, body.locators, body.notes, body.text,
        )  # fmt: skip
        self.record.write_many(
            "INSERT INTO sentence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (version, s.ordinal, s.key, s.block, s.start, s.end, s.role, digest, seal, s.text, place)
                for s, digest, seal, place in zip(sentences, embeds, seals, places, strict=True)
            ),
        )
        self.record.write_many(
            "INSERT INTO passage VALUES (?, ?, ?, ?)", ((version, p.ordinal, p.first, p.last) for p in passages)
        )
        self.record.write_many(
            "INSERT OR IGNORE INTO pending SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM vector WHERE embeds = ?1)",
            ((digests[ordinal], text) for ordinal, text in texts.items()),
        )
        return version

    def pending(self, limit: int) -> list[tuple[bytes, str]]:
        """Texts to embed with their SHA-256, the longest first: texts of like length embed fastest together."""
        rows = self.record.query("SELECT embeds, text FROM pending ORDER BY length(text) DESC, embeds LIMIT ?", limit)
        return [(embeds, text) for embeds, text in rows]

    def count_pending(self) -> int:
        """How many texts are still to be embedded."""
        return int(self.record.query("SELECT count(*) FROM pending")[0][0])

    def add_vectors(self, embeds: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Keep the vectors of texts that were pending: shape (len(embeds), d). One transaction."""
        rows = [(digest, vector.astype("<f4").tobytes()) for digest, vector in zip(embeds, vectors, strict=True)]
        with self.record.transaction():
            self.record.write_many(
                "INSERT OR REPLACE INTO vector (embeds, data, crc) VALUES (?, ?, ?)",
                ((digest, data, vector_check(digest, data)) for digest, data in rows),
            )
            self.record.write_many("DELETE FROM pending WHERE embeds = ?", ((digest,) for digest in embeds))

    def kept(self) -> list[Published]:
        """The generations that are kept, the current one first."""
        rows = self.record.query("SELECT number, id, digest, manifest_sha256 FROM generation ORDER BY number DESC")
        return [Published(*row) for row in rows]

    def current(self) -> Published | None:
        """The generation that answers, if one was ever published."""
        kept = self.kept()
        return kept[0] if kept else None

    def next_number(self) -> int:
        """The number of the next generation, higher than any that is kept."""
        return int(self.record.query("SELECT coalesce(max(number), 0) + 1 FROM generation")[0][0])

    def members(self, generation: Published) -> dict[str, int]:
        """The versions in a generation, by the name of their source."""
        rows = self.record.query(
            "SELECT source, number FROM member JOIN version ON number = version WHERE generation = ?", generation.number
        )
        return dict(rows)

    def publish(self, generation: Published, versions: Collection[int], *, instead_of: Published | None = None) -> None:
        """Make a generation the current one, and forget all but it and the one before, in one transaction.

        `instead_of` names a broken one to forget as well.
        """
        with self.record.transaction():
            if instead_of:
                self.record.write("DELETE FROM generation WHERE number = ?", instead_of.number)
            self.record.write(
                "INSERT INTO generation VALUES (?, ?, ?, ?)",
                generation.number, generation.id, generation.digest, generation.manifest_sha256,
            )  # fmt: skip
            self.record.write_many("INSERT INTO member VALUES (?, ?)", ((generation.number, v) for v in versions))
            self.record.write(
                "DELETE FROM generation WHERE number NOT IN"
                " (SELECT number FROM generation ORDER BY number DESC LIMIT ?)",
                KEPT,
            )
            self._prune(())

    def prune(self, versions: Collection[int]) -> None:
        """Forget what no kept generation holds, but for these versions, which the next one will."""
        with self.record.transaction():
            self._prune(versions)

    def _prune(self, versions: Collection[int]) -> None:
        forgotten = self.record.query(
            "DELETE FROM version WHERE number NOT IN (SELECT version FROM member)"
            " AND number NOT IN (SELECT value FROM json_each(?)) RETURNING number",
            json.dumps(sorted(versions)),
        )
        if forgotten:
            for table in ("vector", "pending"):
                self.record.write(
                    f"DELETE FROM {table} WHERE embeds NOT IN"  # noqa: S608  # the names are ours
                    " (SELECT embeds FROM sentence WHERE embeds IS NOT NULL)"
                )

    def set_failures(self, failures: Iterable[Failure]) -> None:
        """Keep which sources could not be taken in this time, in place of the last."""
        with self.record.transaction():
            self.record.write("DELETE FROM failure")
            self.record.write_many(
                "INSERT OR REPLACE INTO failure VALUES (?, ?)", ((f.source, f.reason) for f in failures)
            )


def vector_check(embeds: bytes, data: bytes) -> int:
    """CRC-32 of a vector and of the digest of the text it stands for."""
    return zlib.crc32(data, zlib.crc32(embeds))
