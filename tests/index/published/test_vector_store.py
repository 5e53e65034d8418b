"""The contract of every vector store, and Chroma compared with the exact search."""

from __future__ import annotations

import gc
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.build import build_index, ensure_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import GenerationError
from index.published.chroma import CHROMA, DATABASE, ChromaStore, write_chroma
from index.published.generation import GENERATIONS, read_manifest
from index.published.open_index import OpenIndex
from index.published.vector_store import ExactStore, SentenceMetadata, VectorEntries, VectorStore
from index.storage.fingerprint import Fingerprint

if TYPE_CHECKING:
    import chromadb

MakeStore = Callable[[np.ndarray, np.ndarray], VectorStore]
KEYS = np.array([70, 3, 2**59, 41, 9, 8], dtype=np.int64)
VECTORS = np.array(
    [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.6, 0.8, 0], [0, 1, 0], [-1, 0, 0]],
    dtype=np.float32,
)
TRANSCRIPTS = {70: "some", 3: "others", 2**59: "others", 41: "some", 9: "nine", 8: "some"}
EAST = np.array([1, 0, 0], dtype=np.float32)
NORTH = np.array([0, 1, 0], dtype=np.float32)


def transcripts_of(keys: np.ndarray) -> list[str]:
    return [TRANSCRIPTS.get(int(key), f"transcript-{int(key) // 50}") for key in keys]


def entries(keys: np.ndarray, vectors: np.ndarray) -> VectorEntries:
    metadata = [SentenceMetadata(transcript_id, source="a.txt", end=9) for transcript_id in transcripts_of(keys)]
    return VectorEntries(keys, vectors, [f"Sentence {key}." for key in keys], metadata)


def exact_store(keys: np.ndarray, vectors: np.ndarray) -> ExactStore:
    return ExactStore(keys, vectors, transcripts_of(keys))


