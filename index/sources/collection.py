"""Finds what only a whole collection tells of a source: forces that others name in full, and which source is the
later.

A force that is not in `data/forces.toml` is learned from the sources that are about it. It may be written in full in
one source, and only as "Westmere" in the next.

Two sources are snapshots of one page or assessment if the catalogue says that one supersedes the other, if they have
one address, or if they have one title, force, period and kind. "Draft", "interim" and "final", or their dates, tell
which is the later. Only what is stated about them decides.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from typing import Self

from index.sources.cover import read_cover
from index.sources.dates import parse_date
from index.sources.files import title_from_name
from index.sources.force_names import forces_named
from index.sources.forces import Rule, short_name
from index.sources.gazetteer import Gazetteer
from index.sources.metadata import about_policing, force_of, page_key, stated_in
from index.text.transcript import Block, Metadata
from index.text.words import words

MAX_DISCUSSED_FORCES = 100  # of one source


@dataclass(frozen=True, slots=True)
class DescribedSource:
    """A source with the title and the metadata that it gives by itself."""

    source: str
    title: str
    metadata: Metadata


Contents = Callable[[str], tuple[str, Sequence[Block]]]  # the text and the blocks of a source, by its name


def in_collection(sources: Sequence[DescribedSource], contents: Contents) -> dict[str, Metadata]:
    """Returns the metadata of each source by name, its force recognised by what the others teach.

    The order of the sources is irrelevant. `contents` is called only for sources whose force is not known.
    """
    gazetteer = _learned(source.metadata for source in sources)
    found = {source.source: source.metadata for source in sources}
    of_no_force: dict[str, Sequence[str]] = {}
    for source in sources:
        metadata, stated = _recognised(source, contents, gazetteer)
        found[source.source] = metadata
        if stated and not metadata.force:
            of_no_force[source.source] = stated
    named = {force for stated in of_no_force.values() for force in _discussed(stated, gazetteer)}
    taught = gazetteer.with_forces(sorted(named), Rule.CAPITAL)
    for name, stated in of_no_force.items():
        found[name] = replace(found[name], forces_discussed=_discussed(stated, taught))
    return found


def _learned(described: Iterable[Metadata]) -> Gazetteer:
    """Returns a gazetteer that knows the forces of all sources, each by the name that most of them give it."""
    shipped = Gazetteer.load()
    spellings: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for metadata in described:
        if metadata.force and shipped.canonical(metadata.force) is None:
            spellings[short_name(metadata.force).lower()][metadata.force] += 1
    return shipped.with_forces(
        max(counts, key=lambda name: (counts[name], name)) for _, counts in sorted(spellings.items())
    )


def _recognised(source: DescribedSource, contents: Contents, gazetteer: Gazetteer) -> tuple[Metadata, Sequence[str]]:
    """Returns the metadata with the force, and what the source states if that had to be read and is about policing."""
    metadata = source.metadata
    if "force" in metadata.catalogued:
        return metadata, ()
    if metadata.force:
        return replace(metadata, force=gazetteer.canonical(metadata.force) or metadata.force), ()
    text, blocks = contents(source.source)
    stated = stated_in(text, blocks)
    if not about_policing(source.title, stated):
        return metadata, ()
    has_own_title = source.title != title_from_name(source.source)
    force = force_of(source.title, read_cover(text, blocks), stated, gazetteer, has_own_title=has_own_title)
    return replace(metadata, force=force), stated


def _discussed(stated: Sequence[str], gazetteer: Gazetteer) -> tuple[str, ...]:
    """Returns the forces that a text names most, by their canonical names if known, in alphabetical order."""
    named = Counter(name.name for paragraph in stated for name in forces_named(paragraph, gazetteer, misspelt=False))
    return tuple(sorted(name for name, _ in named.most_common(MAX_DISCUSSED_FORCES)))


MIN_SHARED_SENTENCES = 0.5  # share of the shorter text, from which two texts of one title are snapshots of one
_STAGES = {"draft": 0, "interim": 1, "final": 2}
_STAGE = re.compile(r"\b(draft|interim|final)\b", re.IGNORECASE)

Findings = Callable[[str], frozenset[str]]  # the findings of a source, by its name
_LaterSources = defaultdict[str, set[str]]  # the sources known to be later than a source, by its name


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The facts about a source that decide whether it is superseded.

    `has_own_title` is false when the title is only the name of its file.
    """

    source: str
    title: str
    metadata: Metadata
    has_own_title: bool

    @classmethod
    def of(cls, source: str, title: str, metadata: Metadata) -> Self:
        """Returns the snapshot of a source with this title."""
        return cls(source, title, metadata, has_own_title=title != title_from_name(source))


