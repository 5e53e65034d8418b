from __future__ import annotations

import pytest

from index.text.transcript import Role
from tests.fixtures.texts import transcript_of

TWO_COLUMNS = (("Area", "Grade"), ("Investigating crime", "Requires improvement"), ("Custody", "Good"))
MATRIX = (("Outstanding", "Good", "Adequate"), ("", "Custody", "Stopping crime"), ("", "Finance", ""))


def heads(text):
    """Returns each cell below the heads with the words of its heads."""
    blocks = transcript_of(text).blocks
    return {
        text[block.start : block.end]: [text[blocks[head].start : blocks[head].end] for head in block.heads]
        for block in blocks
        if block.heads
    }


def written(rows, separator):
    return (
        "Westmere Police\n\nThe force was graded.\n\n"
        + "\n".join(separator.join(row) for row in rows)
        + "\n\nIt is so."
    )


@pytest.mark.parametrize("separator", [" | ", "\t", "     "])
def test_a_grade_knows_its_row_and_its_column(separator):
    text = written(TWO_COLUMNS, separator)
    assert heads(text) == {
        "Investigating crime": ["Area"],
        "Requires improvement": ["Investigating crime", "Grade"],
        "Custody": ["Area"],
        "Good": ["Custody", "Grade"],
    }
    table_heads = [block for block in transcript_of(text).blocks if block.role is Role.HEADING]
    assert [text[block.start : block.end] for block in table_heads] == ["Area", "Grade"]
    assert transcript_of(text).blocks[-1].path == ()


def test_bars_may_surround_a_row_and_a_rule_is_markup():
    rows = "| Area | Grade |\n|------|-------|\n| Custody | Good |"
    assert heads(f"T\n\nProse is here.\n\n{rows}") == {"Custody": ["Area"], "Good": ["Custody", "Grade"]}


@pytest.mark.parametrize("separator", ["|", "\t"])
def test_areas_below_grades_know_the_grade(separator):
    assert heads(written(MATRIX, separator)) == {
        "Custody": ["Good"],
        "Stopping crime": ["Adequate"],
        "Finance": ["Good"],
    }


def test_a_table_without_heads_of_columns():
    text = written(TWO_COLUMNS[1:], "\t")
    assert heads(text) == {"Requires improvement": ["Investigating crime"], "Good": ["Custody"]}


def test_figures_by_year():
    text = written((("Measure", "2021", "2022"), ("Calls answered", "80%", "91%")), "\t")
    assert heads(text)["91%"] == ["Calls answered", "2022"]


@pytest.mark.parametrize(
    "text",
    [
        "T\n\nThe force is good.  It listens.\nThe force is slow.  It waits.",
        "T\n\nOne | two in a sentence.\n\nIt is so.",
        "T\n\n1.    Custody was good.\n2.    Finance was not.",
    ],
)
def test_sentences_are_not_tables(text):
    assert heads(text) == {}
