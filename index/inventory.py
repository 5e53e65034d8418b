"""An inventory of a sources folder: what is known of each source and whence, and what is wrong. Embeds nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from index.errors import SourceError
from index.readers.archives import unpacked
from index.readers.read import read
from index.readers.sandbox import Parser
from index.sources.catalogue import CatalogueFile, CatalogueStatements, read_catalogue
from index.sources.files import CATALOGUE, SourceFile, discover, title_from_name
from index.sources.versions import Doubt, Snapshot, Verdict, judge, share
from index.text.sentences import split_sentences
from index.text.transcript import Metadata, Role, Transcript

ASKED = ("title", "force", "period", "programme", "kind", "inspector", "published", "updated", "url", "licence")
NEEDED = ("force", "period")  # without these a source is found by no question that names them
NEARLY_ALL = 0.8  # share of the shorter one's sentences, from which two texts say the same
FEW = 3  # sentences two texts must share to be compared
COMMON = 20  # sources that say a sentence, above which it tells nothing of any two of them
_WHY = {
    Doubt.UNDATED: "seem to be one at two times, and nothing says which is the later",
    Doubt.CONTRADICTED: "are marked as draft, interim or final in one order and dated in the other",
    Doubt.UNLIKE: "have one title, force, period and kind and little text in common",
}
_WHICH = (
    f'Give each its date of publication in {CATALOGUE}, or the later one a line such as supersedes = "{{earlier}}".'
)
_PARTS = (
    f"If they are two parts of one thing, give each its kind in {CATALOGUE}; if not, give the later one a line such as"
    ' supersedes = "{earlier}".'
)
_REPEATED = (
    "Nearly all that it or {earlier} says stands in the other too, so both may be cited for one thing. Remove one of"
    f' them, or give the one that takes the other\'s place a line such as supersedes = "{{earlier}}" in {CATALOGUE}.'
)
NOTHING_KNOWN = Metadata()


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A source: its title and what is known of it, or why it cannot be read. `superseded_by` is a source's name."""

    source: str
    title: str = ""
    metadata: Metadata = NOTHING_KNOWN
    failure: str = ""
    superseded_by: str = ""

    def value(self, field: str) -> str:
        """One of the fields of `ASKED`, as people read it; empty where it is not known."""
        if field == "title":
            return self.title
        if field == "period":
            return self.metadata.period.label if self.metadata.period else ""
        return str(getattr(self.metadata, field))

    def whence(self, field: str) -> str:
        """Where a field is from: `catalogue`, `text`, the file's `name` (a title only), or empty if it is not known."""
        if field in self.metadata.catalogued:
            return "catalogue"
        if field == "title" and self.title == title_from_name(self.source):
            return "name"
        return "text" if self.value(field) else ""

    @property
    def gaps(self) -> tuple[str, ...]:
        """The fields of `ASKED` that are not known."""
        return tuple(field for field in ASKED if not self.value(field))


@dataclass(frozen=True, slots=True)
class InventoryProblem:
    """Something wrong with a source, or with the catalogue, and what to do about it."""

    source: str
    problem: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """The sources of a folder by name, its catalogue, and all that is wrong."""

    sources: tuple[KnownValue, ...]
    catalogue: CatalogueFile
    problems: tuple[InventoryProblem, ...]


def take_inventory(folder: Path) -> Inventory:
    """Read every source of a folder as it is now. Raises `SourceError` when there is none, and `CatalogueError`."""
    catalogue = read_catalogue(folder)
    with Parser() as parser:
        files, unopened = unpacked(discover(folder), parser)
        told = catalogue.tell([one.name for one in files], [one.source for one in unopened])
        found = [_read(file, told, parser) for file in files]
    failed = [KnownValue(one.source, failure=one.reason) for one in unopened]
    failed += [one for one in found if isinstance(one, KnownValue)]
    transcripts = {one.source: one for one in found if isinstance(one, Transcript)}
    findings = {source: _findings(one) for source, one in transcripts.items()}
    verdict = judge([Snapshot.of(s, one.title, one.metadata) for s, one in transcripts.items()], findings.__getitem__)
    known = [
        KnownValue(one.source, one.title, one.metadata, superseded_by=verdict.later.get(one.source, ""))
        for one in transcripts.values()
    ]
    sources = tuple(sorted([*known, *failed], key=lambda one: one.source))
    return Inventory(sources, catalogue, tuple(_problems(sources, told, verdict, findings)))


def _read(file: SourceFile, told: CatalogueStatements, parser: Parser) -> Transcript | KnownValue:
    try:
        return told[file.name].applied_to(read(file, parser))
    except SourceError as error:
        return KnownValue(file.name, failure=f"{error.reason} {error.advice}".strip())


def _findings(transcript: Transcript) -> frozenset[str]:
    return frozenset(" ".join(one.text.split()) for one in split_sentences(transcript) if one.role is Role.FINDING)


def _problems(
    sources: Sequence[KnownValue], told: CatalogueStatements, verdict: Verdict, findings: Mapping[str, frozenset[str]]
) -> Iterator[InventoryProblem]:
    for note in told.notes:
        yield InventoryProblem(CATALOGUE, str(note))
    for one in sources:
        if one.failure:
            yield InventoryProblem(one.source, f"It cannot be taken in: {one.failure}")
        elif lacking := [field for field in NEEDED if not one.value(field) and not one.superseded_by]:
            named = " and ".join(lacking)
            yield InventoryProblem(one.source, f"Its {named} cannot be told from its text. Say so in {CATALOGUE}.")
    for earlier, other, doubt in verdict.doubts:
        advice = (_PARTS if doubt is Doubt.UNLIKE else _WHICH).format(earlier=earlier)
        yield InventoryProblem(other, f"It and {earlier} {_WHY[doubt]}. Both are searched. {advice}")
    doubted = {(one, other) for one, other, _ in verdict.doubts}
    searched = [one for one in sources if not one.failure and not one.superseded_by]
    for first, second in _repeating(searched, findings):
        if (first, second) not in doubted:
            yield InventoryProblem(second, _REPEATED.format(earlier=first))


def _repeating(sources: Sequence[KnownValue], findings: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """Pairs of sources, not known to be of two forces or two periods, of which one says nearly all the other does."""
    saying: dict[str, list[KnownValue]] = defaultdict(list)
    for one in sources:
        for sentence in findings[one.source]:
            saying[sentence].append(one)
    shared: Counter[tuple[str, str]] = Counter()
    for together in saying.values():
        if 2 <= len(together) <= COMMON:
            shared.update((a.source, b.source) for a, b in combinations(together, 2) if _may_be_one(a, b))
    for (first, second), count in sorted(shared.items()):
        if count >= FEW and share(findings[first], findings[second]) >= NEARLY_ALL:
            yield first, second


def _may_be_one(one: KnownValue, other: KnownValue) -> bool:
    return all(
        not mine or not theirs or mine == theirs for mine, theirs in ((one.value(f), other.value(f)) for f in NEEDED)
    )
