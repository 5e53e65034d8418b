from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.sentences import MAX_PASSAGE_CHARACTERS, MAX_PASSAGE_SENTENCES, group_passages, split_sentences
from tests.fixtures.invariants import passages_are_runs
from tests.fixtures.texts import texts, transcript_of


def passages_of(text, *, marked_up=False):
    sentences = split_sentences(transcript_of(text, marked_up=marked_up))
    passages = group_passages(sentences)
    passages_are_runs(sentences, passages)
    return [" ".join(s.text for s in sentences[p.first : p.last + 1]) for p in passages]


@given(texts, st.booleans())
def test_passages_tile_any_text(text, marked_up):
    passages_of(text, marked_up=marked_up)


def test_the_title_and_each_paragraph_are_passages():
    assert passages_of("Westmere Police\n\nOne. Two.\n\nThree.") == ["Westmere Police", "One. Two.", "Three."]


@pytest.mark.parametrize("count", [9, 16, 17, 40])
def test_a_paragraph_of_many_sentences_is_divided_evenly(count):
    passages = passages_of(" ".join(f"Sentence {number} is here." for number in range(count)))
    sizes = [passage.count("is here.") for passage in passages]
    assert sum(sizes) == count
    assert max(sizes) <= MAX_PASSAGE_SENTENCES
    assert max(sizes) - min(sizes) <= 1


def test_a_paragraph_of_long_sentences_is_divided_by_its_length():
    passages = passages_of(" ".join(f"Sentence {number} " + "goes on " * 40 + "here." for number in range(8)))
    assert len(passages) == 3
    assert all(len(passage) <= MAX_PASSAGE_CHARACTERS for passage in passages)


def test_a_single_long_sentence_stays_whole():
    assert len(passages_of("the force " * 95)) == 1


def test_a_list_is_one_passage_with_the_line_that_introduces_it():
    text = "# Westmere Police\n\nThe force should:\n\n- act at once;\n- report in May.\n\nIt has begun."
    assert passages_of(text, marked_up=True) == [
        "# Westmere Police",
        "The force should: - act at once; - report in May.",
        "It has begun.",
    ]


def test_no_sentences_give_no_passages():
    assert group_passages(()) == ()
