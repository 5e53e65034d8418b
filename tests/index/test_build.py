"""Indexing a folder: what is counted, embedded and published, and what the index then has."""

from __future__ import annotations

import gc
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index import build
from index.build import BuildReport, Progress, build_index, ensure_index
from index.embedding.embedder import EncodedTexts, HashedWordEmbedder
from index.errors import NotIndexedError, SourceError
from index.published.arrays import ROLES
from index.published.chroma import ChromaStore, selfcheck_in_child
from index.published.generation import GENERATIONS, MANIFEST, Manifest
from index.published.open import open_current
from index.published.open_index import OpenIndex
from index.published.vector_store import ExactStore
from index.storage import reader
from index.storage.database import DATABASE_FILE, IndexDatabase
from index.storage.fingerprint import Fingerprint
from index.text.transcript import Role
from tests.fixtures.index_folders import (
    CountingEmbedder,
    check_searchable,
    compose,
    expected_texts,
    indexed_digests,
    indexed_texts,
    source_digests,
)

EMBEDDER = HashedWordEmbedder()
FINGERPRINT = Fingerprint.of(EMBEDDER)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    draw = random.Random(3)
    for name in ("northshire", "westmere", "eastvale"):
        (folder / f"{name}.txt").write_text(compose(draw), encoding="utf-8")
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def run(sources: Path, index: Path, embedder: HashedWordEmbedder = EMBEDDER) -> BuildReport:
    return build_index(sources, index, embedder)


