from __future__ import annotations

import pytest

from tests.fixtures.structure import items_found, labelled_documents
from tests.fixtures.texts import transcript_of


def lead_ins(text):
    blocks = transcript_of(text).blocks
    return {
        text[block.start : block.end]: text[blocks[block.lead_in].start : blocks[block.lead_in].end]
        for block in blocks
        if block.lead_in is not None
    }


@pytest.mark.parametrize("half", ["seen", "unseen"])
def test_items_of_labelled_documents_are_found_with_their_lead_ins(half):
    found = items_found(labelled_documents(half))
    assert found.labelled > 40
    assert found.precision >= 0.97, found.wrong
    assert found.recall >= 0.97, found.wrong


def test_lists_within_lists_have_the_item_above_as_lead_in():
    text = "T\n\nIt should:\n• review custody:\n  – the cells; and\n  – the food;\n• report.\n\nIt will."
    assert lead_ins(text) == {
        "review custody:": "It should:",
        "the cells; and": "review custody:",
        "the food;": "review custody:",
        "report.": "It should:",
    }


def test_letters_after_h_are_not_roman_numbers():
    items = "".join(f"({letter}) item {letter};\n" for letter in "ghij")
    assert set(lead_ins(f"T\n\nIt should:\n{items}").values()) == {"It should:"}


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_lines_without_bullets_are_items_after_a_lead_in(between):
    text = f"T{between * 2}It should:{between}visit each offender;{between}train staff; and{between}report.\n\nIt will."
    assert lead_ins(text) == dict.fromkeys(["visit each offender;", "train staff; and", "report."], "It should:")


def test_a_list_of_grades_ends_where_prose_begins():
    text = "T\n\nThe grades were:\n\nStopping crime: good\n\nCustody: adequate\n\nWe also looked at its money in May."
    assert lead_ins(text) == dict.fromkeys(["Stopping crime: good", "Custody: adequate"], "The grades were:")


@pytest.mark.parametrize(
    ("lead_in", "items", "others"),
    [
        ("The suites are:", ("Asker: 30 cells", "Hathery: 9 cells"), ("Doctor on call: Stroud and Lund", "Staff: 46")),
        ("We graded:", ("Custody: good", "Vetting: requires improvement"), ("Lead inspector: Ada Marlowe",)),
        ("Times to answer:", ("Ninefold: 8 seconds", "Other: 40 seconds", "All: 12 seconds"), ("Calls: 200,000",)),
    ],
)
def test_a_list_of_labels_ends_where_their_values_are_of_another_kind(lead_in, items, others):
    text = "\n\n".join(("T", lead_in, *items, *others, "The force is slow."))
    assert lead_ins(text) == dict.fromkeys(items, lead_in)


def test_labels_with_values_of_any_kind_are_all_items():
    items = ("Chief constable: Joan Penn", "Officers: 612", "Area: mostly rural")
    assert lead_ins("\n\n".join(("T", "In short:", *items, "The force is slow."))) == dict.fromkeys(items, "In short:")


def test_items_after_a_sentence_that_counts_them():
    text = "T\n\nIt saved money in two ways.\nIt closed stations.\nIt sold cars.\n\nIt works."
    assert lead_ins(text) == dict.fromkeys(["It closed stations.", "It sold cars."], "It saved money in two ways.")


@pytest.mark.parametrize(
    "text",
    [
        'T\n\nAda Marlowe said:\n\n"We are sorry. We will do better."\n\nIt did.',
        "T\n\nThe force is slow.\n\n1. By May, it should act.\n2. It should report.",
        "T\n\nThe force has one aim: speed.\n\nIt meets it often.\n\nIt will again.",
        "T\n\nRecommendations\n\n• act;\n• report.",
    ],
)
def test_there_are_no_items_without_a_lead_in(text):
    assert lead_ins(text) == {}
