from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from index.published.bm25 import WordIndex
from index.text.words import stem

TEXTS = st.lists(
    st.lists(st.sampled_from(["force", "crime", "victim", "officer", "risk", "plan"])).map(" ".join), max_size=8
)


@settings(deadline=None)
@given(TEXTS)
def test_postings_are_exactly_the_rows_with_the_word(texts: list[str]):
    index = WordIndex.build(texts)
    for word in {word for text in texts for word in text.split()}:
        rows, impacts = index.postings(stem(word))
        assert rows.tolist() == [row for row, text in enumerate(texts) if word in text.split()]
        assert index.frequency(stem(word)) == len(rows)
        assert (impacts > 0).all()


@settings(deadline=None)
@given(TEXTS)
def test_word_forms_count_the_rows_that_contain_them(texts: list[str]):
    assert WordIndex.build(texts).forms == dict(Counter(word for text in texts for word in set(text.split())))


def test_a_rarer_word_weighs_more_and_an_unknown_one_most():
    index = WordIndex.build(["force crime", "force", "force victim plan", "force plan"])
    assert index.rarity("forc") < index.rarity("plan") < index.rarity("victim") < index.rarity("drone")


def test_bm25_follows_its_definition():
    index = WordIndex.build(["crime crime plan", "plan"])
    k1, b, mean_length = 1.2, 0.75, 2.0
    expected = 2 * (k1 + 1) / (2 + k1 * (1 - b + b * 3 / mean_length))
    np.testing.assert_allclose(index.postings("crime")[1], [expected], rtol=1e-6)


@settings(deadline=None)
@given(TEXTS)
def test_a_saved_index_loads_as_it_was(texts: list[str]):
    import tempfile

    index = WordIndex.build(texts)
    with tempfile.TemporaryDirectory() as name:
        index.save(Path(name))
        loaded = WordIndex.load(Path(name))
        assert (loaded.size, loaded.terms, loaded.forms) == (index.size, index.terms, index.forms)
        for term in index.terms:
            assert loaded.postings(term)[0].tolist() == index.postings(term)[0].tolist()
            np.testing.assert_array_equal(loaded.postings(term)[1], index.postings(term)[1])


def test_an_unknown_word_has_no_rows():
    rows, impacts = WordIndex.build(["force"]).postings("drone")
    assert (len(rows), len(impacts)) == (0, 0)
