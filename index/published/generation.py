"""A generation: one published state of an index, as files that never change after publication.

Its rows are the sentences, without markup, of every transcript. They are ordered by transcript id and position, so that
the order does not depend on the history of the index. A manifest lists the digest of every file, and the database has
the digest of the manifest.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from index.errors import GenerationError
from index.published.arrays import Arrays, load_arrays
from index.published.bm25 import WordIndex
from index.published.chroma import CHROMA, ChromaStore
from index.published.vector_store import ExactStore, VectorStore
from index.records.record import FormalRecord, decode_record
from index.storage.fingerprint import Fingerprint, decode_metadata, encode_metadata
from index.text.transcript import Metadata

if TYPE_CHECKING:
    from numpy.typing import NDArray

GENERATIONS = "generations"
WORDS = "words"
TRANSCRIPTS = "transcripts.json"
RECORDS = "records.json"
MANIFEST = "manifest.json"
_ADVICE = "Index the sources again: it is rebuilt from the database."


@dataclass(frozen=True, slots=True)
class IndexedTranscript:
    """A transcript in a generation. Its sentences are the rows from `first_row` on, `row_count` of them.

    A transcript that a later one supersedes can be read but not searched: it has the later one's id in `superseded_by`,
    a `first_row` of -1, and in `row_count` the number of rows it would have.
    """

    id: str
    sha256: str
    source: str
    title: str
    metadata: Metadata
    first_row: int
    row_count: int
    superseded_by: str = ""

    @property
    def force(self) -> str:
        """The name of the force; empty when it is not known."""
        return self.metadata.force

    @property
    def period(self) -> str:
        """The label of the inspection period; empty when it is not known."""
        return self.metadata.period.label if self.metadata.period else ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of a generation's folder. `files` gives the SHA-256 of each file by its path with forward slashes.

    `digest` depends on the sources and the fingerprint alone, not on the history of the index. `patched` counts the
    vectors changed in the Chroma folder since it was last built from nothing. `exact` is set when Chroma's recall is
    too low, and its vectors are to be searched without it.
    """

    id: str
    digest: str
    fingerprint: dict[str, Any]
    transcripts: int
    sentences: int
    passages: int
    dimension: int
    patched: int
    exact: bool
    files: dict[str, str]

    def encode(self) -> bytes:
        """Returns the manifest as JSON."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Reverses `encode`."""
        return cls(**json.loads(data))


def _in_memory(_rows: NDArray[np.int64]) -> None:
    """Reads nothing: the vectors of every row are there."""


