"""The vectors of a generation in PostgreSQL: the nearest by pgvector, and those of given rows as they are needed.

A scope is compared sentence by sentence, so that nothing in it is missed. Without a scope, an HNSW index finds the
nearest where there is one. Either way the cosines returned are worked out here, from the vectors as stored, so that
they are those of every other store to the digit.
"""

from __future__ import annotations

import tempfile
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from index.embedding.embedder import TOKEN_DIMENSION
from index.errors import CorruptDatabaseError, GenerationError
from index.published.vector_store import COSINE_DECIMALS, ranked
from index.storage.postgres import little_endian
from index.storage.writer import vector_crc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.published.vector_store import Floats, Hit, Keys
    from index.storage.postgres import PostgresDatabase

    Rows = NDArray[np.int64]

HNSW_INDEX = "text_vector_hnsw"
HNSW_ROWS = 20_000  # vectors, from which an index is made; fewer are all compared
HNSW_NEIGHBOURS, HNSW_BUILD = 32, 100  # m and ef_construction, as Chroma has them
SPARE_HITS = 16  # asked for beyond k, so that cosines that are equal here are chosen by key
COPY_HEADER, COPY_END = b"PGCOPY\n\xff\r\n\0" + bytes(8), b"\xff\xff"
FETCHED_ROWS = 4096  # at a time
_GENERATION = "member AS m JOIN sentence AS s ON s.version = m.version"
_EXACT = f"""
WITH near AS MATERIALIZED (
    SELECT s.key, v.embedding <=> ?1::vector AS distance FROM {_GENERATION} JOIN text_vector AS v ON v.embeds = s.embeds
    WHERE m.generation = ?2 AND m.first_row >= 0 AND s.role = 'finding'
    AND (?3::text[] IS NULL OR m.transcript = ANY(?3::text[]))
)
SELECT key FROM near WHERE distance <> 'NaN' ORDER BY round(distance * 1e{COSINE_DECIMALS}), key LIMIT ?4
"""  # noqa: S608  # the names are constants
_BY_INDEX = """
WITH near AS MATERIALIZED (
    SELECT embeds, embedding::vector({dimension}) <=> ?1::vector AS distance FROM text_vector
    ORDER BY embedding::vector({dimension}) <=> ?1::vector LIMIT ?3
)
SELECT s.key FROM near JOIN sentence AS s ON s.embeds = near.embeds
JOIN member AS m ON m.version = s.version AND m.generation = ?2 AND m.first_row >= 0
WHERE s.role = 'finding' ORDER BY near.distance, s.key
"""
_FETCH = f"""
SELECT s.key, s.embeds, vector_send(v.embedding), v.tokens, v.crc
FROM {_GENERATION} LEFT JOIN text_vector AS v ON v.embeds = s.embeds WHERE m.generation = ? AND s.key = ANY(?::bigint[])
"""  # noqa: S608


def vector_text(vector: Floats) -> str:
    """Returns a vector as pgvector reads it, to the last bit."""
    return f"[{','.join(map(repr, vector.tolist()))}]"


