"""The Chroma vector store, and the check of a new one. The only module that uses chromadb.

Only one process may open a Chroma folder, a kill during a write damages it, and Chroma writes to its database even when
it only opens it. So a folder is written once, closed, and from then on opened as a private view: a copy of its database
and links to its index files. The published folder never changes, and any number of processes may open it.

One collection contains every sentence, and a search in some transcripts filters it by metadata. Chroma then visits the
whole index, so that it misses nothing, in some 100 ms of processor time at 100,000 sentences. A collection for each
police force would make that 2 ms, but a search of all 43 of them 85 ms in place of 5.

`python -m index.published.chroma FOLDER` opens a generation and prints the recall of its search. A damaged folder can
end that process, so it is not the one that publishes.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Callable
from contextlib import ExitStack, closing, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from index.errors import GenerationError
from index.published.arrays import load_arrays
from index.published.vector_store import ExactStore, SentenceMetadata, ranked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chromadb.api import ClientAPI
    from chromadb.api.collection_configuration import CreateHNSWConfiguration
    from chromadb.api.models.Collection import Collection
    from chromadb.api.types import Where
    from chromadb.config import Settings

    from index.published.vector_store import Floats, Hit, VectorEntries

CHROMA = "chroma"  # the folder of a generation that Chroma keeps
COLLECTION = "sentences"
DATABASE = "chroma.sqlite3"
SPARE_HITS = 16  # requested beyond k, so that equal cosines at the edge are chosen by key
SAMPLE_SIZE = 100  # vectors that the self-check searches for
NEIGHBOURS = 10  # of each
COSINE_TOLERANCE = 1e-5  # below the cosine of the last neighbour, at which a hit counts as equally near
TIMEOUT_SECONDS = 600.0
_ADVICE = "Index the sources again."
_METADATA_FIELDS = tuple(field.name for field in fields(SentenceMetadata))
# Recall@10 with this: 1.000 on 7,800 MiniLM vectors and on 20,000 nearly alike, .99 on 20,000 sums of random words,
# which have no neighbourhoods. Building more slowly (ef_construction 200) gains .005 on the last.
_HNSW: CreateHNSWConfiguration = {
    "space": "cosine",  # Chroma's default is l2
    "ef_construction": 100,
    "ef_search": 400,
    "max_neighbors": 32,
    "batch_size": 1,
}

SelfCheck = Callable[[Path], float]


class ChromaStore:
    """A closed Chroma folder, opened for searching. The folder itself is never written to."""

    def __init__(self, folder: Path) -> None:
        """Opens a folder that `write_chroma` made. Raises `GenerationError` when Chroma cannot.

        A damaged folder can end the process here: check the digests of its files first.
        """
        resources = ExitStack()
        self._release = weakref.finalize(self, resources.close)  # a store may be dropped while others search it
        view = Path(tempfile.mkdtemp(prefix="sentences-"))
        resources.callback(shutil.rmtree, view, ignore_errors=True)
        _link(folder, view)
        with _translated_errors(folder):
            self._collection = _sentences(resources.enter_context(_opened(view)))
            self._size = self._collection.count()
            if self._size:  # the first query reads the index files; later, the folder may have been pruned
                vectors = self._collection.get(limit=1, include=["embeddings"])["embeddings"]
                self._collection.query(query_embeddings=vectors, n_results=1, include=[])

    def search(self, vector: Floats, k: int, transcripts: Sequence[str] | None = None) -> list[Hit]:
        """See `VectorStore.search`."""
        if k < 1 or not self._size or not np.any(vector):
            return []
        where = None if transcripts is None else _in_transcripts(transcripts)
        if transcripts is not None and where is None:
            return []
        found = self._collection.query(
            query_embeddings=vector[None],
            n_results=min(k + SPARE_HITS, self._size),
            where=where,
            include=["distances"],
        )
        distances = (found["distances"] or [[]])[0]
        keys = np.array([int(sentence_id, 16) for sentence_id in found["ids"][0]], dtype=np.int64)
        return ranked(keys, 1.0 - np.asarray(distances, dtype=np.float32), k)

    def __len__(self) -> int:
        return self._size

    def close(self) -> None:
        """See `VectorStore.close`."""
        self._release()


def write_chroma(folder: Path, delete: Iterable[int], entries: VectorEntries) -> None:
    """Makes a Chroma folder, or changes a copy of one: deletes keys that it has, then upserts the entries.

    Closes the folder and compacts its database. Raises `GenerationError` when Chroma fails.
    """
    deleted = [_id(key) for key in delete]
    # Chroma rewrites its index files after `sync_threshold` changes. At the number of changes to come it writes them
    # once and leaves none in its log, which every opening would otherwise replay.
    changes = max(1, len(deleted) + len(entries))
    with _translated_errors(folder):
        if (folder / DATABASE).exists():
            with _opened(folder) as client:  # a collection's new configuration takes effect when it is next opened
                # Not by get_or_create: its transaction can still lock the database when this one begins.
                _sentences(client).modify(configuration={"hnsw": {"sync_threshold": changes}})
        with _opened(folder) as client:
            collection = client.get_or_create_collection(
                COLLECTION, embedding_function=None, configuration={"hnsw": {**_HNSW, "sync_threshold": changes}}
            )
            batch_size = client.get_max_batch_size()
            for start in range(0, len(deleted), batch_size):
                collection.delete(ids=deleted[start : start + batch_size])
            for start in range(0, len(entries), batch_size):
                batch = slice(start, start + batch_size)
                collection.upsert(
                    ids=[_id(key) for key in entries.keys[batch]],
                    embeddings=entries.vectors[batch],
                    documents=list(entries.documents[batch]),
                    metadatas=[_chroma_metadata(metadata) for metadata in entries.metadata[batch]],
                )
        with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as database:
            database.execute("VACUUM")


def selfcheck(folder: Path) -> float:
    """Opens a generation's Chroma folder and returns recall@10 against exact search over a sample of its vectors.

    Raises `GenerationError` when Chroma cannot open it or does not contain as many vectors as the arrays say.
    """
    arrays = load_arrays(folder)
    rows = np.flatnonzero(arrays.searched)
    store = ChromaStore(folder / CHROMA)
    try:
        if len(store) != len(rows):
            raise GenerationError(f"{folder}: Chroma has {len(store)} of {len(rows)} vectors.", advice="Run again.")
        exact = ExactStore(arrays.keys[rows], arrays.vectors[rows], [""] * len(rows))
        sample = arrays.vectors[rows[:: max(1, len(rows) // SAMPLE_SIZE)]]
        found = wanted = 0
        for vector in sample:
            nearest = exact.search(vector, NEIGHBOURS)
            wanted += len(nearest)
            found += sum(cosine >= nearest[-1][1] - COSINE_TOLERANCE for _, cosine in store.search(vector, NEIGHBOURS))
    finally:
        store.close()
    return found / wanted if wanted else 1.0


def selfcheck_in_child(folder: Path) -> float:
    """Runs `selfcheck` in a child process. Raises `GenerationError` when that fails, however it ends."""
    try:
        child = subprocess.run(  # noqa: S603  # this very program
            [sys.executable, "-m", "index.published.chroma", str(folder.absolute())],
            check=True, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, cwd=Path(__file__).parents[2],
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines()[-1:] or [f"exit status {error.returncode}"]
        raise GenerationError(f"A new generation failed its self-check: {reason[0]}.", advice="Run again.") from error
    except subprocess.TimeoutExpired as error:
        raise GenerationError(
            f"The self-check of a new generation took over {TIMEOUT_SECONDS:.0f} s.", advice="Run again."
        ) from error
    return float(child.stdout.split()[-1])


def client_settings() -> Settings:
    """Returns Chroma settings with which nothing leaves this machine, whatever the environment says.

    By default Chroma reads a .env file in the working directory, sends telemetry, and sends traces where an environment
    variable names an endpoint.
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
        # Without memory a library is not loaded; Chroma's clean-up then fails over attributes it has not made yet.
        raise GenerationError(f"Chroma and {folder}: {error.__context__ or error}.", advice=_ADVICE) from error


