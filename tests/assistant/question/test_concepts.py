from __future__ import annotations

import pytest

from assistant.question.concepts import Lexicon
from assistant.question.vocabulary import Vocabulary

LEXICON = Lexicon.of(Vocabulary.load(), {"investigation": 3, "behaviour": 2, "custody": 1}, ["northshire"])


def stems(question: str) -> list[str]:
    return [concept.text for concept in LEXICON.concepts(question)]


def test_function_words_and_the_frame_are_no_concepts():
    assert stems("What did the inspector say about custody?") == ["custodi"]


def test_a_question_of_frame_words_alone_keeps_them():
    assert stems("What did the report find?") == ["report", "find"]


def test_what_names_the_scope_is_not_searched_for():
    question = "How is custody at Northshire's stations?"
    start = question.index("Northshire")
    found = LEXICON.concepts(question, [(start, start + len("Northshire"))])
    assert [concept.text for concept in found] == ["custodi", "station"]


@pytest.mark.parametrize(
    ("question", "wording"),
    [("ASB", ("anti", "social", "behaviour")), ("PCC", ("polic", "crime", "commission")), ("money", ("budget",))],
)
def test_other_wordings_count_as_the_concept(question: str, wording: tuple[str, ...]):
    [concept] = LEXICON.concepts(question)
    assert wording in [other.stems for other in concept.wordings]


def test_a_wording_as_asked_weighs_most():
    [concept] = LEXICON.concepts("money")
    assert concept.wordings[0].weight == 1.0
    assert all(0 < other.weight <= 1 for other in concept.wordings)


def test_a_misspelt_word_is_read_as_the_sources_write_it():
    [concept] = LEXICON.concepts("investigaton")
    assert concept.wordings[0].stems == ("investig",)
