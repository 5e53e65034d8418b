"""The types of a transcript: its text, which never changes after reading, with its blocks, metadata and locators."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LOCATOR_KINDS = ("page", "time", "speaker", "section")  # in the order they are displayed


class Role(StrEnum):
    """What a block of a transcript is. Only findings are offered as evidence of what an inspector found."""

    FINDING = "finding"
    TITLE = "title"
    STRAPLINE = "strapline"
    HEADING = "heading"
    QUESTION = "question"  # a question put by an interviewer or a member of the public: context of its answer
    MARKUP = "markup"  # a bullet, a hash, a rule, a speaker's label: part of the text, never quoted


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text between blank lines or markup: `text[start:end]`, in characters.

    `path` has the headings above it, outermost first. `level` is that of a heading, from 1; 0 for any other block, and
    for a heading of unknown level. The other fields are numbers of blocks of the same transcript: `lead_in` introduces
    the list that this block is an item of, `question` is the turn that this block answers, and `heads` are the heads of
    the row and the column of a table cell.
    """

    role: Role
    start: int
    end: int
    path: tuple[str, ...] = ()
    level: int = 0
    lead_in: int | None = None
    question: int | None = None
    heads: tuple[int, ...] = ()

    @property
    def section(self) -> str:
        """The nearest heading above; empty where there is none."""
        return self.path[-1] if self.path else ""


@dataclass(frozen=True, slots=True)
class Locator:
    """A page, time, speaker or section of the published source, from character `start` to the next of its kind.

    `kind` is one of `LOCATOR_KINDS`. `label` is what a reader sees, such as "14", "00:03:21" or a name; it is empty
    from the point where the source gives none.
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
    """What the transcript, or the catalogue, states about a source. A field that neither states is empty."""

    force: str = ""  # canonical name from the gazetteer, or the name as the title gives it
    period: Period | None = None
    programme: str = ""  # "PEEL"
    kind: str = ""  # "overall assessment", "efficiency", "Transcript"
    inspector: str = ""
    updated: str = ""  # date of the last update, as the text words it
    published: str = ""  # date of publication, as the text words it; 2019-05-02 if the catalogue gives it
    dated: str = ""  # another date that the source bears: of a letter, a meeting or a talk, as the text words it
    url: str = ""  # http or https address of the publication
    licence: str = ""
    supersedes: str = ""  # the source that this one replaces, from the catalogue
    forces_discussed: tuple[str, ...] = ()  # the forces that the text of a source without a force names
    catalogued: tuple[str, ...] = ()  # names of the fields (and "title") that the catalogue gave


@dataclass(frozen=True, slots=True)
class Transcript:
    """One source, decoded.

    `text` keeps every character as read, line ends included; a byte-order mark is dropped. Where the source is not
    plain text, it is what the source's reader extracted, always the same from the same bytes. `notes` list what the
    reader left out or could not read, with its position. `id` depends on the source's name alone; `sha256` is of the
    file's bytes, so (id, sha256) names one version of the source.
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


def locators_at(transcript: Transcript, block: int, start: int) -> tuple[Locator, ...]:
    """Returns the page, time, speaker and section at character `start` of a block, in display order.

    A kind that the source does not give there is left out. Where there is a speaker, the section is left out.
    """
    found: dict[str, Locator] = {}
    for locator in transcript.locators:
        if locator.start > start:
            break
        found[locator.kind] = locator
    section = transcript.blocks[block].section
    if section and "speaker" not in found:
        found["section"] = Locator("section", section, transcript.blocks[block].start)
    labelled = (locator for locator in found.values() if locator.label)
    return tuple(sorted(labelled, key=lambda locator: LOCATOR_KINDS.index(locator.kind)))


def blocks_to_json(blocks: Sequence[Block]) -> dict[str, object]:
    """Returns blocks in types that JSON has, with each path written once: how the sandbox returns them."""
    paths: dict[tuple[str, ...], int] = {}
    rows = [
        [
            block.role,
            block.start,
            block.end,
            paths.setdefault(block.path, len(paths)),
            block.level,
            block.lead_in,
            block.question,
            block.heads,
        ]
        for block in blocks
    ]
    return {"blocks": rows, "paths": list(paths)}


def blocks_from_json(reply: Mapping[str, Any]) -> tuple[Block, ...]:
    """Reverses `blocks_to_json`. Raises `IndexError`, `KeyError`, `TypeError` or `ValueError` for anything else."""
    paths = [tuple(map(str, path)) for path in reply["paths"]]
    return tuple(
        Block(
            Role(role),
            int(start),
            int(end),
            paths[path],
            int(level),
            None if lead_in is None else int(lead_in),
            None if question is None else int(question),
            tuple(map(int, heads)),
        )
        for role, start, end, path, level, lead_in, question, heads in reply["blocks"]
    )
