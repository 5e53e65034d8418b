from __future__ import annotations

import time

import pytest

from index.sources.force_names import commissioned_areas, forces_named, unwrapped, written_names
from index.sources.gazetteer import Gazetteer

GAZETTEER = Gazetteer.load()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("With Westmere Police it shares a unit.", ["Westmere Police"]),
        ("HM Inspector of Constabulary Ada Moss wrote this.", []),
        ("Ada Moss, Chief Constable, North Yarrowshire Police", ["North Yarrowshire Police"]),
        ("Local Police and Royal Military Police came.", []),
        ("Northshire Constabulary and Westmere Police agree.", ["Northshire Constabulary", "Westmere Police"]),
        ("The City of Eastmere Police's plan", ["City of Eastmere Police"]),
        ("The Westmere Police Federation and Westmere Police Authority met.", []),
        ("Avon & Eastvale Police", ["Avon & Eastvale Police"]),
        ("Policing in Westmere", []),
        ("Chief Constable\nWestmere Police", ["Westmere Police"]),
        ("Northshire Fire and Rescue Service", ["Northshire Fire and Rescue Service"]),
    ],
)
def test_names_are_capitalised_words_in_front_of_police(text: str, names: list[str]):
    assert [name.name for name in written_names(text)] == names


@pytest.mark.parametrize(
    "text",
    [
        "Westmere Police and Crime Commissioner", "Westmere Police Commissioner's meeting",
        "Westmere Police, Fire and Crime Commissioner", "the Police and Crime Commissioner for Westmere",
    ],
)  # fmt: skip
def test_a_commissioner_has_an_area_and_no_force(text: str):
    found = [*written_names(text), *commissioned_areas(text)]
    assert [(name.name, name.is_area) for name in found] == [("Westmere", True)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Kent Police and Essex", ["Kent Police", "Essex Police"]),
        ("Kent and Essex Police", ["Kent Police", "Essex Police"]),
        ("North Kent Police", ["North Kent Police"]),
        ("Kent County Council", []),
        ("Kent Police Federation", []),
        ("Kent PEEL 2016", ["Kent Police"]),
        ("Kent Police and Crime Commissioner", ["Kent Police"]),
    ],
)
def test_a_longer_name_is_not_the_force_within_it(text: str, names: list[str]):
    assert [name.name for name in forces_named(text, GAZETTEER)] == names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("An inspection of\nwestmere", "An inspection of westmere"),
        ("PEEL 2021/22\nAn inspection of Westmere Police", "PEEL 2021/22\nAn inspection of Westmere Police"),
        (
            "The force works with its neighbours, and above all with North\nYarrowshire Police. It is good.",
            "The force works with its neighbours, and above all with North Yarrowshire Police. It is good.",
        ),
    ],
)
def test_a_line_continued_on_the_next_is_one_line(text: str, expected: str):
    assert unwrapped(text) == expected


@pytest.mark.parametrize(
    "text", ["A " * 200_000, "Police " * 100_000, "Westmere and " * 50_000, "X" * 400_000 + " Police"]
)
def test_the_time_is_in_proportion_to_the_text(text: str):
    started = time.process_time()
    sum(1 for _ in written_names(text))
    assert time.process_time() - started < 4
