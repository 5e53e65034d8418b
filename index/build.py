"""Indexing a folder of sources, from files to a published generation; and opening what is there."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from index.catalogue import Failure, audit
from index.embedding import Embedder
from index.errors import CorruptRecordError, NotIndexedError, SourceError
from index.ledger import Ledger, Published
from index.lock import writer_lock
from index.maker import Maker
from index.opening import OpenIndex, open_current
from index.passage import group
from index.proof import prove_in_child
from index.publish import Prove, is_sound, publish, tidy
from index.readers import read
from index.record import Record, set_aside
from index.sentence import Sentence, split
from index.source import SourceFile, discover

BATCH = 512  # texts embedded and committed at a time: what a kill can cost
WINDOW = 65_536  # texts in memory to be embedded, sorted by length
STAGED = 512  # sentences staged in one transaction, about

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

    `sentences` are those that can now be found, `embedded` the texts that were embedded for it in this run.
    """

    created: int
    updated: int
    unchanged: int
    deleted: int
    failed: tuple[Failure, ...]
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
    prove: Prove = prove_in_child,
) -> BuildReport:
    """Bring an index up to date with a folder of sources. What was answering goes on answering until the end.

    Only texts the record has no vector for are embedded, so a run that was killed is finished by the next. A source
    that cannot be read is reported and left out, what was indexed of it before too. A damaged record is set aside and
    built again. Raises `SourceError` for a folder that is not there, and `WriterBusyError` at once when another
    process is indexing.
    """
    found = discover(sources)
    maker = Maker.of(embedder)
    folder = maker.folder(index)
    build = _Build(found, maker, embedder, progress or (lambda _: None), prove)
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
    maker = Maker.of(embedder)
    try:
        return open_current(index, maker)
    except (NotIndexedError, CorruptRecordError) as error:
        _log.info("%s", error)
    build_index(sources, index, embedder, progress)
    return open_current(index, maker)


@dataclass(slots=True)
class _Intake:
    """The sources of a run: the version of each that was read, and those that failed."""

    versions: dict[str, int] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Build:
    """One run over a maker's record, by the one writer."""

    sources: tuple[SourceFile, ...]
    maker: Maker
    embedder: Embedder
    progress: Callable[[Progress], None]
    prove: Prove

    def run(self, folder: Path) -> BuildReport:
        with closing(Record.create(folder, self.maker)) as record:
            audit(record)
            ledger = Ledger(record)
            before = ledger.current()
            held = ledger.members(before) if before else {}
            intake = self._take_in(ledger, held)
            ledger.prune(intake.versions.values())
            embedded = self._embed(ledger)
            after = self._publish(ledger, folder, before, intake.versions.values(), held.values())
            ledger.set_failures(intake.failed)
            tidy(ledger)
            sentences = ledger.count_rows(after)
        kinds = Counter(_kind(source, version, held) for source, version in intake.versions.items())
        failed = {failure.source for failure in intake.failed}
        return BuildReport(
            created=kinds["created"],
            updated=kinds["updated"],
            unchanged=kinds["unchanged"],
            deleted=len(held.keys() - intake.versions.keys() - failed),
            failed=tuple(intake.failed),
            sentences=sentences,
            embedded=embedded,
            generation=after.id,
            published=after != before,
        )

    def _take_in(self, ledger: Ledger, held: dict[str, int]) -> _Intake:
        """Read and stage what the record does not have yet, several sources to a transaction."""
        intake = _Intake()
        done = 0
        while done < len(self.sources):
            with ledger.record.transaction():
                staged = 0
                while done < len(self.sources) and staged < STAGED:
                    staged += self._take(ledger, self.sources[done], intake, held)
                    done += 1
            self.progress(Progress("read", done, len(self.sources)))
        return intake

    def _take(self, ledger: Ledger, source: SourceFile, intake: _Intake, held: dict[str, int]) -> int:
        """Find the version of a source, staging it if it is new; the number of sentences staged."""
        if source.name in intake.versions:  # names that are not UTF-8 are told apart no longer
            intake.failed.append(Failure(source.name, "Another file has the same name, as far as it can be written."))
            return 0
        version = ledger.version_of(source.name, source.sha256)
        sentences: tuple[Sentence, ...] = ()
        try:
            if version is None:
                transcript = read(source)
                sentences = split(transcript)
                # The file may have changed since it was listed, to a version that is known.
                version = ledger.version_of(source.name, transcript.sha256)
                version = version or ledger.stage(transcript, sentences, group(sentences))
        except SourceError as error:
            withdrawn = " What was indexed of it before has been withdrawn." if source.name in held else ""
            intake.failed.append(Failure(source.name, f"{error.reason} {error.advice}".strip() + withdrawn))
            return 0
        intake.versions[source.name] = version
        return len(sentences)

    def _embed(self, ledger: Ledger) -> int:
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
        self, ledger: Ledger, folder: Path, before: Published | None, wanted: Collection[int], held: Collection[int]
    ) -> Published:
        """Publish the versions wanted, unless a sound generation holds just these."""
        sound = before is not None and is_sound(folder, before)
        if before is not None and sound and set(wanted) == set(held):
            return before
        self.progress(Progress("publish", 0, 1))
        after = publish(ledger, self.maker, wanted, broken=None if sound else before, prove=self.prove)
        self.progress(Progress("publish", 1, 1))
        return after


def _kind(source: str, version: int, held: dict[str, int]) -> str:
    if source not in held:
        return "created"
    return "unchanged" if held[source] == version else "updated"
