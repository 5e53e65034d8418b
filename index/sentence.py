"""Sentences: spans of a transcript that tile it. `transcript.text[s.start:s.end] == s.text`, always."""

from __future__ import annotations

from dataclasses import dataclass

from index.transcript import Role


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of one transcript.

    `id` is 15 hexadecimal digits of SHA-256 over (transcript id, start, end, text): the same text at the same
    place has the same id in every index. `block` numbers the transcript's block it lies in, `ordinal` its place
    in the transcript, both from 0.
    """

    id: str
    transcript_id: str
    ordinal: int
    block: int
    start: int
    end: int
    text: str
    role: Role

    @property
    def key(self) -> int:
        """The id as a non-negative integer under 2**60, for stores that number their rows."""
        return int(self.id, 16)
