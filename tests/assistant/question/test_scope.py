from __future__ import annotations

import pytest

from assistant.outcome import scope_in_words
from assistant.question.scope import Corpus
from index.sources.dates import make_period
from index.text.transcript import Metadata, Period

NORTHSHIRE, WESTMERE, EASTVALE = "Northshire Constabulary", "Westmere Police", "Eastvale Police"


def held(*transcripts: tuple[str, int, int]) -> Corpus:
    return Corpus.of([Metadata(force, make_period(first, last)) for force, first, last in transcripts])


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return held(
        (NORTHSHIRE, 2015, 2015), (NORTHSHIRE, 2016, 2016), (NORTHSHIRE, 2018, 2019),
        (WESTMERE, 2016, 2016), (WESTMERE, 2021, 2022), (EASTVALE, 2016, 2016),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("How was Northshire graded in 2016?", [1]),
        ("How was Northshire graded in 2018/19?", [2]),
        ("How was Northshire graded in 2019?", [2]),
        ("Tell me about Westmere Police", [3, 4]),
        ("What did the inspector say in 2016?", [1, 3, 5]),
        ("Compare Northshire and Westmere in 2016", [1, 3]),
        ("How did Northshire change between 2015 and 2018/19?", [0, 1, 2]),
        ("How has Northshire changed?", [0, 1, 2]),
        ("What happened at Northshire after 2015?", [0, 1, 2]),
        ("What is good policing?", []),
    ],
)
def test_force_and_period_choose_the_transcripts(corpus: Corpus, question: str, places: list[int]):
    assert list(corpus.resolve(question).places) == places


@pytest.mark.parametrize("question", ["northshire's grade", "NORTHSHIRE CONSTABULARY", "Northshier in 2016"])
def test_a_force_is_recognised_in_any_spelling(corpus: Corpus, question: str):
    assert corpus.resolve(question).forces == (NORTHSHIRE,)


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("How have 101 calls moved since December 2024 in Northshire?", ()),
        ("What did the chief constable of Northshire promise in the 2025/26 review?", ()),
        ("How was Northshire graded in 2026?", ()),
        ("How was Northshire graded in 2017?", ("2017",)),
    ],
)
def test_a_year_limits_nothing_where_no_transcript_names_its_period(question: str, missing: tuple[str, ...]):
    corpus = Corpus.of([Metadata(NORTHSHIRE, dated="22 January 2026"), Metadata(NORTHSHIRE, dated="3 March 2026")])
    scope = corpus.resolve(question)
    assert (scope.missing_periods, scope.periods, scope.places) == (missing, (), (0, 1))


def test_a_question_about_change_has_a_part_for_each_period(corpus: Corpus):
    scope = corpus.resolve("How did Northshire change between 2015 and 2016?")
    assert [(part.period, part.places) for part in scope.parts] == [("2015", (0,)), ("2016", (1,))]
    assert scope.over_time


def test_two_forces_have_a_part_each(corpus: Corpus):
    scope = corpus.resolve("Compare Northshire and Westmere in 2016")
    assert [(part.force, part.period) for part in scope.parts] == [(NORTHSHIRE, "2016"), (WESTMERE, "2016")]
    assert not scope.over_time


def test_forces_and_periods_without_transcripts_are_reported(corpus: Corpus):
    assert corpus.resolve("What about Kent?").missing_forces == ("Kent Police",)
    assert corpus.resolve("How was Eastvale graded in 2013?").missing_periods == ("2013",)
    both = corpus.resolve("Compare Northshire and Kent")
    assert (both.forces, both.missing_forces) == ((NORTHSHIRE,), ("Kent Police",))


def test_a_force_that_another_works_with_is_not_in_scope(corpus: Corpus):
    assert corpus.resolve("Does it work with Kent and Essex?").missing_forces == ()
    assert corpus.resolve("Does Northshire work with Kent?").forces == (NORTHSHIRE,)


def test_a_force_compared_with_is_in_scope(corpus: Corpus):
    assert corpus.resolve("Compare Northshire with Kent").missing_forces == ("Kent Police",)


def test_a_name_of_several_forces_with_transcripts_is_ambiguous():
    several = held(("North Yorkshire Police", 2016, 2016), ("South Yorkshire Police", 2016, 2016))
    scope = several.resolve("How was Yorkshire graded?")
    assert scope.ambiguous == "Yorkshire"
    assert set(scope.choices) == {"North Yorkshire Police", "South Yorkshire Police"}


