"""How a transcript is written into the record, and the seals by which a changed row is noticed when it is read.

A seal is a digest stored beside what it covers. It catches damage and stray edits, not someone who recomputes it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Self

from index.text.transcript import Block, Locator, Metadata, Period, Role, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable

    from index.text.sentences import Sentence

# transcript id, source, SHA-256 of the file, title, metadata, SHA-256 of the body: as stored
Facts = tuple[str, str, str, str, str, str]
_METADATA = tuple(field.name for field in fields(Metadata))


@dataclass(frozen=True, slots=True)
class Body:
    """A transcript's blocks, locators, notes and text, as stored."""

    blocks: str
    locators: str
    notes: str
    text: str

    @classmethod
    def of(cls, transcript: Transcript) -> Self:
        """The body of a transcript."""
        notes = json.dumps(transcript.notes, ensure_ascii=False)
        return cls(encode_blocks(transcript.blocks), encode_locators(transcript.locators), notes, transcript.text)

    @property
    def digest(self) -> str:
        """SHA-256 of all of it."""
        return _sha256(self.text, self.blocks, self.locators, self.notes)


def facts_of(transcript: Transcript) -> Facts:
    """A transcript's row but for its text, its blocks and the seal."""
    body = Body.of(transcript).digest
    metadata = encode_metadata(transcript.metadata)
    return transcript.id, transcript.source, transcript.sha256, transcript.title, metadata, body


@lru_cache(maxsize=4096)
def facts_seal(facts: Facts) -> str:
    """SHA-256 over a transcript's facts, and so through the body's digest over all of it."""
    return _sha256(*facts)


def sentence_seal(facts_seal: str, sentence: Sentence, locators: str) -> bytes:
    """8 bytes of BLAKE2b over a sentence, its locators as stored, and the seal of the transcript it belongs to."""
    place = f"{sentence.key}\0{sentence.ordinal}\0{sentence.block}\0{sentence.start}\0{sentence.end}\0{sentence.role}"
    return hashlib.blake2b(f"{facts_seal}\0{place}\0{locators}\0{sentence.text}".encode(), digest_size=8).digest()


def contents_digest(sentences: Iterable[tuple[bytes, bytes | None]], passages: Iterable[tuple[int, int]]) -> str:
    """SHA-256 of all that a transcript was made into: the seal of each sentence with the digest of the text embedded
    for it, and the first and last sentence of each passage, in order. A row too few or too many changes it.
    """
    digest = hashlib.sha256()
    for seal, embeds in sentences:
        digest.update(seal + (embeds or b"-"))
    for first, last in passages:
        digest.update(f"{first} {last},".encode())
    return digest.hexdigest()


def encode_blocks(blocks: Iterable[Block]) -> str:
    """Blocks as JSON."""
    return json.dumps([[b.role, b.start, b.end, b.section] for b in blocks], ensure_ascii=False)


def decode_blocks(text: str) -> tuple[Block, ...]:
    """What `encode_blocks` wrote."""
    return tuple(Block(Role(role), start, end, section) for role, start, end, section in json.loads(text))


def encode_locators(locators: Iterable[Locator]) -> str:
    """Locators as JSON."""
    return json.dumps([[one.kind, one.label, one.start] for one in locators], ensure_ascii=False)


@lru_cache(maxsize=4096)
def decode_locators(text: str) -> tuple[Locator, ...]:
    """What `encode_locators` wrote."""
    return tuple(Locator(kind, label, start) for kind, label, start in json.loads(text))


def encode_metadata(metadata: Metadata) -> str:
    """Metadata as JSON."""
    period = metadata.period
    said = {name: getattr(metadata, name) for name in _METADATA}
    said["period"] = [period.label, period.first, period.last] if period else None
    return json.dumps(said, ensure_ascii=False)


@lru_cache(maxsize=4096)
def decode_metadata(text: str) -> Metadata:
    """What `encode_metadata` wrote."""
    said = json.loads(text)
    period = said.pop("period")
    catalogued = tuple(said.pop("catalogued"))
    return Metadata(period=Period(*period) if period else None, catalogued=catalogued, **said)


def _sha256(*parts: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big"))  # so that no two lists of parts read the same
        digest.update(encoded)
    return digest.hexdigest()
