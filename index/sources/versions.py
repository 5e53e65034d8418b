"""Snapshots: sources that are one page or one assessment at two times, of which the later one is searched.

Only what is said of the sources decides: `supersedes` in the catalogue, or that they are of one address, or of one
title, force, period and kind, and by "draft", "interim" and "final", or by their dates, one of them is the later.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Self

from index.sources.dates import days_of
from index.sources.files import title_from_name
from index.sources.metadata import page_of
from index.text.transcript import Metadata

ALIKE = 0.5  # share of the shorter one's sentences, from which two texts of one title are taken for one at two times
_STAGES = {"draft": 0, "interim": 1, "final": 2}
_STAGE = re.compile(r"\b(draft|interim|final)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")

Sentences = Callable[[str], frozenset[str]]  # the findings of a source, by its name


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A source as far as it decides which of two is the later. `titled` means that the title is not its file's name."""

    source: str
    title: str
    metadata: Metadata
    titled: bool

    @classmethod
    def of(cls, source: str, title: str, metadata: Metadata) -> Self:
        """A snapshot of a source with this title."""
        return cls(source, title, metadata, titled=title != title_from_name(source))


class Doubt(StrEnum):
    """Why it is not said which of two sources that seem to be one is the later."""

    UNDATED = "undated"
    CONTRADICTED = "contradicted"
    UNLIKE = "unlike"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Each superseded source with the one that took its place, by name; and the pairs in doubt."""

    later: dict[str, str]
    doubts: tuple[tuple[str, str, Doubt], ...]


def judge(snapshots: Sequence[Snapshot], sentences: Sentences) -> Verdict:
    """Which of some sources are superseded, and by which: the last of a line of them. The same for any order given."""
    by_name = {one.source: one for one in snapshots}
    after: dict[str, set[str]] = defaultdict(set)
    for one in snapshots:
        if one.metadata.supersedes in by_name:
            after[one.metadata.supersedes].add(one.source)
    doubts: dict[tuple[str, str], Doubt] = {}
    for one, other, by_title in _pairs(snapshots):
        if other.source in _reached(after, one.source) or one.source in _reached(after, other.source):
            continue
        order: tuple[Snapshot, Snapshot] | Doubt | None = _order(one, other)
        if by_title and not (_staged(one, other) or _alike(one, other, sentences)):
            order = None if order is Doubt.UNDATED else Doubt.UNLIKE  # two parts of one report may share their title
        if isinstance(order, Doubt):
            doubts[one.source, other.source] = order
        elif order is not None:
            after[order[0].source].add(order[1].source)
    later = {source: _last(source, after) for source in sorted(after) if after[source]}
    open_doubts = [(a, b, why) for (a, b), why in sorted(doubts.items()) if a not in later and b not in later]
    return Verdict(later, tuple(open_doubts))


def share(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of the shorter of two sets of sentences is in the other, from 0 to 1."""
    return len(one & other) / max(min(len(one), len(other)), 1)


def _pairs(snapshots: Sequence[Snapshot]) -> Iterator[tuple[Snapshot, Snapshot, bool]]:
    """Pairs that are said to be one: those of one address, then those of one title, which is then true."""
    seen: set[tuple[str, str]] = set()
    for by_title, key in ((False, _by_address), (True, _by_title)):
        groups: dict[tuple[object, ...], list[Snapshot]] = defaultdict(list)
        for one in sorted(snapshots, key=lambda snapshot: snapshot.source):
            if known := key(one):
                groups[known].append(one)
        for of_one in groups.values():
            for one, other in combinations(of_one, 2):
                if (one.source, other.source) not in seen:
                    seen.add((one.source, other.source))
                    yield one, other, by_title


def _by_address(one: Snapshot) -> tuple[object, ...]:
    """Force and period too: one address may show the assessments of one year after the other."""
    said = one.metadata
    return (page_of(said.url), said.force, said.period) if said.url else ()


def _by_title(one: Snapshot) -> tuple[object, ...]:
    said = one.metadata
    if not (one.titled and said.force and said.period):
        return ()
    return _unstaged(one.title), said.force, said.period, said.programme, _unstaged(said.kind)


def _unstaged(text: str) -> tuple[str, ...]:
    """The words of a text without "draft", "interim" and "final"."""
    return tuple(word.lower() for word in _WORD.findall(_STAGE.sub(" ", text)))


def _stage(one: Snapshot) -> int | None:
    """The one stage that its kind or its title names."""
    found = {_STAGES[name.lower()] for text in (one.metadata.kind, one.title) for name in _STAGE.findall(text)}
    return found.pop() if len(found) == 1 else None


def _staged(one: Snapshot, other: Snapshot) -> bool:
    stages = (_stage(one), _stage(other))
    return None not in stages and stages[0] != stages[1]


def _order(one: Snapshot, other: Snapshot) -> tuple[Snapshot, Snapshot] | Doubt:
    """Two snapshots, the earlier first; or why it is not known."""
    stages = (_stage(one), _stage(other))
    dated = _by_dates(one, other)
    if stages[0] is None or stages[1] is None or stages[0] == stages[1]:
        return dated or Doubt.UNDATED
    staged = (one, other) if stages[0] < stages[1] else (other, one)
    return staged if dated in (None, staged) else Doubt.CONTRADICTED


def _by_dates(one: Snapshot, other: Snapshot) -> tuple[Snapshot, Snapshot] | None:
    """By the dates of publication, if these tell them apart, else by those of the last update."""
    for first, second in (
        (one.metadata.published, other.metadata.published),
        (one.metadata.updated, other.metadata.updated),
        (one.metadata.updated or one.metadata.published, other.metadata.updated or other.metadata.published),
    ):
        mine, theirs = days_of(first), days_of(second)
        if mine and theirs and mine.before(theirs):
            return one, other
        if mine and theirs and theirs.before(mine):
            return other, one
    return None


def _alike(one: Snapshot, other: Snapshot, sentences: Sentences) -> bool:
    return share(sentences(one.source), sentences(other.source)) >= ALIKE


def _reached(after: Mapping[str, set[str]], source: str) -> set[str]:
    """A source and all that come later, by way of others or not."""
    reached, waiting = {source}, [source]
    while waiting:
        new = after.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return reached


def _last(source: str, after: Mapping[str, set[str]]) -> str:
    """The source that took the place of one and of all that came between; of several, the last by name."""
    return max(name for name in _reached(after, source) if not after.get(name))
