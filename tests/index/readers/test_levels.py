from __future__ import annotations

import pytest

from index.text.transcript import Role
from tests.fixtures.texts import transcript_of

PROSE = "Prose is here."


def paths(*lines):
    """Returns the path of each paragraph of prose in a text of headings, where "." is such a paragraph."""
    text = "\n\n".join(["Westmere Police", PROSE, *(PROSE if line == "." else line for line in lines)])
    findings = [block for block in transcript_of(text).blocks if block.role is Role.FINDING and "is here" in text]
    return [block.path for block in findings][1:]


def test_numbers_give_levels():
    assert paths("1. Custody", ".", "1.1 Cells", ".", "1.2 Food", ".", "2. Finance", ".") == [
        ("1. Custody",), ("1. Custody", "1.1 Cells"), ("1. Custody", "1.2 Food"), ("2. Finance",),
    ]  # fmt: skip


def test_parts_are_above_numbers():
    assert paths("Part A", ".", "1. Custody", ".", "Part B", ".", "Annex A", ".") == [
        ("Part A",), ("Part A", "1. Custody"), ("Part B",), ("Annex A",),
    ]  # fmt: skip


def test_pillars_are_above_areas_and_areas_above_formal_terms():
    area = ("Effectiveness", "Stopping crime", ".", "Area for improvement", ".")
    assert paths(*area, "Custody", ".", "Legitimacy", ".", "Next steps", ".") == [
        ("Effectiveness", "Stopping crime"),
        ("Effectiveness", "Stopping crime", "Area for improvement"),
        ("Effectiveness", "Custody"),
        ("Legitimacy",),
        ("Next steps",),
    ]  # fmt: skip


def test_capitals_are_above_other_headings():
    assert paths("CUSTODY", ".", "Cells", ".", "Food", ".", "FINANCE", ".") == [
        ("CUSTODY",), ("CUSTODY", "Cells"), ("CUSTODY", "Food"), ("FINANCE",),
    ]  # fmt: skip


def test_one_heading_above_another_has_it_as_its_only_subheading():
    assert paths("Supporting victims", "Victim service assessment", ".", "Custody", ".") == [
        ("Supporting victims", "Victim service assessment"), ("Custody",),
    ]  # fmt: skip


def test_questions_are_below_the_headings_of_their_groups():
    assert paths("About us", "Who are you?", ".", "Custody", "Who inspects it?", ".", "Where is it?", ".") == [
        ("About us", "Who are you?"), ("Custody", "Who inspects it?"), ("Custody", "Where is it?"),
    ]  # fmt: skip


def test_recommendations_belong_to_the_cause_of_concern():
    concern = ("Custody", "Cause of concern")
    assert paths("Custody", ".", "Cause of concern", ".", "Recommendations", ".", "Finance", ".") == [
        ("Custody",), concern, (*concern, "Recommendations"), ("Finance",),
    ]  # fmt: skip


def test_a_cause_of_concern_after_the_summary_is_not_within_it():
    assert paths("Overall summary", ".", "Cause of concern", ".") == [("Overall summary",), ("Cause of concern",)]


def test_recommendations_at_the_end_are_not_within_the_last_area():
    assert paths("Custody", ".", "Finance", ".", "Recommendations", ".")[-1] == ("Recommendations",)


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_blank_line_ends_a_formal_term_that_has_none(line_end):
    text = line_end.join(
        [
            "Westmere Police",
            "",
            "Custody",
            "Cells are clean.",
            "",
            "Area for improvement",
            "It should act.",
            "",
            "Food is cold.",
        ]
    )
    blocks = transcript_of(text).blocks
    found = {text[block.start : block.end]: block.path for block in blocks if block.role is Role.FINDING}
    assert found["It should act."] == ("Custody", "Area for improvement")
    assert found["Food is cold."] == ("Custody",)
