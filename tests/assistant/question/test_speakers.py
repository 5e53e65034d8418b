from __future__ import annotations

import pytest

from assistant.question.speakers import Speaker, speaker_asked, speakers_of
from index.text.transcript import Locator, Transcript

SANDHU = Speaker("Ravi Sandhu", " Ravi Sandhu, Superintendent, Northshire Constabulary")
FROST = Speaker("Helen Frost", " Helen Frost, Police and Crime Commissioner")


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("What did the superintendent say about drones?", SANDHU),
        ("What does Superintendent Sandhu think of drones?", SANDHU),
        ("According to Ravi Sandhu, are drones useful?", SANDHU),
        ("What was Sandhu's view on drones?", SANDHU),
        ("What did RS tell us about drones?", SANDHU),
        ("What did the commissioner promise?", FROST),
        ("What does the PCC worry about?", FROST),
        ("What is the opinion of Helen Frost on drones?", FROST),
        ("What was said by Ms Frost about drones?", FROST),
        ("What did the Westmere commissioner say?", FROST),
    ],
)
def test_a_speaker_is_asked_for_by_name_initials_or_office(question: str, speaker: Speaker):
    asked = speaker_asked(question, {"westmere", "Westmere"})
    assert asked is not None
    assert [one for one in (SANDHU, FROST) if one.is_meant_by(asked)] == [speaker]


@pytest.mark.parametrize(
    "question",
    [
        "What does the force say about drones?",
        "What did officers say about their workload?",
        "What do victims think of the service?",
        "How many PCSOs does Northshire have?",
        "What does the report say about custody?",
        "Has the force bought drones?",
        "What do supervisors need to do?",
    ],
)
def test_a_body_or_several_people_are_no_speaker(question: str):
    assert speaker_asked(question, {"northshire", "Northshire"}) is None


def test_speakers_are_described_where_the_text_first_names_them():
    text = "Present: Ada Marlowe, HM Inspector (AM); Jo Linden, host\n\nAM: Hello.\n\nJL: Welcome."
    locators = (Locator("speaker", "Ada Marlowe", 60), Locator("speaker", "Jo Linden", 72))
    first, second = speakers_of(Transcript("a", "a.txt", "", "", text, (), locators=locators))
    assert (first.label, second.label) == ("Ada Marlowe", "Jo Linden")
    assert "Inspector" in first.described
    assert "host" not in first.described
    assert "host" in second.described