@dataclass(frozen=True, slots=True)
class Generation(Arrays):
    """An opened generation. Safe to use from several threads; what it answers never changes.

    Read vectors by `vectors_of`, and tokens' vectors after `load`: a store may fetch them as they are needed.
    """

    id: str
    digest: str
    fingerprint: Fingerprint
    transcripts: tuple[IndexedTranscript, ...]  # those that are searched, by id
    superseded: tuple[IndexedTranscript, ...]  # the others, by id
    records: Mapping[str, tuple[FormalRecord, ...]]  # of each searched transcript, by its id
    words: WordIndex
    store: VectorStore
    by_key: NDArray[np.int64]  # (N,) the rows in order of their keys
    load: Callable[[NDArray[np.int64]], None] = _in_memory  # has the vectors of some rows read before they are used

    def rows_of(self, keys: Sequence[int]) -> NDArray[np.int64]:
        """Returns the rows of n sentences by key, in the order given. Raises `KeyError` for an unknown key."""
        wanted = np.asarray(keys, dtype=np.int64)
        positions = np.searchsorted(self.keys, wanted, sorter=self.by_key)
        rows = self.by_key[np.minimum(positions, len(self.by_key) - 1)] if len(self.by_key) else positions
        unknown = wanted[self.keys[rows] != wanted] if len(self.by_key) else wanted
        if len(unknown):
            raise KeyError(int(unknown[0]))
        return rows.astype(np.int64)

    def vectors_of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Returns the vectors of n rows: (n, d). Raises `IndexingError` when they cannot be read."""
        self.load(rows)
        return self.vectors[rows]

    def rows_at(self, transcript: IndexedTranscript, ordinals: Sequence[int]) -> NDArray[np.int64]:
        """Returns the rows of sentences of a searched transcript, by their ordinals, in the order given."""
        own = self.ordinals[transcript.first_row : transcript.first_row + transcript.row_count]
        return transcript.first_row + np.searchsorted(own, np.asarray(ordinals, dtype=np.int32)).astype(np.int64)

    def close(self) -> None:
        """Closes the vector store. The rest needs no closing."""
        self.store.close()


def open_generation(folder: Path, manifest_sha256: str, *, exact: bool = False) -> Generation:
    """Checks every file of a published generation and opens it. Raises `GenerationError` for a damaged one.

    With `exact`, or if its manifest says so, its vectors are searched without Chroma.
    """
    manifest = check_generation(folder, manifest_sha256)
    arrays = load_arrays(folder)
    exact = exact or manifest.exact
    transcripts = read_transcripts(folder)
    searched = tuple(transcript for transcript in transcripts if not transcript.superseded_by)
    return Generation(
        **{field.name: getattr(arrays, field.name) for field in fields(Arrays)},
        id=manifest.id,
        digest=manifest.digest,
        fingerprint=Fingerprint(**manifest.fingerprint),
        transcripts=searched,
        superseded=tuple(transcript for transcript in transcripts if transcript.superseded_by),
        records=read_records(folder),
        words=WordIndex.load(folder / WORDS),
        store=_exact_store(arrays, searched) if exact else ChromaStore(folder / CHROMA),
        by_key=np.argsort(arrays.keys),
    )


def _exact_store(arrays: Arrays, transcripts: Sequence[IndexedTranscript]) -> ExactStore:
    rows = np.flatnonzero(arrays.searched)
    ids = [transcripts[position].id for position in arrays.transcript_of[rows].tolist()]
    return ExactStore(arrays.keys[rows], arrays.vectors[rows], ids)


def check_generation(folder: Path, manifest_sha256: str) -> Manifest:
    """Checks the digest of every file of a generation without opening any: opening a damaged one can end the process.

    Raises `GenerationError` when a file is missing, changed or additional.
    """
    try:
        written = (folder / MANIFEST).read_bytes()
        if hashlib.sha256(written).hexdigest() != manifest_sha256:
            raise GenerationError(f"{folder / MANIFEST} has changed since it was published.", advice=_ADVICE)
        manifest = Manifest.decode(written)
        different = sorted(dict(digests(folder).items() ^ manifest.files.items()))
    except OSError as error:
        raise GenerationError(f"{folder} cannot be read: {error}.", advice=_ADVICE) from error
    except (TypeError, ValueError) as error:  # another version of this program published it
        raise GenerationError(f"{folder / MANIFEST} has another format: {error}.", advice=_ADVICE) from error
    if different:
        raise GenerationError(f"{folder / different[0]} has changed since it was published.", advice=_ADVICE)
    return manifest


def write_transcripts(folder: Path, transcripts: Sequence[IndexedTranscript]) -> None:
    """Writes the list of transcripts, searched and superseded, into a generation's folder."""
    listed = [asdict(transcript) | {"metadata": encode_metadata(transcript.metadata)} for transcript in transcripts]
    (folder / TRANSCRIPTS).write_text(json.dumps(listed, ensure_ascii=False), encoding="utf-8")


def read_transcripts(folder: Path) -> tuple[IndexedTranscript, ...]:
    """Reads the transcripts, searched and superseded, of a generation whose files have been checked."""
    listed = json.loads((folder / TRANSCRIPTS).read_text(encoding="utf-8"))
    return tuple(IndexedTranscript(**fields | {"metadata": decode_metadata(fields["metadata"])}) for fields in listed)


def write_records(folder: Path, records: Mapping[str, Sequence[str]]) -> None:
    """Writes the formal records, as the database has them, into a generation's folder."""
    (folder / RECORDS).write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")


def read_records(folder: Path) -> dict[str, tuple[FormalRecord, ...]]:
    """Reads the formal records of each searched transcript in a generation whose files have been checked."""
    listed = json.loads((folder / RECORDS).read_text(encoding="utf-8"))
    return {transcript_id: tuple(map(decode_record, records)) for transcript_id, records in listed.items()}


def read_manifest(folder: Path) -> Manifest:
    """Reads the manifest of a generation whose files have been checked."""
    return Manifest.decode((folder / MANIFEST).read_bytes())


def digests(folder: Path) -> dict[str, str]:
    """Returns the SHA-256 of every file in a folder except the manifest, by path with forward slashes."""
    paths = sorted({Path(at, name) for at, _, names in os.walk(folder) for name in names} - {folder / MANIFEST})
    with ThreadPoolExecutor() as pool:  # hashing releases the interpreter lock
        found = list(pool.map(_sha256, paths))
    return {path.relative_to(folder).as_posix(): digest for path, digest in zip(paths, found, strict=True)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
