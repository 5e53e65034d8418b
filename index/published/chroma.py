"""Chroma behind the vector store seam. The one file that knows chromadb.

Chroma's folder is for one process, does not survive a kill while it is written, and is written to (a row in
`acquire_write`) even when it is only opened. So a folder is built once, closed, and from then on opened as a private
view: its database copied, its index files linked. A published folder keeps every byte, and any number may open it.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import weakref
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from index.errors import GenerationError
from index.published.vector_store import ranked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import Where
    from chromadb.config import Settings

    from index.published.vector_store import Floats, Hit, VectorEntries

COLLECTION = "sentences"
TRANSCRIPT_FIELD = "transcript_id"
DATABASE = "chroma.sqlite3"
_AGAIN = "Index the sources again."
SPARE = 16  # hits asked for beyond k, so that ties at the edge are cut by key
# Measured with these: recall@10 of 1.000 on 7,800 MiniLM vectors and on 20,000 near-alike ones; .99 on 20,000 sums of
# random words, which have no neighbourhoods to speak of. Slower building (ef_construction 200) gains .005 on the last.
_HNSW: CreateHNSWConfiguration = {
    "space": "cosine",  # Chroma's default is l2
    "ef_construction": 100,
    "ef_search": 400,
    "max_neighbors": 32,
    "batch_size": 1,
}


class ChromaStore:
    """A closed Chroma folder, opened to be searched. The folder itself is never written to."""

    def __init__(self, folder: Path) -> None:
        """Open a folder that `write_chroma` made. Raises `GenerationError` when Chroma will not.

        A damaged folder can end the process here: hold its files against their digests first.
        """
        opened = ExitStack()
        self._release = weakref.finalize(self, opened.close)  # readers may drop a store that others still search
        view = Path(tempfile.mkdtemp(prefix="sentences-"))
        opened.callback(shutil.rmtree, view, ignore_errors=True)
        _link(folder, view)
        with _errors_named(folder):
            self._collection = _sentences(opened.enter_context(_opened(view)))
            self._size = self._collection.count()
            if self._size:  # the index files are read at the first query, and the folder may be pruned before that
                some = self._collection.get(limit=1, include=["embeddings"])["embeddings"]
                self._collection.query(query_embeddings=some, n_results=1, include=[])

    def search(self, vector: Floats, k: int, transcripts: Sequence[str] | None = None) -> list[Hit]:
        """See `VectorStore.search`. Chroma filters by metadata, so it searches only the transcripts named."""
        if k < 1 or not self._size or not np.any(vector):
            return []
        where = None if transcripts is None else _within(transcripts)
        if transcripts is not None and where is None:
            return []
        found = self._collection.query(
            query_embeddings=vector[None], n_results=min(k + SPARE, self._size), where=where, include=["distances"]
        )
        distances = (found["distances"] or [[]])[0]
        keys = np.array([int(identity, 16) for identity in found["ids"][0]], dtype=np.int64)
        return ranked(keys, 1.0 - np.asarray(distances, dtype=np.float32), k)

    def __len__(self) -> int:
        return self._size

    def close(self) -> None:
        """See `VectorStore.close`."""
        self._release()


def write_chroma(folder: Path, delete: Iterable[int], entries: VectorEntries) -> None:
    """Makes a Chroma folder, or changes a copy of one: deletes keys it has, then upserts the entries.

    Raises `GenerationError` when Chroma fails. The folder is closed and its database compacted afterwards.
    """
    gone = [_id(key) for key in delete]
    # Chroma writes its index files anew, whole, after so many changes. Told how many are to come, it writes them once,
    # with all of them: none is left in the log, to be made again at every opening.
    changes = max(1, len(gone) + len(entries))
    with _errors_named(folder):
        if (folder / DATABASE).exists():
            with _opened(folder) as client:  # and closed: what a collection is told holds from its next opening
                # Not by get_or_create: its transaction can still hold the database when this one begins.
                _sentences(client).modify(configuration={"hnsw": {"sync_threshold": changes}})
        with _opened(folder) as client:
            collection = client.get_or_create_collection(
                COLLECTION, embedding_function=None, configuration={"hnsw": {**_HNSW, "sync_threshold": changes}}
            )
            most = client.get_max_batch_size()
            for start in range(0, len(gone), most):
                collection.delete(ids=gone[start : start + most])
            for start in range(0, len(entries), most):
                part = slice(start, start + most)
                collection.upsert(
                    ids=[_id(key) for key in entries.keys[part]],
                    embeddings=entries.vectors[part],
                    documents=list(entries.documents[part]),
                    metadatas=[asdict(metadata) for metadata in entries.metadata[part]],
                )
        with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as database:
            database.execute("VACUUM")


def client_settings() -> Settings:
    """What Chroma is told: nothing leaves this machine, whatever the environment says.

    By default Chroma reads a .env file in the working directory, its telemetry is on, and a variable starts traces.
    """
    from chromadb.config import Settings

    return Settings(
        _env_file=None,
        anonymized_telemetry=False,
        allow_reset=False,
        chroma_otel_collection_endpoint="",
        chroma_otel_granularity=None,
    )


def _client(folder: Path) -> ClientAPI:
    from chromadb import PersistentClient

    try:
        return PersistentClient(path=str(folder), settings=client_settings())
    except (AttributeError, ImportError, ValueError) as error:
        # Its clean-up fails too, over what it had not come to make; with no memory left a library is not loaded.
        raise GenerationError(f"Chroma and {folder}: {error.__context__ or error}.", advice=_AGAIN) from error


def _link(folder: Path, view: Path) -> None:
    """Make a view of a Chroma folder: the database, which Chroma writes to when it opens, copied; the rest linked."""
    for path in folder.iterdir():
        if path.is_file():
            shutil.copyfile(path, view / path.name)
            continue
        try:
            (view / path.name).symlink_to(path.absolute(), target_is_directory=True)
        except OSError:  # a system that lets only an administrator make links
            shutil.copytree(path, view / path.name)


@contextmanager
def _opened(folder: Path) -> Iterator[ClientAPI]:
    client = _client(folder)
    try:
        yield client
    finally:
        client.close()  # type: ignore[attr-defined]  # the client has it, its interface does not say so


def _sentences(client: ClientAPI) -> Collection:
    return client.get_collection(COLLECTION, embedding_function=None)


@contextmanager
def _errors_named(folder: Path) -> Iterator[None]:
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, sqlite3.Error) as error:
        raise GenerationError(f"Chroma and {folder}: {error}.", advice=_AGAIN) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of Chroma's Rust, which offers no such class to import
            raise
        raise GenerationError(f"Chroma failed over {folder}: {error}.", advice=_AGAIN) from error


def _within(transcripts: Sequence[str]) -> Where | None:
    """Chroma's filter for some transcripts; None for none, which Chroma has no filter for."""
    ids: list[str | int | float | bool] = list(dict.fromkeys(transcripts))
    among: dict[Literal["$in", "$nin"], list[str | int | float | bool]] = {"$in": ids}
    return {TRANSCRIPT_FIELD: among} if ids else None


def _id(key: int) -> str:
    return f"{int(key):015x}"
