"""What decides and protects the contents of an index: its fingerprint, and the checksums of its rows.

Each fingerprint (model, splitter, schema) has a folder of its own within the index folder, so indexes of different
models are never mixed. A checksum is stored with the row it covers. It detects damage and stray edits, but not someone
who recomputes it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Self

from index.text.sentences import SPLITTER, Sentence
from index.text.transcript import Block, Locator, Metadata, Period, Role, Transcript
from index.text.words import MARKDOWN_SUFFIXES, clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from index.embedding.embedder import Embedder
    from index.text.sentences import Sentence


_METADATA_FIELDS = tuple(field.name for field in fields(Metadata))
_CACHED_VALUES = 4096


class TranscriptHeader(NamedTuple):
    """The columns that describe a transcript, as stored. Through the body's SHA-256 they stand for all of it."""

    transcript_id: str
    source: str
    sha256: str  # of the file
    title: str
    metadata: str  # JSON
    body_sha256: str

    @classmethod
    def of(cls, transcript: Transcript) -> Self:
        """Returns the header of a transcript."""
        return cls(
            transcript.id,
            transcript.source,
            transcript.sha256,
            transcript.title,
            encode_metadata(transcript.metadata),
            TranscriptBody.of(transcript).sha256,
        )


@dataclass(frozen=True, slots=True)
class TranscriptBody:
    """The columns of a transcript's blocks, locators and notes (JSON) and of its text, as stored."""

    blocks: str
    locators: str
    notes: str
    text: str

    @classmethod
    def of(cls, transcript: Transcript) -> Self:
        """Returns the body of a transcript."""
        notes = json.dumps(transcript.notes, ensure_ascii=False)
        return cls(encode_blocks(transcript.blocks), encode_locators(transcript.locators), notes, transcript.text)

    @property
    def sha256(self) -> str:
        """SHA-256 of all four columns, in hexadecimal."""
        return _sha256(self.text, self.blocks, self.locators, self.notes)


@lru_cache(maxsize=_CACHED_VALUES)
def header_checksum(header: TranscriptHeader) -> str:
    """Returns the SHA-256 of a header in hexadecimal: the checksum of a transcript."""
    return _sha256(*header)


def sentence_checksum(transcript_checksum: str, sentence: Sentence, locators: str) -> bytes:
    """Returns 8 bytes of BLAKE2b over a sentence, its locators as stored, and the checksum of its transcript."""
    place = f"{sentence.key}\0{sentence.ordinal}\0{sentence.block}\0{sentence.start}\0{sentence.end}\0{sentence.role}"
    data = f"{transcript_checksum}\0{place}\0{locators}\0{sentence.text}".encode()
    return hashlib.blake2b(data, digest_size=8).digest()


def contents_digest(
    sentences: Iterable[tuple[bytes, bytes | None]], passages: Iterable[tuple[int, int]], records: Iterable[str]
) -> str:
    """Returns the SHA-256, in hexadecimal, of the sentences, passages and formal records of a transcript, in order.

    A sentence is given as its checksum and the digest of the text embedded for it, a passage as the numbers of its
    first and last sentence, a formal record as it is stored. A row too few or too many changes the result.
    """
    digest = hashlib.sha256()
    for checksum, embedded in sentences:
        digest.update(checksum + (embedded or b"-"))
    for first, last in passages:
        digest.update(f"{first} {last},".encode())
    for record in records:
        digest.update(f"{record}\n".encode())
    return digest.hexdigest()


def encode_blocks(blocks: Iterable[Block]) -> str:
    """Returns blocks as JSON."""
    rows = [
        [block.role, block.start, block.end, block.path, block.level, block.lead_in, block.question, block.heads]
        for block in blocks
    ]
    return json.dumps(rows, ensure_ascii=False)


def decode_blocks(text: str) -> tuple[Block, ...]:
    """Reverses `encode_blocks`."""
    return tuple(
        Block(Role(role), start, end, tuple(path), level, lead_in, question, tuple(heads))
        for role, start, end, path, level, lead_in, question, heads in json.loads(text)
    )


def encode_locators(locators: Iterable[Locator]) -> str:
    """Returns locators as JSON."""
    return json.dumps([[locator.kind, locator.label, locator.start] for locator in locators], ensure_ascii=False)


@lru_cache(maxsize=_CACHED_VALUES)
def decode_locators(text: str) -> tuple[Locator, ...]:
    """Reverses `encode_locators`."""
    return tuple(Locator(kind, label, start) for kind, label, start in json.loads(text))


def encode_metadata(metadata: Metadata) -> str:
    """Returns metadata as JSON."""
    period = metadata.period
    values = {name: getattr(metadata, name) for name in _METADATA_FIELDS}
    values["period"] = [period.label, period.first, period.last] if period else None
    return json.dumps(values, ensure_ascii=False)


@lru_cache(maxsize=_CACHED_VALUES)
def decode_metadata(text: str) -> Metadata:
    """Reverses `encode_metadata`."""
    values = json.loads(text)
    period = values.pop("period")
    discussed, catalogued = tuple(values.pop("forces_discussed")), tuple(values.pop("catalogued"))
    known = Period(*period) if period else None
    return Metadata(period=known, forces_discussed=discussed, catalogued=catalogued, **values)


def _sha256(*parts: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big"))  # so that no two lists of parts have the same digest
        digest.update(encoded)
    return digest.hexdigest()


SCHEMA = 10  # raise it when the tables, the files of a generation, or what the readers extract from a file change
RECIPE = "sentence/2"  # change it together with `embedding_text`
EMBEDDED_ROLES = frozenset({Role.FINDING, Role.HEADING, Role.TITLE, Role.QUESTION})
SEARCHED_ROLES = frozenset({Role.FINDING})  # the vector store contains only these


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What built an index: the embedding model, the sentence splitter, the text that is embedded, and the schema."""

    embedding_model: str
    model_digest: str
    splitter: str = SPLITTER
    recipe: str = RECIPE  # of the text embedded for a sentence
    schema: int = SCHEMA

    @classmethod
    def of(cls, embedder: Embedder) -> Fingerprint:
        """Returns the fingerprint of indexes built with this embedder, without loading its model."""
        return cls(embedder.name, embedder.digest)

    @property
    def digest(self) -> str:
        """The first 12 hexadecimal digits of SHA-256 over the fields."""
        fields = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(fields.encode()).hexdigest()[:12]

    def folder(self, index: Path) -> Path:
        """Returns the folder of the database and generations with this fingerprint, within an index folder."""
        return index / self.digest


def matching_text(text: str, source: str) -> str:
    """Returns a sentence's text for matching: cleaned and, in a Markdown source, without markup. Never displayed."""
    return clean(text, markdown=source.lower().endswith(MARKDOWN_SUFFIXES))


def embedding_text(sentence: Sentence, transcript: Transcript) -> str:
    """Returns the text that is embedded for a sentence. Never displayed."""
    return matching_text(sentence.text, transcript.source)