class Doubt(StrEnum):
    """Why it was not decided which of two sources that seem to be snapshots of one is the later."""

    UNDATED = "undated"
    CONTRADICTED = "contradicted"
    UNLIKE = "unlike"


@dataclass(frozen=True, slots=True)
class Supersession:
    """The superseded sources, each with the one that replaces it, by name; and the pairs that were not decided."""

    replaced_by: dict[str, str]
    doubts: tuple[tuple[str, str, Doubt], ...]


def find_superseded(snapshots: Sequence[Snapshot], findings: Findings) -> Supersession:
    """Returns which sources are superseded, each by the last of its line. The order of the snapshots is irrelevant."""
    later = _superseded_by_catalogue(snapshots)
    doubts: dict[tuple[str, str], Doubt] = {}
    for first, second, by_title in _pairs(snapshots):
        if _is_settled(first.source, second.source, later):
            continue
        order: tuple[Snapshot, Snapshot] | Doubt | None = _order(first, second)
        if by_title and not _is_same_text(first, second, findings):
            order = None if order is Doubt.UNDATED else Doubt.UNLIKE  # two parts of one report may share their title
        if isinstance(order, Doubt):
            doubts[first.source, second.source] = order
        elif order is not None:
            earlier, newer = order
            later[earlier.source].add(newer.source)
    replaced_by = {source: _last(source, later) for source in sorted(later) if later[source]}
    return Supersession(replaced_by, tuple(_open_doubts(doubts, replaced_by)))


def shared_sentences(first: frozenset[str], second: frozenset[str]) -> float:
    """Returns the share, from 0 to 1, of the smaller of two sets of sentences that is also in the other."""
    return len(first & second) / max(min(len(first), len(second)), 1)


def _superseded_by_catalogue(snapshots: Iterable[Snapshot]) -> _LaterSources:
    sources = {snapshot.source for snapshot in snapshots}
    later: _LaterSources = defaultdict(set)
    for snapshot in snapshots:
        if snapshot.metadata.supersedes in sources:
            later[snapshot.metadata.supersedes].add(snapshot.source)
    return later


def _open_doubts(
    doubts: Mapping[tuple[str, str], Doubt], replaced_by: Mapping[str, str]
) -> Iterator[tuple[str, str, Doubt]]:
    """Yields the doubts about two sources that are both searched, by name."""
    for (first, second), doubt in sorted(doubts.items()):
        if first not in replaced_by and second not in replaced_by:
            yield first, second, doubt


def _pairs(snapshots: Sequence[Snapshot]) -> Iterator[tuple[Snapshot, Snapshot, bool]]:
    """Yields the pairs with one address, then those with one title, with whether the title is the reason."""
    seen: set[tuple[str, str]] = set()
    for by_title, key in ((False, _address_key), (True, _title_key)):
        for group in _grouped(snapshots, key):
            for first, second in combinations(group, 2):
                if (first.source, second.source) not in seen:
                    seen.add((first.source, second.source))
                    yield first, second, by_title


