"""A transcript: the text of one source, final from the moment it is read, and what the text says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a stretch of a transcript is. Only findings are offered as evidence of what an inspector found."""

    FINDING = "finding"
    TITLE = "title"
    STRAPLINE = "strapline"
    HEADING = "heading"
    MARKUP = "markup"  # a bullet, a hash, a rule: part of the text, never quoted


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text between blank lines or markup: `text[start:end]`, in characters. `section` is the heading above."""

    role: Role
    start: int
    end: int
    section: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """An inspection period as published, e.g. `2016`, `2018/19`, `2023-25`, and the years it spans (inclusive)."""

    label: str
    first: int
    last: int

    def covers(self, year: int) -> bool:
        return self.first <= year <= self.last


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a transcript says of itself. A field the text does not give is empty: never guessed."""

    force: str = ""  # canonical name from the gazetteer, or the name as the title gives it
    period: Period | None = None
    programme: str = ""  # "PEEL"
    kind: str = ""  # "overall assessment", "efficiency", "Transcript"
    inspector: str = ""
    updated: str = ""  # publication or last-updated date, in the text's own words


@dataclass(frozen=True, slots=True)
class Transcript:
    """One source, decoded. `text` keeps every character as read (line ends included; a byte-order mark is dropped).

    `id` is stable for a source name; `sha256` is of the file's bytes, so (id, sha256) names one version of it.
    """

    id: str
    source: str  # name within the sources folder, with forward slashes
    sha256: str
    title: str
    text: str
    blocks: tuple[Block, ...]
    metadata: Metadata = field(default_factory=Metadata)
