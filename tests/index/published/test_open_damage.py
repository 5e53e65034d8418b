"""Whatever happens to the files of an index, nothing false is read from it, and it is repaired."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from index.build import build_index, ensure_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import CorruptDatabaseError, GenerationError, IndexingError, WriterBusyError
from index.published.generation import GENERATIONS, MANIFEST, check_generation
from index.published.open import open_current
from index.storage.database import DATABASE_FILE, IndexDatabase, set_aside
from index.storage.fingerprint import Fingerprint
from index.storage.ingest import writer_lock
from index.storage.writer import IndexWriter
from tests.fixtures.damages import DAMAGES, Damage, empty, flip, lengthen, noise, truncate, zero
from tests.fixtures.index_folders import (
    CountingEmbedder,
    check_searchable,
    compose,
    edit,
    expected_texts,
    indexed_digests,
    indexed_texts,
    source_digests,
)

EMBEDDER = HashedWordEmbedder()
MAKER = Fingerprint.of(EMBEDDER)
SEED = 20


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sources and an index with two generations, to be copied."""
    folder = tmp_path_factory.mktemp("original")
    (folder / "sources").mkdir()
    draw = random.Random(SEED)
    for name in ("northshire", "westmere", "eastvale"):
        (folder / "sources" / f"{name}.txt").write_text(compose(draw), encoding="utf-8")
    build_index(folder / "sources", folder / "index", EMBEDDER)
    edit(draw, folder / "sources")
    build_index(folder / "sources", folder / "index", EMBEDDER)
    return folder


@pytest.fixture
def home(original: Path, tmp_path: Path) -> Path:
    shutil.copytree(original, tmp_path / "home")
    return tmp_path / "home"


def current(home: Path) -> Path:
    return max((MAKER.folder(home / "index") / GENERATIONS).iterdir())


def record(home: Path) -> Path:
    return MAKER.folder(home / "index") / DATABASE_FILE


def change(home: Path, statement: str) -> None:
    """As a person with a SQLite browser would."""
    with closing(sqlite3.connect(record(home), isolation_level=None)) as database:
        assert database.execute(statement).rowcount == 1


def check(home: Path) -> str:
    opened = open_current(home / "index", MAKER)
    assert indexed_digests(opened) == source_digests(home / "sources")
    assert indexed_texts(opened) == expected_texts(home / "sources")
    check_searchable(opened)
    opened.close()
    return opened.generation.digest


@pytest.mark.long
def test_a_generation_with_any_file_damaged_is_rebuilt_from_the_database(home: Path) -> None:
    draw = random.Random(SEED)
    wanted = check(home)
    names = sorted(path.relative_to(current(home)).parts[-1] for path in current(home).rglob("*") if path.is_file())
    assert {"chroma.sqlite3", "data_level0.bin", "vectors.npy", "words.json", MANIFEST} <= set(names)
    of_chroma = [name for name in names if name.startswith("chroma") or name.endswith((".bin", ".pickle"))]
    for turn, name in enumerate([*names, *of_chroma]):
        damage = DAMAGES[turn % len(DAMAGES)]
        path = next(path for path in current(home).rglob(name) if path.is_file())
        broken, was = current(home), path.read_bytes()
        damage(path, draw)
        if path.exists() and path.read_bytes() == was:  # an empty file emptied, zeros zeroed
            lengthen(path, draw)
        assert check(home) == wanted, f"{damage.__name__} {name}, turn {turn}"
        assert not broken.exists()


def test_a_generation_with_an_additional_file_is_rebuilt(home: Path) -> None:
    wanted = check(home)
    (current(home) / "chroma" / "chroma.sqlite3-journal").write_bytes(b"hot")
    assert check(home) == wanted


def test_missing_generations_are_rebuilt(home: Path) -> None:
    wanted = check(home)
    shutil.rmtree(current(home))
    assert check(home) == wanted
    shutil.rmtree(MAKER.folder(home / "index") / GENERATIONS)
    assert check(home) == wanted


