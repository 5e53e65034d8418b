from __future__ import annotations

import pytest

from index.sources.cover import Cover
from index.sources.subject import inspector_of


@pytest.mark.parametrize(
    ("text", "inspector"),
    [
        ("Matt Hale, Her Majesty’s Inspector of Constabulary", "Matt Hale"),
        ("Moira Teasdale, HM Inspector of Constabulary", "Moira Teasdale"),
        (
            "From:\nAda Marlowe OBE\nHis Majesty’s Inspector of Constabulary\nHis Majesty’s Inspector of Fire",
            "Ada Marlowe",
        ),
        ("Dame Ada Moss\nHer Majesty's Inspector of Constabulary, northern region", "Dame Ada Moss"),
        ("It was led by Rowan Ashby, His Majesty's Inspector of Fire & Rescue Services.", "Rowan Ashby"),
        ("Westmere Police\nRowan Ashby\nHM Inspector of Constabulary", "Rowan Ashby"),
        ("His Majesty’s Inspector of Constabulary\nHis Majesty’s Inspector of Fire & Rescue Services", ""),
        ("HM Inspector of Constabulary\nForce Context\nthe force is good", ""),
        ("Ada Moss, HM Chief Inspector of Constabulary", ""),
        ("The former HM Inspector Ada Moss agreed.", ""),
        ("Ada Moss, HM Inspector of Constabulary\nRowan Ashby, HM Inspector of Constabulary", ""),
    ],
)
def test_an_inspector_has_the_rank_before_or_after_the_name(text: str, inspector: str):
    assert inspector_of("A", Cover(), [text]) == inspector


def test_the_cover_counts_before_the_rest_of_the_text():
    lines = ("Ada Moss, HM Inspector of Constabulary",)
    assert inspector_of("A", Cover(lines=lines), [*lines, "HMI Rowan Ashby helped."]) == "Ada Moss"
