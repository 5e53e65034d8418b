"""A transcript: the text of one source, final from the moment it is read, and what the text says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

KINDS = ("page", "time", "speaker", "section")  # of locators, in the order they are said


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
class Locator:
    """Where a person finds a place in the source as published: from the character `start` on, until the next of its
    kind. `kind` is "page", "time" or "speaker", and "section" where `places_at` gives the heading above; `label` is as
    people say it: "14", "00:03:21", a name; empty from where it is not known.
    """

    kind: str
    label: str
    start: int


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
    """What a transcript says of itself, or the sources' catalogue of it. What neither gives is empty: never guessed."""

    force: str = ""  # canonical name from the gazetteer, or the name as the title gives it
    period: Period | None = None
    programme: str = ""  # "PEEL"
    kind: str = ""  # "overall assessment", "efficiency", "Transcript"
    inspector: str = ""
    updated: str = ""  # last-updated date, in the text's own words
    published: str = ""  # publication date, in the text's own words; 2019-05-02 from the catalogue
    url: str = ""  # where it was published: an http or https address
    licence: str = ""
    supersedes: str = ""  # the source that this one takes the place of, by the catalogue
    catalogued: tuple[str, ...] = ()  # fields (and "title") that the catalogue gave


@dataclass(frozen=True, slots=True)
class Transcript:
    """One source, decoded. `text` keeps every character as read (line ends included; a byte-order mark is dropped).

    Where the source is no plain text, `text` is what its reader took from it, and the same reader takes the same.
    `notes` are what was left out of it or could not be read, each with its place.
    `id` is stable for a source name; `sha256` is of the file's bytes, so (id, sha256) names one version of it.
    """

    id: str
    source: str  # name within the sources folder, with forward slashes
    sha256: str
    title: str
    text: str
    blocks: tuple[Block, ...]
    metadata: Metadata = field(default_factory=Metadata)
    locators: tuple[Locator, ...] = ()  # by start
    notes: tuple[str, ...] = ()


def places_at(transcript: Transcript, block: int, start: int) -> tuple[Locator, ...]:
    """What leads a person to the character `start` of a block: page, time and speaker, and the section as one.

    Those of a kind that are none there are left out; a speaker stands in for the section.
    """
    found: dict[str, Locator] = {}
    for locator in transcript.locators:
        if locator.start > start:
            break
        found[locator.kind] = locator
    section = transcript.blocks[block].section
    if section and "speaker" not in found:
        found["section"] = Locator("section", section, transcript.blocks[block].start)
    return tuple(sorted((one for one in found.values() if one.label), key=lambda one: KINDS.index(one.kind)))
