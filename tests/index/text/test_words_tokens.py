from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from index.text.words import stem, words, words_at


def test_words_are_lower_case_without_possessive_endings():
    assert words("Northshire's officers, the public’s trust") == ["northshire", "officers", "the", "public", "trust"]


@given(st.text())
def test_every_word_is_at_its_position(text: str):
    for word, start, end in words_at(text):
        assert text[start:end].replace("’", "'").lower().removesuffix("'s") == word


def test_inflections_of_a_word_have_one_stem():
    assert stem("investigating") == stem("investigations") == stem("investigate")


def test_threads_that_stem_at_once_get_the_same_stems_as_a_single_thread():
    beginnings, endings = (
        ("gener", "inspect", "hop", "relat"),
        ("ational", "fulness", "iveness", "ing", "edly", "ement"),
    )
    made_up = [
        f"{beginning}{number}{ending}" for beginning in beginnings for number in range(300) for ending in endings
    ]
    alone = [stem(word) for word in made_up]
    stem.cache_clear()
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            together = list(threads.map(lambda shift: [stem(word) for word in made_up[shift:]], (0, 1, 2, 3)))
    finally:
        sys.setswitchinterval(switching)
    assert together == [alone[shift:] for shift in (0, 1, 2, 3)]


@given(st.text())
def test_words_are_those_of_words_at(text: str):
    assert words(text) == [span.word for span in words_at(text)]
