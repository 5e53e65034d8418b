"""Publishes a generation in a PostgreSQL database.

All of it (record, vectors, words, formal records) is written in one transaction, which also moves the pointer in
`current`. Versions of transcripts and vectors are kept from one generation to the next and sent once. What is needed of
every row, and the word index, are parts of the generation, which a reader loads into memory.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.errors import CorruptDatabaseError, GenerationError, IndexDatabaseError
from index.published.arrays import VECTORS, save_arrays
from index.published.bm25 import WordIndex
from index.published.generation import WORDS, IndexedTranscript
from index.published.open_postgres import CURRENT, open_in_database, read_members
from index.published.pgvector import (
    COPY_END,
    COPY_HEADER,
    HNSW_BUILD,
    HNSW_INDEX,
    HNSW_NEIGHBOURS,
    HNSW_ROWS,
    binary_vector,
    copied_row,
)
from index.published.restore import VERSION_COLUMNS, VERSION_TABLES, restore
from index.published.rows import Contents, assemble
from index.storage.fingerprint import Fingerprint, encode_metadata
from index.storage.postgres import (
    DatabaseAddress,
    PostgresDatabase,
    configure,
    schema_of,
    translated_errors,
)
from index.storage.reader import audit
from index.storage.writer import MAX_GENERATIONS, IndexWriter, PublishedGeneration

if TYPE_CHECKING:
    from psycopg import Connection

    from index.sources.files import Failure
    from index.storage.database import IndexDatabase, Row

    Session = Connection[Row]

SENT_VECTORS = 1_000  # read from the record at a time
PIECE_BYTES = 2**24  # of a part, in one row
_HNSW_MEMORY_MB = 2_000  # at most, to build the index in
_HNSW_BYTES = 3_000  # of memory, for each vector
_UNUSED_VECTORS = (
    "DELETE FROM text_vector AS v WHERE NOT EXISTS (SELECT 1 FROM sentence AS s WHERE s.embeds = v.embeds)"
)
_EVERYTHING = "DELETE FROM current; DELETE FROM generation; DELETE FROM version; DELETE FROM text_vector"
_HNSW = f"""
CREATE INDEX {HNSW_INDEX} ON text_vector USING hnsw ((embedding::vector({{dimension}})) vector_cosine_ops)
WITH (m = {HNSW_NEIGHBOURS}, ef_construction = {HNSW_BUILD})
"""


class DatabasePublisher:
    """Publishes into a database. The session has the writer's lock."""

    def __init__(self, address: DatabaseAddress, fingerprint: Fingerprint, session: Session) -> None:
        self._address = address
        self._fingerprint = fingerprint
        self._session = session
        self._schema = schema_of(fingerprint)
        configure(session, {"search_path": f"{self._schema}, public"})

    @property
    def folder(self) -> Path:
        """The folder of the record from which this machine publishes."""
        return self._fingerprint.folder(self._address.work)

    def exists(self) -> bool:
        """Returns whether anything has been published with this fingerprint."""
        return self._current() is not None

    def prepare(self, writer: IndexWriter) -> None:
        """Brings what is published into the writer's record, unless that has it: so nothing is embedded again."""
        current = self._current()
        if current is not None:
            with closing(PostgresDatabase(self._address, self._fingerprint)) as database:
                restore(writer.database, database, current.number)

    def current(self, _writer: IndexWriter) -> PublishedGeneration | None:
        """Returns the current generation; None if there is none."""
        return self._current()

    def _current(self) -> PublishedGeneration | None:
        if not self._has_tables():
            return None
        rows = self._session.execute(CURRENT.encode()).fetchall()
        return PublishedGeneration(int(rows[0][0]), str(rows[0][1]), str(rows[0][2]), "") if rows else None

    def _has_tables(self) -> bool:
        found = self._session.execute("SELECT to_regclass(%s)", [f"{self._schema}.current"]).fetchall()
        return found[0][0] is not None

    def members(self, generation: PublishedGeneration, writer: IndexWriter) -> dict[str, int]:
        """Returns the versions in a generation, as the writer's record numbers them, by source; -1 for others."""
        ours = {
            (seal, contents): number
            for number, seal, contents in writer.database.query("SELECT number, seal, contents_sha256 FROM version")
        }
        rows = self._session.execute(
            "SELECT v.source, v.seal, v.contents_sha256 FROM member AS m JOIN version AS v ON v.number = m.version"
            " WHERE m.generation = %s",
            [generation.number],
        ).fetchall()
        return {source: ours.get((seal, contents), -1) for source, seal, contents in rows}

    def tidy(self, _writer: IndexWriter) -> None:
        """Removes nothing: what a killed writer sent went with its transaction."""

    def is_sound(self, _generation: PublishedGeneration) -> bool:
        """Returns whether all of the database, and every part and vector of the current generation, is unchanged."""
        try:
            with closing(open_in_database(self._address, self._fingerprint)) as opened:
                with closing(PostgresDatabase(self._address, self._fingerprint)) as database:
                    audit(database)
                opened.generation.load(np.arange(len(opened.generation.keys), dtype=np.int64))
        except (CorruptDatabaseError, GenerationError):
            return False
        return True

    def transcripts(self, generation: PublishedGeneration) -> tuple[IndexedTranscript, ...]:
        """Returns the transcripts of a generation, searched and superseded, by id."""
        return read_members(self._session, generation.number)

    def publish(
        self, writer: IndexWriter, versions: Collection[int], broken: PublishedGeneration | None = None
    ) -> PublishedGeneration:
        """Publishes some versions of the writer's record in one transaction. Embeds nothing.

        `broken` is a generation to replace: then everything is sent again. Raises `CorruptDatabaseError` for a damaged
        record and `IndexDatabaseError`; nothing is published then.
        """
        record = writer.database
        contents = assemble(record, self._fingerprint, sorted(versions))
        session = self._session
        with translated_errors(self._address), session.transaction():
            if not self._has_tables():
                self._make_tables()
            [(number,)] = session.execute("SELECT coalesce(max(number), 0) + 1 FROM generation").fetchall()
            if broken is not None:
                session.execute(_EVERYTHING)
            published = PublishedGeneration(
                int(number), f"{number:06d}-{contents.digest[:12]}", contents.digest, manifest_sha256=""
            )
            session.execute(
                "INSERT INTO generation (number, id, digest, dimension) VALUES (%s, %s, %s, %s)",
                [number, published.id, contents.digest, contents.arrays.vectors.shape[1]],
            )
            self._send_members(number, contents, self._send_versions(record, sorted(versions)))
            self._send_parts(number, contents)
            session.execute(
                "INSERT INTO current (generation) VALUES (%s)"
                " ON CONFLICT (single) DO UPDATE SET generation = excluded.generation",
                [number],
            )
            self._prune()
            self._index_vectors(contents.arrays.vectors.shape[1])
            session.execute(
                "ANALYZE member, sentence, text_vector, version"
            )  # or the first questions are planned badly
        return published

    def replace_failures(self, _writer: IndexWriter, failures: Sequence[Failure]) -> None:
        """Stores the sources that this run could not index, in place of those of the last run."""
        rows = {failure.source: failure.reason for failure in failures}
        with self._session.transaction():
            self._session.execute("DELETE FROM failure")
            for source, reason in rows.items():
                self._session.execute("INSERT INTO failure VALUES (%s, %s)", [source, reason])

    def _make_tables(self) -> None:
        installed = self._session.execute("SELECT 1 FROM pg_extension WHERE extname = 'vector'").fetchall()
        if not installed:
            raise IndexDatabaseError(
                f"{self._address.name}: the extension pgvector is not in this database.",
                advice="Have an administrator run CREATE EXTENSION vector; as docs/scaling.md shows.",
            )
        self._session.execute(f'CREATE SCHEMA IF NOT EXISTS "{self._schema}"'.encode())
        self._session.execute((files("index") / "data" / "postgres.sql").read_bytes())
        for name, value in asdict(self._fingerprint).items():
            self._session.execute("INSERT INTO about VALUES (%s, %s)", [name, str(value)])

    def _send_versions(self, record: IndexDatabase, versions: Sequence[int]) -> dict[str, int]:
        """Sends the versions that the database lacks. Returns the database's number of each, by transcript."""
        known = {
            (seal, contents): number
            for number, seal, contents in self._session.execute("SELECT number, seal, contents_sha256 FROM version")
        }
        numbers: dict[str, int] = {}
        new: list[tuple[int, int]] = []
        for version in versions:
            [columns] = record.query(f"SELECT {VERSION_COLUMNS} FROM version WHERE number = ?", version)  # noqa: S608
            number = known.get((columns[6], columns[7]))
            if number is None:
                number = self._insert_version(columns)
                new.append((version, number))
            numbers[columns[0]] = number
        for table, names in VERSION_TABLES.items():
            statement = f"SELECT {names} FROM {table} WHERE version = ? ORDER BY ordinal"  # noqa: S608
            rows = ((number, *row) for version, number in new for row in record.query(statement, version))
            self._copy(f"{table} (version, {names})", rows)
        self._send_vectors(record, [version for version, _ in new])
        return numbers

    def _insert_version(self, columns: Sequence[object]) -> int:
        places = ", ".join(["%s"] * len(columns))
        statement = f"INSERT INTO version ({VERSION_COLUMNS}) VALUES ({places}) RETURNING number"  # noqa: S608
        return int(self._session.execute(statement.encode(), columns).fetchall()[0][0])

    def _send_vectors(self, record: IndexDatabase, versions: Sequence[int]) -> None:
        """Sends the vectors of new versions that the database lacks."""
        wanted = "SELECT embeds FROM sentence WHERE version = ? AND embeds IS NOT NULL"
        needed = {embeds for version in versions for (embeds,) in record.query(wanted, version)}
        known = self._session.execute(
            "SELECT embeds FROM text_vector WHERE embeds = ANY(%s)", [sorted(needed)]
        ).fetchall()
        missing = sorted(needed.difference(embeds for (embeds,) in known))
        statement = "COPY text_vector (embeds, embedding, tokens, crc) FROM STDIN (FORMAT BINARY)"
        with self._session.cursor() as cursor, cursor.copy(statement.encode()) as copy:
            copy.write(COPY_HEADER)
            for start in range(0, len(missing), SENT_VECTORS):
                for embeds, data, tokens, crc in record.vectors(missing[start : start + SENT_VECTORS]):
                    copy.write(copied_row(embeds, binary_vector(data), tokens, crc.to_bytes(8, "big")))
            copy.write(COPY_END)

    def _send_members(self, number: int, contents: Contents, versions: Mapping[str, int]) -> None:
        rows = (
            (
                number, versions[transcript.id], transcript.id, transcript.first_row, transcript.row_count,
                transcript.superseded_by, encode_metadata(transcript.metadata),
            )
            for transcript in (*contents.transcripts, *contents.superseded)
        )  # fmt: skip
        self._copy("member", rows)

    def _send_parts(self, number: int, contents: Contents) -> None:
        """Sends the word index and all arrays but the vectors, as files in pieces."""
        with tempfile.TemporaryDirectory(prefix="parts-") as name:
            folder = Path(name)
            (folder / WORDS).mkdir()
            save_arrays(folder, contents.arrays, leave_out=VECTORS)
            WordIndex.build(contents.texts).save(folder / WORDS)
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                with path.open("rb") as file:
                    for piece, data in enumerate(iter(lambda: file.read(PIECE_BYTES), b"")):  # read now
                        self._session.execute(
                            "INSERT INTO part VALUES (%s, %s, %s, %s, %s)",
                            [number, path.relative_to(folder).as_posix(), piece, hashlib.sha256(data).digest(), data],
                        )

    def _copy(self, table: str, rows: Iterable[Sequence[object]]) -> None:
        with self._session.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)

    def _prune(self) -> None:
        """Deletes all but the newest generations, and what only the others had."""
        session = self._session
        session.execute(
            "DELETE FROM generation WHERE number NOT IN (SELECT number FROM generation ORDER BY number DESC LIMIT %s)",
            [MAX_GENERATIONS],
        )
        unused = "DELETE FROM version AS v WHERE NOT EXISTS (SELECT 1 FROM member AS m WHERE m.version = v.number)"
        if session.execute(unused.encode()).rowcount:
            session.execute(_UNUSED_VECTORS.encode())

    def _index_vectors(self, dimension: int) -> None:
        """Makes the HNSW index when there are enough vectors and it is not there. From then on the server keeps it."""
        session = self._session
        [(count, found)] = session.execute("SELECT count(*), to_regclass(%s) FROM text_vector", [HNSW_INDEX]).fetchall()
        if found is not None or count < HNSW_ROWS:
            return
        memory = min(_HNSW_MEMORY_MB, 64 + count * _HNSW_BYTES // 10**6)
        session.execute("SELECT set_config('maintenance_work_mem', %s, true)", [f"{memory}MB"])
        session.execute(_HNSW.format(dimension=int(dimension)).encode())
