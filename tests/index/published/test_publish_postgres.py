"""Publishing in PostgreSQL: whole or not at all, by one who may write, and repaired from the sources."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import psycopg
import pytest
from psycopg import sql

from index.build import build_index
from index.errors import CorruptDatabaseError, GenerationError, IndexDatabaseError, WriterBusyError
from index.published import pgvector, publish_postgres
from index.published.open import open_current
from index.storage.postgres import DatabaseAddress, schema_of
from tests.fixtures.index_folders import CountingEmbedder, check_searchable, expected_texts, indexed_texts
from tests.fixtures.postgres import of_database
from tests.index.published.test_open_index import EMBEDDER, GOLDEN, MAKER, NEW, QUESTIONS, opened

ROOT = Path(__file__).parents[3]
SCALING = ROOT / "docs" / "scaling.md"
OLD = "Northshire Constabulary – PEEL 2018/19\n\nThe force records most crime well. Custody is safe and clean.\n"
WRITER = """
import sys, time
from pathlib import Path
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published import publish_postgres
from index.storage.postgres import DatabaseAddress

def wait(publisher):
    assert publisher.current(None).number == 2  # as this session sees it
    print("all is sent and the pointer is moved", flush=True)
    time.sleep(600)

publish_postgres.DatabasePublisher._prune = wait
build_index(Path(sys.argv[1]), DatabaseAddress(sys.argv[2], work=Path(sys.argv[3])), HashedWordEmbedder())
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "old.txt").write_text(OLD, encoding="utf-8")
    return folder


def run(database: DatabaseAddress, statement: str) -> int:
    """Runs a statement in the schema of the index, and returns how many rows it changed."""
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(schema_of(MAKER))))
        return connection.execute(statement.encode()).rowcount