class FetchedVectors:
    """The vectors of the N rows of a generation and of their tokens, each read from the database when first needed.

    They stay in files without a name, mapped into memory, that grow with what was read. Every vector is checked against
    its CRC as it comes. Safe to use from several threads.
    """

    def __init__(
        self, database: PostgresDatabase, generation: int, keys: Keys, token_starts: NDArray[np.int64], dimension: int
    ) -> None:
        self._database = database
        self._generation = generation
        self._keys = keys
        self._starts = token_starts
        self._read = np.zeros(len(keys), dtype=np.bool_)
        self._lock = threading.Lock()
        self.vectors = _on_disk((len(keys), dimension), np.float32)
        self.tokens = _on_disk((int(token_starts[-1]), TOKEN_DIMENSION), np.int8)

    def load(self, rows: Rows) -> None:
        """Reads the vectors of n rows, unless they were.

        Raises `GenerationError` when they are no longer there, `CorruptDatabaseError` for a changed one.
        """
        if self._read[rows].all():
            return
        with self._lock:
            missing = np.unique(rows[~self._read[rows]])
            for start in range(0, len(missing), FETCHED_ROWS):
                self._fetch(missing[start : start + FETCHED_ROWS])

    def _fetch(self, rows: Rows) -> None:
        found = {
            int(key): columns
            for key, *columns in self._database.query(_FETCH, self._generation, self._keys[rows].tolist())
        }
        for row, key in zip(rows.tolist(), self._keys[rows].tolist(), strict=True):
            if key not in found:
                raise GenerationError(
                    f"{self._database.path} no longer has sentence {key:015x} of generation {self._generation}.",
                    advice="Open the index again to use the newest generation.",
                )
            self._put(row, *found[key])
        self._read[rows] = True

    def _put(self, row: int, embeds: bytes | None, sent: bytes | None, tokens: bytes | None, crc: int | None) -> None:
        if embeds is None:
            return
        start, end = int(self._starts[row]), int(self._starts[row + 1])
        data = b"" if sent is None else little_endian(sent)
        whole = tokens is not None and len(tokens) == (end - start) * TOKEN_DIMENSION
        if not whole or len(data) != 4 * self.vectors.shape[1] or vector_crc(embeds, data, tokens or b"") != crc:
            raise CorruptDatabaseError(self._database.path, "the vector of a sentence is missing or damaged.")
        self.vectors[row] = np.frombuffer(data, dtype="<f4")
        self.tokens[start:end] = np.frombuffer(tokens or b"", dtype=np.int8).reshape(-1, TOKEN_DIMENSION)


class PgvectorStore:
    """The `VectorStore` of a generation in PostgreSQL."""

    def __init__(
        self,
        database: PostgresDatabase,
        generation: int,
        fetched: FetchedVectors,
        keys: Keys,
        size: int,
        *,
        by_index: bool,
    ) -> None:
        """Takes the keys of all rows, and how many of them are searched. `by_index`: whether by the HNSW index."""
        self._database = database
        self._generation = generation
        self._size = size
        self._fetched = fetched
        self._keys = keys
        self._by_key = np.argsort(keys)
        self._by_index = by_index
        self._statement = _BY_INDEX.format(dimension=fetched.vectors.shape[1])

    def search(self, vector: Floats, k: int, transcripts: Sequence[str] | None = None) -> list[Hit]:
        """See `VectorStore.search`."""
        if k < 1 or not self._size or not np.any(vector):
            return []
        wanted = min(k + SPARE_HITS, self._size)
        scope = None if transcripts is None else list(dict.fromkeys(transcripts))
        text = vector_text(vector)
        keys = self._nearest(text, wanted) if self._by_index and scope is None else []
        if len(keys) < wanted:
            found = self._database.query(_EXACT, text, self._generation, scope, wanted)
            keys = [int(key) for (key,) in found]
        found_keys = np.array(keys, dtype=np.int64)
        rows = self._by_key[np.searchsorted(self._keys, found_keys, sorter=self._by_key)]
        self._fetched.load(rows)
        return ranked(found_keys, self._fetched.vectors[rows] @ vector, k)

    def _nearest(self, text: str, wanted: int) -> list[int]:
        """Returns the keys that the index finds nearest: at least `wanted`, unless there are far fewer in it.

        Texts of headings and of the generation before are in the index too, so more are taken from it.
        """
        found = self._database.query(self._statement, text, self._generation, 4 * wanted)
        return [int(key) for (key,) in found]

    def __len__(self) -> int:
        return self._size

    def close(self) -> None:
        """See `VectorStore.close`."""
        self._database.close()


def _on_disk(shape: tuple[int, int], kind: type[np.generic]) -> NDArray[Any]:
    """Returns an array of zeros in a file without a name, which takes room only for what is written."""
    size = shape[0] * shape[1] * np.dtype(kind).itemsize
    if not size:
        return np.zeros(shape, dtype=kind)
    with tempfile.TemporaryFile() as file:
        file.truncate(size)
        return np.asarray(np.memmap(file, dtype=kind, mode="r+", shape=shape))


def binary_vector(data: bytes) -> bytes:
    """Returns little-endian float32 in pgvector's binary form."""
    values = np.frombuffer(data, dtype="<f4")
    return len(values).to_bytes(2, "big") + bytes(2) + values.astype(">f4").tobytes()


def copied_row(*columns: bytes) -> bytes:
    """Returns a row in the binary form of COPY. No column is null."""
    return len(columns).to_bytes(2, "big") + b"".join(len(data).to_bytes(4, "big") + data for data in columns)
