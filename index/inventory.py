"""Lists the sources of a folder with their metadata, where each value came from, and problems. Embeds nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Literal

from index.errors import SourceError
from index.readers.read import expand_archives, read
from index.readers.sandbox import SandboxedParser
from index.sources.catalogue import CatalogueFile, read_catalogue
from index.sources.collection import (
    DescribedSource,
    Doubt,
    Snapshot,
    Supersession,
    find_superseded,
    in_collection,
    shared_sentences,
)
from index.sources.files import CATALOGUE_FILE, Failure, discover, title_from_name
from index.text.sentences import split_sentences
from index.text.transcript import Metadata, Role, Transcript

INVENTORY_FIELDS = (
    "title", "force", "period", "programme", "kind", "inspector", "published", "dated", "updated", "url",
    "licence",
)  # fmt: skip
REQUIRED_FIELDS = ("force", "period")  # a question that names one finds no source that lacks it
MIN_REPEATED_SHARE = 0.8  # share of the shorter text, from which two texts are reported as saying the same
MIN_REPEATED_SENTENCES = 3  # sentences in both texts, below which they are not reported
MAX_SENTENCE_SOURCES = 20  # a sentence of more sources says nothing about any two of them

_SUPERSEDES = 'the later one a line such as supersedes = "{earlier}"'
_DOUBTS = {
    Doubt.UNDATED: (
        "It and {earlier} seem to be one assessment at two times, and nothing says which is the later. Both are"
        f" searched. Give each its date of publication in {CATALOGUE_FILE}, or {_SUPERSEDES}."
    ),
    Doubt.CONTRADICTED: (
        "It and {earlier} are marked as draft, interim or final in one order and dated in the other. Both are"
        f" searched. Give each its date of publication in {CATALOGUE_FILE}, or {_SUPERSEDES}."
    ),
    Doubt.UNLIKE: (
        "It and {earlier} have one title, force, period and kind but little text in common. Both are searched. If they"
        f" are two parts of one report, give each its kind in {CATALOGUE_FILE}; if not, give {_SUPERSEDES}."
    ),
}
_REPEATED = (
    "Nearly all the sentences of {earlier} or of this source are also in the other, so both may be cited for one thing."
    f" Remove one of them, or give {_SUPERSEDES} in {CATALOGUE_FILE}."
)
_NO_METADATA = Metadata()


@dataclass(frozen=True, slots=True)
class InventorySource:
    """A source with its title and metadata, or why it cannot be read. `superseded_by` is the name of a source."""

    source: str
    title: str = ""
    metadata: Metadata = _NO_METADATA
    failure: str = ""
    superseded_by: str = ""

    @property
    def searched(self) -> bool:
        """Whether questions are answered from it."""
        return not self.failure and not self.superseded_by

    def value(self, field: str) -> str:
        """Returns one of `INVENTORY_FIELDS` as displayed, or nothing where it is unknown."""
        if field == "title":
            return self.title
        if field == "period":
            return self.metadata.period.label if self.metadata.period else ""
        return str(getattr(self.metadata, field))

    def origin(self, field: str) -> Literal["catalogue", "text", "name", ""]:
        """Returns where the value of a field came from; `name` is the file's name. Empty where it is unknown."""
        if field in self.metadata.catalogued:
            return "catalogue"
        if field == "title" and self.title == title_from_name(self.source):
            return "name"
        return "text" if self.value(field) else ""

    @property
    def gaps(self) -> tuple[str, ...]:
        """The names of the fields that are unknown."""
        return tuple(field for field in INVENTORY_FIELDS if not self.value(field))


@dataclass(frozen=True, slots=True)
class InventoryProblem:
    """A fault of a source, or of the catalogue, and what to do about it."""

    source: str
    problem: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """The sources of a folder by name, its catalogue, and all problems."""

    sources: tuple[InventorySource, ...]
    catalogue: CatalogueFile
    problems: tuple[InventoryProblem, ...]


@dataclass(frozen=True, slots=True)
class _Contents:
    """What was read of a folder: transcripts by the names of their sources, failures, and notes on the catalogue."""

    transcripts: dict[str, Transcript]
    failures: list[Failure]
    notes: tuple[str, ...]


def take_inventory(folder: Path) -> Inventory:
    """Reads every source of a folder. Raises `SourceError` when there is no such folder, and `CatalogueError`."""
    catalogue = read_catalogue(folder)
    contents = _read_folder(folder, catalogue)
    findings = {source: _findings(transcript) for source, transcript in contents.transcripts.items()}
    supersession = find_superseded(
        [Snapshot.of(source, found.title, found.metadata) for source, found in contents.transcripts.items()],
        findings.__getitem__,
    )
    sources = _sources(contents, supersession)
    problems = [
        *(InventoryProblem(CATALOGUE_FILE, note) for note in contents.notes),
        *_source_problems(sources),
        *_doubt_problems(supersession),
        *_repetition_problems(sources, supersession, findings),
    ]
    return Inventory(sources, catalogue, tuple(problems))


