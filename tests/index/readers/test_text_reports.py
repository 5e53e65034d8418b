"""Pages of inspectorates, pasted as text: which lines are headings and which findings, and where each belongs."""

from __future__ import annotations

import pytest

from index.text.transcript import Role
from tests.fixtures.texts import transcript_of

PAGE = """Northshire Constabulary – PEEL 2023-25

Published on: 4 April 2025

Investigating crime

Requires improvement

Cause of concern

The force does not investigate burglaries quickly enough, and supervisors do not check the work

Recommendations

Within six months, Northshire Constabulary should:

  • give every burglary to a named officer within a day;
  • make sure that supervisors check each investigation weekly; and
  • tell victims what is being done.

Areas for improvement

The force should improve how it records stalking

Innovative practice

The force lends doorbells to victims of burglary"""

TERMS = """Kent Police – PEEL 2021/22

Recommendations

1. By 31 March 2023, the chief constable should review the vetting backlog.

2. With immediate effect, all supervisors must check custody records.

Causes of concern

The force does not keep custody records well.

Areas for improvement

The force should answer calls faster.

The force should record stalking better."""

NUMBERED = """Westmere Police – PEEL 2021/22

Recommendations

1. By 31 March 2023, the chief constable should review the vetting backlog.
2. By 30 June 2023, the chief constable should:
(a) publish the results; and
(b) tell the commissioner.
3. With immediate effect, all supervisors must check custody records.
4.1 The force accepted recommendation 1.
4.2 It rejected recommendation 2(b)."""

GRADES = """Westmere Police – PEEL 2023-25
Overall summary
Our inspection assessed how good Westmere Police is in nine areas.
Responding to the public
Good
The force answers 999 calls quickly.
Investigating crime
Inadequate
Investigations are slow.
Main findings
Detectives carry too many cases."""


def findings(text):
    """Returns each finding with the headings above it."""
    return {
        text[block.start : block.end]: block.path for block in transcript_of(text).blocks if block.role is Role.FINDING
    }


def headings(text):
    return [text[block.start : block.end] for block in transcript_of(text).blocks if block.role is Role.HEADING]


def lead_ins(text):
    """Returns each item with the words of its lead-in."""
    blocks = transcript_of(text).blocks
    return {
        text[block.start : block.end]: text[blocks[block.lead_in].start : blocks[block.lead_in].end]
        for block in blocks
        if block.lead_in is not None
    }


def test_what_a_page_says_is_found_under_its_headings():
    area, cause = "Investigating crime", "Cause of concern"
    assert headings(PAGE) == [area, cause, "Recommendations", "Areas for improvement", "Innovative practice"]
    recommended = (area, cause, "Recommendations")
    assert findings(PAGE) == {
        "Published on: 4 April 2025": (),
        "Requires improvement": (area,),
        "The force does not investigate burglaries quickly enough, and supervisors do not check the work": (
            area,
            cause,
        ),
        "Within six months, Northshire Constabulary should:": recommended,
        "give every burglary to a named officer within a day;": recommended,
        "make sure that supervisors check each investigation weekly; and": recommended,
        "tell victims what is being done.": recommended,
        "The force should improve how it records stalking": (area, "Areas for improvement"),
        "The force lends doorbells to victims of burglary": (area, "Innovative practice"),
    }


@pytest.mark.parametrize("bullet", ["•", "-", "*", "–", "1.", "(a)", "i)", ""])
def test_every_item_knows_its_lead_in(bullet):
    page = PAGE.replace("  •", f"  {bullet}")
    assert set(lead_ins(page).values()) == {"Within six months, Northshire Constabulary should:"}
    assert len(lead_ins(page)) == 3


def test_formal_terms_are_sections_next_to_each_other():
    assert findings(TERMS) == {
        "By 31 March 2023, the chief constable should review the vetting backlog.": ("Recommendations",),
        "With immediate effect, all supervisors must check custody records.": ("Recommendations",),
        "The force does not keep custody records well.": ("Causes of concern",),
        "The force should answer calls faster.": ("Areas for improvement",),
        "The force should record stalking better.": ("Areas for improvement",),
    }


def test_numbered_recommendations_letters_within_one_and_numbered_paragraphs():
    assert headings(NUMBERED) == ["Recommendations"]
    assert lead_ins(NUMBERED) == {
        "publish the results; and": "By 30 June 2023, the chief constable should:",
        "tell the commissioner.": "By 30 June 2023, the chief constable should:",
    }
    assert "The force accepted recommendation 1." in findings(NUMBERED)
    assert "With immediate effect, all supervisors must check custody records." in findings(NUMBERED)


def test_each_line_is_a_paragraph_where_lines_are_not_wrapped():
    assert transcript_of(GRADES).title == "Westmere Police – PEEL 2023-25"
    assert findings(GRADES) == {
        "Our inspection assessed how good Westmere Police is in nine areas.": ("Overall summary",),
        "Good": ("Responding to the public",),
        "The force answers 999 calls quickly.": ("Responding to the public",),
        "Inadequate": ("Investigating crime",),
        "Investigations are slow.": ("Investigating crime",),
        "Detectives carry too many cases.": ("Main findings",),
    }


def test_headings_that_are_set_in_a_paragraph_are_headings():
    text = (
        "Kent Police – PEEL 2021/22\n\nResponse. Officers arrive quickly, and handlers are polite. Investigations. "
        "Detectives carry many cases. Workforce. Staff feel well led. Finance. The force will overspend by £2m in 2023."
    )
    assert headings(text) == ["Response.", "Investigations.", "Workforce.", "Finance."]
    assert findings(text)["The force will overspend by £2m in 2023."] == ("Finance.",)


def test_short_answers_in_a_paragraph_are_not_headings():
    text = "Hearing, day 3\n\nYes. We saw it twice. No. We did not ask. Good. It helped us all."
    assert headings(text) == []


@pytest.mark.parametrize("link", ["Skip to content", "Skip to main content"])
def test_the_link_at_the_top_of_a_page_is_not_its_title(link):
    text = f"{link}\n\nYarrowshire 2018/19\n\nThis is our fifth PEEL assessment of Yarrowshire Police."
    assert transcript_of(text).title == "Yarrowshire 2018/19"
