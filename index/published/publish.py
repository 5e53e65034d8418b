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

from index.errors import CorruptRecordError, GenerationError
from index.published.bm25 import WordIndex
from index.published.chroma import write_chroma
from index.published.generation import (
    CHROMA,
    GENERATIONS,
    MANIFEST,
    WORDS,
    Arrays,
    Manifest,
    check_generation,
    digests,
    load_arrays,
    read_manifest,
    save_arrays,
    write_transcripts,
)
from index.published.rows import Contents, assemble
from index.published.selfcheck import selfcheck_in_child
from index.storage.fingerprint import Fingerprint
from index.storage.writer import IndexWriter, Published

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
    broken: Published | None = None,
    prove: SelfCheck = selfcheck_in_child,
) -> Published:
    """Build a generation of these versions from the record and make it the current one. Embeds nothing.

    To be called by the one writer. `broken` is a generation to forget. Raises `GenerationError` when what was built
    fails its trial, and `CorruptRecordError`; nothing is published then.
    """
    folder = ledger.record.path.parent / GENERATIONS
    folder.mkdir(exist_ok=True)
    tidy(ledger)
    contents = assemble(ledger.record, maker, sorted(versions))
    if broken and contents.digest != broken.digest and set(versions) == set(ledger.members(broken).values()):
        raise CorruptRecordError(ledger.record.path, f"it no longer holds what generation {broken.id} was made of.")
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
    published = Published(number, identity, contents.digest, hashlib.sha256(manifest).hexdigest())
    ledger.publish(published, versions, instead_of=broken)
    tidy(ledger)
    return published


def is_sound(folder: Path, generation: Published) -> bool:
    """Whether every file of a generation, in its maker's folder, is as it was published."""
    try:
        check_generation(folder / GENERATIONS / generation.id, generation.manifest_sha256)
    except GenerationError:
        return False
    return True


def tidy(ledger: IndexWriter) -> None:
    """Remove the folders of generations that are not kept, and what killed writers left. For the one writer."""
    kept = {generation.id for generation in ledger.kept()}
    folder = ledger.record.path.parent / GENERATIONS
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in kept:
            shutil.rmtree(path)


def _base(ledger: IndexWriter, broken: Published | None) -> Path | None:
    """The current generation's folder, if there is a sound one to start from."""
    current = ledger.current()
    folder = ledger.record.path.parent
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
    if base is not None:
        delete, upsert = _difference(load_arrays(base), arrays)
        patched = read_manifest(base).patched + len(delete) + len(upsert)
        if patched < AFRESH * arrays.searched.sum():
            shutil.copytree(base / CHROMA, partial / CHROMA)
            write_chroma(partial / CHROMA, delete, arrays.keys[upsert], arrays.vectors[upsert])
            return patched
    (partial / CHROMA).mkdir()
    write_chroma(partial / CHROMA, (), arrays.keys[arrays.searched], arrays.vectors[arrays.searched])
    return 0


def _difference(old: Arrays, new: Arrays) -> tuple[list[int], NDArray[np.int64]]:
    """Keys to delete from the old vectors, and rows of the new ones to upsert."""
    was, now = np.flatnonzero(old.searched), np.flatnonzero(new.searched)
    _, in_was, in_now = np.intersect1d(old.keys[was], new.keys[now], assume_unique=True, return_indices=True)
    same = (old.vectors[was[in_was]] == new.vectors[now[in_now]]).all(axis=1)
    return old.keys[np.delete(was, in_was)].tolist(), np.delete(now, in_now[same])


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
