"""An index is never emptied by accident: an empty or unmounted folder, or one that cannot be read, changes nothing."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from index.build import build_index, ensure_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import CorruptDatabaseError, NoSourcesError, NotIndexedError
from index.published.open import open_current
from index.storage.database import DATABASE_FILE
from index.storage.fingerprint import Fingerprint

EMBEDDER = HashedWordEmbedder()
FINGERPRINT = Fingerprint.of(EMBEDDER)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    for name in ("northshire", "westmere"):
        (folder / f"{name}.txt").write_text(f"{name.title()} Police\n\nCustody is safe.", encoding="utf-8")
    return folder


@pytest.fixture
def index(sources: Path, tmp_path: Path) -> Path:
    build_index(sources, tmp_path / "index", EMBEDDER)
    return tmp_path / "index"


def generation(index: Path) -> tuple[str, list[str]]:
    with closing(open_current(index, FINGERPRINT)) as opened:
        return opened.generation.id, [transcript.source for transcript in opened.generation.transcripts]


def emptied(sources: Path) -> Path:
    shutil.move(sources, sources.with_name("away"))
    sources.mkdir()
    return sources


def test_an_empty_folder_keeps_what_is_published_and_says_so(sources: Path, index: Path) -> None:
    before = generation(index)
    (emptied(sources) / "README.md").write_text("Put the assessments here.", encoding="utf-8")
    with pytest.raises(NoSourcesError, match=r"has no sources, so the index stays as it was\. .*--allow-empty"):
        build_index(sources, index, EMBEDDER)
    assert generation(index) == before
    with closing(ensure_index(sources, index, EMBEDDER)) as opened:
        assert opened.generation.id == before[0]


def test_when_the_folder_is_mounted_again_nothing_is_new(sources: Path, index: Path) -> None:
    before = generation(index)
    with pytest.raises(NoSourcesError):
        build_index(emptied(sources), index, EMBEDDER)
    sources.rmdir()
    shutil.move(sources.with_name("away"), sources)
    report = build_index(sources, index, EMBEDDER)
    assert (report.published, report.embedded, report.unchanged) == (False, 0, 2)
    assert generation(index) == before


def test_a_folder_of_which_nothing_can_be_read_keeps_it_too_and_the_first_reason_is_given(
    sources: Path, index: Path
) -> None:
    before = generation(index)
    for path in sources.iterdir():
        path.write_bytes(b"")
    with pytest.raises(NoSourcesError, match=r"no source that can be read \(northshire\.txt: ") as kept:
        build_index(sources, index, EMBEDDER)
    assert "stays as it was" in str(kept.value)
    assert generation(index) == before


def test_one_source_that_is_left_is_enough_to_withdraw_the_others(sources: Path, index: Path) -> None:
    (sources / "westmere.txt").unlink()
    build_index(sources, index, EMBEDDER)
    assert generation(index)[1] == ["northshire.txt"]


def test_an_explicit_word_empties_the_index(sources: Path, index: Path) -> None:
    report = build_index(emptied(sources), index, EMBEDDER, allow_empty=True)
    assert (report.deleted, report.sentences, report.published) == (2, 0, True)
    assert generation(index)[1] == []


def test_a_damaged_database_is_not_set_aside_while_there_is_nothing_to_rebuild_it_from(
    sources: Path, index: Path
) -> None:
    database = FINGERPRINT.folder(index) / DATABASE_FILE
    damaged = b"damaged" + database.read_bytes()[7:]
    database.write_bytes(damaged)
    with pytest.raises(NoSourcesError):
        build_index(emptied(sources), index, EMBEDDER)
    assert database.read_bytes() == damaged
    with pytest.raises(CorruptDatabaseError):
        open_current(index, FINGERPRINT)


def test_there_is_no_index_of_a_folder_that_never_had_a_source(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(NotIndexedError):
        open_current(tmp_path / "index", FINGERPRINT)
    report = build_index(tmp_path / "none", tmp_path / "index", EMBEDDER)
    assert report.sentences == 0
