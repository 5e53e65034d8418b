"""The contract of every store of an index: what is published into it is read from it, whole and unchanged."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import GenerationError, NoSourcesError, NotIndexedError, WriterBusyError
from index.published.open import open_current, open_publisher
from index.published.open_index import OpenIndex
from index.search.candidates import Query
from index.search.search import Searcher
from index.storage.fingerprint import Fingerprint
from index.storage.postgres import DatabaseAddress, IndexPlace
from index.text.transcript import Role
from tests.fixtures.index_folders import CountingEmbedder, check_searchable, expected_texts, indexed_texts

GOLDEN = Path(__file__).parents[2] / "golden" / "northshire" / "sources"
EMBEDDER = HashedWordEmbedder()
MAKER = Fingerprint.of(EMBEDDER)
QUESTIONS = ("How safe is custody?", "crime recording and call handling", "What did inspectors say of vetting?")
COMPARED = ("rows", "score", "bm25", "cosine", "coverage", "passage_coverage", "rarity")
NEW = "Westmere Police – PEEL 2021/22\n\nThe force has a plan for the investigation of fraud.\n"


def opened(place: IndexPlace) -> OpenIndex:
    return open_current(place, MAKER)


class Contract:
    """What every store does."""

    orders_ties = True  # whether of any number of equal cosines it finds those of the lowest keys

    @pytest.fixture
    def place(self, tmp_path: Path) -> IndexPlace:
        raise NotImplementedError

    @pytest.fixture
    def sources(self, tmp_path: Path) -> Path:
        return Path(shutil.copytree(GOLDEN, tmp_path / "sources"))

    @pytest.fixture
    def index(self, place: IndexPlace, sources: Path) -> Iterator[OpenIndex]:
        build_index(sources, place, EMBEDDER)
        with closing(opened(place)) as index:
            yield index

    @pytest.fixture
    def files(self, sources: Path, tmp_path: Path) -> Iterator[OpenIndex]:
        """The same sources in files, searched exactly: what all others are compared with."""
        build_index(sources, tmp_path / "oracle", EMBEDDER)
        with closing(open_current(tmp_path / "oracle", MAKER, exact=True)) as index:
            yield index

    def test_it_is_an_open_index(self, index: OpenIndex) -> None:
        assert isinstance(index, OpenIndex)
        assert index.generation.fingerprint == MAKER
        assert index.intact()
        assert index.published() > 1.7e9

    def test_it_has_every_sentence_of_the_sources_as_a_slice(self, index: OpenIndex, sources: Path) -> None:
        superseded = {transcript.source for transcript in index.generation.superseded}
        assert indexed_texts(index) == [pair for pair in expected_texts(sources) if pair[0] not in superseded]

    def test_it_has_what_files_have(self, index: OpenIndex, files: OpenIndex) -> None:
        ours, theirs = index.generation, files.generation
        assert (ours.digest, ours.transcripts, ours.superseded) == (
            theirs.digest,
            theirs.transcripts,
            theirs.superseded,
        )
        assert ours.records == theirs.records
        assert any(ours.records.values())
        rows = np.arange(len(theirs.keys))
        assert np.array_equal(ours.vectors_of(rows), theirs.vectors_of(rows))
        assert np.array_equal(ours.token_vectors, theirs.token_vectors)
        for name in ("keys", "roles", "searched", "passage_of", "passage_rows", "context_rows", "token_starts"):
            assert np.array_equal(getattr(ours, name), getattr(theirs, name)), name
        assert (ours.words.terms, ours.words.forms) == (theirs.words.terms, theirs.words.forms)
        assert np.array_equal(ours.words.impacts, theirs.words.impacts)

    def test_the_nearest_are_those_of_exact_search_in_every_scope(self, index: OpenIndex, files: OpenIndex) -> None:
        check_searchable(index)
        ids = [transcript.id for transcript in files.generation.transcripts]
        for text in QUESTIONS:
            vector = EMBEDDER.encode_question(text).vector
            for scope in (None, ids, ids[:1], ids[1:4], ["unknown"], []):
                found = index.generation.store.search(vector, 20, scope)
                wanted = files.generation.store.search(vector, 20, scope)
                assert [key for key, _ in found] == [key for key, _ in wanted]
                assert [cosine for _, cosine in found] == pytest.approx([cosine for _, cosine in wanted], abs=2e-6)

    def test_candidates_are_equal_to_the_digit(self, index: OpenIndex, files: OpenIndex) -> None:
        ours, theirs = Searcher(index.generation, EMBEDDER), Searcher(files.generation, EMBEDDER)
        for text in QUESTIONS:
            for places in (None, (0,), (1, 2)):
                query = Query(text, Query.plain(text).concepts, places)
                pairs = [(ours.scan(query), theirs.scan(query))]
                if self.orders_ties:
                    pairs.append((ours.search(query), theirs.search(query)))
                for found, wanted in pairs:
                    for name in COMPARED:
                        assert np.array_equal(getattr(found, name), getattr(wanted, name)), (text, places, name)

    def test_it_reads_around_a_sentence_and_knows_no_other(self, index: OpenIndex) -> None:
        transcript = index.generation.transcripts[0]
        readable = [one for one in index.sentences_of(transcript.id) if one.role is not Role.MARKUP]
        middle = len(readable) // 2
        key = int(readable[middle].id, 16)
        assert index.neighbours(transcript.id, key, 2) == tuple(readable[middle - 2 : middle + 3])
        assert index.neighbours("unknown", key, 2) == ()
        assert (index.transcript("unknown"), index.text("unknown"), index.records("unknown")) == (None, None, ())
        text = index.text(transcript.id)
        assert text is not None
        assert text.text[readable[middle].start : readable[middle].end] == readable[middle].text

    def test_a_newer_generation_makes_it_stale_and_leaves_what_it_answers(
        self, index: OpenIndex, place: IndexPlace, sources: Path
    ) -> None:
        before = indexed_texts(index)
        assert not index.stale()
        (sources / "new.txt").write_text(NEW, encoding="utf-8")
        report = build_index(sources, place, EMBEDDER)
        assert (report.created, report.deleted, report.published) == (1, 0, True)
        assert index.stale()
        assert indexed_texts(index) == before
        with closing(opened(place)) as newer:
            assert not newer.stale()
            assert set(before) < set(indexed_texts(newer))

    def test_after_two_newer_generations_what_was_withdrawn_is_refused(
        self, index: OpenIndex, place: IndexPlace, sources: Path
    ) -> None:
        gone = index.generation.transcripts[0]
        keys = index.generation.keys[gone.first_row : gone.first_row + gone.row_count].tolist()
        (sources / gone.source).unlink()
        assert build_index(sources, place, EMBEDDER).deleted == 1
        with closing(opened(place)) as newer:
            assert newer.transcript(gone.id) is None
            assert not set(keys) & set(newer.generation.keys.tolist())
        (sources / "new.txt").write_text(NEW, encoding="utf-8")
        build_index(sources, place, EMBEDDER)
        for read in (lambda: index.sentences(keys), lambda: index.transcript(gone.id)):
            with pytest.raises(GenerationError):
                read()

    def test_unchanged_sources_publish_nothing_and_only_new_texts_are_embedded(
        self, index: OpenIndex, place: IndexPlace, sources: Path
    ) -> None:
        embedder = CountingEmbedder()
        report = build_index(sources, place, embedder)
        assert (report.published, embedder.texts, report.generation) == (False, [], index.generation.id)
        (sources / "new.txt").write_text(NEW, encoding="utf-8")
        assert build_index(sources, place, embedder).embedded == len(set(embedder.texts)) == 2

    def test_sources_that_cannot_be_read_are_listed(self, index: OpenIndex, place: IndexPlace, sources: Path) -> None:
        (sources / "empty.txt").write_text("", encoding="utf-8")
        build_index(sources, place, EMBEDDER)
        assert [failure.source for failure in index.failures()] == ["empty.txt"]

    def test_an_empty_folder_does_not_empty_it(self, index: OpenIndex, place: IndexPlace, tmp_path: Path) -> None:
        (tmp_path / "nothing").mkdir()
        with pytest.raises(NoSourcesError):
            build_index(tmp_path / "nothing", place, EMBEDDER)
        assert not index.stale()
        assert build_index(tmp_path / "nothing", place, EMBEDDER, allow_empty=True).sentences == 0
        with closing(opened(place)) as emptied:
            assert emptied.generation.transcripts == ()
            assert emptied.generation.store.search(EMBEDDER.encode_question("custody").vector, 5) == []

    def test_before_anything_is_published_it_says_so(self, place: IndexPlace) -> None:
        with pytest.raises(NotIndexedError):
            opened(place)

    def test_it_has_one_writer_at_a_time(self, place: IndexPlace, sources: Path) -> None:
        with open_publisher(place, MAKER), pytest.raises(WriterBusyError):
            build_index(sources, place, EMBEDDER)
        assert build_index(sources, place, EMBEDDER).published


class TestFiles(Contract):
    orders_ties = False  # Chroma is asked for `SPARE_HITS` more than are wanted, and hashed words tie in dozens

    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        return tmp_path / "index"


class TestPostgres(Contract):
    @pytest.fixture
    def place(self, database: DatabaseAddress) -> DatabaseAddress:
        return database
