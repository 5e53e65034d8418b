"""The record: every transcript, sentence, passage and vector of an index, in one SQLite database.

Everything else is built from it. A changed file is staged as a new version beside the old one, whose rows stay until
no kept generation holds them; a generation becomes the current one in a single transaction. Work is committed as it
is done, so that a run that was killed is taken up where it stopped.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from index.errors import CorruptRecordError, NotIndexedError, RecordError

if TYPE_CHECKING:
    from pathlib import Path

    from index.storage.fingerprint import Fingerprint

Row = tuple[Any, ...]
RECORD = "record.sqlite3"
BUSY_SECONDS = 30.0
_PAGE = 8192  # bytes; five 384-dimensional vectors to a page, where 4,096 would hold two
_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE version (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    transcript TEXT NOT NULL, source TEXT NOT NULL, sha256 TEXT NOT NULL, title TEXT NOT NULL, metadata TEXT NOT NULL,
    body_sha256 TEXT NOT NULL, seal TEXT NOT NULL, contents_sha256 TEXT NOT NULL,
    blocks TEXT NOT NULL, locators TEXT NOT NULL, notes TEXT NOT NULL, text TEXT NOT NULL,
    UNIQUE (source, sha256, title, metadata) -- the same bytes are another version when the catalogue says otherwise
) STRICT;
CREATE TABLE sentence (
    version INTEGER NOT NULL REFERENCES version ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, key INTEGER NOT NULL, block INTEGER NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, role TEXT NOT NULL,
    embeds BLOB, -- SHA-256 of the text embedded for it; null when it has no vector
    seal BLOB NOT NULL, text TEXT NOT NULL,
    place TEXT NOT NULL, -- its locators
    PRIMARY KEY (version, ordinal)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX sentence_by_key ON sentence (key, version);
CREATE TABLE passage (
    version INTEGER NOT NULL REFERENCES version ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (version, ordinal)
) STRICT, WITHOUT ROWID;
CREATE TABLE pending ( -- texts still to be embedded
    embeds BLOB PRIMARY KEY, text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE vector (
    number INTEGER PRIMARY KEY, embeds BLOB NOT NULL UNIQUE, data BLOB NOT NULL, crc INTEGER NOT NULL
) STRICT;
CREATE TABLE generation (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, manifest_sha256 TEXT NOT NULL
) STRICT;
CREATE TABLE member (
    generation INTEGER NOT NULL REFERENCES generation ON DELETE CASCADE,
    version INTEGER NOT NULL REFERENCES version,
    PRIMARY KEY (generation, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_by_version ON member (version);
CREATE TABLE failure (source TEXT PRIMARY KEY, reason TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""
# The machine's trouble, not the record's: it would not be mended by building the record again.
_CIRCUMSTANCES = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN",
    "SQLITE_PERM", "SQLITE_NOMEM", "SQLITE_AUTH", "SQLITE_PROTOCOL", "SQLITE_INTERRUPT",
)  # fmt: skip


class IndexDatabase:
    """An open record: one SQLite connection, for one thread at a time. It makes the tables; others fill them."""

    def __init__(self, path: Path, maker: Fingerprint, *, create: bool = False, read_only: bool = False) -> None:
        """Open a record, or with `create` make an empty one where there is none.

        Raises `NotIndexedError` when there is none, `CorruptRecordError` when it is not one or not this maker's, and
        `RecordError` when the machine does not let us.
        """
        self.path = path
        if not create and not path.is_file():
            raise self._missing()
        with self.errors_named():
            mode = "rwc" if create else "rw"
            self._connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode={mode}",
                uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False,
            )  # fmt: skip
        # Dropped unclosed, as by a service that takes up a newer generation, a connection would wait for the collector:
        # its cache of statements refers back to it.
        self._release = weakref.finalize(self, self._connection.close)
        self._release.atexit = False
        try:
            self._prepare(maker, create=create, read_only=read_only)
        except (RecordError, NotIndexedError):
            self.close()
            raise
        self._inode = path.stat().st_ino

    def _prepare(self, maker: Fingerprint, *, create: bool, read_only: bool) -> None:
        run = self._connection.execute
        with self.errors_named():
            run("PRAGMA foreign_keys = ON")
            run("PRAGMA synchronous = FULL")
            if create:
                run(f"PRAGMA page_size = {_PAGE}")
                run("PRAGMA journal_mode = WAL")
            if create and not run("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                with self.transaction():
                    for statement in _SCHEMA.split(";\n"):
                        run(statement)
                    self.write_many("INSERT INTO about VALUES (?, ?)", _fields(maker).items())
            if read_only:
                run("PRAGMA query_only = ON")
            if not run("SELECT count(*) FROM sqlite_schema").fetchone()[0]:  # its maker was killed just then
                raise self._missing()
        if dict(self.query("SELECT name, value FROM about")) != _fields(maker):
            raise CorruptRecordError(self.path, "it was not made with the settings of its folder.")

    def query(self, statement: str, *parameters: object) -> list[Row]:
        """The rows of one statement. Raises `CorruptRecordError`, or `RecordError` when the machine is to blame."""
        with self.errors_named():
            return self._connection.execute(statement, parameters).fetchall()

    def each(self, statement: str, *parameters: object) -> Iterator[Row]:
        """The rows of one statement, one at a time, for what may not fit in memory. Raises as `query` does."""
        with self.errors_named():
            yield from self._connection.execute(statement, parameters)

    def write(self, statement: str, *parameters: object) -> int:
        """Run one statement that changes the record; returns the number of a row it inserted. Raises as `query`."""
        with self.errors_named():
            return int(self._connection.execute(statement, parameters).lastrowid or 0)

    def write_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row of parameters. Raises as `query` does."""
        with self.errors_named():
            self._connection.executemany(statement, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written within is kept, or none of it."""
        self.write("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with self.errors_named():
                self._connection.rollback()
            raise
        self.write("COMMIT")

    def check_pages(self) -> None:
        """Have SQLite look over its file. Raises `CorruptRecordError`."""
        problems = [row[0] for row in self.query("PRAGMA quick_check(1)") if row[0] != "ok"]
        problems += [
            f"table {table} refers to what is not there." for table, *_ in self.query("PRAGMA foreign_key_check")
        ]
        if problems:
            raise CorruptRecordError(self.path, str(problems[0]))

    def replaced(self) -> bool:
        """Whether another file stands where this record was opened."""
        try:
            return self.path.stat().st_ino != self._inode
        except FileNotFoundError:
            return True

    def close(self) -> None:
        """Close the connection."""
        self._release()

    def _missing(self) -> NotIndexedError:
        return NotIndexedError(f"There is no index in {self.path.parent}.", advice="Index the sources first.")

    @contextmanager
    def errors_named(self) -> Iterator[None]:
        """Turn what SQLite raises into our own errors."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # a mistake in this program, or a record used after it was closed
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorname", "").startswith(_CIRCUMSTANCES):
                raise RecordError(f"{self.path}: {error}.", advice="Check the disk and its permissions.") from error
            raise CorruptRecordError(self.path, f"{error}.") from error


def set_aside(folder: Path) -> None:
    """Move a damaged record out of the way, in place of any moved before; its companions would be replayed into
    the next, so they go with it.
    """
    for suffix in ("-wal", "-shm", ""):  # the database last: while it is there, so is the reason to be called again
        path = folder / (RECORD + suffix)
        if path.exists():
            path.replace(folder / (f"damaged-{RECORD}" + suffix))


def _fields(maker: Fingerprint) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(maker).items()}
