"""Opening an index to be searched. A broken generation is rebuilt from the record on the way."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from index.catalogue import Catalogue, Failure, SourceText, StoredSentence, audit
from index.errors import GenerationError, NotIndexedError, WriterBusyError
from index.generation import GENERATIONS, Generation, open_generation
from index.ledger import Ledger, Published
from index.lock import writer_lock
from index.machine import refusals_named
from index.maker import Maker
from index.proof import prove_in_child
from index.publish import Prove, is_sound, publish
from index.record import RECORD, Record
from index.transcript import Transcript
from index.witness import Witness

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenIndex:
    """A generation, and the record its sentences are read from. Safe to use from several threads."""

    generation: Generation
    catalogue: Catalogue
    witness: Witness

    def sentences(self, keys: Sequence[int]) -> list[StoredSentence]:
        """Sentences by key, in the order asked for, read from the record and checked. See `Catalogue.sentences`."""
        return self.catalogue.sentences(keys)

    def transcript(self, transcript_id: str) -> Transcript | None:
        """A transcript, read from the record and checked; None for one that this generation does not hold."""
        return self.catalogue.transcript(transcript_id)

    def text(self, transcript_id: str) -> SourceText | None:
        """A transcript's text alone, read and checked likewise."""
        return self.catalogue.text(transcript_id)

    def failures(self) -> tuple[Failure, ...]:
        """The sources that could not be taken in when the folder was last indexed, by name."""
        return self.catalogue.failures()

    def stale(self) -> bool:
        """Whether a newer generation has been published. Cheap enough to ask before every question."""
        return self.catalogue.superseded()

    def intact(self) -> bool:
        """Whether the generation's files are, by size and time, as they were when opened. As cheap as `stale`."""
        return self.witness.holds()

    def close(self) -> None:
        """Close the record and the vector store. What is dropped unclosed is let go of when it is collected."""
        self.catalogue.close()
        self.generation.close()


def open_current(index: Path, maker: Maker, *, exact: bool = False, prove: Prove = prove_in_child) -> OpenIndex:
    """Open a maker's current generation; with `exact`, to search its vectors without Chroma.

    A broken one is rebuilt from the record, which embeds nothing; while another process is writing, the one before it
    answers instead. Raises `NotIndexedError` when nothing was published, `CorruptRecordError` when the record is
    damaged (`build_index` mends that), `WriterBusyError` when nothing sound is there to open before the writer is done,
    `StorageError` for what the machine refuses.
    """
    with refusals_named(index):
        return _open_current(index, maker, exact=exact, prove=prove)


def _open_current(index: Path, maker: Maker, *, exact: bool, prove: Prove) -> OpenIndex:
    folder = maker.folder(index)
    kept: list[Published] = []
    while (now := _kept(folder, maker)) != kept:  # again, when another was published while we were opening
        kept = now
        try:
            return _open(folder, maker, kept[0], exact=exact)
        except GenerationError as error:
            _log.warning("%s", error)
    try:
        with writer_lock(index):
            heal(folder, maker, prove=prove)
    except WriterBusyError:
        if len(kept) == 1:
            raise
        return _open(folder, maker, kept[1], exact=exact)
    return _open(folder, maker, _kept(folder, maker)[0], exact=exact)


def heal(folder: Path, maker: Maker, *, prove: Prove = prove_in_child) -> None:
    """Rebuild a maker's current generation from the record if it is broken. To be called by the one writer.

    Raises `CorruptRecordError` when the record is damaged too.
    """
    with closing(Record(folder / RECORD, maker)) as record:
        ledger = Ledger(record)
        current = ledger.current()
        if current is not None and not is_sound(folder, current):
            audit(record)
            publish(ledger, maker, ledger.members(current).values(), broken=current, prove=prove)


def _kept(folder: Path, maker: Maker) -> list[Published]:
    """The generations there are to open, the current one first. Raises `NotIndexedError` when there is none."""
    with closing(Record(folder / RECORD, maker, read_only=True)) as record:
        kept = Ledger(record).kept()
    if not kept:
        raise NotIndexedError(f"Nothing has been indexed in {folder} yet.", advice="Index the sources first.")
    return kept


def _open(folder: Path, maker: Maker, published: Published, *, exact: bool) -> OpenIndex:
    record = Record(folder / RECORD, maker, read_only=True)
    try:
        witness = Witness.of(folder / GENERATIONS / published.id)
        generation = open_generation(folder / GENERATIONS / published.id, published.manifest_sha256, exact=exact)
    except BaseException:
        record.close()
        raise
    return OpenIndex(generation, Catalogue(record, published.number), witness)
