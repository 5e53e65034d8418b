"""Indexes a folder of sources in five steps: discover, unpack, read, embed, publish. Also opens an existing index."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.embedding.embedder import Embedder
from index.errors import CorruptDatabaseError, GenerationError, NoSourcesError, NotIndexedError
from index.published.chroma import SelfCheck, selfcheck_in_child
from index.published.generation import IndexedTranscript
from index.published.open import open_current, open_publisher, open_record
from index.published.open_index import OpenIndex
from index.published.publish import Publisher
from index.published.restore import restore
from index.readers.read import expand_archives, transcript_id
from index.readers.sandbox import SandboxedParser
from index.sources.catalogue import CatalogueFile, CatalogueLookup, read_catalogue
from index.sources.files import CATALOGUE_FILE, Failure, SourceFile, discover
from index.storage.database import DATABASE_FILE, IndexDatabase, set_aside
from index.storage.fingerprint import Fingerprint
from index.storage.ingest import IngestResult, SourceWarning, ingest, near_identical
from index.storage.postgres import IndexPlace
from index.storage.reader import audit
from index.storage.writer import IndexWriter, PublishedGeneration

EMBEDDING_BATCH_TEXTS = 512  # embedded and committed together: the most work that a kill can lose
EMBEDDING_WINDOW_TEXTS = 65_536  # in memory at a time, sorted by length

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a stage: "read" counts sources, "embed" texts, and "publish" the one generation."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The result of a run.

    `created` to `deleted` count sources, compared with the generation before; a source that failed is in none of them.
    `warnings` are about parts left out of sources read in this run, sources of nearly the same words, and catalogue
    entries that match no source.
    `superseded` are the sources that are not searched, each with the one that replaces it. `sentences` is the number
    in the generation, and `embedded` that of texts embedded in this run.
    """

    created: int
    updated: int
    unchanged: int
    deleted: int
    failed: tuple[Failure, ...]
    warnings: tuple[SourceWarning, ...]
    superseded: tuple[tuple[str, str], ...]
    sentences: int
    embedded: int
    generation: str
    published: bool


def build_index(
    sources: Path,
    index: IndexPlace,
    embedder: Embedder,
    progress: Callable[[Progress], None] | None = None,
    *,
    allow_empty: bool = False,
    self_check: SelfCheck = selfcheck_in_child,
) -> BuildReport:
    """Brings an index up to date with a folder of sources. The generation before is searched until the end.

    Only texts without a vector are embedded, so the next run completes one that was killed. A source that cannot be
    read is reported and withdrawn from the index. A damaged database is set aside and rebuilt.

    Raises `NoSourcesError` rather than empty an index that exists, as where the folder is not mounted, unless
    `allow_empty`. Raises `SourceError` when there is no such folder, `WriterBusyError` at once when another process is
    indexing, `CatalogueError` for an invalid catalogue before anything is changed, and `StorageError` for errors of
    the machine, such as a full disk; a later run resumes from there.
    """
    found = discover(sources)
    fingerprint = Fingerprint.of(embedder)
    catalogue = read_catalogue(sources)
    with open_publisher(index, fingerprint, self_check=self_check) as publisher:
        keep = not allow_empty and publisher.exists()
        if keep and not found:
            raise NoSourcesError(sources)
        build = _Build(
            sources if keep else None, found, catalogue, fingerprint, embedder, progress or _ignore, publisher
        )
        try:
            return build.run()
        except CorruptDatabaseError as error:
            _log.warning("%s Rebuilding the index from the sources.", error.message)
            set_aside(publisher.folder)
            return build.run()


def ensure_index(
    sources: Path, index: IndexPlace, embedder: Embedder, progress: Callable[[Progress], None] | None = None
) -> OpenIndex:
    """Opens the index of a folder of sources. Builds it first if there is none or its database is damaged."""
    fingerprint = Fingerprint.of(embedder)
    try:
        return open_current(index, fingerprint)
    except (NotIndexedError, CorruptDatabaseError) as error:
        _log.info("%s", error)
    build_index(sources, index, embedder, progress)
    return open_current(index, fingerprint)