def test_a_name_of_several_forces_means_the_only_one_with_transcripts():
    corpus = held(("South Yorkshire Police", 2016, 2016), (NORTHSHIRE, 2016, 2016))
    assert corpus.resolve("How was Yorkshire graded?").forces == ("South Yorkshire Police",)


def test_a_collection_without_forces_or_periods_has_no_scope():
    plain = Corpus.of([Metadata(), Metadata()])
    scope = plain.resolve("What happened in Kent in 1990?")
    assert (scope.parts, scope.missing_forces, scope.missing_periods) == ((), (), ())


def test_the_words_that_named_the_scope_are_marked(corpus: Corpus):
    question = "How was Northshire graded in 2016?"
    assert [question[start:end] for start, end in corpus.resolve(question).spans] == ["Northshire", "2016"]


MANY_FORCES = Metadata(forces_discussed=("Eastmarch Police", "Kent Police"))


def test_a_force_that_only_documents_of_unknown_force_name_is_looked_for_there():
    corpus = Corpus.of([Metadata(NORTHSHIRE), MANY_FORCES, Metadata(), MANY_FORCES])
    for question in ("How quick is Kent?", "How quick is Eastmarch Police?", "Is Eastmarch quick?"):
        scope = corpus.resolve(question)
        assert (scope.places, scope.forces, scope.is_of_naming) == ((1, 3), (), True)
    assert scope.missing_forces == ("Eastmarch Police",)
    assert not corpus.resolve("How quick is Essex?").is_of_naming


def test_a_force_with_an_assessment_is_searched_there_and_where_it_is_discussed():
    corpus = Corpus.of([Metadata("Kent Police"), MANY_FORCES, Metadata("Essex Police"), Metadata()])
    scope = corpus.resolve("How quick is Kent?")
    assert (scope.places, scope.missing_forces, scope.is_of_naming) == ((0, 1), (), False)


def test_a_year_also_allows_documents_of_unknown_period_unless_their_date_is_far_off():
    corpus = Corpus.of(
        [
            Metadata("Kent Police", Period("2021/22", 2021, 2022)),
            Metadata("Kent Police", Period("2016", 2016, 2016)),
            Metadata("Kent Police", published="3 February 2023"),
            Metadata("Kent Police", published="3 February 2019"),
            Metadata("Kent Police"),
        ]
    )
    assert corpus.resolve("What did the letter to Kent say in 2022?").places == (0, 2, 4)


def test_a_collection_that_only_discusses_forces_recognises_their_names():
    assert Corpus.of([MANY_FORCES, Metadata()]).resolve("How quick is Kent?").places == (0,)


def test_a_document_without_a_period_is_of_the_year_of_its_own_date():
    talk, minutes = Metadata(NORTHSHIRE, dated="October 2021"), Metadata(NORTHSHIRE, published="14 September 2023")
    corpus = Corpus.of([talk, minutes, Metadata(NORTHSHIRE, make_period(2018, 2019)), Metadata(NORTHSHIRE)])
    scope = corpus.resolve("How was Northshire graded in 2021?")
    assert (scope.places, scope.years, scope.periods, scope.missing_periods) == ((0,), ("2021",), (), ())
    assert scope_in_words(scope, corpus) == f"{NORTHSHIRE}, 2021"
    assert corpus.resolve("What did the inspector say in the 2023 report?").places == (1,)
    assert corpus.resolve("How was Northshire graded in 2020?").missing_periods == ("2020",)
    both = corpus.resolve("How did the grades of Northshire change between 2018/19 and 2021?")
    assert both.places == (2,)  # a span of years: what is inside it and has a period


def test_the_years_of_figures_mean_the_inspection_in_the_second(corpus: Corpus):
    assert corpus.resolve("What did the inspector say about complaints in Westmere in 2015/16?").places == (3,)
    asked = "What did the inspector say about complaints in Westmere in 2016/17?"
    assert corpus.resolve(asked).missing_periods == ("2016/17",)


def test_a_year_of_a_missing_force_means_no_other_forces_documents():
    corpus = Corpus.of([Metadata(NORTHSHIRE, dated="October 2021"), Metadata(WESTMERE, make_period(2016, 2016))])
    scope = corpus.resolve("How was Kent graded in 2021?")
    assert (scope.parts, scope.missing_forces) == ((), ("Kent Police",))