def _grouped(
    snapshots: Iterable[Snapshot], key: Callable[[Snapshot], tuple[object, ...]]
) -> Iterable[Sequence[Snapshot]]:
    """Returns the snapshots with one key together, in the order of their names; those without a key are left out."""
    groups: dict[tuple[object, ...], list[Snapshot]] = defaultdict(list)
    for snapshot in sorted(snapshots, key=lambda snapshot: snapshot.source):
        if value := key(snapshot):
            groups[value].append(snapshot)
    return groups.values()


def _address_key(snapshot: Snapshot) -> tuple[object, ...]:
    """Includes force and period, because one address may show each year's assessment in turn."""
    metadata = snapshot.metadata
    return (page_key(metadata.url), metadata.force, metadata.period) if metadata.url else ()


def _title_key(snapshot: Snapshot) -> tuple[object, ...]:
    metadata = snapshot.metadata
    if not (snapshot.has_own_title and metadata.force and metadata.period):
        return ()
    title, kind = _without_stage(snapshot.title), _without_stage(metadata.kind)
    return title, metadata.force, metadata.period, metadata.programme, kind


def _without_stage(text: str) -> tuple[str, ...]:
    """Returns the words of a text without "draft", "interim" and "final"."""
    return tuple(words(_STAGE.sub(" ", text)))


def _stage(snapshot: Snapshot) -> int | None:
    """Returns the one stage that the kind or the title names, or None."""
    texts = (snapshot.metadata.kind, snapshot.title)
    found = {_STAGES[name.lower()] for text in texts for name in _STAGE.findall(text)}
    return found.pop() if len(found) == 1 else None


def _order(first: Snapshot, second: Snapshot) -> tuple[Snapshot, Snapshot] | Doubt:
    """Returns two snapshots with the earlier one first, or why their order is not known."""
    by_dates = _order_by_dates(first, second)
    by_stages = _order_by_stages(first, second)
    if by_stages is None:
        return by_dates or Doubt.UNDATED
    return by_stages if by_dates in (None, by_stages) else Doubt.CONTRADICTED


def _order_by_stages(first: Snapshot, second: Snapshot) -> tuple[Snapshot, Snapshot] | None:
    stages = (_stage(first), _stage(second))
    if stages[0] is None or stages[1] is None or stages[0] == stages[1]:
        return None
    return (first, second) if stages[0] < stages[1] else (second, first)


def _order_by_dates(first: Snapshot, second: Snapshot) -> tuple[Snapshot, Snapshot] | None:
    """Returns the order by dates of publication if they differ, else by dates of the last update, or None."""
    for date_of in (_published, _updated, _last_changed):
        first_days, second_days = parse_date(date_of(first)), parse_date(date_of(second))
        if first_days is None or second_days is None:
            continue
        if first_days.before(second_days):
            return first, second
        if second_days.before(first_days):
            return second, first
    return None


def _published(snapshot: Snapshot) -> str:
    return snapshot.metadata.published


def _updated(snapshot: Snapshot) -> str:
    return snapshot.metadata.updated


def _last_changed(snapshot: Snapshot) -> str:
    return snapshot.metadata.updated or snapshot.metadata.published


def _is_same_text(first: Snapshot, second: Snapshot, findings: Findings) -> bool:
    """Whether two snapshots of one title are of one text: they are at different stages, or share sentences."""
    if _order_by_stages(first, second) is not None:
        return True
    return shared_sentences(findings(first.source), findings(second.source)) >= MIN_SHARED_SENTENCES


def _is_settled(first: str, second: str, later: Mapping[str, set[str]]) -> bool:
    return second in _all_later(first, later) or first in _all_later(second, later)


def _all_later(source: str, later: Mapping[str, set[str]]) -> set[str]:
    """Returns a source and all that are later than it, directly or through others."""
    reached, waiting = {source}, [source]
    while waiting:
        new = later.get(waiting.pop(), set()) - reached
        reached |= new
        waiting += new
    return reached


def _last(source: str, later: Mapping[str, set[str]]) -> str:
    """Returns the last source in the line that follows one; of several, the last by name."""
    return max(name for name in _all_later(source, later) if not later.get(name))
