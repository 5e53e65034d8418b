"""Groups and rows agree with an answer's citations, or the answer cannot be built."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from assistant.answer import Answer, Citation, Status
from assistant.answer_layout import Coverage, Group, Place, Row, Table
from assistant.coverage import Quoted, comparison, coverage_of, in_words, notes_on, sort_key
from assistant.question.scope import Corpus, Scope, ScopePart
from index.text.transcript import Metadata, Period
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, cite, make_answer, make_page

FORCES = ("Aldmere Police", "Birchvale Constabulary", "Cedarstow Police", "")
PERIODS = (None, Period("2016", 2016, 2016), Period("2018/19", 2018, 2019), Period("2021/22", 2021, 2022))
PLACES = st.tuples(st.sampled_from(FORCES), st.sampled_from(PERIODS))


def citations_of(metadata: Sequence[Metadata]) -> list[Citation]:
    pages = [
        make_page(f"t{n}", f"T{n}", [(NORTHSHIRE.sentences[5].role, ("A sentence.",))], item)
        for n, item in enumerate(metadata)
    ]
    return [cite(page, 0, number) for number, page in enumerate(pages, 1)]


@given(held=st.lists(PLACES, min_size=1, max_size=12), data=st.data())
def test_every_citation_is_in_a_group_and_every_place_is_counted_once(held: list, data: st.DataObject) -> None:
    transcripts = sorted((Metadata(force, period) for force, period in held), key=sort_key)
    found = data.draw(st.lists(st.sampled_from(range(len(transcripts))), min_size=1, max_size=12))
    cited = citations_of([transcripts[place] for place in sorted(found)])
    corpus = Corpus.of(transcripts)
    coverage = coverage_of(cited, Scope(), corpus)
    answer = make_answer("Which forces?", Status.ANSWERED, cited, coverage=coverage)
    assert answer.coverage is not None
    numbers = [number for group in coverage.groups for number in group.citations]
    assert numbers == [citation.number for citation in cited]
    places = {(place.force, place.period.label if place.period else "") for place in transcripts}
    counted = {(place.force, place.period) for place in (*coverage.groups, *coverage.nothing_found)}
    assert {place for place in counted if place[0]} == {place for place in places if place[0]}
    assert all(place.force for place in coverage.nothing_found)
    assert coverage.unknown_force == len([place for place in transcripts if not place.force])
    assert coverage.found_in_unknown == len([place for place in found if not transcripts[place].force])
    assert {*coverage.found_forces, *coverage.empty_forces} == set(corpus.by_force)
    assert not set(coverage.found_forces) & set(coverage.empty_forces)
    assert coverage == coverage_of(cited, Scope(), corpus)
    assert len(coverage.found_forces) <= len(coverage.held_forces)
    assert in_words(coverage, Scope(), 0).startswith("Found in " if corpus.by_force else "The force of ")


CITED = [cite(NORTHSHIRE, 5, 1), cite(WESTMERE, 1, 2)]
NORTH, WEST = ("Northshire Constabulary", "2018/19"), ("Westmere Police", "2021/22")


def group(place: tuple[str, str], *numbers: int) -> Group:
    return Group(force=place[0], period=place[1], citations=numbers)


def covering(
    *groups: Group, nothing: Sequence[tuple[str, str]] = (), held: Sequence[str] = (), gone: str = ""
) -> Answer:
    coverage = Coverage(
        groups=groups,
        nothing_found=tuple(Place(force=force, period=period) for force, period in nothing),
        held_forces=tuple(held) or (NORTH[0], WEST[0]),
        not_held=(gone,) if gone else (),
    )
    return make_answer("Which forces?", Status.ANSWERED, CITED, coverage=coverage)


def test_an_answer_can_be_built_if_its_groups_contain_exactly_its_citations() -> None:
    assert covering(group(NORTH, 1), group(WEST, 2)).coverage is not None


@pytest.mark.parametrize(
    ("groups", "more"),
    [
        ([group(NORTH, 1)], {"nothing": [WEST]}),  # a citation left out
        ([group(NORTH, 1), group(WEST, 2, 2)], {}),  # one twice
        ([group(NORTH, 1, 2)], {"nothing": [WEST]}),  # one under another force
        ([group(NORTH, 1), group(WEST, 2, 3)], {}),  # one that is not cited
        ([group(NORTH, 1), group(WEST, 2)], {"nothing": [WEST]}),  # found, and not found
        ([group(NORTH, 1), group(WEST, 2)], {"held": [NORTH[0]]}),  # found for a force not held
        ([group(NORTH, 1), group(WEST, 2)], {"held": [NORTH[0], WEST[0], "Eastvale Police"]}),  # held, and not counted
        ([group(NORTH, 1), group(WEST, 2)], {"gone": WEST[0]}),  # held, and not held
    ],
)
def test_an_answer_whose_coverage_disagrees_cannot_be_built(groups: list[Group], more: dict) -> None:
    with pytest.raises(ValidationError):
        covering(*groups, **more)


@pytest.mark.parametrize(
    "cells", [[(1,), ()], [(1,), (2, 2)], [(2,), (1,)], [(1,), (2, 3)]], ids=["lost", "twice", "swapped", "uncited"]
)
def test_an_answer_whose_table_disagrees_cannot_be_built(cells: list[tuple[int, ...]]) -> None:
    rows = tuple(
        Row(force=place[0], period=place[1], citations=cell) for place, cell in zip((NORTH, WEST), cells, strict=True)
    )
    with pytest.raises(ValidationError):
        make_answer("Compare", Status.ANSWERED, CITED, table=Table(rows=rows))


def test_a_comparison_has_two_rows_at_least() -> None:
    with pytest.raises(ValidationError):
        Table(rows=(Row(force=FORCES[0], period="", citations=(1,)),))
    assert comparison([(ScopePart((0,), "Aldmere Police"), [1])], {}) is None


def test_a_document_about_many_forces_has_a_row_of_its_own_in_a_comparison() -> None:
    aldmere, cedarstow = FORCES[0], FORCES[2]
    quoted = {
        row: Quoted(Metadata(force, period), (row + 1,))
        for row, (force, period) in enumerate([(aldmere, PERIODS[1]), (cedarstow, PERIODS[1]), ("", PERIODS[2])])
    }
    parts = [(ScopePart((0, 2), aldmere), [0, 2]), (ScopePart((1, 2), cedarstow), [2, 1])]
    table = comparison(parts, quoted)
    assert table is not None
    assert [(row.force, row.period, row.citations) for row in table.rows] == [
        (aldmere, "", (1,)),
        (cedarstow, "", (2,)),
        ("", "2018/19", (3,)),
    ]


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (((2016, 2016), (2018, 2019)), False),
        (((2021, 2022), (2023, 2025)), False),
        (((2018, 2019), (2021, 2022)), True),
        (((2014, 2014), (2023, 2025)), True),
    ],
)
def test_a_note_says_that_grades_cannot_be_compared_if_the_scale_changed(labels: tuple, said: bool) -> None:
    periods = [Period(str(first), first, last) for first, last in labels]
    assert bool(notes_on([None, *periods])) is said


def test_the_territorial_forces_without_an_assessment_are_named() -> None:
    held = [Metadata("Kent Police", PERIODS[1]), Metadata("Essex Police", PERIODS[2])]
    cited = citations_of(held[1:])  # in order of force, Essex is first
    coverage = coverage_of(cited, Scope(), Corpus.of(held))
    assert len(coverage.not_held) == 41
    assert not {"Kent Police", "Essex Police"} & set(coverage.not_held)
    words = in_words(coverage, Scope(), 0)
    assert "Found in the assessments of 1 of the 2 forces in the collection." in words
    assert "Nothing found for 1: Kent Police." in words
    assert "For 41 of the 43 forces of England and Wales" in words
    assert "does not happen" in words