def counts(report: BuildReport) -> tuple[int, int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.deleted, len(report.failed)


def check(sources: Path, index: Path) -> OpenIndex:
    opened = open_current(index, FINGERPRINT)
    assert indexed_digests(opened) == source_digests(sources)
    assert indexed_texts(opened) == expected_texts(sources)
    check_searchable(opened)
    return opened


def test_a_folder_is_indexed_whole(sources: Path, index: Path) -> None:
    report = run(sources, index)
    assert counts(report) == (3, 0, 0, 0, 0)
    assert report.published
    assert report.sentences == len(expected_texts(sources))
    opened = check(sources, index)
    assert opened.generation.id == report.generation
    assert opened.generation.fingerprint == FINGERPRINT
    opened.close()


def test_a_folder_is_indexed_with_the_selfcheck_in_another_process(sources: Path, index: Path) -> None:
    build_index(sources, index, EMBEDDER, self_check=selfcheck_in_child)
    check(sources, index).close()


def test_a_second_run_changes_nothing(sources: Path, index: Path) -> None:
    first = run(sources, index)
    embedder = CountingEmbedder()
    second = run(sources, index, embedder)
    assert counts(second) == (0, 0, 3, 0, 0)
    assert (second.published, second.embedded, second.generation) == (False, 0, first.generation)
    assert second.sentences == first.sentences
    assert embedder.texts == []


def test_only_changed_sentences_are_embedded(sources: Path, index: Path) -> None:
    run(sources, index)
    path = sources / "westmere.txt"
    path.write_text(path.read_text(encoding="utf-8") + "\n\nIts ferries are safe. Its dogs are fed.", encoding="utf-8")
    embedder = CountingEmbedder()
    report = run(sources, index, embedder)
    assert counts(report) == (0, 1, 2, 0, 0)
    assert sorted(embedder.texts) == ["Its dogs are fed.", "Its ferries are safe."]
    check(sources, index).close()


def test_the_order_of_rows_does_not_depend_on_the_order_of_changes(sources: Path, index: Path, tmp_path: Path) -> None:
    run(sources, index)
    path = sources / "eastvale.txt"  # the first by name, and now the last to be staged
    path.write_text(path.read_text(encoding="utf-8") + "\n\nIts ferries are safe.", encoding="utf-8")
    run(sources, index)
    run(sources, tmp_path / "fresh")
    ours, fresh = open_current(index, FINGERPRINT), open_current(tmp_path / "fresh", FINGERPRINT)
    assert ours.generation.keys.tolist() == fresh.generation.keys.tolist()
    assert ours.generation.digest == fresh.generation.digest
    ours.close()
    fresh.close()


def test_a_changed_vector_of_the_same_sentence_changes_in_chroma_too(
    sources: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "index.storage.writer.embedding_text", lambda sentence, transcript: transcript.title + sentence.text
    )
    for number in range(12):  # so that Chroma is patched for one changed transcript
        (sources / f"more-{number}.txt").write_text(compose(random.Random(number)), encoding="utf-8")
    path = sources / "westmere.txt"
    path.write_text("Westmere Police: PEEL 2016\n\nIts dogs are fed.", encoding="utf-8")
    run(sources, index)
    path.write_text("Westmere Police: PEEL 2018\n\nIts dogs are fed.", encoding="utf-8")
    run(sources, index)
    opened = open_current(index, FINGERPRINT)
    manifest = Manifest.decode((FINGERPRINT.folder(index) / GENERATIONS / opened.generation.id / MANIFEST).read_bytes())
    assert manifest.patched > 0
    for row in np.flatnonzero(opened.generation.searched):
        assert opened.generation.store.search(opened.generation.vectors[row], 1)[0][1] == pytest.approx(1.0, abs=1e-5)
    opened.close()


def test_a_renamed_file_embeds_nothing(sources: Path, index: Path) -> None:
    run(sources, index)
    (sources / "westmere.txt").rename(sources / "renamed.txt")
    report = run(sources, index)
    assert counts(report) == (1, 0, 2, 1, 0)
    assert report.embedded == 0
    check(sources, index).close()


def test_two_files_with_the_same_text_are_embedded_once(sources: Path, index: Path) -> None:
    (sources / "copy.txt").write_bytes((sources / "westmere.txt").read_bytes())
    embedder = CountingEmbedder()
    run(sources, index, embedder)
    assert len(embedder.texts) == len(set(embedder.texts))
    check(sources, index).close()


def test_a_removed_file_is_deleted_from_the_index(sources: Path, index: Path) -> None:
    run(sources, index)
    (sources / "westmere.txt").unlink()
    assert counts(run(sources, index)) == (0, 0, 2, 1, 0)
    check(sources, index).close()


def test_an_empty_folder_gives_an_empty_index(tmp_path: Path, index: Path) -> None:
    (tmp_path / "none").mkdir()
    report = run(tmp_path / "none", index)
    assert (report.published, report.sentences) == (True, 0)
    opened = check(tmp_path / "none", index)
    assert opened.generation.store.search(EMBEDDER.encode(["custody"])[0], 3) == []
    opened.close()


def test_a_missing_folder_is_an_error_and_changes_nothing(sources: Path, index: Path) -> None:
    run(sources, index)
    with pytest.raises(SourceError):
        run(sources / "nowhere", index)
    check(sources, index).close()


def test_files_that_cannot_be_read_are_reported_and_the_others_indexed(sources: Path, index: Path) -> None:
    (sources / "scan.pdf").write_bytes(b"%PDF")
    (sources / "empty.txt").write_text(" \n", encoding="utf-8")
    report = run(sources, index)
    assert [failure.source for failure in report.failed] == ["empty.txt", "scan.pdf"]
    assert all(failure.reason for failure in report.failed)
    assert counts(report) == (3, 0, 0, 0, 2)
    opened = open_current(index, FINGERPRINT)
    assert opened.failures() == report.failed
    assert sorted(indexed_digests(opened)) == ["eastvale.txt", "northshire.txt", "westmere.txt"]
    opened.close()


def test_a_file_that_can_no_longer_be_read_is_withdrawn(sources: Path, index: Path) -> None:
    run(sources, index)
    (sources / "westmere.txt").write_text("\n", encoding="utf-8")
    report = run(sources, index)
    assert counts(report) == (0, 0, 2, 0, 1)
    assert "withdrawn" in report.failed[0].reason
    opened = open_current(index, FINGERPRINT)
    assert "westmere.txt" not in indexed_digests(opened)
    opened.close()
    (sources / "westmere.txt").write_text("It is good again.", encoding="utf-8")
    assert counts(run(sources, index)) == (1, 0, 2, 0, 0)
    opened = check(sources, index)
    assert opened.failures() == ()
    opened.close()


def test_another_fingerprint_has_another_index(sources: Path, index: Path) -> None:
    class OtherEmbedder(HashedWordEmbedder):
        name = "other"
        digest = "0" * 64

    first = run(sources, index)
    with pytest.raises(NotIndexedError):
        open_current(index, Fingerprint.of(OtherEmbedder()))
    second = run(sources, index, OtherEmbedder())
    assert second.embedded == first.embedded
    again = run(sources, index)  # the first index is still there
    assert (again.generation, again.published, again.embedded) == (first.generation, False, 0)


def test_fingerprints_differ_by_every_field() -> None:
    fields = {"embedding_model": "a", "model_digest": "b", "splitter": "c", "recipe": "d", "schema": 1}
    changed = [Fingerprint(**fields | {name: f"{value}2"}) for name, value in fields.items()]
    assert len({fingerprint.digest for fingerprint in (Fingerprint(**fields), *changed)}) == 6


def test_an_open_index_stays_usable_while_the_next_is_built(sources: Path, index: Path) -> None:
    run(sources, index)
    opened = open_current(index, FINGERPRINT)
    before = indexed_texts(opened)
    assert not opened.stale()
    (sources / "westmere.txt").unlink()
    run(sources, index)
    assert opened.stale()
    assert indexed_texts(opened) == before
    check_searchable(opened)
    opened.close()


def test_an_index_that_is_dropped_closes_its_database_without_garbage_collection(sources: Path, index: Path) -> None:
    run(sources, index)
    log = FINGERPRINT.folder(index) / f"{DATABASE_FILE}-wal"  # SQLite removes it with the last connection
    gc.disable()
    try:
        opened = open_current(index, FINGERPRINT)
        assert indexed_texts(opened)
        assert log.exists()
        del opened
        assert not log.exists()
    finally:
        gc.enable()


def test_ensure_index_builds_an_index_only_when_there_is_none(sources: Path, index: Path) -> None:
    with pytest.raises(NotIndexedError):
        open_current(index, FINGERPRINT)
    opened = ensure_index(sources, index, EMBEDDER)
    assert indexed_digests(opened) == source_digests(sources)
    opened.close()
    embedder = CountingEmbedder()
    ensure_index(sources, index, embedder).close()
    assert embedder.texts == []


def test_the_progress_of_each_stage_ends_at_its_total(
    sources: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "EMBEDDING_BATCH_TEXTS", 7)
    seen: list[Progress] = []
    report = build_index(sources, index, EMBEDDER, seen.append)
    for stage, total in (("read", 3), ("embed", report.embedded), ("publish", 1)):
        steps = [progress for progress in seen if progress.stage == stage]
        assert [step.done for step in steps] == sorted(step.done for step in steps)
        assert (steps[-1].done, steps[-1].total) == (total, total)


def test_texts_go_to_the_model_in_batches_across_transcripts_longest_first(
    sources: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    class Sized(CountingEmbedder):
        def encode_texts(self, texts: Sequence[str]) -> EncodedTexts:
            sizes.append(len(texts))
            return super().encode_texts(texts)

    monkeypatch.setattr(build, "EMBEDDING_BATCH_TEXTS", 8)
    embedder = Sized()
    run(sources, index, embedder)
    lengths = [len(text) for text in embedder.texts]
    assert lengths == sorted(lengths, reverse=True)
    assert set(sizes[:-1]) == {8}


MARKED_UP = (
    "# Westmere Police – PEEL 2016\n\n## Custody\n\n- It is clean.\n- It is quick. It is cheap.\n\nThe end came.\n"
)


@pytest.fixture
def marked_up(sources: Path, index: Path) -> Iterator[OpenIndex]:
    """An open index of which one source has headings and a list."""
    (sources / "marked.md").write_text(MARKED_UP, encoding="utf-8")
    run(sources, index)
    with closing(open_current(index, FINGERPRINT)) as opened:
        yield opened


def test_rows_are_the_sentences_of_each_transcript_in_order(marked_up: OpenIndex) -> None:
    generation = marked_up.generation
    stored = marked_up.sentences(generation.keys.tolist())
    number = next(n for n, facts in enumerate(generation.transcripts) if facts.source == "marked.md")
    facts = generation.transcripts[number]
    texts = [row.sentence.text for row in stored[facts.first_row : facts.first_row + facts.row_count]]
    assert texts == [
        "Westmere Police – PEEL 2016", "Custody", "It is clean.", "It is quick.", "It is cheap.", "The end came.",
    ]  # fmt: skip
    assert generation.title_rows[number] == facts.first_row
    assert facts.metadata.force == stored[facts.first_row].metadata.force
    assert generation.words.size == len(stored)


def test_rows_are_found_by_their_keys(marked_up: OpenIndex) -> None:
    generation = marked_up.generation
    rows = len(generation.keys)
    assert generation.rows_of(generation.keys[::-1].tolist()).tolist() == list(range(rows))[::-1]
    assert generation.rows_of([]).tolist() == []
    for unknown in ([1], [int(generation.keys.max()) + 1], [int(generation.keys[0]), 2**60]):
        with pytest.raises(KeyError):
            generation.rows_of(unknown)


def test_each_row_has_the_role_block_transcript_and_passage_of_its_sentence(marked_up: OpenIndex) -> None:
    generation = marked_up.generation
    stored = marked_up.sentences(generation.keys.tolist())
    for row, found in enumerate(stored):
        assert ROLES[generation.roles[row]] is found.sentence.role
        assert generation.blocks[row] == found.sentence.block
        assert generation.transcripts[generation.transcript_of[row]].id == found.sentence.transcript_id
        first, last = generation.passage_rows[generation.passage_of[row]]
        assert first <= row < last
        assert bool(generation.searched[row]) == (found.sentence.role is Role.FINDING)
    assert generation.passage_rows[:, 0].tolist() == [0, *generation.passage_rows[:-1, 1].tolist()]
    assert generation.passage_rows[-1, 1] == len(stored)


def test_each_row_has_the_vector_of_its_normalised_text(marked_up: OpenIndex) -> None:
    generation = marked_up.generation
    stored = marked_up.sentences(generation.keys.tolist())
    assert generation.vectors.shape == (len(stored), EMBEDDER.dimension)
    expected = EMBEDDER.encode([found.sentence.text.replace("–", "-") for found in stored])
    assert generation.vectors == pytest.approx(expected, abs=1e-6)


def test_reading_sentences_by_key_searches_and_does_not_scan(sources: Path, index: Path) -> None:
    run(sources, index)
    with closing(IndexDatabase(FINGERPRINT.folder(index) / DATABASE_FILE, FINGERPRINT)) as database:
        statements = ((reader._SENTENCES, ("[]", 1)), (reader._HEADERS, ("[]",)))
        plans = [
            [row[-1] for row in database.query(f"EXPLAIN QUERY PLAN {sql}", *values)] for sql, values in statements
        ]
    assert [plan[0].startswith("SCAN asked") for plan in plans] == [True, True]
    assert [[step.split()[0] for step in plan[1:]] for plan in plans] == [["SEARCH", "SEARCH"], ["SEARCH"]]


def test_an_index_can_be_read_from_several_threads(sources: Path, index: Path) -> None:
    run(sources, index)
    opened = open_current(index, FINGERPRINT)
    wanted = indexed_texts(opened)
    failed: list[object] = []

    def read() -> None:
        for _ in range(5):
            if indexed_texts(opened) != wanted or not opened.generation.store.search(
                EMBEDDER.encode(["custody"])[0], 3
            ):
                failed.append(threading.current_thread().name)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opened.close()
    assert failed == []


def test_vectors_that_chroma_does_not_find_are_searched_exactly(sources: Path, index: Path) -> None:
    build_index(sources, index, EMBEDDER, self_check=lambda folder: 0.97)
    opened = check(sources, index)
    assert isinstance(opened.generation.store, ExactStore)
    opened.close()
    (sources / "westmere.txt").unlink()
    build_index(sources, index, EMBEDDER, self_check=lambda folder: 0.98)
    opened = check(sources, index)
    assert isinstance(opened.generation.store, ChromaStore)
    opened.close()


def test_exact_search_finds_the_same(sources: Path, index: Path) -> None:
    run(sources, index)
    chroma, exact = open_current(index, FINGERPRINT), open_current(index, FINGERPRINT, exact=True)
    query = EMBEDDER.encode(["custody is improving"])[0]
    scores = [[score for _, score in opened.generation.store.search(query, 10)] for opened in (chroma, exact)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-5)
    assert chroma.generation.digest == exact.generation.digest
    chroma.close()
    exact.close()
