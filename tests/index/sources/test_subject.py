from __future__ import annotations

import pytest

from index.readers.text import blocks_of_text
from index.sources.cover import read_cover
from index.sources.gazetteer import Gazetteer
from index.sources.subject import subject_of

GAZETTEER = Gazetteer.load()


def subject(text: str, title: str = "Notes") -> str:
    return subject_of(title, read_cover(text, blocks_of_text(text)), text, GAZETTEER)


@pytest.mark.parametrize(
    "text",
    [
        "This is our fourth PEEL assessment of Westmere Police, for 2022/23.",
        "HMICFRS has published our inspection of Westmere. Westmere Police is good.",
        "Our inspection assessed how good Westmere Police is in ten areas.",
        "Westmere Police serves around 912,000 people.",
        "Notes\n\nForce: Westmere Police\n\nCells: 36\n\nDetainees were well treated by the staff.",
        "Notes\n\nAn inspection of Westmere Police\n\nThe force is good at most things.",
        "To:\nJoan Penn\nChief Constable\nWestmere Police\n\nDear Joan\n\nWe returned in May to see the force.",
        "Westmere Police is good. " * 5 + "It works with others.",
    ],
)
def test_a_text_says_which_force_it_is_about(text: str):
    assert subject(text) == "Westmere Police"


@pytest.mark.parametrize(
    "text",
    [
        "We compared it with Westmere Police in PEEL 2014.",
        "The force is worse than Westmere Police and asked Westmere Police for help.",
        "This report of Westmere Police and our inspection of Eastvale Police agree.",
        "Westmere Police is good. Eastvale Police is good. " * 5,
        "It was quiet. " * 600 + "Westmere Police is good. " * 6,
    ],
)
def test_a_force_that_is_only_mentioned_or_one_of_several_is_not_the_subject(text: str):
    assert subject(text) == ""


def test_the_title_counts_before_the_text():
    text = "Our inspection of Eastvale Police was short."
    assert subject(text, "Westmere Police – PEEL 2016") == "Westmere Police"
    assert subject(text, "Westmere Police and Northshire Constabulary") == ""
