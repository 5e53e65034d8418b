"""An index on a read-only file system, as in an image, is opened and read; it is not written to."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import StorageError
from index.published.open import open_current
from index.storage.database import DATABASE_FILE
from index.storage.fingerprint import Fingerprint

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")

EMBEDDER = HashedWordEmbedder()
FINGERPRINT = Fingerprint.of(EMBEDDER)
NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can reach."""
    made = Path(tempfile.mkdtemp(prefix="read-only-"))
    made.chmod(0o755)
    (made / "sources").mkdir()
    (made / "sources" / "northshire.txt").write_text("Northshire Police\n\nCustody is safe.", encoding="utf-8")
    build_index(made / "sources", made / "index", EMBEDDER)
    yield made
    shutil.rmtree(made)


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing below the folder can be written, not even by root, which becomes another user meanwhile."""
    paths = [folder, *folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)
    try:
        with pytest.raises(PermissionError):
            (folder / "probe").touch()
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path, mode in modes.items():
            path.chmod(mode)


def quoted(index: Path) -> list[str]:
    with closing(open_current(index, FINGERPRINT)) as opened:
        assert not opened.stale()
        assert opened.intact()
        return [stored.sentence.text for stored in opened.sentences(opened.generation.keys.tolist())]


def test_an_index_that_was_closed_is_read(folder: Path) -> None:
    with read_only(folder):
        assert "Custody is safe." in quoted(folder / "index")


def test_an_index_whose_writer_was_killed_is_read_with_its_log(folder: Path) -> None:
    database = FINGERPRINT.folder(folder / "index") / DATABASE_FILE
    writer = sqlite3.connect(database, isolation_level=None)
    writer.execute("INSERT INTO failure VALUES ('scan.pdf', 'it has no text')")  # now in the log alone
    for suffix in ("-wal", "-shm"):
        shutil.copy(f"{database}{suffix}", f"{database}{suffix}.kept")
    shutil.copy(database, f"{database}.kept")
    writer.close()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{database}{suffix}.kept").replace(f"{database}{suffix}")
    with read_only(folder), closing(open_current(folder / "index", FINGERPRINT)) as opened:
        assert [failure.source for failure in opened.failures()] == ["scan.pdf"]


def test_a_file_that_is_replaced_or_changed_from_outside_is_noticed(folder: Path) -> None:
    database = FINGERPRINT.folder(folder / "index") / DATABASE_FILE
    with read_only(folder):
        opened = open_current(folder / "index", FINGERPRINT)
    with closing(opened):
        assert not opened.stale()
        os.utime(database, ns=(0, 0))
        assert opened.stale()


def test_indexing_there_is_refused_in_words_and_the_index_stays(folder: Path) -> None:
    (folder / "sources" / "westmere.txt").write_text("Westmere Police\n\nCustody is clean.", encoding="utf-8")
    with read_only(folder):
        with pytest.raises(StorageError, match="cannot be read or written"):
            build_index(folder / "sources", folder / "index", EMBEDDER)
        assert "Custody is safe." in quoted(folder / "index")
