"""Finds what only a whole collection tells of a source: a force that another source names in full.

A force that is not in `data/forces.toml` is learned from the sources that are about it. A source whose force is not
known keeps the names of the forces that its text discusses. Such a force may be written in full in one source, and only
as "Westmere" in the next.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from index.sources.cover import read_cover
from index.sources.files import title_from_name
from index.sources.force_names import forces_named
from index.sources.forces import Rule, short_name
from index.sources.gazetteer import Gazetteer
from index.sources.metadata import about_policing, force_of, stated_in
from index.text.transcript import Block, Metadata

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