def test_indexing_repairs_a_generation_without_embedding(home: Path) -> None:
    wanted = check(home)
    flip(current(home) / "vectors.npy", random.Random(SEED))
    embedder = CountingEmbedder()
    report = build_index(home / "sources", home / "index", embedder)
    assert (report.published, report.embedded, embedder.texts) == (True, 0, [])
    assert check(home) == wanted


def test_while_another_process_writes_the_generation_before_is_opened(home: Path) -> None:
    with closing(IndexDatabase(record(home), MAKER)) as opened:
        before = IndexWriter(opened).generations()[1]
    zero(current(home) / "vectors.npy", random.Random(SEED))
    with writer_lock(home / "index"):
        fallen_back = open_current(home / "index", MAKER)
        assert fallen_back.generation.id == before.id
        assert fallen_back.stale()
        indexed_texts(fallen_back)
        fallen_back.close()
        zero(MAKER.folder(home / "index") / GENERATIONS / before.id / "vectors.npy", random.Random(SEED))
        with pytest.raises((WriterBusyError, GenerationError)):
            open_current(home / "index", MAKER)
    check(home)


def test_a_generation_that_fails_its_self_check_is_not_published(home: Path) -> None:
    def fail(folder: Path) -> float:
        raise GenerationError("no")

    before = texts_of(home)
    edit(random.Random(1), home / "sources")
    with pytest.raises(GenerationError):
        build_index(home / "sources", home / "index", EMBEDDER, self_check=fail)
    assert texts_of(home) == before
    report = build_index(home / "sources", home / "index", EMBEDDER)
    assert (report.published, report.embedded) == (True, 0)
    check(home)


def texts_of(home: Path) -> list[tuple[str, str]]:
    opened = open_current(home / "index", MAKER)
    texts = indexed_texts(opened)
    opened.close()
    return texts


def test_the_self_check_in_a_child_notices_damage_that_would_end_this_process(home: Path) -> None:
    from index.published.chroma import selfcheck_in_child

    selfcheck_in_child(current(home))
    for path in current(home).rglob("*.bin"):
        path.write_bytes(bytes(range(256)) * 4)
    with pytest.raises(GenerationError):
        selfcheck_in_child(current(home))


