from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import VocabularyError
from index.sources.forces import load_vocabulary, name_words, parse_vocabulary
from index.sources.gazetteer import Gazetteer, NameMatch
from tests.fixtures.force_words import MISSPELT, ORDINARY, WORDS
from tests.fixtures.texts import texts

GAZETTEER = Gazetteer.load()
WITH_SOURCES = GAZETTEER.with_forces(["Northshire Constabulary", "Westmere Police"])
TERRITORIAL = [force.name for force in GAZETTEER.forces if force.kind == "territorial"]

WALES = ("Dyfed-Powys Police", "Gwent Police", "North Wales Police", "South Wales Police")
MET = "Metropolitan Police Service"


def forces_in(text, gazetteer=GAZETTEER):
    return [mention.forces[0] if len(mention.forces) == 1 else mention.forces for mention in gazetteer.find(text)]


def test_the_forty_three_forces_of_england_and_wales_are_listed():
    assert len(TERRITORIAL) == len(set(TERRITORIAL)) == 43


@pytest.mark.parametrize("force", TERRITORIAL)
def test_every_name_of_a_force_finds_it_and_no_other(force):
    for name in next(known.names for known in GAZETTEER.forces if known.name == force):
        sentence = f"How did the {name.text} police deal with it?"
        assert [mention.forces for mention in GAZETTEER.find(sentence)] == [(force,)], name.text
    assert GAZETTEER.find(force)[0].match is NameMatch.EXACT


@pytest.mark.parametrize("force", TERRITORIAL)
@pytest.mark.parametrize("written", ["{}", "{}'s grade", "{}’s grade", "THE {} REPORT", "({})"])
def test_a_name_is_found_in_any_case_and_as_a_possessive(force, written):
    assert forces_in(written.format(force.upper())) == [force]
    assert forces_in(written.format(force.lower())) == [force]


@pytest.mark.parametrize(("text", "force"), WORDS)
def test_a_name_that_people_use_for_a_force_finds_it(text, force):
    assert forces_in(text) == [force]


@pytest.mark.parametrize("text", [*ORDINARY, ""])
def test_ordinary_words_name_no_force(text):
    assert GAZETTEER.find(text) == ()


@pytest.mark.parametrize(
    ("text", "forces"),
    [
        ("Wales", WALES),
        ("Welsh forces", WALES),
        (
            "Yorkshire",
            ("Humberside Police", "North Yorkshire Police", "South Yorkshire Police", "West Yorkshire Police"),
        ),
        ("How did West do?", ("West Mercia Police", "West Midlands Police", "West Yorkshire Police")),
        ("London police", ("City of London Police", MET)),
        ("East Anglia", ("Cambridgeshire Constabulary", "Norfolk Constabulary", "Suffolk Constabulary")),
    ],
)
def test_a_short_name_of_several_forces_gives_the_choices(text, forces):
    assert [mention.forces for mention in GAZETTEER.find(text)] == [forces]


def test_midlands_is_ambiguous_and_west_midlands_is_not():
    assert "West Midlands Police" in GAZETTEER.find("the Midlands")[0].forces
    assert forces_in("the west midlands") == ["West Midlands Police"]


def test_the_longest_name_is_found_at_its_position():
    text = "Did north wales police, South Wales and West Yorkshire’s force agree?"
    found = GAZETTEER.find(text)
    assert [mention.text for mention in found] == ["north wales police", "South Wales", "West Yorkshire"]
    assert all(text[mention.start : mention.end] == mention.text for mention in found)
    assert [mention.match for mention in found] == [NameMatch.EXACT, NameMatch.ALIAS, NameMatch.ALIAS]


def test_two_forces_joined_by_and_are_two():
    assert forces_in("Norfolk and Suffolk") == ["Norfolk Constabulary", "Suffolk Constabulary"]


@pytest.mark.parametrize(("text", "force"), MISSPELT)
def test_a_misspelt_name_is_found(text, force):
    found = GAZETTEER.find(f"how is {text} doing")
    assert [(mention.text, mention.forces, mention.match) for mention in found] == [
        (text, (force,), NameMatch.SPELLING)
    ]


@pytest.mark.parametrize("force", [name for name in TERRITORIAL if len(name_words(name)) == 2])
def test_a_letter_left_out_never_turns_one_force_into_another(force):
    name = name_words(force)[0]
    for at in range(len(name)):
        for mention in GAZETTEER.find(f"{name[:at]}{name[at + 1 :]}"):
            assert force in mention.forces


