"""Records under formal headings: where one ends and the next begins, and what is no part of any."""

from __future__ import annotations

import pytest

from index.records.record import RecordKind, RecordStatus
from index.text.transcript import Role
from tests.fixtures.transcripts import Said, heading, records_of, stated

CAUSE, AREA = RecordKind.CAUSE_OF_CONCERN, RecordKind.AREA_FOR_IMPROVEMENT
RECOMMENDATION, PRACTICE = RecordKind.RECOMMENDATION, RecordKind.INNOVATIVE_PRACTICE


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("Cause of concern", CAUSE),
        ("CAUSES OF CONCERN", CAUSE),
        ("Cause of concern 2: custody", CAUSE),
        ("Accelerated cause of concern", CAUSE),
        ("Area for improvement", AREA),
        ("Areas for improvement:", AREA),
        ("AFIs", AREA),
        ("Recommendation 4", RECOMMENDATION),
        ("3. Recommendations", RECOMMENDATION),
        ("Recommendations for the chief constable", RECOMMENDATION),
        ("Innovative practice – the second look", PRACTICE),
        ("Promising practice", PRACTICE),
    ],
)
def test_a_formal_heading_says_of_which_kind_what_follows_is(label: str, kind: RecordKind) -> None:
    found = records_of(heading(label), "The force should keep records of visits.")
    assert [(record.kind, lines) for record, lines in found] == [(kind, ["The force should keep records of visits."])]


@pytest.mark.parametrize(
    "label",
    [
        "Causes of concern and what has happened since",
        "How the force deals with recommendations",
        "Recommendations were made in 2019",
        "Progress since the last cause of concern",
        "Practice",
    ],
)
def test_a_heading_that_only_contains_a_term_is_none(label: str) -> None:
    assert records_of(heading(label), "The force should keep records of visits.") == []


def test_each_order_of_a_plural_heading_is_a_record_and_explanations_are_none() -> None:
    assert stated(
        AREA,
        heading("Areas for improvement", 3),
        "The force should answer calls faster. In May it took a minute.",
        "In a fifth of the calls nobody took the address.",
        "The force must train its call handlers.",
        heading("Custody", 2),
        "A nurse should be present at all hours.",
    ) == [
        ["The force should answer calls faster.", "In May it took a minute."],
        ["The force must train its call handlers."],
    ]


def test_a_lead_in_keeps_all_its_items_and_nothing_after_them() -> None:
    said = (
        heading("Recommendations", 3),
        "By 30 June 2024, Westmere Police should:",
        Said("visit each offender.", lead_in=1),
        Said("train every manager; and", lead_in=1),
        Said("Report to the commissioner", lead_in=1),
        "The force told us that visits had begun.",
    )
    [(record, lines)] = records_of(*said)
    assert lines == [item if isinstance(item, str) else item.text for item in said[1:5]]
    assert record.lead_in is not None
    assert (len(record.items), record.sentences) == (3, ())


def test_items_without_a_reader_s_list_are_known_by_how_they_end_and_begin() -> None:
    assert stated(
        RECOMMENDATION,
        heading("Recommendations"),
        "By 16 December 2022, Westmere Police should:",
        "search its records first;",
        "name a supervisor for each child; and",
        "provide cover at all times.",
        "By 31 March 2023, it should publish the results.",
    ) == [
        [
            "By 16 December 2022, Westmere Police should:",
            "search its records first;",
            "name a supervisor for each child; and",
            "provide cover at all times.",
        ],
        ["By 31 March 2023, it should publish the results."],
    ]


def test_a_list_that_a_sentence_only_announces_has_a_record_for_each_item() -> None:
    found = stated(
        AREA,
        heading("Areas for improvement"),
        "We identified these areas for improvement:",
        Said("Call handling", lead_in=1),
        Said("Records of stalking", lead_in=1),
    )
    assert found == [
        ["We identified these areas for improvement:", "Call handling"],
        ["We identified these areas for improvement:", "Records of stalking"],
    ]