@pytest.mark.parametrize("damage", [flip, truncate, zero, noise, empty, lengthen], ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("turn", range(3))
def test_a_damaged_database_returns_nothing_false_and_is_rebuilt_from_the_sources(
    home: Path, damage: Damage, turn: int
) -> None:
    draw = random.Random(SEED + turn)
    wanted = expected_texts(home / "sources")
    digest = current(home).name.split("-")[1]
    damage(record(home), draw)
    try:
        opened = open_current(home / "index", MAKER)
    except IndexingError:
        pass  # noticed at once
    else:
        with suppress(IndexingError):  # noticed when read
            assert indexed_texts(opened) == wanted
        opened.close()
    build_index(home / "sources", home / "index", EMBEDDER)
    assert check(home).startswith(digest)
    again = build_index(home / "sources", home / "index", EMBEDDER)
    assert (again.published, again.embedded) == (False, 0)


def test_a_lost_database_is_rebuilt_from_the_sources(home: Path) -> None:
    wanted = check(home)
    record(home).unlink()
    opened = ensure_index(home / "sources", home / "index", EMBEDDER)
    assert indexed_texts(opened) == expected_texts(home / "sources")
    opened.close()
    assert check(home) == wanted


def test_a_damaged_database_is_kept_next_to_the_new_one(home: Path) -> None:
    noise(record(home), random.Random(SEED))
    was = record(home).read_bytes()
    opened = ensure_index(home / "sources", home / "index", EMBEDDER)
    opened.close()
    assert record(home).with_name(f"damaged-{DATABASE_FILE}").read_bytes() == was
    check(home)


def test_readers_notice_a_replaced_database(home: Path) -> None:
    opened = open_current(home / "index", MAKER)
    texts = indexed_texts(opened)
    set_aside(record(home).parent)
    assert opened.stale()
    build_index(home / "sources", home / "index", EMBEDDER)
    assert opened.stale()
    assert indexed_texts(opened) == texts
    opened.close()


TAMPERED = {
    "a sentence's text": "UPDATE sentence SET text = text || ' not' WHERE version = {v} AND ordinal = 2",
    "a sentence's place": "UPDATE sentence SET start = start + 1 WHERE version = {v} AND ordinal = 2",
    "a sentence's role": "UPDATE sentence SET role = 'heading' WHERE version = {v} AND ordinal = 2",
    "a sentence's role, to none": "UPDATE sentence SET role = 'gospel' WHERE version = {v} AND ordinal = 2",
    "a sentence's order": "UPDATE sentence SET ordinal = 900 WHERE version = {v} AND ordinal = 2",
    "a sentence's seal": "UPDATE sentence SET seal = x'0102030405060708' WHERE version = {v} AND ordinal = 2",
    "a sentence, gone": "DELETE FROM sentence WHERE version = {v} AND ordinal = 2",
    "the transcript's text": "UPDATE version SET text = replace(text, 'Its', 'His') WHERE number = {v}",
    "the transcript's blocks": "UPDATE version SET blocks = '[]' WHERE number = {v}",
    "its title": "UPDATE version SET title = 'Another' WHERE number = {v}",
    "its source": "UPDATE version SET source = 'another.txt' WHERE number = {v}",
    "its metadata": "UPDATE version SET metadata = replace(metadata, 'force', 'farce') WHERE number = {v}",
    "its file's digest": "UPDATE version SET sha256 = 'abc' WHERE number = {v}",
}


@pytest.mark.parametrize("statement", TAMPERED.values(), ids=TAMPERED.keys())
def test_a_tampered_row_is_noticed_when_read_and_repaired(home: Path, statement: str) -> None:
    with closing(IndexDatabase(record(home), MAKER)) as opened:
        ledger = IndexWriter(opened)
        version = min(ledger.members(ledger.generations()[0]).values())
    change(home, statement.format(v=version))
    opened_index = open_current(home / "index", MAKER)
    with pytest.raises((CorruptDatabaseError, GenerationError)):
        indexed_texts(opened_index)
    opened_index.close()
    build_index(home / "sources", home / "index", EMBEDDER)
    check(home)


DERIVED = {
    "a vector": "UPDATE vector SET data = zeroblob(length(data)) WHERE number = 3",
    "a vector, gone": "DELETE FROM vector WHERE number = 3",
    "a passage": "UPDATE passage SET last = last + 1 WHERE version = {v} AND ordinal = 1",
    "a passage, gone": "DELETE FROM passage WHERE version = {v} AND ordinal = 1",
}


@pytest.mark.parametrize("statement", DERIVED.values(), ids=DERIVED.keys())
def test_a_tampered_vector_or_passage_is_noticed_when_needed(home: Path, statement: str) -> None:
    with closing(IndexDatabase(record(home), MAKER)) as opened:
        ledger = IndexWriter(opened)
        version = min(ledger.members(ledger.generations()[0]).values())
    change(home, statement.format(v=version))
    shutil.rmtree(current(home))
    with pytest.raises(CorruptDatabaseError):
        open_current(home / "index", MAKER)
    build_index(home / "sources", home / "index", EMBEDDER)
    check(home)


def test_a_manifest_must_be_the_published_one(home: Path) -> None:
    with pytest.raises(GenerationError, match=MANIFEST):
        check_generation(current(home), "0" * 64)


def test_an_error_of_the_machine_is_not_taken_for_damage(home: Path) -> None:
    with closing(sqlite3.connect(record(home), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with closing(IndexDatabase(record(home), MAKER)) as opened:
            opened.query("PRAGMA busy_timeout = 1")
            with pytest.raises(IndexingError) as caught:
                opened.write("DELETE FROM failure")
    assert not isinstance(caught.value, CorruptDatabaseError)
    check(home)