def test_a_writer_killed_before_its_commit_changes_nothing(database: DatabaseAddress, sources: Path) -> None:
    build_index(sources, database, EMBEDDER)
    with closing(opened(database)) as index:
        before = indexed_texts(index)
        (sources / "new.txt").write_text(NEW, encoding="utf-8")
        arguments = [sys.executable, "-c", WRITER, str(sources), database.url, str(database.work)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with subprocess.Popen(arguments, env=environment, text=True, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline().startswith("all is sent")
            with pytest.raises(WriterBusyError) as busy:
                build_index(sources, database, EMBEDDER)
            assert busy.value.pid == writer.pid
            assert not index.stale()
            writer.send_signal(signal.SIGKILL)
        assert not index.stale()
        assert indexed_texts(index) == before
        with closing(opened(database)) as again:
            assert again.generation.id == index.generation.id
        for _ in range(600):  # until the server has seen that the writer is gone
            try:
                report = build_index(sources, database, CountingEmbedder())
                break
            except WriterBusyError:
                time.sleep(0.05)
        assert (report.created, report.embedded, report.generation[:6]) == (1, 0, "000002")
        assert index.stale()


def test_the_reader_of_the_documentation_reads_and_cannot_write(
    database: DatabaseAddress, postgres: str, sources: Path
) -> None:
    name = database.url.split("?")[0].rpartition("/")[2]
    script = re.search(r"```sql\n(.*?)```", SCALING.read_text(encoding="utf-8"), re.DOTALL)
    assert script is not None
    statements = [line.removesuffix(";") for line in script[1].splitlines() if line.startswith(("CREATE R", "ALTER"))]
    assert len(statements) == 4
    with psycopg.connect(of_database(postgres, name), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO assessments_writer").format(sql.Identifier(name)))
    places = {
        role: DatabaseAddress(re.sub("//[^@]*@", f"//assessments_{role}@", database.url), work=database.work / role)
        for role in ("writer", "reader")
    }
    try:
        build_index(sources, places["writer"], EMBEDDER)
        with closing(opened(places["reader"])) as index:
            assert indexed_texts(index) == expected_texts(sources)
            (sources / "new.txt").write_text(NEW, encoding="utf-8")
            with pytest.raises(IndexDatabaseError, match="permission denied"):
                build_index(sources, places["reader"], EMBEDDER)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                run(places["reader"], "DELETE FROM current")
            assert not index.stale()
            build_index(sources, places["writer"], EMBEDDER)
            assert index.stale()
    finally:
        with psycopg.connect(of_database(postgres, name), autocommit=True) as connection:
            connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO CURRENT_USER").format(sql.Identifier(name)))
            for role in ("assessments_writer", "assessments_reader"):
                connection.execute(f"DROP OWNED BY {role} CASCADE; DROP ROLE {role}".encode())


DAMAGES = {
    "a sentence": ("UPDATE sentence SET text = replace(text, 'safe', 'vile')", CorruptDatabaseError),
    "a text": ("UPDATE version SET text = replace(text, 'safe', 'vile')", CorruptDatabaseError),
    "a vector": ("UPDATE text_vector SET embedding = embedding + embedding", CorruptDatabaseError),
    "a token": ("UPDATE text_vector SET tokens = '\\x00'", CorruptDatabaseError),
    "a part": ("UPDATE part SET data = data || '\\x00' WHERE name = 'keys.npy'", GenerationError),
    "a part fewer": ("DELETE FROM part WHERE name = 'roles.npy'", GenerationError),
    "another form": ("UPDATE member SET metadata = '[]'", GenerationError),
    "a sentence fewer": ("DELETE FROM sentence WHERE ordinal = 1", GenerationError),
}


def read_all(database: DatabaseAddress) -> None:
    """Reads every text, sentence and vector, as answers do."""
    with closing(opened(database)) as index:
        indexed_texts(index)
        index.generation.load(np.arange(len(index.generation.keys)))


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_was_changed_is_never_used_and_is_published_anew(
    database: DatabaseAddress, sources: Path, damage: str
) -> None:
    build_index(sources, database, EMBEDDER)
    statement, error = DAMAGES[damage]
    assert run(database, statement)
    with pytest.raises(error):
        read_all(database)
    report = build_index(sources, database, EMBEDDER)
    assert report.published
    with closing(opened(database)) as index:
        assert indexed_texts(index) == expected_texts(sources)
        check_searchable(index)
    assert not build_index(sources, database, EMBEDDER).published


@pytest.mark.parametrize("name", ["{}/written", "../../../../../../../../../../..{}/written", "words/../../written"])
def test_no_part_is_written_outside_the_folder_of_the_parts(
    database: DatabaseAddress, sources: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    build_index(sources, database, EMBEDDER)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path = {}, public").format(sql.Identifier(schema_of(MAKER))))
        forged = "INSERT INTO part SELECT generation, %s, 0, sha256('evil'), 'evil' FROM current"
        connection.execute(forged, [name.format(tmp_path)])
    with pytest.raises(GenerationError, match="has a part"):
        opened(database)
    assert not (tmp_path / "written").exists()


def test_a_lost_folder_of_the_writer_is_filled_from_the_database(
    database: DatabaseAddress, sources: Path, tmp_path: Path
) -> None:
    build_index(sources, database, EMBEDDER)
    elsewhere = DatabaseAddress(database.url, work=tmp_path / "elsewhere")
    embedder = CountingEmbedder()
    report = build_index(sources, elsewhere, embedder)
    assert (report.unchanged, report.published, embedder.texts) == (1, False, [])
    (sources / "new.txt").write_text(NEW, encoding="utf-8")
    assert build_index(sources, elsewhere, embedder).created == 1
    report = build_index(sources, database, embedder)  # the first has an older record now
    assert (report.unchanged, report.published, len(embedder.texts)) == (2, False, 2)


def test_hnsw_finds_what_exact_search_finds_also_after_a_change(
    database: DatabaseAddress, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish_postgres, "HNSW_ROWS", 1)
    folder = tmp_path / "golden"
    folder.mkdir()
    for path in GOLDEN.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    for change in ("", NEW):
        if change:
            (folder / "new.txt").write_text(change, encoding="utf-8")
        build_index(folder, database, EMBEDDER)
        with closing(opened(database)) as index, closing(open_current(database, MAKER, exact=True)) as exact:
            vectors = [EMBEDDER.encode_question(text).vector for text in (*QUESTIONS, "the investigation of fraud")]
            wanted = [exact.generation.store.search(vector, 10) for vector in vectors]
            with monkeypatch.context() as only_the_index:
                only_the_index.setattr(pgvector, "_EXACT", "SELECT 1 / 0")
                found = [index.generation.store.search(vector, 10) for vector in vectors]
            assert [[cosine for _, cosine in hits] for hits in found] == [
                [cosine for _, cosine in hits] for hits in wanted
            ]


def test_what_only_old_generations_had_is_deleted(database: DatabaseAddress, sources: Path) -> None:
    build_index(sources, database, EMBEDDER)
    for number in range(3):
        (sources / "new.txt").write_text(f"{NEW}\nPart {number} is new.\n", encoding="utf-8")
        build_index(sources, database, EMBEDDER)
    counts = {
        table: run(database, f"SELECT * FROM {table}")
        for table in ("generation", "current", "version", "text_vector", "part")
    }
    texts = {text for number in (1, 2) for text in (OLD, NEW, f"Part {number} is new.")}
    assert (counts["generation"], counts["current"], counts["version"]) == (2, 1, 3)
    assert counts["text_vector"] == len({line for text in texts for line in re.findall(r"[^\n.]+", text)})
    assert counts["part"] == run(database, "SELECT * FROM part WHERE generation IN (3, 4)")
