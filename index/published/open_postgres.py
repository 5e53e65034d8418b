"""Opens a generation that was published in a PostgreSQL database.

The words and what is needed of every row are loaded into memory; vectors are read when a question first needs them, and
sentences each time.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.errors import GenerationError, NotIndexedError
from index.published.arrays import load_small_arrays
from index.published.bm25 import WordIndex
from index.published.generation import WORDS, Generation, IndexedTranscript
from index.published.open_index import OpenIndex, RecordedIndex
from index.published.pgvector import HNSW_INDEX, FetchedVectors, PgvectorStore
from index.records.record import FormalRecord, decode_record
from index.storage.fingerprint import Fingerprint, decode_metadata
from index.storage.postgres import DatabaseAddress, PostgresDatabase
from index.storage.reader import IndexReader

if TYPE_CHECKING:
    from psycopg import Connection

    from index.storage.database import Row

    Session = Connection[Row]

CURRENT = """
SELECT number, id, digest, dimension, extract(epoch FROM published)::float8
FROM generation WHERE number = (SELECT generation FROM current)
"""
_MEMBERS = """
SELECT v.transcript, v.sha256, v.source, v.title, m.metadata, m.first_row, m.row_count, m.superseded_by
FROM member AS m JOIN version AS v ON v.number = m.version WHERE m.generation = %s
"""
_RECORDS = """
SELECT m.transcript, r.record FROM member AS m JOIN formal_record AS r ON r.version = m.version
WHERE m.generation = %s AND m.first_row >= 0 ORDER BY m.transcript, r.ordinal
"""
_PART = re.compile(rf"({WORDS}/)?[a-z_-]+\.(npy|json)")  # a file below the folder of the parts and nowhere else
_ADVICE = "Index the sources again: it is published anew."


def open_in_database(address: DatabaseAddress, fingerprint: Fingerprint, *, exact: bool = False) -> OpenIndex:
    """Opens the current generation in a database; with `exact`, to search its vectors without HNSW. Writes nothing.

    Raises `NotIndexedError` when nothing was published, `GenerationError` when a part is missing or changed, and
    `IndexDatabaseError` when the server cannot be reached or refuses.
    """
    database = PostgresDatabase(address, fingerprint)
    try:
        with database.snapshot() as session, tempfile.TemporaryDirectory(prefix="parts-") as folder:
            number, generation_id, digest, dimension, published = _current(address, session)
            [(index,)] = session.execute("SELECT to_regclass(%s)", [HNSW_INDEX]).fetchall()
            with _broken(address, number):
                transcripts = read_members(session, number)
                records = _records(session, number, transcripts)
                _fetch_parts(address, session, number, Path(folder))
                small = load_small_arrays(Path(folder))
                words = WordIndex.load(Path(folder) / WORDS)
    except BaseException:
        database.close()
        raise
    fetched = FetchedVectors(database, number, small["keys"], small["token_starts"], dimension)
    searched = int(np.count_nonzero(small["searched"]))
    by_index = index is not None and not exact
    generation = Generation(
        **small,
        vectors=fetched.vectors,
        token_vectors=fetched.tokens,
        id=generation_id,
        digest=digest,
        fingerprint=fingerprint,
        transcripts=tuple(transcript for transcript in transcripts if not transcript.superseded_by),
        superseded=tuple(transcript for transcript in transcripts if transcript.superseded_by),
        records=records,
        words=words,
        store=PgvectorStore(database, number, fetched, small["keys"], searched, by_index=by_index),
        by_key=np.argsort(small["keys"]),
        load=fetched.load,
    )
    metadata = {transcript.id: transcript.metadata for transcript in transcripts}
    return RecordedIndex(generation, IndexReader(database, number, metadata), _never_seen_changed, published)


def _current(address: DatabaseAddress, session: Session) -> Row:
    rows = session.execute(CURRENT.encode()).fetchall()
    if not rows:
        raise NotIndexedError(f"There is no index in {address.name}.", advice="Index the sources first.")
    return rows[0]


@contextmanager
def _broken(address: DatabaseAddress, generation: int) -> Iterator[None]:
    """Raises `GenerationError` for what does not have the form in which it was published, or is missing."""
    try:
        yield
    except (FileNotFoundError, KeyError, TypeError, ValueError) as error:
        raise GenerationError(
            f"{address}: generation {generation} cannot be read ({type(error).__name__}: {error}).", advice=_ADVICE
        ) from error


def _never_seen_changed() -> bool:
    """Returns True: whether rows were changed shows only when they are read, and then each is checked."""
    return True


def read_members(session: Session, generation: int) -> tuple[IndexedTranscript, ...]:
    """Returns the transcripts of a generation, searched and superseded, by id."""
    rows = session.execute(_MEMBERS.encode(), [generation]).fetchall()
    found = (
        IndexedTranscript(transcript_id, sha256, source, title, decode_metadata(metadata), *places)
        for transcript_id, sha256, source, title, metadata, *places in rows
    )
    return tuple(sorted(found, key=lambda transcript: transcript.id))


def _records(
    session: Session, generation: int, transcripts: Sequence[IndexedTranscript]
) -> dict[str, tuple[FormalRecord, ...]]:
    """Returns the formal records of each searched transcript, by its id."""
    listed: dict[str, list[FormalRecord]] = {item.id: [] for item in transcripts if not item.superseded_by}
    for transcript_id, record in session.execute(_RECORDS.encode(), [generation]):
        listed[transcript_id].append(decode_record(record))
    return {transcript_id: tuple(records) for transcript_id, records in listed.items()}


def _fetch_parts(address: DatabaseAddress, session: Session, generation: int, folder: Path) -> None:
    """Writes the parts of a generation into a folder. Raises `GenerationError` for a changed one, or one whose name
    is not of ours: who may write to the database may not write to the disks of its readers.
    """
    (folder / WORDS).mkdir()
    rows = session.execute(
        "SELECT name, piece, sha256 FROM part WHERE generation = %s ORDER BY name, piece", [generation]
    ).fetchall()
    for name, piece, sha256 in rows:
        if not _PART.fullmatch(name):
            raise GenerationError(f"{address}: generation {generation} has a part {name!r}.", advice=_ADVICE)
        one = "SELECT data FROM part WHERE generation = %s AND name = %s AND piece = %s"
        [(data,)] = session.execute(one, [generation, name, piece]).fetchall()
        if hashlib.sha256(data).digest() != sha256:
            raise GenerationError(f"{address.name}: {name} of generation {generation} was changed.", advice=_ADVICE)
        with (folder / name).open("ab") as file:
            file.write(data)
