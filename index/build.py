"""Indexing a folder of sources, from files to a published generation; and opening what is there."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.embedding.models import Embedder
from index.errors import CorruptRecordError, NotIndexedError
from index.published.generation import GENERATIONS, read_manifest, read_transcripts
from index.published.open import OpenIndex, open_current
from index.published.publish import SelfCheck, is_sound, publish, tidy
from index.published.selfcheck import selfcheck_in_child
from index.readers.archives import unpacked
from index.readers.read import transcript_id
from index.readers.sandbox import Parser
from index.sources.catalogue import CatalogueFile, read_catalogue
from index.sources.files import CATALOGUE, Failure, SourceFile, discover
from index.storage.database import RECORD, IndexDatabase, set_aside
from index.storage.fingerprint import Fingerprint
from index.storage.ingest import IngestResult, Warned, ingest
from index.storage.lock import writer_lock
from index.storage.reader import audit
from index.storage.writer import IndexWriter, Published

BATCH = 512  # texts embedded and committed at a time: what a kill can cost
WINDOW = 65_536  # texts in memory to be embedded, sorted by length

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage has come: "read" counts files, "embed" sentences, "publish" one generation."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a run did. Counts are of sources, against what answered before it; a source that failed is in none of them.

    `warnings` say what was left out of the sources that were read in this run, and where, and which entries of the
    catalogue are for no file. `superseded` are the sources that are not searched, each with the one that took its
    place. `sentences` are those that can now be found, `embedded` the texts that were embedded for it in this run.
    """

    created: int
    updated: int
    unchanged: int
    deleted: int
    failed: tuple[Failure, ...]
    warnings: tuple[Warned, ...]
    superseded: tuple[tuple[str, str], ...]
    sentences: int
    embedded: int
    generation: str
    published: bool


def build_index(
    sources: Path,
    index: Path,
    embedder: Embedder,
    progress: Callable[[Progress], None] | None = None,
    *,
    prove: SelfCheck = selfcheck_in_child,
) -> BuildReport:
    """Bring an index up to date with a folder of sources. What was answering goes on answering until the end.

    Only texts the record has no vector for are embedded, so a run that was killed is finished by the next. A source
    that cannot be read is reported and left out, what was indexed of it before too. A damaged record is set aside and
    built again. Raises `SourceError` for a folder that is not there, and `WriterBusyError` at once when another
    process is indexing. Raises `CatalogueError` for a catalogue that is wrong, before anything is changed, and
    `StorageError` for what the machine refuses, a full disk for one; a later run goes on from there.
    """
    found = discover(sources)
    maker = Fingerprint.of(embedder)
    folder = maker.folder(index)
    build = _Build(found, read_catalogue(sources), maker, embedder, progress or (lambda _: None), prove)
    with writer_lock(index):
        try:
            return build.run(folder)
        except CorruptRecordError as error:
            _log.warning("%s It is rebuilt from the sources.", error)
            set_aside(folder)
            return build.run(folder)


def ensure_index(
    sources: Path, index: Path, embedder: Embedder, progress: Callable[[Progress], None] | None = None
) -> OpenIndex:
    """Open the index of a folder of sources, building it when there is none or when its record is damaged."""
    maker = Fingerprint.of(embedder)
    try:
        return open_current(index, maker)
    except (NotIndexedError, CorruptRecordError) as error:
        _log.info("%s", error)
    build_index(sources, index, embedder, progress)
    return open_current(index, maker)


@dataclass(frozen=True, slots=True)
class _Build:
    """One run over a maker's record, by the one writer."""

    sources: tuple[SourceFile, ...]
    catalogue: CatalogueFile
    maker: Fingerprint
    embedder: Embedder
    progress: Callable[[Progress], None]
    prove: SelfCheck

    def run(self, folder: Path) -> BuildReport:
        folder.mkdir(parents=True, exist_ok=True)
        with closing(IndexDatabase(folder / RECORD, self.maker, create=True)) as record:
            audit(record)
            ledger = IndexWriter(record)
            before = ledger.current()
            held = ledger.members(before) if before else {}
            intake = self._take_in(ledger, held)
            ledger.prune(intake.versions.values())
            embedded = self._embed(ledger)
            after = self._publish(ledger, folder, before, intake.versions.values(), held.values())
            ledger.set_failures(intake.failed)
            tidy(ledger)
        published = folder / GENERATIONS / after.id
        kinds = Counter(_kind(source, version, held) for source, version in intake.versions.items())
        failed = {failure.source for failure in intake.failed}
        return BuildReport(
            created=kinds["created"],
            updated=kinds["updated"],
            unchanged=kinds["unchanged"],
            deleted=len(held.keys() - intake.versions.keys() - failed),
            failed=tuple(intake.failed),
            warnings=tuple(intake.warnings),
            superseded=_superseded(published, intake.versions),
            sentences=read_manifest(published).sentences,
            embedded=embedded,
            generation=after.id,
            published=after != before,
        )

    def _take_in(self, ledger: IndexWriter, held: Collection[str]) -> IngestResult:
        with Parser() as parser:
            sources, failed = unpacked(self.sources, parser)
            told = self.catalogue.tell([one.name for one in sources], [failure.source for failure in failed])
            intake = ingest(
                ledger, sources, told, held, lambda done: self.progress(Progress("read", done, len(sources))), parser
            )
        intake.failed += failed
        intake.warnings += [Warned(CATALOGUE, f"{str(note)[0].upper()}{str(note)[1:]}") for note in told.notes]
        return intake

    def _embed(self, ledger: IndexWriter) -> int:
        """Embed what is pending, a batch to a transaction; the number of texts."""
        total = ledger.count_pending()
        done = 0
        while window := ledger.pending(WINDOW):
            for start in range(0, len(window), BATCH):
                batch = window[start : start + BATCH]
                ledger.add_vectors([embeds for embeds, _ in batch], self.embedder.encode([text for _, text in batch]))
                done += len(batch)
                self.progress(Progress("embed", done, total))
        return done

    def _publish(
        self,
        ledger: IndexWriter,
        folder: Path,
        before: Published | None,
        wanted: Collection[int],
        held: Collection[int],
    ) -> Published:
        """Publish the versions wanted, unless a sound generation holds just these."""
        sound = before is not None and is_sound(folder, before)
        if before is not None and sound and set(wanted) == set(held):
            return before
        self.progress(Progress("publish", 0, 1))
        after = publish(ledger, self.maker, wanted, broken=None if sound else before, prove=self.prove)
        self.progress(Progress("publish", 1, 1))
        return after


def _superseded(published: Path, sources: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The superseded sources of a published generation, each with the one that took its place, by name."""
    by_id = {transcript_id(source): source for source in sources}
    later = [(transcript.source, transcript.superseded_by) for transcript in read_transcripts(published)]
    return tuple(sorted((source, by_id[by]) for source, by in later if by))


def _kind(source: str, version: int, held: dict[str, int]) -> str:
    if source not in held:
        return "created"
    return "unchanged" if held[source] == version else "updated"
