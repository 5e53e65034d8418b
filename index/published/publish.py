"""Publishes a generation: builds it beside the current one, checks it in a child process, and renames it into place.

The generation before is current until one transaction of the database says otherwise. A process that is killed on the
way leaves a folder that the next writer removes.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from index.errors import CorruptDatabaseError, GenerationError
from index.published.arrays import load_arrays, save_arrays
from index.published.bm25 import WordIndex
from index.published.chroma import CHROMA, SelfCheck, selfcheck_in_child, write_chroma
from index.published.generation import (
    GENERATIONS,
    MANIFEST,
    WORDS,
    IndexedTranscript,
    Manifest,
    check_generation,
    digests,
    read_manifest,
    read_transcripts,
    write_records,
    write_transcripts,
)
from index.published.rows import Contents, assemble
from index.published.vector_store import VectorEntries
from index.storage.database import DATABASE_FILE
from index.storage.fingerprint import Fingerprint
from index.storage.writer import IndexWriter, PublishedGeneration

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from index.sources.files import Failure


PARTIAL_SUFFIX = ".partial"
REBUILD_SHARE = 0.2  # of the vectors, changed since Chroma was last built from nothing, at which it is built again
RECALL_FLOOR = 0.98  # of recall@10, below which Chroma is not searched

_log = logging.getLogger(__name__)


def publish(
    writer: IndexWriter,
    fingerprint: Fingerprint,
    versions: Collection[int],
    *,
    broken: PublishedGeneration | None = None,
    self_check: SelfCheck = selfcheck_in_child,
) -> PublishedGeneration:
    """Builds a generation of these versions from the database and makes it the current one. Embeds nothing.

    The caller must have the writer's lock. `broken` is a generation to replace. Raises `GenerationError` when the new
    generation fails its self-check, and `CorruptDatabaseError`; nothing is published then.
    """
    folder = writer.database.path.parent / GENERATIONS
    folder.mkdir(exist_ok=True)
    remove_unpublished(writer)
    contents = assemble(writer.database, fingerprint, sorted(versions))
    if broken and contents.digest != broken.digest and set(versions) == set(writer.members(broken).values()):
        raise CorruptDatabaseError(
            writer.database.path, f"it no longer contains what generation {broken.id} was built from."
        )
    number = writer.next_number()
    generation_id = f"{number:06d}-{contents.digest[:12]}"
    # A new name each time: where Chroma has failed to start, it fails again for as long as this process lives.
    partial = folder / f"{generation_id}-{secrets.token_hex(4)}{PARTIAL_SUFFIX}"
    patched = _write_files(partial, contents, _sound_current(writer, broken))
    recall = self_check(partial)
    exact = recall < RECALL_FLOOR
    if exact:
        _log.warning("The recall of Chroma is %.1f %%: this generation is searched without it.", 100 * recall)
    manifest = _manifest(partial, generation_id, fingerprint, contents, patched=patched, exact=exact).encode()
    (partial / MANIFEST).write_bytes(manifest)
    _sync_all(partial)
    partial.rename(folder / generation_id)
    _sync(folder)
    published = PublishedGeneration(number, generation_id, contents.digest, hashlib.sha256(manifest).hexdigest())
    writer.publish(published, versions, instead_of=broken)
    remove_unpublished(writer)
    return published


class Publisher(Protocol):
    """Publishes generations in the one place that it is for. The caller must have the lock of that place's writer."""

    @property
    def folder(self) -> Path:
        """The folder of the record."""

    def exists(self) -> bool:
        """Whether there is an index already."""

    def prepare(self, writer: IndexWriter) -> None:
        """Completes the record with what is published."""

    def current(self, writer: IndexWriter) -> PublishedGeneration | None:
        """Returns the current generation, or None if nothing has been published."""

    def members(self, generation: PublishedGeneration, writer: IndexWriter) -> dict[str, int]:
        """Returns the versions in a generation, as the record numbers them, by the name of their source."""

    def is_sound(self, generation: PublishedGeneration) -> bool:
        """Whether nothing of the current generation has changed since it was published."""

    def publish(
        self, writer: IndexWriter, versions: Collection[int], broken: PublishedGeneration | None = None
    ) -> PublishedGeneration:
        """Publishes some versions, in place of a `broken` generation if there is one."""

    def transcripts(self, generation: PublishedGeneration) -> tuple[IndexedTranscript, ...]:
        """Returns the transcripts of a generation, searched and superseded, by id."""

    def replace_failures(self, writer: IndexWriter, failures: Sequence[Failure]) -> None:
        """Stores the sources that this run could not index, in place of those of the last run."""

    def tidy(self, writer: IndexWriter) -> None:
        """Removes what killed writers and old generations left."""