def test_similar_names_of_different_forces_are_kept_apart():
    text = "Hertfordshire, Herefordshire, Bedfordshire, Berkshire, Derbyshire and Northumberland"
    assert forces_in(text) == [
        "Hertfordshire Constabulary", "West Mercia Police", "Bedfordshire Police", "Thames Valley Police",
        "Derbyshire Constabulary", "Northumbria Police",
    ]  # fmt: skip


def test_a_fire_service_is_not_a_police_force():
    assert forces_in("Kent Fire and Rescue Service") == ["Kent Fire and Rescue Service"]
    assert GAZETTEER.kind("Kent Fire and Rescue Service") == "fire"


def test_the_kind_of_a_force_tells_the_forty_three_from_others():
    assert GAZETTEER.kind("Kent Police") == "territorial"
    assert GAZETTEER.kind("Police Scotland") == "outside"
    assert GAZETTEER.kind("British Transport Police") == "national"
    assert WITH_SOURCES.kind("Westmere Police") == "from_sources"
    assert GAZETTEER.kind("Westmere Police") == ""


@pytest.mark.parametrize(
    "text", ["Northshire", "northshire's", "Northshire Constabulary", "NORTHSHIRE POLICE", "Northshre"]
)
def test_a_force_added_from_the_sources_is_found_by_its_short_name_too(text):
    assert GAZETTEER.find(text) == ()
    assert forces_in(text, WITH_SOURCES) == ["Northshire Constabulary"]
    assert forces_in("Kent", WITH_SOURCES) == ["Kent Police"]


def test_names_already_known_add_nothing():
    assert GAZETTEER.with_forces(["Kent Police", "Hampshire Constabulary", "  ", ""]) is GAZETTEER


def test_a_short_name_that_was_ambiguous_stands_for_the_force_added_with_it():
    gazetteer = GAZETTEER.with_forces(["Yorkshire Police"])
    assert forces_in("Yorkshire", gazetteer) == ["Yorkshire Police"]


@pytest.mark.parametrize(
    ("name", "force"),
    [
        ("herts", "Hertfordshire Constabulary"),
        ("Kent  Police", "Kent Police"),
        ("Devon & Cornwall", "Devon & Cornwall Police"),
        ("met", MET),
        ("Yorkshire", None),
        ("Northshire Police", None),
        ("Kent and Essex", None),
        ("", None),
    ],
)
def test_canonical_looks_up_a_whole_name(name, force):
    assert GAZETTEER.canonical(name) == force


def test_aliases_are_all_names_but_the_canonical_one():
    assert {"Kent", "Kent Constabulary"} <= set(GAZETTEER.aliases("Kent Police"))
    assert "Kent Police" not in GAZETTEER.aliases("Kent Police")
    assert GAZETTEER.aliases("Westmere Police") == ()
    assert WITH_SOURCES.aliases("Westmere Police") == ("Westmere",)


@given(texts)
def test_mentions_in_any_text_are_slices_in_order(text):
    end = 0
    for mention in WITH_SOURCES.find(text):
        assert end <= mention.start < mention.end <= len(text)
        assert text[mention.start : mention.end] == mention.text
        assert mention.forces == tuple(sorted(set(mention.forces))) != ()
        end = mention.end


@settings(deadline=None)  # building a gazetteer takes long on a busy machine
@given(st.text(st.sampled_from("abehrst "), max_size=40))
def test_a_new_gazetteer_finds_the_same(text):
    assert GAZETTEER.find(text) == Gazetteer(load_vocabulary()).find(text)


def test_an_ambiguous_name_of_an_unlisted_force_is_an_error():
    with pytest.raises(ValueError, match="Westmere"):
        parse_vocabulary(
            {"force": [], "ambiguous": [{"name": "West", "rule": "plain", "choices": ["Westmere Police"]}]}
        )


def test_a_malformed_file_is_named_in_the_error(monkeypatch):
    load_vocabulary.cache_clear()
    monkeypatch.setattr("tomllib.loads", lambda text: {"force": []})
    with pytest.raises(VocabularyError, match=r"forces\.toml"):
        load_vocabulary()
    monkeypatch.undo()
    assert load_vocabulary().forces
