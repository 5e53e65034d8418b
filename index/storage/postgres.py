"""A PostgreSQL database in which an index is published: its address, connections, queries and the one writer's lock.

Each fingerprint has a schema of its own. Readers of a record speak SQLite's SQL, of which a few words are translated.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

import numpy as np

from index.errors import IndexDatabaseError, NotIndexedError, WriterBusyError

if TYPE_CHECKING:
    from psycopg import Connection

    from index.storage.database import Row
    from index.storage.fingerprint import Fingerprint

SCHEMES = ("postgresql", "postgres")
CONNECT_SECONDS = 10
_READER_SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "120s",
    "hnsw.ef_search": "400",  # as Chroma has it
    "hnsw.iterative_scan": "strict_order",
}
MAX_KEPT_CONNECTIONS = 8  # of one index, open for the next query
WRITER_NAME = "assistant-writer-"  # of a writer's session, in front of its process id
_VECTOR_HEADER_BYTES = 4  # of pgvector's binary form, in front of big-endian float32
_LOCK = (1_634_956_659, 1)  # a number of our own, for advisory locks of this database
_NOT_IN_ADDRESS = re.compile(r".*(pass|secret|service).*|options|user|dbname", re.IGNORECASE)  # as parameters
_EXTRA = "pip install 'assessment-assistant[postgres]'"
_ADVICE = "The log says why. Check that the server runs and that the address, the user and the password are right."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """The address of a database, without its password: that is in `password_file`, or libpq looks in PGPASSFILE.

    `work` is the folder in which a writer on this machine prepares what it publishes.
    """

    url: str
    password_file: Path | None = None
    work: Path = Path(".index") / "work"

    @classmethod
    def of(cls, text: str) -> Self:
        """Returns the address in a URL. Raises `ValueError` for one with a password, or without a host."""
        parts = urlsplit(text)
        given = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
        if parts.scheme not in SCHEMES or parts.fragment:
            raise ValueError("it is not an address such as postgresql://reader@db.example/assessments")
        # a password with a / or ? in it leaves its @ behind that
        if parts.password is not None or "password" in given or "@" in parts.path + parts.query:
            raise ValueError("it may not contain a password: write that into the file of index_password_file")
        if refused := next(filter(_NOT_IN_ADDRESS.fullmatch, given), None):
            raise ValueError(f"it may not set {refused} behind the question mark")
        if not text.isprintable():
            raise ValueError("it has a line end or another character that is not printed")
        address = cls(text)
        if not address.hosts:
            raise ValueError("it has to name a host, or the folder of a socket as ?host=/run/postgresql")
        return address

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that are contacted, in the order in which they are tried; a folder stands for a socket in it."""
        parts = urlsplit(self.url)
        given = dict(parse_qsl(parts.query))
        named = [_without_port(host) for host in unquote(parts.netloc.rpartition("@")[2]).split(",")]
        listed = given.get("hostaddr") or given.get("host")
        return tuple(filter(None, listed.split(",") if listed else named))

    @property
    def name(self) -> str:
        """The name without server and user: so errors, which anybody may see, name the database."""
        return f"database {urlsplit(self.url).path[1:]}"

    def __str__(self) -> str:
        return self.url

    def password(self) -> str:
        """Returns the password in the file, or nothing if there is no file. Raises `IndexDatabaseError`."""
        if self.password_file is None:
            return ""
        try:
            return self.password_file.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise IndexDatabaseError(
                f"The password file {self.password_file} cannot be read: {type(error).__name__}.",
                advice="Check the path and the permissions.",
            ) from None


IndexPlace = Path | DatabaseAddress


def _without_port(host: str) -> str:
    """Returns a host of a URL without its port."""
    return host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]


def schema_of(fingerprint: Fingerprint) -> str:
    """Returns the name of the schema of a fingerprint."""
    return f"assistant_{fingerprint.digest}"


class PostgresDatabase:
    """The published index of one fingerprint, to be read. Safe to use from several threads.

    Each query has a connection of its own from those that are kept. A query that finds its connection broken, as after
    a restart of the server, is asked once more on a new one.
    """

    def __init__(self, address: DatabaseAddress, fingerprint: Fingerprint) -> None:
        self.path = address.name  # as errors name it
        self._address = address
        self._schema = schema_of(fingerprint)
        self._kept: list[Connection[Row]] = []
        self._lock = threading.Lock()
        self._release = weakref.finalize(self, _close_all, self._kept)
        self._release.atexit = False

    def query(self, statement: str, *parameters: object) -> list[Row]:
        """Returns the rows of one statement.

        Raises `IndexDatabaseError`, or `NotIndexedError` where there are no such tables.
        """
        with translated_errors(self._address):
            connection, kept = self._connection()
            try:
                rows = _rows(connection, statement, parameters)
            except Exception:
                again = connection.closed and kept
                connection.close()
                if not again:
                    raise
                connection = self._connect()
                rows = _rows(connection, statement, parameters)
            self._keep(connection)
            return rows

    @contextmanager
    def snapshot(self) -> Iterator[Connection[Row]]:
        """Yields a connection in a transaction that sees one state of the database. Raises as `query` does."""
        with translated_errors(self._address), self._connect() as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection

    def vectors(self, embedded: Sequence[bytes]) -> list[Row]:
        """Returns the vectors of texts: SHA-256, float32, tokens' vectors and CRC. Raises as `query` does."""
        statement = "SELECT embeds, vector_send(embedding), tokens, crc FROM text_vector WHERE embeds = ANY(?::bytea[])"
        rows = self.query(statement, list(embedded))
        return [(embeds, little_endian(sent), tokens, crc) for embeds, sent, tokens, crc in rows]

    def newest_generation(self) -> int:
        """Returns the number of the current generation, or 0. Raises as `query` does."""
        rows = self.query("SELECT generation FROM current")
        return int(rows[0][0]) if rows else 0

    def replaced(self) -> bool:
        """Returns False: another database at this address has other generations."""
        return False

    def check_pages(self) -> None:
        """Checks nothing: the server checks its own pages."""

    def close(self) -> None:
        """Closes the connections that are kept."""
        self._release()

    def _connection(self) -> tuple[Connection[Row], bool]:
        """Returns a connection that nobody else uses, and whether it was kept from an earlier query."""
        with self._lock:
            if self._kept:
                return self._kept.pop(), True
        return self._connect(), False

    def _keep(self, connection: Connection[Row]) -> None:
        with self._lock:
            if self._release.alive and len(self._kept) < MAX_KEPT_CONNECTIONS:
                self._kept.append(connection)
                return
        connection.close()

    def _connect(self) -> Connection[Row]:
        connection = connect(self._address, "assistant-reader")
        configure(connection, _READER_SETTINGS | {"search_path": f"{self._schema}, public"})
        return connection