def _link(folder: Path, view: Path) -> None:
    """Makes a view of a Chroma folder: copies the database, which Chroma writes to on opening, and links the rest."""
    for path in folder.iterdir():
        if path.is_file():
            shutil.copyfile(path, view / path.name)
            continue
        try:
            (view / path.name).symlink_to(path.absolute(), target_is_directory=True)
        except OSError:  # on Windows, only an administrator may make links
            shutil.copytree(path, view / path.name)


@contextmanager
def _opened(folder: Path) -> Iterator[ClientAPI]:
    client = _client(folder)
    try:
        yield client
    finally:
        client.close()  # type: ignore[attr-defined]  # the client has it, its interface does not declare it


def _sentences(client: ClientAPI) -> Collection:
    return client.get_collection(COLLECTION, embedding_function=None)


def _chroma_metadata(metadata: SentenceMetadata) -> dict[str, str | int | None]:
    """Returns metadata as Chroma takes it. An upsert deletes what is None, and keeps what is left out."""
    return {name: getattr(metadata, name) for name in _METADATA_FIELDS}


def _in_transcripts(transcripts: Sequence[str]) -> Where | None:
    """Returns Chroma's filter for some transcripts. For none of them Chroma has no filter: returns None."""
    ids: list[str | int | float | bool] = list(dict.fromkeys(transcripts))
    condition: dict[Literal["$in", "$nin"], list[str | int | float | bool]] = {"$in": ids}
    return {"transcript_id": condition} if ids else None


@contextmanager
def _translated_errors(folder: Path) -> Iterator[None]:
    from chromadb.errors import ChromaError

    try:
        yield
    except (ChromaError, sqlite3.Error) as error:
        raise GenerationError(f"Chroma and {folder}: {error}.", advice=_ADVICE) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of Chroma's Rust, which has no such class to import
            raise
        raise GenerationError(f"Chroma failed over {folder}: {error}.", advice=_ADVICE) from error


def _id(key: int) -> str:
    return f"{int(key):015x}"


if __name__ == "__main__":
    sys.stdout.write(f"{selfcheck(Path(sys.argv[1]))}\n")
