"""Grades in sentences, below headings, in lists and in tables of either orientation; and words that are none."""

from __future__ import annotations

import pytest

from index.text.transcript import Role
from tests.fixtures.transcripts import Said, heading, records_of


def grades_in(*said: Said | str) -> list[tuple[str, str]]:
    """The grades of a transcript made by hand, with what they are given to."""
    return [(record.grade, record.subject) for record, _ in records_of(*said) if record.grade]


@pytest.mark.parametrize(
    ("sentence", "grades"),
    [
        ("The force is good at preventing crime.", [("good", "preventing crime")]),
        ("Westmere Police requires improvement at responding to the public.",
         [("requires improvement", "responding to the public")]),
        ("Custody was graded inadequate.", [("inadequate", "Custody")]),
        ("Protecting vulnerable people is adequate.", [("adequate", "Protecting vulnerable people")]),
        ("Effectiveness good; efficiency requires improvement.",
         [("good", "Effectiveness"), ("requires improvement", "efficiency")]),
        ("Inadequate: managing offenders; supporting victims",
         [("inadequate", "managing offenders"), ("inadequate", "supporting victims")]),
        ("disrupting serious organised crime: outstanding;", [("outstanding", "disrupting serious organised crime")]),
        ("Outstanding: we found no area of outstanding performance", []),
        ("Morale is good.", []),
        ("Staffing at Carrow was adequate.", []),
        ("The force has a good understanding of demand.", []),
        ("No area was graded inadequate.", []),
        ("In 2019 the force was good at preventing crime.", []),
        ("A force that is good at preventing crime would do more.", []),
        ("AT: Good.", []),
    ],
)  # fmt: skip
def test_a_sentence_gives_a_grade_only_in_the_inspectorate_s_way(sentence: str, grades: list[tuple[str, str]]) -> None:
    assert sorted(grades_in(sentence)) == sorted(grades)


@pytest.mark.parametrize(
    "line", ["Requires improvement", "Graded as requires improvement", "Judgement: requires improvement."]
)
def test_a_grade_on_a_line_of_its_own_is_given_to_the_heading_above_it(line: str) -> None:
    assert grades_in(heading("Investigating crime", 2), line, "Files are in order.") == [
        ("requires improvement", "Investigating crime")
    ]
    assert grades_in(heading("Investigating crime", 2), heading(line, 3), "Files are in order.") == [
        ("requires improvement", "Investigating crime")
    ]


def test_a_grade_below_a_title_or_a_general_heading_is_given_to_nothing_in_particular() -> None:
    assert grades_in(Said("Westmere Police", Role.TITLE), "Good", "It is calm.") == [("good", "")]
    assert grades_in(heading("Overall judgement"), "Good", "It is calm.") == [("good", "")]


def test_a_grade_may_open_the_first_paragraph_of_its_section() -> None:
    said = Said("Good. Westmere Police knows its communities.", path=("Preventing crime",))
    assert grades_in(heading("Preventing crime"), said) == [("good", "Preventing crime")]


def test_the_items_below_a_grade_are_given_it() -> None:
    said = ("Good:", Said("custody", lead_in=0), Said("vetting", lead_in=0))
    assert grades_in(*said) == [("good", "custody"), ("good", "vetting")]


def test_a_table_with_an_area_and_a_grade_in_each_row() -> None:
    assert grades_in(
        heading("Area"),
        heading("Grade"),
        heading("Custody"),
        Said("Requires improvement", heads=(2, 1)),
        heading("Vetting"),
        Said("Good", heads=(4, 1)),
    ) == [("requires improvement", "Custody"), ("good", "Vetting")]


def test_a_table_with_the_grades_as_column_heads() -> None:
    assert grades_in(
        heading("Good"),
        heading("Inadequate"),
        Said("Custody", heads=(0,)),
        Said("Vetting", heads=(1,)),
        Said("Preventing crime", heads=(0,)),
    ) == [("good", "Custody"), ("inadequate", "Vetting"), ("good", "Preventing crime")]


def test_a_table_with_the_grades_as_row_heads() -> None:
    assert grades_in(
        heading("Good"), Said("Custody", heads=(0,)), heading("Inadequate"), Said("Vetting", heads=(2,))
    ) == [
        ("good", "Custody"),
        ("inadequate", "Vetting"),
    ]


def test_a_table_with_a_tick_below_a_grade() -> None:
    assert grades_in(
        heading("Good"), heading("Inadequate"), heading("Custody"), Said("✓", Role.MARKUP, heads=(2, 1))
    ) == [("inadequate", "Custody")]


def test_a_table_with_areas_as_columns_and_one_row() -> None:
    assert grades_in(
        heading("Custody"),
        heading("Vetting"),
        heading("2021/22"),
        Said("Good", heads=(2, 0)),
        Said("Adequate", heads=(2, 1)),
    ) == [("good", "Custody"), ("adequate", "Vetting")]
