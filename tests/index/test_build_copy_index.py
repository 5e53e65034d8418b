"""Copies of an index between folders and databases: equal in every row, checked, and without sources or a model."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.build import build_index, copy_index
from index.errors import CorruptDatabaseError, GenerationError, NotIndexedError
from index.published.chroma import selfcheck
from index.published.open import open_current
from index.storage.database import DATABASE_FILE
from index.storage.postgres import DatabaseAddress, IndexPlace
from tests.fixtures.index_folders import CountingEmbedder, check_searchable, indexed_texts
from tests.fixtures.postgres import drop_database, new_database
from tests.index.published.test_open_index import EMBEDDER, GOLDEN, MAKER, NEW
from tests.index.published.test_publish_postgres import run


def copied(source: IndexPlace, target: IndexPlace) -> str:
    return copy_index(source, target, MAKER, self_check=selfcheck).digest


def check_same(first: IndexPlace, second: IndexPlace) -> None:
    with closing(open_current(first, MAKER)) as one, closing(open_current(second, MAKER)) as other:
        ours, theirs = one.generation, other.generation
        assert ours.digest == theirs.digest
        assert (ours.transcripts, ours.superseded, ours.records) == (
            theirs.transcripts, theirs.superseded, theirs.records
        )  # fmt: skip
        assert indexed_texts(one) == indexed_texts(other)
        rows = np.arange(len(ours.keys))
        assert np.array_equal(ours.vectors_of(rows), theirs.vectors_of(rows))
        assert one.failures() == other.failures()
        check_searchable(other)


@pytest.mark.long
def test_from_files_to_a_database_to_another_and_back_all_is_equal(
    database: DatabaseAddress, postgres: str, tmp_path: Path
) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    for path in GOLDEN.iterdir():
        (sources / path.name).write_bytes(path.read_bytes())
    (sources / "empty.txt").write_text("", encoding="utf-8")
    files, back = tmp_path / "files", tmp_path / "back"
    build_index(sources, files, EMBEDDER)
    second = DatabaseAddress(new_database(postgres), work=tmp_path / "second")
    try:
        digests = {copied(files, database), copied(database, second), copied(second, back)}
        assert len(digests) == 1
        for place in (database, second, back):
            check_same(files, place)
        assert copied(files, database) in digests
        with closing(open_current(database, MAKER)) as index:
            assert index.generation.id.startswith("000001-")  # what is there already is not published again
    finally:
        drop_database(second.url)
    embedder = CountingEmbedder()
    (sources / "new.txt").write_text(NEW, encoding="utf-8")
    assert build_index(sources, back, embedder).created == 1
    assert len(embedder.texts) == 2


def test_nothing_is_copied_from_a_damaged_index(database: DatabaseAddress, tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "new.txt").write_text(NEW, encoding="utf-8")
    build_index(sources, tmp_path / "files", EMBEDDER)
    build_index(sources, database, EMBEDDER)
    with closing(sqlite3.connect(MAKER.folder(tmp_path / "files") / DATABASE_FILE, isolation_level=None)) as record:
        assert record.execute("UPDATE sentence SET text = replace(text, 'fraud', 'theft')").rowcount
    other = DatabaseAddress(database.url, work=tmp_path / "other")
    with pytest.raises(CorruptDatabaseError):
        copied(tmp_path / "files", other)
    assert run(database, "UPDATE text_vector SET crc = crc + 1")
    with pytest.raises((CorruptDatabaseError, GenerationError)):
        copied(database, tmp_path / "back")
    with pytest.raises(NotIndexedError):
        open_current(tmp_path / "back", MAKER)


def test_there_must_be_something_to_copy(database: DatabaseAddress, tmp_path: Path) -> None:
    for source, target in ((database, tmp_path / "files"), (tmp_path / "nothing", database)):
        with pytest.raises(NotIndexedError):
            copied(source, target)
