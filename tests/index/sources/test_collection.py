from __future__ import annotations

import random

import pytest

from index.readers.text import blocks_of_text
from index.sources.collection import DescribedSource, in_collection
from index.sources.gazetteer import Gazetteer
from index.sources.metadata import extract_metadata
from index.text.transcript import Metadata

REPORT = "Tarnvale Constabulary – PEEL 2018/19\n\nTarnvale Constabulary is good at preventing crime.\n"


def recognised(texts: dict[str, str], catalogued: dict[str, Metadata] | None = None) -> dict[str, Metadata]:
    sources = []
    for name, text in texts.items():
        title = text.split("\n", 1)[0]
        metadata = extract_metadata(title, text, blocks_of_text(text), Gazetteer.load())
        sources.append(DescribedSource(name, title, (catalogued or {}).get(name, metadata)))
    random.Random(len(texts)).shuffle(sources)
    return in_collection(sources, lambda source: (texts[source], blocks_of_text(texts[source])))


@pytest.mark.parametrize(
    "text",
    [
        "Tarnvale Police and Crime Commissioner: public meeting, 3 May 2020\n\nThe police answered questions.\n",
        "Office of the Police and Crime Commissioner for Tarnvale: minutes\n\nThe police answered questions.\n",
        "podcast, episode 4 (auto transcript, tarnvale, may 2020)\n\nhost: so what do the police do all day\n",
        "Notes\n\nHM Inspector Ada Moss presented our inspection of Tarnvale. It is good.\n",
        "Tarnvale 2016\n\nThis was a hard year for the police.\n",
    ],
)
def test_a_force_learned_from_one_source_is_recognised_in_another(text: str):
    alone, both = recognised({"a": text}), recognised({"a": text, "b": REPORT})
    assert (alone["a"].force, both["a"].force) == ("", "Tarnvale Constabulary")


def test_a_place_that_begins_another_name_is_not_the_force():
    text = "Tarnvale County Council: finance report\n\nThe council pays for some police officers.\n"
    assert recognised({"a": text, "b": REPORT})["a"].force == ""


def test_two_names_of_one_force_are_one():
    other = "Tarnvale Police – PEEL 2016\n\nTarnvale Police is good.\n"
    third = "Tarnvale Constabulary – PEEL 2017\n\nIt is good.\n"
    found = recognised({"a": other, "b": REPORT, "c": third})
    assert {metadata.force for metadata in found.values()} == {"Tarnvale Constabulary"}


def test_the_catalogue_is_not_overruled():
    catalogue = {
        "a": Metadata(force="", catalogued=("force",)),
        "b": Metadata(force="T. Police", catalogued=("force",)),
    }
    found = recognised({"a": REPORT, "b": REPORT, "c": REPORT}, catalogue)
    assert [found[name].force for name in "abc"] == ["", "T. Police", "Tarnvale Constabulary"]


def test_a_source_about_many_forces_keeps_their_names():
    text = (
        "On the line: how forces answer their calls\n\n"
        "We visited Tarnvale, Kent Police and Eastmarch Police. In Tarnvale, the police were quick.\n"
    )
    metadata = recognised({"a": text, "b": REPORT})["a"]
    assert metadata.force == ""
    assert metadata.forces_discussed == ("Eastmarch Police", "Kent Police", "Tarnvale Constabulary")


def test_a_source_that_is_not_about_policing_keeps_none():
    assert recognised({"a": "Kent\n\nIts walls are old.\n"}) == {"a": Metadata()}


def test_a_force_that_another_source_writes_in_full_is_recognised_by_its_short_name():
    thematic = "On the line: how forces answer their calls\n\nWe visited Kent Police, Wexholm and Eastmarch.\n"
    letter = "Notes of a visit\n\nEastmarch Police and Wexholm Police share a police control room.\n"
    found = recognised({"a": thematic, "b": letter})
    assert found["a"].forces_discussed == ("Eastmarch Police", "Kent Police", "Wexholm Police")
    assert found["b"].forces_discussed == ("Eastmarch Police", "Wexholm Police")


def test_a_short_name_that_no_source_writes_in_full_is_no_force():
    thematic = "On the line: how forces answer their calls\n\nWe visited Kent Police and Wexholm.\n"
    assert recognised({"a": thematic})["a"].forces_discussed == ("Kent Police",)
