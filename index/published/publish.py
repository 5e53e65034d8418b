"""Making a generation the one that answers: built aside, tried in another process, put in place whole.

Until the record says so, in one transaction, the generation before it answers; killed anywhere on the way, this leaves
a folder that the next writer removes.
"""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
from collections.abc import Callable, Collection
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.errors import CorruptDatabaseError, GenerationError
from index.published.bm25 import WordIndex
from index.published.chroma import write_chroma
from index.published.generation import (
    CHROMA,
    GENERATIONS,
    MANIFEST,
    WORDS,
    Manifest,
    check_generation,
    digests,
    load_arrays,
    read_manifest,
    read_transcripts,
    save_arrays,
    write_transcripts,
)
from index.published.rows import Contents, assemble
from index.published.selfcheck import selfcheck_in_child
from index.published.vector_store import VectorEntries
from index.storage.fingerprint import Fingerprint
from index.storage.writer import IndexWriter, PublishedGeneration

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTIAL = ".partial"
AFRESH = 0.2  # share of vectors changed, since Chroma was last built afresh, from which it is built afresh again
ENOUGH = 0.98  # recall@10, below which Chroma is not to be searched

_log = logging.getLogger(__name__)

SelfCheck = Callable[[Path], float]


def publish(
    ledger: IndexWriter,
    maker: Fingerprint,
    versions: Collection[int],
    *,
    broken: PublishedGeneration | None = None,
    prove: SelfCheck = selfcheck_in_child,
) -> PublishedGeneration:
    """Build a generation of these versions from the record and make it the current one. Embeds nothing.

    To be called by the one writer. `broken` is a generation to forget. Raises `GenerationError` when what was built
    fails its trial, and `CorruptDatabaseError`; nothing is published then.
    """
    folder = ledger.database.path.parent / GENERATIONS
    folder.mkdir(exist_ok=True)
    tidy(ledger)
    contents = assemble(ledger.database, maker, sorted(versions))
    if broken and contents.digest != broken.digest and set(versions) == set(ledger.members(broken).values()):
        raise CorruptDatabaseError(ledger.database.path, f"it no longer holds what generation {broken.id} was made of.")
    number = ledger.next_number()
    identity = f"{number:06d}-{contents.digest[:12]}"
    # Never the same twice: where Chroma failed to start it keeps failing, in this process, for as long as that lives.
    partial = folder / f"{identity}-{secrets.token_hex(4)}{PARTIAL}"
    patched = _write(partial, contents, _base(ledger, broken))
    recall = prove(partial)
    if recall < ENOUGH:
        _log.warning("Chroma finds %.1f %% of what is near: this generation is searched exactly instead.", 100 * recall)
    manifest = _manifest(partial, identity, maker, contents, (patched, recall < ENOUGH))
    (partial / MANIFEST).write_bytes(manifest)
    _to_disk(partial)
    partial.rename(folder / identity)
    _sync(folder)
    published = PublishedGeneration(number, identity, contents.digest, hashlib.sha256(manifest).hexdigest())
    ledger.publish(published, versions, instead_of=broken)
    tidy(ledger)
    return published


def is_sound(folder: Path, generation: PublishedGeneration) -> bool:
    """Whether every file of a generation, in its maker's folder, is as it was published."""
    try:
        check_generation(folder / GENERATIONS / generation.id, generation.manifest_sha256)
    except GenerationError:
        return False
    return True


def tidy(ledger: IndexWriter) -> None:
    """Remove the folders of generations that are not kept, and what killed writers left. For the one writer."""
    kept = {generation.id for generation in ledger.generations()}
    folder = ledger.database.path.parent / GENERATIONS
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in kept:
            shutil.rmtree(path)


def _base(ledger: IndexWriter, broken: PublishedGeneration | None) -> Path | None:
    """The current generation's folder, if there is a sound one to start from."""
    current = ledger.current()
    folder = ledger.database.path.parent
    if current is None or current == broken or not is_sound(folder, current):
        return None
    return folder / GENERATIONS / current.id


def _write(partial: Path, contents: Contents, base: Path | None) -> int:
    """Write all but the manifest; the number of vectors changed in Chroma since it was last built afresh."""
    arrays = contents.arrays
    (partial / WORDS).mkdir(parents=True)
    save_arrays(partial, arrays)
    write_transcripts(partial, [*contents.transcripts, *contents.superseded])
    WordIndex.build(contents.texts).save(partial / WORDS)
    entries = contents.entries()
    if base is not None:
        delete, upsert = _difference(base, contents, entries)
        patched = read_manifest(base).patched + len(delete) + len(upsert)
        if patched < AFRESH * len(entries):
            shutil.copytree(base / CHROMA, partial / CHROMA)
            write_chroma(partial / CHROMA, delete, entries.taken(upsert))
            return patched
    (partial / CHROMA).mkdir()
    write_chroma(partial / CHROMA, (), entries)
    return 0


def _difference(base: Path, contents: Contents, entries: VectorEntries) -> tuple[list[int], NDArray[np.int64]]:
    """The keys to delete from a generation's vector store, and the positions of the entries to upsert.

    An entry is the same when its vector is, and what the index knows of its transcript.
    """
    old = load_arrays(base)
    known = {(transcript.id, transcript.sha256, transcript.metadata) for transcript in read_transcripts(base)}
    unchanged = {
        transcript.id
        for transcript in contents.transcripts
        if (transcript.id, transcript.sha256, transcript.metadata) in known
    }
    before = np.flatnonzero(old.searched)
    _, of_before, of_now = np.intersect1d(old.keys[before], entries.keys, assume_unique=True, return_indices=True)
    same = (old.vectors[before[of_before]] == entries.vectors[of_now]).all(axis=1)
    of_unchanged = [entries.metadata[position].transcript_id in unchanged for position in of_now.tolist()]
    same &= np.array(of_unchanged, dtype=bool)
    everything = np.arange(len(entries), dtype=np.int64)
    return old.keys[np.delete(before, of_before)].tolist(), np.delete(everything, of_now[same])


def _manifest(partial: Path, identity: str, maker: Fingerprint, contents: Contents, store: tuple[int, bool]) -> bytes:
    return Manifest(
        id=identity,
        digest=contents.digest,
        maker=asdict(maker),
        transcripts=len(contents.transcripts),
        sentences=len(contents.arrays.keys),
        passages=len(contents.arrays.passage_rows),
        dimension=contents.arrays.vectors.shape[1],
        patched=store[0],
        exact=store[1],
        files=digests(partial),
    ).encode()


def _to_disk(folder: Path) -> None:
    """Have the system write a folder and everything below it to the disk."""
    for at, _, names in os.walk(folder):
        for name in names:
            _sync(Path(at, name))
        _sync(Path(at))


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":
        return  # Windows has no such thing as a folder written to disk
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