def _read_folder(folder: Path, catalogue: CatalogueFile) -> _Contents:
    transcripts: dict[str, Transcript] = {}
    with SandboxedParser() as parser:
        files, unopened = expand_archives(discover(folder), parser)
        failures = list(unopened)
        lookup = catalogue.resolve([file.name for file in files], [failure.source for failure in failures])
        for file in files:
            try:
                transcripts[file.name] = lookup[file.name].applied_to(read(file, parser))
            except SourceError as error:
                failures.append(Failure(file.name, f"{error.reason} {error.advice}".strip()))
    return _Contents(_in_collection(transcripts), failures, tuple(map(str, lookup.notes)))


def _in_collection(transcripts: Mapping[str, Transcript]) -> dict[str, Transcript]:
    """Returns the transcripts by name, their metadata with what the others tell of it."""
    described = [
        DescribedSource(source, transcript.title, transcript.metadata) for source, transcript in transcripts.items()
    ]
    metadata = in_collection(described, lambda source: (transcripts[source].text, transcripts[source].blocks))
    return {source: replace(transcript, metadata=metadata[source]) for source, transcript in transcripts.items()}


def _findings(transcript: Transcript) -> frozenset[str]:
    sentences = split_sentences(transcript)
    return frozenset(" ".join(sentence.text.split()) for sentence in sentences if sentence.role is Role.FINDING)


def _sources(contents: _Contents, supersession: Supersession) -> tuple[InventorySource, ...]:
    read_sources = [
        InventorySource(
            source, transcript.title, transcript.metadata, superseded_by=supersession.replaced_by.get(source, "")
        )
        for source, transcript in contents.transcripts.items()
    ]
    failed = [InventorySource(failure.source, failure=failure.reason) for failure in contents.failures]
    return tuple(sorted([*read_sources, *failed], key=lambda source: source.source))


def _source_problems(sources: Sequence[InventorySource]) -> Iterator[InventoryProblem]:
    for source in sources:
        missing = [field for field in REQUIRED_FIELDS if not source.value(field)]
        if source.failure:
            yield InventoryProblem(source.source, f"It cannot be indexed: {source.failure}")
        elif missing and source.searched:
            named = " and ".join(missing)
            problem = f"Its text does not state its {named}. Add what is missing to {CATALOGUE_FILE}."
            yield InventoryProblem(source.source, problem)


def _doubt_problems(supersession: Supersession) -> Iterator[InventoryProblem]:
    for earlier, other, doubt in supersession.doubts:
        yield InventoryProblem(other, _DOUBTS[doubt].format(earlier=earlier))


def _repetition_problems(
    sources: Sequence[InventorySource], supersession: Supersession, findings: Mapping[str, frozenset[str]]
) -> Iterator[InventoryProblem]:
    doubted = {(first, second) for first, second, _ in supersession.doubts}
    for first, second in _repeating_pairs([source for source in sources if source.searched], findings):
        if (first, second) not in doubted:
            yield InventoryProblem(second, _REPEATED.format(earlier=first))


def _repeating_pairs(
    sources: Sequence[InventorySource], findings: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, str]]:
    """Yields pairs of sources of which one has nearly all sentences of the other.

    Two sources known to be about different forces or periods are left out.
    """
    for (first, second), count in sorted(_shared_counts(sources, findings).items()):
        share = shared_sentences(findings[first], findings[second])
        if count >= MIN_REPEATED_SENTENCES and share >= MIN_REPEATED_SHARE:
            yield first, second


def _shared_counts(
    sources: Sequence[InventorySource], findings: Mapping[str, frozenset[str]]
) -> Counter[tuple[str, str]]:
    """Returns the number of sentences that each pair of sources shares, without the common ones."""
    by_sentence: dict[str, list[InventorySource]] = defaultdict(list)
    for source in sources:
        for sentence in findings[source.source]:
            by_sentence[sentence].append(source)
    shared: Counter[tuple[str, str]] = Counter()
    for saying in by_sentence.values():
        if len(saying) <= MAX_SENTENCE_SOURCES:
            pairs = combinations(saying, 2)
            shared.update((first.source, second.source) for first, second in pairs if _may_be_one(first, second))
    return shared


def _may_be_one(first: InventorySource, second: InventorySource) -> bool:
    """Whether no required field is known to differ."""
    return not any(
        first.value(field) and second.value(field) and first.value(field) != second.value(field)
        for field in REQUIRED_FIELDS
    )
