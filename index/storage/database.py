"""The SQLite database of an index: every transcript, sentence, passage, formal record and vector.

Everything else is built from it.

A changed source is staged as a new version; the rows of the old version stay until no stored generation uses them.
A generation becomes the current one in a single transaction. Work is committed as it is done, so a run that is killed
resumes where it stopped.
"""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Protocol

from index.errors import CorruptDatabaseError, IndexDatabaseError, NotIndexedError

if TYPE_CHECKING:
    from pathlib import Path

    from index.storage.fingerprint import Fingerprint

Row = tuple[Any, ...]
DATABASE_FILE = "record.sqlite3"
BUSY_TIMEOUT_SECONDS = 30.0
_PAGE_BYTES = 8192  # room for five vectors of 384 dimensions; 4,096 bytes have room for two
# `about` has the fields of the fingerprint; `member` the versions in a generation; a column `seal` is a checksum.
_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE version (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    transcript TEXT NOT NULL, source TEXT NOT NULL, sha256 TEXT NOT NULL, title TEXT NOT NULL, metadata TEXT NOT NULL,
    body_sha256 TEXT NOT NULL, seal TEXT NOT NULL, contents_sha256 TEXT NOT NULL,
    blocks TEXT NOT NULL, locators TEXT NOT NULL, notes TEXT NOT NULL, text TEXT NOT NULL,
    UNIQUE (source, sha256, title, metadata) -- a changed catalogue makes another version of the same bytes
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
CREATE TABLE formal_record (
    version INTEGER NOT NULL REFERENCES version ON DELETE CASCADE,
    ordinal INTEGER NOT NULL, kind TEXT NOT NULL,
    record TEXT NOT NULL, -- JSON; its sentences by ordinal
    PRIMARY KEY (version, ordinal)
) STRICT, WITHOUT ROWID;
CREATE TABLE pending ( -- texts still to be embedded
    embeds BLOB PRIMARY KEY, text TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE vector (
    number INTEGER PRIMARY KEY, embeds BLOB NOT NULL UNIQUE, data BLOB NOT NULL,
    tokens BLOB NOT NULL, -- the vectors of the text's tokens, one after another
    crc INTEGER NOT NULL
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
# Errors of the machine. Rebuilding the database would not help; every other error means that it is damaged.
_MACHINE_ERRORS = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN",
    "SQLITE_PERM", "SQLITE_NOMEM", "SQLITE_AUTH", "SQLITE_PROTOCOL", "SQLITE_INTERRUPT",
)  # fmt: skip


class RecordDatabase(Protocol):
    """A database with the tables of a record, wherever it is. Raises the errors of `IndexDatabase`."""

    @property
    def path(self) -> object:
        """The file or the address, as errors name it."""

    def query(self, statement: str, *parameters: object) -> list[Row]:
        """Returns the rows of one statement, in SQLite's words."""

    def vectors(self, embedded: Sequence[bytes]) -> list[Row]:
        """Returns the vectors of texts by SHA-256: that, little-endian float32, the tokens' vectors, and their CRC."""

    def newest_generation(self) -> int:
        """Returns the number of the current generation; 0 if nothing has been published."""

    def replaced(self) -> bool:
        """Whether another database has taken this one's place."""

    def check_pages(self) -> None:
        """Checks the database as a whole. Raises `CorruptDatabaseError`."""

    def close(self) -> None:
        """Closes the database."""


class IndexDatabase:
    """An open database: one SQLite connection, to be used by one thread at a time. It creates its own tables."""

    def __init__(self, path: Path, fingerprint: Fingerprint, *, create: bool = False, read_only: bool = False) -> None:
        """Opens a database, or with `create` makes an empty one where there is none.

        Raises `NotIndexedError` when there is none, `CorruptDatabaseError` when the file is not a database or has
        another fingerprint, and `IndexDatabaseError` when the machine prevents it.
        """
        self.path = path
        if not create and not path.is_file():
            raise self._missing()
        try:
            self._open("mode=rwc" if create else "mode=rw", fingerprint, create=create, read_only=read_only)
        except IndexDatabaseError as error:
            if not read_only or not _is_write_error(error):
                raise
            # On a read-only file system SQLite cannot make the files in which it coordinates with a writer. Where there
            # are none, nothing is being written; where there are, they must have been left whole.
            self._open(
                "mode=ro" if self._has_log() else "mode=ro&immutable=1", fingerprint, create=False, read_only=True
            )
        self._stamp = self._identity()

    def _open(self, mode: str, fingerprint: Fingerprint, *, create: bool, read_only: bool) -> None:
        with self._translated_errors():
            self._connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?{mode}",
                uri=True, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None, check_same_thread=False,
            )  # fmt: skip
        self._is_immutable = "immutable" in mode
        # A service that opens a newer generation drops this object without closing it. The connection would then stay
        # open until garbage collection, because its cache of statements refers back to it.
        self._release = weakref.finalize(self, self._connection.close)
        self._release.atexit = False
        try:
            self._prepare(fingerprint, create=create, read_only=read_only)
        except (IndexDatabaseError, NotIndexedError):
            self.close()
            raise

    def _has_log(self) -> bool:
        """Whether a write-ahead log with changes is beside the database."""
        log = self.path.with_name(f"{self.path.name}-wal")
        return log.is_file() and log.stat().st_size > 0

    def _identity(self) -> tuple[int, ...]:
        """What tells the file from another: its number, and where SQLite does not watch it, its size and time."""
        status = self.path.stat()
        watched = (status.st_size, status.st_mtime_ns) if self._is_immutable else ()
        return status.st_ino, *watched

    def _prepare(self, fingerprint: Fingerprint, *, create: bool, read_only: bool) -> None:
        self.write("PRAGMA foreign_keys = ON")
        self.write("PRAGMA synchronous = FULL")
        if create:
            self.write(f"PRAGMA page_size = {_PAGE_BYTES}")
            self.write("PRAGMA journal_mode = WAL")
            if self._is_empty():
                self._create_tables(fingerprint)
        if read_only:
            self.write("PRAGMA query_only = ON")
        if self._is_empty():  # the run that created it was killed before it made the tables
            raise self._missing()
        if dict(self.query("SELECT name, value FROM about")) != _text_fields(fingerprint):
            raise CorruptDatabaseError(self.path, "it was made with other settings than its folder is named after.")

    def _is_empty(self) -> bool:
        return not self.query("SELECT count(*) FROM sqlite_schema")[0][0]

    def _create_tables(self, fingerprint: Fingerprint) -> None:
        with self.transaction():
            for statement in _SCHEMA.split(";\n"):
                self.write(statement)
            self.write_many("INSERT INTO about VALUES (?, ?)", _text_fields(fingerprint).items())

    def query(self, statement: str, *parameters: object) -> list[Row]:
        """Returns the rows of one statement.

        Raises `CorruptDatabaseError`, or `IndexDatabaseError` when the machine prevents it.
        """
        with self._translated_errors():
            return self._connection.execute(statement, parameters).fetchall()

    def write(self, statement: str, *parameters: object) -> int:
        """Runs one statement and returns the number of the row it inserted, if any. Raises as `query` does."""
        with self._translated_errors():
            return int(self._connection.execute(statement, parameters).lastrowid or 0)

    def write_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Runs one statement for each row of parameters. Raises as `query` does."""
        with self._translated_errors():
            self._connection.executemany(statement, rows)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits everything written within, or nothing of it when an exception leaves the block."""
        self.write("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            with self._translated_errors():
                self._connection.rollback()
            raise
        self.write("COMMIT")

    def check_pages(self) -> None:
        """Runs SQLite's own checks of the file. Raises `CorruptDatabaseError`."""
        problems = [str(row[0]) for row in self.query("PRAGMA quick_check(1)") if row[0] != "ok"]
        problems += [
            f"table {table} refers to a row that is missing." for table, *_ in self.query("PRAGMA foreign_key_check")
        ]
        if problems:
            raise CorruptDatabaseError(self.path, problems[0])

    def vectors(self, embedded: Sequence[bytes]) -> list[Row]:
        """Returns the vectors of texts: SHA-256, float32, tokens' vectors and CRC. Raises as `query` does."""
        one = "SELECT embeds, data, tokens, crc FROM vector WHERE embeds = ?"
        return [row for digest in embedded for row in self.query(one, digest)]

    def newest_generation(self) -> int:
        """Returns the number of the current generation; 0 if nothing has been published. Raises as `query` does."""
        return int(self.query("SELECT coalesce(max(number), 0) FROM generation")[0][0])

    def replaced(self) -> bool:
        """Whether the path now leads to another file than the one that was opened, or to none.

        On a read-only file system, also whether another machine has changed the file.
        """
        try:
            return self._identity() != self._stamp
        except FileNotFoundError:
            return True

    def close(self) -> None:
        """Closes the connection."""
        self._release()

    def _missing(self) -> NotIndexedError:
        return NotIndexedError(f"There is no index in {self.path.parent}.", advice="Index the sources first.")

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        """Raises the errors of SQLite as errors of this package."""
        try:
            yield
        except sqlite3.ProgrammingError:
            raise  # a mistake in this program, or a database used after it was closed
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorname", "").startswith(_MACHINE_ERRORS):
                raise IndexDatabaseError(
                    f"{self.path}: {error}.", advice="Check the disk and the file's permissions, then run again."
                ) from error
            raise CorruptDatabaseError(self.path, f"{error}.") from error


def _is_write_error(error: IndexDatabaseError) -> bool:
    """Whether SQLite was not allowed to write a file."""
    return getattr(error.__cause__, "sqlite_errorname", "").startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN"))


def set_aside(folder: Path) -> None:
    """Moves a damaged database out of the way, in place of any moved before.

    Its write-ahead log goes with it, because SQLite would apply that to the next database.
    """
    for suffix in ("-wal", "-shm", ""):  # the database last: until it is gone, this function will be called again
        path = folder / (DATABASE_FILE + suffix)
        if path.exists():
            path.replace(folder / (f"damaged-{DATABASE_FILE}" + suffix))


def _text_fields(fingerprint: Fingerprint) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(fingerprint).items()}