def copy_index(
    source: IndexPlace, target: IndexPlace, fingerprint: Fingerprint, *, self_check: SelfCheck = selfcheck_in_child
) -> PublishedGeneration:
    """Publishes in one place the current generation of another, and returns it. Reads no sources and embeds nothing.

    Every sentence and vector is checked on its way, and again where it arrived. Raises `GenerationError` when the
    digests differ, `CorruptDatabaseError` when something is damaged, and otherwise what opening and indexing raise.
    """
    with open_publisher(target, fingerprint, self_check=self_check) as publisher:
        publisher.folder.mkdir(parents=True, exist_ok=True)
        with (
            closing(open_current(source, fingerprint, exact=True, repair=False)) as opened,
            closing(IndexDatabase(publisher.folder / DATABASE_FILE, fingerprint, create=True)) as record,
            closing(open_record(source, fingerprint)) as database,
        ):
            generation, writer = opened.generation, IndexWriter(record)
            versions = restore(record, database, database.newest_generation())
            if len(versions) < len(generation.transcripts) + len(generation.superseded):
                raise CorruptDatabaseError(source, "a transcript is damaged, so nothing was copied.")
            before = publisher.current(writer)
            sound = before is not None and publisher.is_sound(before)
            after = before if sound and before and before.digest == generation.digest else None
            after = after or publisher.publish(writer, versions.values(), None if sound else before)
            publisher.replace_failures(writer, opened.failures())
            publisher.tidy(writer)
        if after.digest != generation.digest or not publisher.is_sound(after):
            raise GenerationError(f"The copy in {target} differs from {source}.", advice="Copy it again.")
    return after


@dataclass(frozen=True, slots=True)
class _Build:
    """One run, by the process that has the writer's lock. `kept_for` is the folder whose index must not be emptied."""

    kept_for: Path | None
    sources: tuple[SourceFile, ...]
    catalogue: CatalogueFile
    fingerprint: Fingerprint
    embedder: Embedder
    progress: Callable[[Progress], None]
    publisher: Publisher

    def run(self) -> BuildReport:
        """Unpacks, reads, embeds and publishes the sources."""
        publisher, folder = self.publisher, self.publisher.folder
        folder.mkdir(parents=True, exist_ok=True)
        with closing(IndexDatabase(folder / DATABASE_FILE, self.fingerprint, create=True)) as database:
            audit(database)
            writer = IndexWriter(database)
            publisher.prepare(writer)
            before = publisher.current(writer)
            indexed = publisher.members(before, writer) if before else {}
            with SandboxedParser() as parser:
                sources, unopened = expand_archives(self.sources, parser)
                result = self._read(writer, sources, unopened, indexed, parser)
            if self.kept_for is not None and not result.versions:
                raise NoSourcesError(self.kept_for, _first_failure(result.failures))
            writer.prune(result.versions.values())
            embedded = self._embed(writer)
            after = self._publish(writer, before, indexed.values(), result.versions.values())
            publisher.replace_failures(writer, result.failures)
            publisher.tidy(writer)
        transcripts = publisher.transcripts(after)
        return _report(after, transcripts, result, indexed, embedded, published=after != before)

    def _read(
        self,
        writer: IndexWriter,
        sources: Sequence[SourceFile],
        unopened: Sequence[Failure],
        indexed: Mapping[str, int],
        parser: SandboxedParser,
    ) -> IngestResult:
        """Reads and stages the sources. `unopened` are those that could not be expand_archives."""
        lookup = self.catalogue.resolve([source.name for source in sources], [failure.source for failure in unopened])
        result = ingest(
            writer, sources, lookup, indexed, lambda done: self.progress(Progress("read", done, len(sources))), parser
        )
        result.failures += unopened
        result.warnings += [*_catalogue_warnings(lookup), *_copy_warnings(writer, result.versions, indexed)]
        return result

    def _embed(self, writer: IndexWriter) -> int:
        """Embeds the pending texts, with a transaction for each batch. Returns their number."""
        total = writer.count_pending()
        done = 0
        while window := writer.pending(EMBEDDING_WINDOW_TEXTS):
            for start in range(0, len(window), EMBEDDING_BATCH_TEXTS):
                batch = window[start : start + EMBEDDING_BATCH_TEXTS]
                encoded = self.embedder.encode_texts([text for _, text in batch])
                writer.add_vectors([embeds for embeds, _ in batch], encoded)
                done += len(batch)
                self.progress(Progress("embed", done, total))
        return done

    def _publish(
        self,
        writer: IndexWriter,
        before: PublishedGeneration | None,
        versions_before: Collection[int],
        versions: Collection[int],
    ) -> PublishedGeneration:
        """Publishes a generation of some versions, unless the one before is of the same versions and is sound."""
        sound = before is not None and self.publisher.is_sound(before)
        if before is not None and sound and set(versions) == set(versions_before):
            return before
        self.progress(Progress("publish", 0, 1))
        after = self.publisher.publish(writer, versions, None if sound else before)
        self.progress(Progress("publish", 1, 1))
        return after