def test_numbered_orders_without_should_are_recommendations_and_numbered_prose_is_none() -> None:
    found = records_of(
        heading("Recommendations"),
        "1. Review the vetting backlog by 31 March 2023.",
        "2. Publish the results.",
        "2.1 The force accepted both.",
    )
    assert [(record.number, lines) for record, lines in found] == [
        ("1", ["1. Review the vetting backlog by 31 March 2023."]),
        ("2", ["2. Publish the results."]),
    ]


def test_prose_that_only_contains_should_is_no_recommendation() -> None:
    assert stated(
        RECOMMENDATION,
        heading("Recommendations"),
        "The chief constable should publish the results.",
        "In the year to March 2022 the force answered 71 per cent of its calls, when it should answer 90 per cent.",
        "Two of the three posts should have been filled in May.",
    ) == [["The chief constable should publish the results."]]


def test_a_deadline_in_the_same_paragraph_begins_a_recommendation_of_its_own() -> None:
    text = "With immediate effect, the force should visit all. Within three months, it should fill its vacancies."
    assert stated(RECOMMENDATION, heading("Recommendations"), text) == [
        ["With immediate effect, the force should visit all."],
        ["Within three months, it should fill its vacancies."],
    ]


def test_a_cause_of_concern_ends_where_its_recommendations_begin() -> None:
    found = records_of(
        heading("Cause of concern"),
        "The force does not keep children safe.",
        "We looked at 40 cases.",
        "By 31 May 2024, the force should train its staff.",
    )
    assert [(record.kind, lines) for record, lines in found] == [
        (CAUSE, ["The force does not keep children safe."]),
        (RECOMMENDATION, ["By 31 May 2024, the force should train its staff."]),
    ]


def test_a_deeper_heading_that_states_something_is_the_record() -> None:
    found = stated(
        AREA,
        heading("Investigating crime", 2),
        heading("Area for improvement", 3),
        heading("The force should supervise its investigations", 4),
        "In 49 of 130 cases there was no supervision.",
        heading("Main findings", 3),
        "Files should have a plan, and most do.",
    )
    assert found == [["The force should supervise its investigations"]]


def test_a_heading_of_unknown_level_that_orders_something_is_the_record() -> None:
    found = stated(AREA, heading("Area for improvement"), heading("The force should vet its staff"), "Few are vetted.")
    assert found == [["The force should vet its staff"]]


def test_headings_within_a_list_of_all_areas_say_what_each_is_about() -> None:
    found = records_of(
        heading("Areas for improvement", 1),
        heading("Custody", 2),
        Said("The force should employ a nurse.", path=("Areas for improvement", "Custody")),
        heading("Vetting", 2),
        Said("The force should vet its staff.", path=("Areas for improvement", "Vetting")),
    )
    assert [(record.section, lines) for record, lines in found] == [
        (("Custody",), ["The force should employ a nurse."]),
        (("Vetting",), ["The force should vet its staff."]),
    ]


def test_a_section_may_say_that_there_is_none() -> None:
    [(record, lines)] = records_of(heading("Causes of concern"), "There are none in this report.")
    assert (record.kind, record.status, lines) == (CAUSE, RecordStatus.NONE, ["There are none in this report."])


def test_a_line_that_is_a_grade_or_a_heading_nobody_marked_ends_a_section() -> None:
    assert stated(
        AREA,
        heading("Areas for improvement"),
        "The force should answer calls faster.",
        "Protecting vulnerable people",
        "Good",
        "Officers said that cameras should be worn by all.",
    ) == [["The force should answer calls faster."]]


def test_a_question_put_to_a_witness_is_no_record() -> None:
    said = Said("What should the force do about recommendation 3?", Role.QUESTION)
    assert records_of(heading("Recommendations"), said) == []


def test_a_column_may_be_headed_by_a_term() -> None:
    found = records_of(
        heading("Number"),
        heading("Recommendation"),
        heading("1"),
        Said("The force should vet its staff.", heads=(2, 1)),
    )
    assert [(record.kind, lines) for record, lines in found] == [(RECOMMENDATION, ["The force should vet its staff."])]
