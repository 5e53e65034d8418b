from __future__ import annotations

import pytest

from index.text.transcript import Role
from tests.fixtures.texts import transcript_of

PROSE = "The force is good at this. It listens."


def blocks_of(text):
    return [(block.role, text[block.start : block.end]) for block in transcript_of(text).blocks]


@pytest.mark.parametrize("blank", ["\n\n", "\r\n\r\n", "\r\r", "\n \t\n", "\n\u00a0\n\n", "\r\n\x0c\r\n"])
def test_blank_lines_separate_paragraphs(blank):
    assert blocks_of(f"{blank}One.{blank}Two,\nstill two.{blank}") == [
        (Role.FINDING, "One."),
        (Role.FINDING, "Two,\nstill two."),
    ]


@pytest.mark.parametrize(
    "strapline",
    [
        "Promoting improvements in policing to make everyone safer",
        "Promoting improvements\r\nin policing to make\r\neveryone safer",
        "PROMOTING IMPROVEMENTS\n\nin policing\u00a0to make\n\neveryone  safer",
    ],
)
def test_a_strapline_is_not_the_title(strapline):
    text = f"{strapline}\n\nWestmere Police\n\n{PROSE}"
    assert blocks_of(text) == [(Role.STRAPLINE, strapline), (Role.TITLE, "Westmere Police"), (Role.FINDING, PROSE)]
    assert transcript_of(text).title == "Westmere Police"


def test_a_strapline_and_the_title_can_share_a_paragraph():
    strapline = "Promoting improvements in policing to make everyone safer"
    assert blocks_of(f"{strapline}\nWestmere Police\n\n{PROSE}")[:2] == [
        (Role.STRAPLINE, strapline),
        (Role.TITLE, "Westmere Police"),
    ]


def test_a_sentence_that_begins_like_a_strapline_is_a_finding():
    text = "Promoting improvements in policing to make everyone safer is its aim.\n\nIt is."
    assert [role for role, _ in blocks_of(text)] == [Role.FINDING, Role.FINDING]


def test_a_strapline_can_be_at_the_end():
    strapline = "Promoting improvements in policing to make everyone safer"
    assert blocks_of(f"{PROSE}\n\n{strapline}")[-1] == (Role.STRAPLINE, strapline)


@pytest.mark.parametrize(
    "first",
    ["The force is good.", "Was it good?", "One line\nand another", "A" * 201, "Areas for improvement:", "• An item"],
)
def test_only_a_short_line_is_a_title(first):
    assert Role.TITLE not in [role for role, _ in blocks_of(f"{first}\n\n{PROSE}")]


def test_a_single_line_is_a_finding_not_a_title():
    assert blocks_of("Custody was good") == [(Role.FINDING, "Custody was good")]


def test_a_short_line_before_prose_is_a_heading_and_names_the_section():
    text = f"Westmere Police\n\n{PROSE}\n\nPreventing crime\n\n{PROSE}\n\nHow well does it plan?\n\n{PROSE}"
    blocks = transcript_of(text).blocks
    assert [(block.role, block.section) for block in blocks] == [
        (Role.TITLE, ""),
        (Role.FINDING, ""),
        (Role.HEADING, ""),
        (Role.FINDING, "Preventing crime"),
        (Role.HEADING, ""),
        (Role.FINDING, "How well does it plan?"),
    ]


@pytest.mark.parametrize(
    "fragment",
    [
        "Good", "Requires improvement", "Effectiveness: good", "The force is slow", "12 officers", "No concerns",
        "it began", "Staff should be told", "We said so.", "What the force told us:",
    ],
)  # fmt: skip
def test_a_short_line_with_a_verb_number_or_grade_is_a_finding(fragment):
    assert (Role.FINDING, fragment) in blocks_of(f"Westmere Police\n\n{fragment}\n\n{PROSE}")


def test_a_short_line_before_another_is_a_heading_with_a_subheading():
    text = f"Westmere Police\n\nPreventing crime\n\nStopping crime\n\n{PROSE}"
    blocks = transcript_of(text).blocks
    assert [block.role for block in blocks] == [Role.TITLE, Role.HEADING, Role.HEADING, Role.FINDING]
    assert blocks[-1].path == ("Preventing crime", "Stopping crime")


def test_list_items_are_blocks_without_their_bullets():
    assert blocks_of("T\n\nThe force should:\n• act at once;\n• report\nin May.") == [
        (Role.TITLE, "T"),
        (Role.FINDING, "The force should:"),
        (Role.MARKUP, "•"),
        (Role.FINDING, "act at once;"),
        (Role.MARKUP, "•"),
        (Role.FINDING, "report\nin May."),
    ]


def test_a_dash_at_the_start_of_a_wrapped_line_is_not_a_bullet():
    text = "The force - which is small\n- is good at this."
    assert blocks_of(text) == [(Role.FINDING, text)]


@pytest.mark.parametrize("line", ["-----", "* * *", "\u200b", "!?"])
def test_a_block_without_a_word_is_markup(line):
    assert (Role.MARKUP, line) in blocks_of(f"{PROSE}\n\n{line}\n\n{PROSE}")


def test_short_lines_at_the_start_are_one_title():
    text = f"PEEL 2021/22\nPolice effectiveness, efficiency and legitimacy\nAn inspection of Westmere Police\n\n{PROSE}"
    assert transcript_of(text).title == (
        "PEEL 2021/22 Police effectiveness, efficiency and legitimacy An inspection of Westmere Police"
    )


def test_the_first_of_lines_that_no_blank_line_ends_is_the_title():
    assert transcript_of(f"Westmere Police\nOverall summary\n{PROSE}").title == "Westmere Police"
    assert transcript_of(f"Westmere Police\nStopping crime\n{PROSE}").title == "Westmere Police"


@pytest.mark.parametrize(
    "piece",
    ["| a ", "1.1.1.1 ", "a  b  ", "\t", '“"”’ ', "Cause of concern: ", "; and ", "(a) ", ". ", "A b. ", "One. Two "],
)
def test_a_long_line_is_read_in_time_in_proportion_to_its_length(piece):
    text = f"T\n\n{piece * (100_000 // len(piece))}"  # hours, where time grows with the square
    assert transcript_of(text).blocks[0].role is not Role.MARKUP
