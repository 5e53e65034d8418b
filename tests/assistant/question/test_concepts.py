"""What a question asks about, and which misspelt words are corrected, and above all which are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.question.concepts import Speller
from assistant.question.vocabulary import singular
from tests.fixtures.lexicons import extractor

EXTRACTOR = extractor({"investigation": 3, "behaviour": 2, "custody": 1}, ["northshire"])


def stems(question: str) -> list[str]:
    return [concept.text for concept in EXTRACTOR.concepts(question)]


def test_function_words_and_frame_words_are_not_concepts():
    assert stems("What did the inspector say about custody?") == ["custodi"]


def test_a_question_of_frame_words_alone_keeps_them():
    assert stems("What did the report find?") == ["report", "find"]


def test_words_that_name_the_scope_are_not_concepts():
    question = "How is custody at Northshire's stations?"
    start = question.index("Northshire")
    found = EXTRACTOR.concepts(question, [(start, start + len("Northshire"))])
    assert [concept.text for concept in found] == ["custodi", "station"]


@pytest.mark.parametrize(
    ("question", "wording"),
    [("ASB", ("anti", "social", "behaviour")), ("PCC", ("polic", "crime", "commission")), ("money", ("budget",))],
)
def test_other_wordings_count_as_the_concept(question: str, wording: tuple[str, ...]):
    [concept] = EXTRACTOR.concepts(question)
    assert wording in [other.stems for other in concept.wordings]


def test_the_wording_of_the_question_has_the_highest_weight():
    [concept] = EXTRACTOR.concepts("money")
    assert concept.wordings[0].weight == 1.0
    assert all(0 < other.weight <= 1 for other in concept.wordings)


def test_a_misspelt_word_is_corrected_to_a_word_of_the_sources():
    [concept] = EXTRACTOR.concepts("investigaton")
    assert concept.wordings[0].stems == ("investig",)


KNOWN = {
    "northshire": 9, "constabulary": 9, "vulnerable": 4, "investigation": 3, "investigations": 2, "behaviour": 2,
    "collaboration": 2, "concerns": 5, "police": 8, "people": 6, "trafficking": 1, "hertfordshire": 3, "calls": 2,
    "forces": 4, "status": 1, "finance": 2, "finances": 2, "exploitation": 2, "respectfully": 1, "risks": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def speller() -> Speller:
    return extractor(KNOWN, ["eastshire", "northshore"]).speller


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("vunerable", "vulnerable"),
        ("vulnrable", "vulnerable"),
        ("behavoiur", "behaviour"),
        ("constabulry", "constabulary"),
        ("constabularly", "constabulary"),
        ("poeple", "people"),
        ("oplice", "police"),
        ("traficking", "trafficking"),
        ("explotaition", "exploitation"),
        ("Nortshire", "northshire"),
        ("colaberation", "collaboration"),
        ("concers", "concerns"),
    ],
)
def test_a_misspelling_is_corrected(speller: Speller, written: str, meant: str) -> None:
    assert speller.corrections([written]) == {written: meant}


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("vulnerable", "it is known"),
        ("Police", "it is known, whatever its case"),
        ("policy", "an ordinary word one letter from a known one"),
        ("horses", "an ordinary word"),
        ("cells", "an ordinary word one letter from a known one"),
        ("statue", "an ordinary word one letter from a known one"),
        ("herefordshire", "another county one letter from a known one"),
        ("northshore", "a name that was given"),
        ("southshire", "two letters off, and not the same first letter"),
        ("organized", "an American spelling"),
        ("taser", "a word of the vocabulary"),
        ("bobbies", "a word of the vocabulary"),
        ("rixsx", "two slips in a short word"),
        ("risk", "too short to tell"),
        ("rsik", "too short to tell"),
        ("whose", "a question word"),
        ("mispeled", "nothing near is known"),
        ("2018", "a number"),
        ("p0lice", "not a word"),
        ("", "nothing"),
    ],
)
def test_a_word_that_may_be_right_is_not_corrected(speller: Speller, word: str, why: str) -> None:
    assert speller.corrections([word]) == {}, why


def test_of_two_equally_close_words_the_more_frequent_is_chosen() -> None:
    assert Speller({"forces": 1, "forced": 5}).corrections(["forcex"]) == {"forcex": "forced"}


def test_a_word_with_two_equally_likely_corrections_is_not_corrected() -> None:
    assert Speller({"forces": 2, "forced": 2}).corrections(["forcex"]) == {}


def test_a_closer_word_beats_a_more_frequent_one() -> None:
    assert Speller({"detective": 1, "defective": 90}).corrections(["detectve"]) == {"detectve": "detective"}


def test_without_known_words_nothing_is_corrected() -> None:
    assert Speller({}).corrections(["vunerable"]) == {}


@given(st.lists(st.text(max_size=14), max_size=5))
def test_every_correction_is_a_known_word(words: list[str]) -> None:
    corrected = Speller(KNOWN).corrections(words)
    assert set(corrected) <= set(words)
    assert set(corrected.values()) <= set(KNOWN)


@pytest.mark.parametrize("word", sorted(KNOWN))
def test_a_correction_is_never_corrected_again(word: str) -> None:
    assert Speller(KNOWN).corrections([word]) == {}


@pytest.mark.parametrize(
    ("plural", "single"),
    [("parties", "party"), ("gangs", "gang"), ("crisis", "crisis"), ("classes", "class"), ("status", "status"),
     ("searches", "search"), ("gas", "gas"), ("abuse", "abuse")],
)  # fmt: skip
def test_regular_plurals_lose_their_ending(plural: str, single: str) -> None:
    assert singular(plural) == single
