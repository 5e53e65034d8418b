"""Sources taken into the record: those it does not have yet are read, split, grouped and staged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from index.errors import SourceError
from index.readers.read import read
from index.readers.sandbox import Parser
from index.sources.catalogue import CatalogueLookup
from index.sources.files import Failure, SourceFile
from index.storage.writer import IndexWriter
from index.text.passages import group_passages
from index.text.sentences import Sentence, split_sentences

STAGED = 512  # sentences staged in one transaction, about


@dataclass(frozen=True, slots=True)
class Warned:
    """Something of a source that was left out or could not be read, and where."""

    source: str
    note: str


@dataclass(slots=True)
class IngestResult:
    """The sources of a run: the version of each that could be read, by name, those that failed, and what was left out
    of those that were read just now.
    """

    versions: dict[str, int] = field(default_factory=dict)
    failed: list[Failure] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)


def ingest(
    ledger: IndexWriter,
    sources: Sequence[SourceFile],
    told: CatalogueLookup,
    held: Collection[str],
    progress: Callable[[int], None],
    parser: Parser | None = None,
) -> IngestResult:
    """Find or stage a version of every source, several to a transaction; `progress` is told how many are done.

    `told` is what the catalogue says of them. `held` are the names that were indexed before: of those that now fail, it
    is said that they are withdrawn.
    """
    intake = IngestResult()
    done = 0
    while done < len(sources):
        with ledger.record.transaction():
            staged = 0
            while done < len(sources) and staged < STAGED:
                try:
                    staged += _take(ledger, sources[done], told, intake, parser)
                except SourceError as error:
                    intake.failed.append(_failure(error, sources[done], withdrawn=sources[done].name in held))
                done += 1
        progress(done)
    return intake


def _take(
    ledger: IndexWriter, source: SourceFile, told: CatalogueLookup, intake: IngestResult, parser: Parser | None
) -> int:
    """Find or stage the version of one source; the number of sentences staged."""
    if source.name in intake.versions:  # two names that are not UTF-8, which can be written in one way only
        raise SourceError(source.location, "another file has the same name.", advice="Give it a name in plain letters.")
    sentences: tuple[Sentence, ...] = ()
    given = told[source.name]
    version = ledger.version_of(source.name, source.sha256, given)
    if version is None:
        transcript = given.applied_to(read(source, parser))
        version = ledger.version_of(source.name, transcript.sha256, given)  # it may have changed since it was listed
    if version is None:
        sentences = split_sentences(transcript)
        version = ledger.stage(transcript, sentences, group_passages(sentences))
        intake.warnings += [Warned(source.name, note) for note in transcript.notes]
    intake.versions[source.name] = version
    return len(sentences)


def _failure(error: SourceError, source: SourceFile, *, withdrawn: bool) -> Failure:
    said = [error.reason, error.advice, "What was indexed of it before is withdrawn." if withdrawn else ""]
    return Failure(source.name, " ".join(filter(None, said)))