class Contract:
    """What every vector store does."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> Iterator[MakeStore]:
        raise NotImplementedError

    def test_nearest_first_with_their_cosines(self, make: MakeStore) -> None:
        found = make(KEYS, VECTORS).search(EAST, 2)
        assert found == [(70, pytest.approx(1.0)), (41, pytest.approx(0.6, abs=1e-5))]

    def test_equal_scores_are_ordered_by_key(self, make: MakeStore) -> None:
        assert [key for key, _ in make(KEYS, VECTORS).search(NORTH, 2)] == [3, 9]
        assert [key for key, _ in make(KEYS, VECTORS).search(NORTH, 1)] == [3]

    def test_opposite_vectors_have_cosine_minus_one(self, make: MakeStore) -> None:
        assert make(KEYS, VECTORS).search(EAST, 6)[-1] == (8, pytest.approx(-1.0))

    def test_more_asked_for_than_there_are(self, make: MakeStore) -> None:
        assert len(make(KEYS, VECTORS).search(EAST, 100)) == len(KEYS)

    @pytest.mark.parametrize("k", [0, -1])
    def test_none_asked_for(self, make: MakeStore, k: int) -> None:
        assert make(KEYS, VECTORS).search(EAST, k) == []

    def test_a_search_within_a_transcript(self, make: MakeStore) -> None:
        store = make(KEYS, VECTORS)
        assert [key for key, _ in store.search(NORTH, 2, ["some"])] == [41, 8]

    def test_a_search_within_several_transcripts(self, make: MakeStore) -> None:
        store = make(KEYS, VECTORS)
        assert [key for key, _ in store.search(NORTH, 3, ["nine", "some"])] == [9, 41, 8]

    def test_transcripts_that_are_repeated_or_unknown_change_nothing(self, make: MakeStore) -> None:
        store = make(KEYS, VECTORS)
        assert [key for key, _ in store.search(NORTH, 5, ["nine", "nine", "unknown"])] == [9]
        assert store.search(NORTH, 5, ["unknown"]) == []
        assert store.search(NORTH, 5, []) == []

    def test_a_zero_vector_is_near_nothing(self, make: MakeStore) -> None:
        assert make(KEYS, VECTORS).search(np.zeros(3, dtype=np.float32), 3) == []

    def test_length(self, make: MakeStore) -> None:
        assert len(make(KEYS, VECTORS)) == len(KEYS)

    def test_an_empty_store(self, make: MakeStore) -> None:
        store = make(KEYS[:0], VECTORS[:0])
        assert len(store) == 0
        assert store.search(EAST, 3) == []
        assert store.search(EAST, 3, ["some"]) == []

    def test_closing_twice_is_harmless(self, make: MakeStore) -> None:
        store = make(KEYS, VECTORS)
        store.close()
        store.close()


class TestExactStore(Contract):
    @pytest.fixture
    def make(self) -> MakeStore:
        return exact_store


class TestChromaStore(Contract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Iterator[MakeStore]:
        opened: list[ChromaStore] = []

        def make(keys: np.ndarray, vectors: np.ndarray) -> ChromaStore:
            folder = tmp_path / f"chroma-{len(opened)}"
            folder.mkdir()
            write_chroma(folder, (), entries(keys, vectors))
            opened.append(ChromaStore(folder))
            return opened[-1]

        yield make
        for store in opened:
            store.close()


class TestChromaStoreOpenedAgain(Contract):
    @pytest.fixture
    def make(self, tmp_path: Path) -> Iterator[MakeStore]:
        opened: list[ChromaStore] = []

        def make(keys: np.ndarray, vectors: np.ndarray) -> ChromaStore:
            folder = tmp_path / f"chroma-{len(opened)}"
            folder.mkdir()
            extra = np.append(keys, [5, 6]), np.append(vectors, np.eye(3, dtype=np.float32)[:2], axis=0)
            write_chroma(folder, (), entries(extra[0], extra[1]))
            ChromaStore(folder).close()
            write_chroma(folder, [5, 6], entries(keys[:1], vectors[:1]))  # upserted as it was
            opened.append(ChromaStore(folder))
            return opened[-1]

        yield make
        for store in opened:
            store.close()


def _files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_opening_and_searching_change_no_byte(tmp_path: Path) -> None:
    write_chroma(tmp_path, (), entries(KEYS, VECTORS))
    before = _files(tmp_path)
    first, second = ChromaStore(tmp_path), ChromaStore(tmp_path)
    assert first.search(EAST, 3) == second.search(EAST, 3, sorted(set(TRANSCRIPTS.values())))
    first.close()
    second.close()
    assert _files(tmp_path) == before


def test_a_store_answers_after_its_folder_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / "chroma"
    folder.mkdir()
    write_chroma(folder, (), entries(KEYS, VECTORS))
    store = ChromaStore(folder)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert [key for key, _ in store.search(EAST, 1)] == [70]
    store.close()


def test_a_store_that_is_dropped_leaves_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    views = tmp_path / "views"
    views.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(views))
    write_chroma(tmp_path, (), entries(KEYS, VECTORS))
    store = ChromaStore(tmp_path)
    assert len(list(views.iterdir())) == 1
    del store
    gc.collect()
    assert list(views.iterdir()) == []


def test_a_changed_vector_replaces_the_old_one(tmp_path: Path) -> None:
    write_chroma(tmp_path, (), entries(KEYS, VECTORS))
    write_chroma(tmp_path, [3], entries(KEYS[:1], VECTORS[2:3]))
    store = ChromaStore(tmp_path)
    assert len(store) == len(KEYS) - 1
    assert [key for key, _ in store.search(VECTORS[2], 2)] == [70, 2**59]
    store.close()


def test_a_folder_without_a_collection_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GenerationError):
        ChromaStore(tmp_path)


def test_more_vectors_than_chroma_takes_in_one_batch(tmp_path: Path) -> None:
    count = 6_000  # it takes 5,461
    draw = np.random.default_rng(5)
    vectors = draw.standard_normal((count, 4)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    keys = np.arange(count, dtype=np.int64)
    write_chroma(tmp_path, (), entries(keys, vectors))
    assert _logged(tmp_path) == 0
    write_chroma(tmp_path, range(5_700), entries(keys[:0], vectors[:0]))
    assert _logged(tmp_path) == 0
    write_chroma(tmp_path, keys[5_700:5_800].tolist(), entries(keys[5_800:], vectors[:200]))
    assert _logged(tmp_path) == 0
    store = ChromaStore(tmp_path)
    assert len(store) == 200
    assert store.search(vectors[7], 1) == [(5_807, pytest.approx(1.0))]
    store.close()


def _logged(folder: Path) -> int:
    """How many changes a closed folder holds only in its log, to be made again at each opening."""
    with closing(sqlite3.connect(folder / DATABASE)) as database:
        (newest, oldest) = database.execute("SELECT max(seq_id), min(seq_id) FROM max_seq_id").fetchone()
        segments = database.execute("SELECT count(*) FROM max_seq_id").fetchone()[0]
    assert segments == 2  # one for the ids, one for the vectors
    return int(newest - oldest)


def test_chroma_finds_what_exact_search_finds(tmp_path: Path) -> None:
    draw = np.random.default_rng(17)
    words = [f"w{number}" for number in range(400)]
    weights = 1 / np.arange(1, len(words) + 1)
    texts = [" ".join(draw.choice(words, size=12, p=weights / weights.sum())) for _ in range(3_100)]
    vectors = HashedWordEmbedder().encode(texts)
    keys = draw.permutation(3_000).astype(np.int64)
    write_chroma(tmp_path, (), entries(keys, vectors[:3_000]))
    chroma, exact = ChromaStore(tmp_path), exact_store(keys, vectors[:3_000])
    found = 0
    for query in vectors[3_000:]:
        wanted = exact.search(query, 10)
        scores = dict(wanted)
        edge = min(scores.values())
        # a sentence as near as the tenth is as good as the tenth
        found += sum(score >= edge - 1e-5 for _, score in chroma.search(query, 10))
        within = ["transcript-7", "transcript-31"]  # a hundred sentences
        near = [score for _, score in chroma.search(query, 5, within)]
        assert near == pytest.approx([score for _, score in exact.search(query, 5, within)], abs=1e-5)
    chroma.close()
    assert found / 1_000 >= 0.99


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), max_size=30),
    st.tuples(st.integers(-3, 3), st.integers(-3, 3)),
    st.integers(0, 35),
)
def test_exact_search_is_a_sort(points: list[tuple[int, int]], at: tuple[int, int], k: int) -> None:
    vectors = np.array(points, dtype=np.float32).reshape(-1, 2)
    query = np.array(at, dtype=np.float32)
    keys = np.arange(len(points), dtype=np.int64)[::-1].copy()
    dots = [(-(x * at[0] + y * at[1]), key) for (x, y), key in zip(points, keys.tolist(), strict=True)]
    wanted = [(key, float(-dot)) for dot, key in sorted(dots)[:k]] if any(at) else []
    assert exact_store(keys, vectors).search(query, k) == wanted


def test_chromas_own_server_is_never_imported(tmp_path: Path) -> None:
    """Its Python server has a hole (CVE-2026-45829) that no release mends; and chromadb is imported late."""
    program = f"""