def _ignore(_progress: Progress) -> None:
    """Reports no progress."""


def _first_failure(failures: Sequence[Failure]) -> str:
    return next((f"{failure.source}: {failure.reason}" for failure in failures), "")


def _catalogue_warnings(lookup: CatalogueLookup) -> list[SourceWarning]:
    notes = map(str, lookup.notes)
    return [SourceWarning(CATALOGUE_FILE, note[0].upper() + note[1:]) for note in notes]


def _copy_warnings(writer: IndexWriter, versions: Mapping[str, int], indexed: Mapping[str, int]) -> list[SourceWarning]:
    """Warns of new sources with nearly the same words as another, and of others with those of a new one."""
    new = {source for source, version in versions.items() if indexed.get(source) != version}
    pairs = near_identical(writer.database, versions) if new else []
    return [
        SourceWarning(source, f"It has nearly the same words as {other}. If both are of one recording, keep one.")
        for source, other in pairs
        if new & {source, other}
    ]


def _report(
    generation: PublishedGeneration,
    transcripts: Sequence[IndexedTranscript],
    result: IngestResult,
    indexed: Mapping[str, int],
    embedded: int,
    *,
    published: bool,
) -> BuildReport:
    """Describes a run. `indexed` are the versions in the generation before, by the names of their sources."""
    changes = Counter(_change(source, version, indexed) for source, version in result.versions.items())
    failed = {failure.source for failure in result.failures}
    return BuildReport(
        created=changes["created"],
        updated=changes["updated"],
        unchanged=changes["unchanged"],
        deleted=len(indexed.keys() - result.versions.keys() - failed),
        failed=tuple(result.failures),
        warnings=tuple(result.warnings),
        superseded=_superseded(transcripts, result.versions),
        sentences=sum(transcript.row_count for transcript in transcripts if not transcript.superseded_by),
        embedded=embedded,
        generation=generation.id,
        published=published,
    )


def _change(source: str, version: int, indexed: Mapping[str, int]) -> str:
    if source not in indexed:
        return "created"
    return "unchanged" if indexed[source] == version else "updated"


def _superseded(transcripts: Iterable[IndexedTranscript], sources: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Returns the superseded sources among transcripts, each with the one that replaces it, by name."""
    by_id = {transcript_id(source): source for source in sources}
    superseded = [transcript for transcript in transcripts if transcript.superseded_by]
    return tuple(sorted((transcript.source, by_id[transcript.superseded_by]) for transcript in superseded))
