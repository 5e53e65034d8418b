from __future__ import annotations

import pytest

from index.text.transcript import Role
from tests.fixtures.structure import headings_found, labelled_documents
from tests.fixtures.texts import transcript_of

PROSE = "The force is good at this. It listens."


def roles(text):
    return {text[block.start : block.end]: block.role for block in transcript_of(text).blocks}


@pytest.mark.parametrize("half", ["seen", "unseen"])
def test_headings_of_labelled_documents_are_found(half):
    found = headings_found(labelled_documents(half))
    assert found.labelled > 150
    assert found.precision >= 0.97, found.wrong
    assert found.recall >= 0.97, found.wrong


@pytest.mark.parametrize(
    "heading",
    [
        "Investigating crime", "INVESTIGATING CRIME", "3. Investigating crime", "2.3 Investigating crime",
        "Chapter 4 The force and its partners", "Part B: stop and search", "Annex A", "What the force did next",
        "Making good use of resources", "How well does it plan?", "Cause of concern 2: the use of force",
        "Innovative practice: The night marshals", "Recommendations:", "Progress since our 2022 report",
        "In the custody suite: booking in", "Item 3: Neighbourhood policing",
    ],
)  # fmt: skip
@pytest.mark.parametrize("below", [PROSE, "• Calls are answered.", "Good", "The force should:\n• act;\n• report."])
def test_a_short_line_that_states_nothing_is_a_heading(heading, below):
    expected = Role.FINDING if below != PROSE and heading.startswith("In the custody suite") else Role.HEADING
    assert roles(f"Westmere Police\n\n{PROSE}\n\n{heading}\n\n{below}\n\n{PROSE}")[heading] is expected


@pytest.mark.parametrize(
    "finding",
    [
        "Good", "Requires improvement", "Not graded", "Good (judgment made in 2017)", "Effectiveness: good",
        "Cause of concern: none", "Recommendations: 3", "Ada Marlowe, HM Inspector of Constabulary", "31 January 2024",
        "Published on 4 April 2025", "Yours sincerely", "The force lends doorbells to victims of burglary",
        "Westmere Police records crime well", "Chief constable: Joan Penn", "It depends on partners",
        "A tenth of calls cost £40",
    ],
)  # fmt: skip
def test_a_short_line_that_states_something_is_a_finding(finding):
    assert roles(f"Westmere Police\n\n{PROSE}\n\n{finding}\n\nStopping crime\n\n{PROSE}")[finding] is Role.FINDING


def test_names_and_offices_are_not_headings():
    text = f"Westmere Police\n\n{PROSE}\n\nAda Marlowe\nHM Inspector of Constabulary\n\nStopping crime\n\n{PROSE}"
    assert [words for words, role in roles(text).items() if role is Role.HEADING] == ["Stopping crime"]


def test_an_address_has_no_headings():
    text = f"Letter to the force\n\nTo:\nJoan Penn\nChief Constable\nWestmere Police\n\n{PROSE}"
    assert Role.HEADING not in roles(text).values()


def test_the_last_line_is_not_a_heading():
    assert roles(f"Westmere Police\n\n{PROSE}\n\nStopping crime")["Stopping crime"] is Role.FINDING


def test_what_a_formal_term_says_is_a_finding_though_a_heading_follows():
    said = "Slow and patchy work with children at night"
    text = f"Westmere Police\n\n{PROSE}\n\nCause of concern\n\n{said}\n\nStopping crime\n\n{PROSE}"
    assert roles(text)[said] is Role.FINDING


def test_short_lines_with_numbers_are_items_where_there_are_several():
    text = f"Westmere Police\n\nOur plan\n\n1. Custody\n2. Finance\n3. Vetting\n\n{PROSE}"
    assert [roles(text)[words] for words in ("Custody", "Finance", "Vetting")] == [Role.FINDING] * 3