@dataclass(frozen=True, slots=True)
class FilePublisher:
    """Publishes into files beside the record, in the folder of a fingerprint. See `Publisher`."""

    folder: Path
    fingerprint: Fingerprint
    self_check: SelfCheck

    def exists(self) -> bool:
        """Returns whether there is a record."""
        return (self.folder / DATABASE_FILE).exists()

    def prepare(self, writer: IndexWriter) -> None:
        """Does nothing: the record is where generations are published."""

    def current(self, writer: IndexWriter) -> PublishedGeneration | None:
        """See `Publisher`."""
        return writer.current()

    def members(self, generation: PublishedGeneration, writer: IndexWriter) -> dict[str, int]:
        """See `Publisher`."""
        return writer.members(generation)

    def is_sound(self, generation: PublishedGeneration) -> bool:
        """See `Publisher`."""
        return is_sound(self.folder, generation)

    def publish(
        self, writer: IndexWriter, versions: Collection[int], broken: PublishedGeneration | None = None
    ) -> PublishedGeneration:
        """See `publish`."""
        return publish(writer, self.fingerprint, versions, broken=broken, self_check=self.self_check)

    def transcripts(self, generation: PublishedGeneration) -> tuple[IndexedTranscript, ...]:
        """See `Publisher`."""
        return read_transcripts(self.folder / GENERATIONS / generation.id)

    def replace_failures(self, writer: IndexWriter, failures: Sequence[Failure]) -> None:
        """See `Publisher`."""
        writer.replace_failures(failures)

    def tidy(self, writer: IndexWriter) -> None:
        """See `remove_unpublished`."""
        remove_unpublished(writer)


def is_sound(folder: Path, generation: PublishedGeneration) -> bool:
    """Whether no file of a generation, in the folder of its fingerprint, has changed since it was published."""
    try:
        check_generation(folder / GENERATIONS / generation.id, generation.manifest_sha256)
    except GenerationError:
        return False
    return True


def remove_unpublished(writer: IndexWriter) -> None:
    """Removes the folders of old generations and of killed writers. The caller must have the writer's lock."""
    published = {generation.id for generation in writer.generations()}
    folder = writer.database.path.parent / GENERATIONS
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in published:
            shutil.rmtree(path)


def _sound_current(writer: IndexWriter, broken: PublishedGeneration | None) -> Path | None:
    """Returns the folder of the current generation if it is sound."""
    current = writer.current()
    folder = writer.database.path.parent
    if current is None or current == broken or not is_sound(folder, current):
        return None
    return folder / GENERATIONS / current.id


def _write_files(partial: Path, contents: Contents, base: Path | None) -> int:
    """Writes all files but the manifest, and returns `Manifest.patched`. Chroma is patched from `base` if possible."""
    (partial / WORDS).mkdir(parents=True)
    save_arrays(partial, contents.arrays)
    write_transcripts(partial, [*contents.transcripts, *contents.superseded])
    write_records(partial, contents.records)
    WordIndex.build(contents.texts).save(partial / WORDS)
    entries = contents.entries()
    if base is not None:
        deleted, changed = _difference(base, contents, entries)
        patched = read_manifest(base).patched + len(deleted) + len(changed)
        if patched < REBUILD_SHARE * len(entries):
            shutil.copytree(base / CHROMA, partial / CHROMA)
            write_chroma(partial / CHROMA, deleted, entries.taken(changed))
            return patched
    (partial / CHROMA).mkdir()
    write_chroma(partial / CHROMA, (), entries)
    return 0


def _difference(base: Path, contents: Contents, entries: VectorEntries) -> tuple[list[int], NDArray[np.int64]]:
    """Returns the keys to delete from a generation's vector store, and the positions of the entries to upsert.

    An entry is unchanged if its vector is, and everything that is known about its transcript.
    """
    old = load_arrays(base)
    known = {_description(transcript) for transcript in read_transcripts(base)}
    unchanged = {transcript.id for transcript in contents.transcripts if _description(transcript) in known}
    before = np.flatnonzero(old.searched)
    _, of_before, of_now = np.intersect1d(old.keys[before], entries.keys, assume_unique=True, return_indices=True)
    same = (old.vectors[before[of_before]] == entries.vectors[of_now]).all(axis=1)
    same &= np.array(
        [entries.metadata[position].transcript_id in unchanged for position in of_now.tolist()], dtype=bool
    )
    everything = np.arange(len(entries), dtype=np.int64)
    return old.keys[np.delete(before, of_before)].tolist(), np.delete(everything, of_now[same])


def _description(transcript: IndexedTranscript) -> IndexedTranscript:
    """Returns a transcript without its rows, which change whenever another transcript does."""
    return replace(transcript, first_row=0, row_count=0)


def _manifest(
    partial: Path, generation_id: str, fingerprint: Fingerprint, contents: Contents, *, patched: int, exact: bool
) -> Manifest:
    return Manifest(
        id=generation_id,
        digest=contents.digest,
        fingerprint=asdict(fingerprint),
        transcripts=len(contents.transcripts),
        sentences=len(contents.arrays.keys),
        passages=len(contents.arrays.passage_rows),
        dimension=contents.arrays.vectors.shape[1],
        patched=patched,
        exact=exact,
        files=digests(partial),
    )


def _sync_all(folder: Path) -> None:
    """Flushes a folder and everything below it to the disk."""
    for at, _, names in os.walk(folder):
        for name in names:
            _sync(Path(at, name))
        _sync(Path(at))


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows cannot flush a folder
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
