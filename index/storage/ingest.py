"""Reads the sources that the database does not have yet, splits them, finds their formal records, and stages them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from index.errors import SourceError
from index.readers.read import read
from index.readers.sandbox import SandboxedParser
from index.records.find import find_records
from index.sources.catalogue import CatalogueLookup
from index.sources.files import Failure, SourceFile
from index.storage.writer import IndexWriter
from index.text.passages import group_passages
from index.text.sentences import split_sentences

TRANSACTION_SENTENCES = 512  # sentences after which a transaction is committed


@dataclass(frozen=True, slots=True)
class SourceWarning:
    """A part of a source that was left out or could not be read, and its position."""

    source: str
    note: str


@dataclass(slots=True)
class IngestResult:
    """The version of each source that could be read, by name; the failures; and the warnings of sources read now."""

    versions: dict[str, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    warnings: list[SourceWarning] = field(default_factory=list)


def ingest(
    writer: IndexWriter,
    sources: Sequence[SourceFile],
    catalogue: CatalogueLookup,
    indexed_before: Collection[str],
    progress: Callable[[int], None],
    parser: SandboxedParser | None = None,
) -> IngestResult:
    """Finds or stages a version of every source, with several to a transaction.

    `indexed_before` are the names of the sources in the current generation: the failure of one of them says that it
    is withdrawn. `progress` is called with the number of sources done.
    """
    run = _IngestRun(writer, catalogue, frozenset(indexed_before), parser)
    done = 0
    while done < len(sources):
        with writer.database.transaction():
            staged = 0
            while done < len(sources) and staged < TRANSACTION_SENTENCES:
                staged += run.add(sources[done])
                done += 1
        progress(done)
    return run.result


@dataclass(frozen=True, slots=True)
class _IngestRun:
    writer: IndexWriter
    catalogue: CatalogueLookup
    indexed_before: frozenset[str]
    parser: SandboxedParser | None
    result: IngestResult = field(default_factory=IngestResult)

    def add(self, source: SourceFile) -> int:
        """Adds a source's version, or its failure, to the result. Returns the number of sentences staged."""
        try:
            return self._add_version(source)
        except SourceError as error:
            self.result.failures.append(self._failure(source, error))
            return 0

    def _add_version(self, source: SourceFile) -> int:
        if source.name in self.result.versions:  # bytes that are not UTF-8 are replaced, so two names may become one
            raise SourceError(
                source.location, "another file has the same name.", advice="Rename it with plain letters and digits."
            )
        fields = self.catalogue[source.name]
        version = self.writer.find_version(source.name, source.sha256, fields)
        staged = 0
        if version is None:
            transcript = fields.applied_to(read(source, self.parser))
            version = self.writer.find_version(source.name, transcript.sha256, fields)  # it may just have changed
            if version is None:
                sentences = split_sentences(transcript)
                staged = len(sentences)
                records = find_records(transcript, sentences)
                version = self.writer.stage(transcript, sentences, group_passages(sentences), records)
                self.result.warnings += [SourceWarning(source.name, note) for note in transcript.notes]
        self.result.versions[source.name] = version
        return staged

    def _failure(self, source: SourceFile, error: SourceError) -> Failure:
        withdrawn = "Its earlier version is withdrawn from the index." if source.name in self.indexed_before else ""
        return Failure(source.name, " ".join(filter(None, [error.reason, error.advice, withdrawn])))