def connect(address: DatabaseAddress, name: str) -> Connection[Row]:
    """Opens a connection that commits each statement; the server lists it by this name."""
    psycopg = _psycopg()
    hostaddr = {} if "hostaddr=" in urlsplit(address.url).query else {"hostaddr": ""}  # not that of PGHOSTADDR
    password = {"password": address.password()} if address.password_file else {}
    opened: Connection[Row] = psycopg.connect(
        address.url, autocommit=True, application_name=name, connect_timeout=CONNECT_SECONDS, **hostaddr, **password
    )
    return opened


def configure(connection: Connection[Row], settings: Mapping[str, str]) -> None:
    """Sets some of the server's settings for a connection."""
    for name, value in settings.items():
        connection.execute("SELECT set_config(%s, %s, false)", [name, value])


@contextmanager
def database_lock(address: DatabaseAddress) -> Iterator[Connection[Row]]:
    """Makes this session the only writer to a database, and yields it. The server releases the lock when it ends.

    Raises `WriterBusyError` at once when there is another, with its process id on its own machine.
    """
    with translated_errors(address), connect(address, f"{WRITER_NAME}{os.getpid()}") as connection:
        if not connection.execute("SELECT pg_try_advisory_lock(%s, %s)", _LOCK).fetchall()[0][0]:
            raise WriterBusyError(address.name, _writer_pid(connection))
        yield connection


def _writer_pid(connection: Connection[Row]) -> int:
    """Returns the process id of the writer, or 0 if this user may not see it."""
    rows = connection.execute(
        "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory'"
        " AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND classid = %s AND objid = %s",
        _LOCK,
    ).fetchall()
    name = str(rows[0][0] or "") if rows else ""
    number = name.removeprefix(WRITER_NAME)
    return int(number) if name.startswith(WRITER_NAME) and number.isdigit() else 0


@contextmanager
def translated_errors(address: DatabaseAddress) -> Iterator[None]:
    """Raises the errors of PostgreSQL as errors of this package. The log has the address and what the server says."""
    psycopg = _psycopg()
    try:
        yield
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise NotIndexedError(f"There is no index in {address.name}.", advice="Index the sources first.") from error
    except psycopg.errors.InsufficientPrivilege as error:
        problem = f"{address.name}: {_first_line(error)}."
        raise IndexDatabaseError(problem, advice="Grant it to the user, as docs/scaling.md shows.") from error
    except psycopg.ProgrammingError:
        raise  # a mistake in this program
    except psycopg.Error as error:
        _log.error("%s: %s", address, _first_line(error))  # it names the user and the host, which readers need not see
        raise IndexDatabaseError(f"The {address.name} does not answer.", advice=_ADVICE) from error


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].strip().rstrip(".")


def _psycopg() -> Any:  # noqa: ANN401  # a module
    try:
        import psycopg
    except ImportError as error:
        raise IndexDatabaseError("PostgreSQL's client psycopg is not installed.", advice=f"Run {_EXTRA}.") from error
    return psycopg


def _rows(connection: Connection[Row], statement: str, parameters: tuple[object, ...]) -> list[Row]:
    named = {f"p{number}": value for number, value in enumerate(parameters, 1)}
    return connection.execute(_postgres_sql(statement).encode(), named).fetchall()


@lru_cache(maxsize=256)
def _postgres_sql(statement: str) -> str:
    """Returns a statement in PostgreSQL's words: its parameters, a list of numbers in JSON, and joins."""
    numbers = iter(range(1, 100))
    text = statement.replace("%", "%%").replace("CROSS JOIN", "JOIN")
    text = text.replace("json_each(?)", "(SELECT value::text::bigint AS value FROM json_array_elements(?::json))")
    return re.sub(r"\?(\d*)", lambda found: f"%(p{found[1] or next(numbers)})s", text)


def _close_all(connections: list[Connection[Row]]) -> None:
    while connections:
        connections.pop().close()


def little_endian(sent: bytes) -> bytes:
    """Returns the little-endian float32 of a vector in pgvector's binary form."""
    return np.frombuffer(sent, dtype=">f4", offset=_VECTOR_HEADER_BYTES).astype("<f4").tobytes()
