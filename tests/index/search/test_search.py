"""Search over real generations of a fictional collection, with the stand-in embedder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embedding.embedder import HashedWordEmbedder
from index.published.open_index import OpenIndex
from index.search import search
from index.search.candidates import Concept, Query, Wording
from index.search.search import Searcher
from index.text.transcript import Role
from index.text.words import stem, words

QUESTIONS = st.lists(
    st.sampled_from(["custody", "vetting", "how", "officers", "2016", "Northshire", "drones", "victims", "domestic"]),
    min_size=1, max_size=6,
).map(" ".join)  # fmt: skip


@pytest.fixture(scope="module")
def searcher(northshire: OpenIndex) -> Searcher:
    return Searcher(northshire.generation, HashedWordEmbedder())


@settings(deadline=None)
@given(QUESTIONS, st.sets(st.integers(0, 6)))
def test_no_candidate_is_out_of_scope(northshire: OpenIndex, searcher: Searcher, text: str, places: set[int]):
    query = Query.plain(text)
    limited = Query(text, query.concepts, tuple(sorted(places)))
    assert set(searcher.search(limited).transcript.tolist()) <= places


@settings(deadline=None)
@given(QUESTIONS)
def test_candidates_are_ordered_by_score_and_then_by_row(searcher: Searcher, text: str):
    found = searcher.search(Query.plain(text))
    pairs = list(zip((-found.score).tolist(), found.rows.tolist(), strict=True))
    assert pairs == sorted(pairs)


@settings(deadline=None)
@given(QUESTIONS)
def test_the_same_query_finds_the_same_candidates(searcher: Searcher, text: str):
    first, second = searcher.search(Query.plain(text)), searcher.search(Query.plain(text))
    np.testing.assert_array_equal(first.rows, second.rows)
    np.testing.assert_array_equal(first.score, second.score)


@settings(deadline=None)
@given(QUESTIONS, st.none() | st.sets(st.integers(0, 6), min_size=1))
def test_chroma_finds_the_nearest_findings_with_and_without_a_scope(
    northshire: OpenIndex, searcher: Searcher, text: str, places: set[int] | None
):
    """The oracle is a sort of every cosine in scope. Cosines are compared, since many rows may tie."""
    generation, query = northshire.generation, Query.plain(text)
    scope = None if places is None else tuple(sorted(places))
    vector = HashedWordEmbedder().encode([text])[0]
    allowed = generation.searched & (generation.roles == list(Role).index(Role.FINDING))
    if scope is not None:
        allowed &= np.isin(generation.transcript_of, scope)
    cosines = generation.vectors @ vector
    found = searcher._nearest(vector, Query(text, query.concepts, scope))
    expected = -np.sort(-cosines[allowed])[: search.HITS_PER_RANKING] if np.any(vector) else np.zeros(0)
    np.testing.assert_allclose(np.sort(cosines[found])[::-1], expected, atol=1e-5)
    assert np.all(allowed[found])


@settings(deadline=None)
@given(QUESTIONS)
def test_only_findings_are_found(northshire: OpenIndex, searcher: Searcher, text: str):
    rows = searcher.search(Query.plain(text)).rows
    assert all(northshire.generation.roles[row] == list(Role).index(Role.FINDING) for row in rows)


@settings(deadline=None)
@given(QUESTIONS)
def test_coverage_is_of_the_words_of_the_sentence_and_its_title(northshire: OpenIndex, searcher: Searcher, text: str):
    query = Query.plain(text)
    found = searcher.search(query)
    sentences = northshire.sentences([int(northshire.generation.keys[row]) for row in found.rows])
    for position, stored in enumerate(sentences):
        stems = {stem(word) for word in words(f"{stored.title} {stored.sentence.text}")}
        expected = [float(concept.text in stems) for concept in query.concepts]
        assert found.coverage[position].tolist() == expected
        assert (found.passage_coverage[position] >= found.coverage[position]).all()


def test_a_sentence_with_the_words_comes_first(northshire: OpenIndex, searcher: Searcher):
    found = searcher.search(Query.plain("counter-corruption unit"))
    [first] = northshire.sentences([int(northshire.generation.keys[found.rows[0]])])
    assert "counter-corruption" in first.sentence.text


def test_another_wording_covers_a_concept_at_its_weight(searcher: Searcher):
    concept = Concept("cell", (Wording(("cell",)), Wording(("custodi",), 0.8)))
    found = searcher.search(Query("cells", (concept,)))
    assert sorted(set(np.round(found.coverage[:, 0].astype(float), 3))) in ([0.0, 0.8], [0.8], [0.0, 0.8, 1.0])


def test_a_concept_that_never_occurs_is_the_rarest(searcher: Searcher):
    found = searcher.search(Query.plain("zeppelin custody"))
    assert found.rarity[0] == 1.0
    assert found.rarity[1] < 1.0


def test_an_empty_scope_finds_nothing(searcher: Searcher):
    assert len(searcher.search(Query("custody", Query.plain("custody").concepts, ()))) == 0
