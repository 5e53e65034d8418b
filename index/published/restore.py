"""Brings a published generation, from files or a database, into another record, so that nothing is embedded again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from index.errors import CorruptDatabaseError
from index.storage.reader import audit_version
from index.storage.writer import vector_crc

if TYPE_CHECKING:
    from index.storage.database import IndexDatabase, RecordDatabase

VERSION_COLUMNS = (
    "transcript, source, sha256, title, metadata, body_sha256, seal, contents_sha256, blocks, locators, notes, text"
)
# The tables of a version's rows: their columns after the number of the version, in order.
VERSION_TABLES = {
    "sentence": 'ordinal, key, block, start, "end", role, embeds, seal, text, place',
    "passage": "ordinal, first, last",
    "formal_record": "ordinal, kind, record",
}
_VERSIONS = """
SELECT number, source, seal, contents_sha256 FROM version
WHERE number IN (SELECT version FROM member WHERE generation = ?) ORDER BY number
"""  # the names are those above
_HEADER = slice(0, 7)  # of the columns of a version: those of its header and its checksum
_CONTENTS = 7
_EMBEDS = 6  # among those of a sentence

_log = logging.getLogger(__name__)


def restore(record: IndexDatabase, database: RecordDatabase, generation: int) -> dict[str, int]:
    """Adds the versions of a published generation that a record lacks, with their vectors, each checked.

    Returns the record's number of each by the name of its source. One that is damaged is left out, and said so in the
    log. Raises `IndexDatabaseError`.
    """
    known = {
        (seal, contents): number
        for number, seal, contents in record.query("SELECT number, seal, contents_sha256 FROM version")
    }
    numbers: dict[str, int] = {}
    for number, source, seal, contents in database.query(_VERSIONS, generation):
        ours = known.get((seal, contents))
        try:
            numbers[source] = ours if ours is not None else _restore_version(record, database, number)
        except CorruptDatabaseError as error:
            _log.warning("%s", error.message)
    return numbers


def _restore_version(record: IndexDatabase, database: RecordDatabase, number: int) -> int:
    [columns] = database.query(f"SELECT {VERSION_COLUMNS} FROM version WHERE number = ?", number)  # noqa: S608
    audit_version(database, number, str(columns[_CONTENTS]), columns[_HEADER])
    tables = {
        table: database.query(f"SELECT {names} FROM {table} WHERE version = ? ORDER BY ordinal", number)  # noqa: S608
        for table, names in VERSION_TABLES.items()
    }
    embedded = {row[_EMBEDS] for row in tables["sentence"] if row[_EMBEDS] is not None}
    vectors = _vectors(database, sorted(embedded))
    with record.transaction():
        places = ", ".join("?" * len(columns))
        version = record.write(f"INSERT INTO version ({VERSION_COLUMNS}) VALUES ({places})", *columns)  # noqa: S608
        for table, names in VERSION_TABLES.items():
            places = ", ".join("?" * (names.count(",") + 2))
            record.write_many(
                f"INSERT INTO {table} (version, {names}) VALUES ({places})",  # noqa: S608
                ((version, *row) for row in tables[table]),
            )
        record.write_many("INSERT OR IGNORE INTO vector (embeds, data, tokens, crc) VALUES (?, ?, ?, ?)", vectors)
    return version


def _vectors(database: RecordDatabase, embedded: list[bytes]) -> list[tuple[bytes, bytes, bytes, int]]:
    """Returns the rows of the vectors of some texts, by SHA-256. Raises `CorruptDatabaseError` for a damaged one."""
    found = [(bytes(embeds), data, tokens, crc) for embeds, data, tokens, crc in database.vectors(embedded)]
    if len(found) != len(embedded) or any(vector_crc(*row[:3]) != row[3] for row in found):
        raise CorruptDatabaseError(database.path, "the vector of a sentence is missing or damaged.")
    return found