import sys
from pathlib import Path
import numpy as np
from index.build import build_index
from index.published.chroma import ChromaStore, write_chroma
from index.published.vector_store import SentenceMetadata, VectorEntries
assert "chromadb" not in sys.modules
folder = Path({str(tmp_path)!r})
metadata = [SentenceMetadata("a"), SentenceMetadata("b")]
write_chroma(folder, (), VectorEntries(np.arange(2), np.eye(2, dtype=np.float32), ["One.", "Two."], metadata))
ChromaStore(folder).search(np.array([1, 0], dtype=np.float32), 1)
assert not [name for name in sys.modules if name.startswith("chromadb.server")]
"""
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[3])


def as_an_outsider(opened: OpenIndex, index: Path, copy: Path) -> chromadb.Collection:
    """The collection of a published folder, copied as a backup would be and opened with plain chromadb."""
    import chromadb  # takes seconds, which collection of the tests is spared

    folder = Fingerprint.of(HashedWordEmbedder()).folder(index) / GENERATIONS / opened.generation.id / CHROMA
    shutil.copytree(folder, copy)
    return chromadb.PersistentClient(str(copy)).get_collection("sentences", embedding_function=None)


def test_an_outsider_reads_documents_and_metadata_with_plain_chromadb(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[2] / "golden" / "northshire" / "sources", tmp_path / "sources")
    (tmp_path / "sources" / "letter.md").write_text("# A letter\n\n## Custody\n\nIt is safe.\n", encoding="utf-8")
    northshire = ensure_index(tmp_path / "sources", tmp_path / "index", HashedWordEmbedder())
    collection = as_an_outsider(northshire, tmp_path / "index", tmp_path / "copy")
    found = collection.get(include=["documents", "metadatas"])
    searched = northshire.generation.keys[northshire.generation.searched].tolist()
    assert sorted(found["ids"]) == sorted(f"{key:015x}" for key in searched)
    stored = {sentence.sentence.id: sentence for sentence in northshire.sentences(searched)}
    for sentence_id, document, metadata in zip(found["ids"], found["documents"], found["metadatas"], strict=True):
        sentence, about = stored[sentence_id], stored[sentence_id].metadata
        transcript = northshire.transcript(metadata["transcript_id"])
        assert transcript is not None
        assert transcript.text[metadata["start"] : metadata["end"]] == document == sentence.sentence.text
        assert (metadata["source"], metadata["title"]) == (sentence.source, sentence.title)
        assert metadata["ordinal"] == sentence.sentence.ordinal
        assert metadata.get("force", "") == about.force
        assert metadata.get("period", "") == (about.period.label if about.period else "")
        assert metadata.get("kind", "") == about.kind
        labels = {kind: metadata[kind] for kind in ("page", "time", "speaker", "section") if kind in metadata}
        assert labels == {locator.kind: locator.label for locator in sentence.locators}
    [letter] = [metadata for metadata in found["metadatas"] if metadata["source"] == "letter.md"]
    assert letter["section"] == "Custody"
    assert not letter.keys() & {"force", "period", "page", "time", "speaker"}
    northshire.close()


def test_an_outsider_queries_with_a_filter(tmp_path: Path) -> None:
    sources = Path(__file__).parents[2] / "golden" / "northshire" / "sources"
    northshire = ensure_index(sources, tmp_path / "index", HashedWordEmbedder())
    collection = as_an_outsider(northshire, tmp_path / "index", tmp_path / "copy")
    query = HashedWordEmbedder().encode(["custody"])
    nearest = collection.query(
        query_embeddings=query, n_results=3, where={"$and": [{"force": "Westmere Police"}, {"period": "2016"}]}
    )
    assert [(metadata["force"], metadata["period"]) for metadata in nearest["metadatas"][0]] == [
        ("Westmere Police", "2016")
    ] * 3
    northshire.close()


def test_metadata_that_changes_or_goes_does_so_in_chroma(tmp_path: Path) -> None:
    sources, index = tmp_path / "sources", tmp_path / "index"
    sources.mkdir()
    for number in range(12):  # so that Chroma is patched for one changed transcript
        text = f"Northshire Constabulary – PEEL 20{number + 10}\n\nCustody is safe. Vetting is slow. It is quick."
        (sources / f"{number}.txt").write_text(text, encoding="utf-8")
    (sources / "catalogue.toml").write_text('["5.txt"]\ntitle = "A letter"\nkind = "letter"', encoding="utf-8")
    build_index(sources, index, HashedWordEmbedder())
    for turn, (kind, title) in enumerate([("letter", "A letter"), (None, "Northshire Constabulary – PEEL 2015")]):
        if turn:
            (sources / "catalogue.toml").unlink()
            build_index(sources, index, HashedWordEmbedder())
        opened = ensure_index(sources, index, HashedWordEmbedder())
        folder = Fingerprint.of(HashedWordEmbedder()).folder(index) / GENERATIONS / opened.generation.id
        assert (read_manifest(folder).patched > 0) is bool(turn)
        collection = as_an_outsider(opened, index, tmp_path / f"copy-{turn}")
        changed = collection.get(where={"source": "5.txt"})["metadatas"]
        assert [(metadata.get("kind"), metadata["title"]) for metadata in changed] == [(kind, title)] * 3
        opened.close()
