from __future__ import annotations

from pathlib import Path

import pytest

from index.readers.read import read
from index.sources.files import SourceFile
from index.text.sentences import split_sentences
from index.text.transcript import Role, Transcript, locators_at
from tests.fixtures.invariants import blocks_tile_the_text, sentences_tile_the_transcript

Said = tuple[str, str, str]  # speaker, time, words


def transcript_of_file(folder: Path, text: str, name: str = "panel.txt") -> Transcript:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    transcript = read(SourceFile(path, name, ""))
    blocks_tile_the_text(transcript)
    sentences_tile_the_transcript(transcript, split_sentences(transcript))
    return transcript


def said(transcript: Transcript, role: Role) -> list[Said]:
    """Returns the sentences in a role, each with its speaker and time."""
    found = []
    for sentence in split_sentences(transcript):
        if sentence.role is role:
            locators = locators_at(transcript, sentence.block, sentence.start)
            labels = {locator.kind: locator.label for locator in locators}
            found.append((labels.get("speaker", ""), labels.get("time", ""), sentence.text))
    return found


def answers(transcript: Transcript) -> list[tuple[str, str]]:
    """Returns each question with a block that answers it."""
    return [
        (transcript.text[slice(*_span(transcript, block.question))], transcript.text[block.start : block.end])
        for block in transcript.blocks
        if block.question is not None
    ]


def _span(transcript: Transcript, number: int) -> tuple[int, int]:
    return transcript.blocks[number].start, transcript.blocks[number].end


OPEN, COUNT = "How many complaints are open?", "Two hundred and six are open."
OLDER, TOO_MANY = "And how many are older than a year?", "Thirty-one."

# Each is the same conversation, as another tool or typist writes it. The times are those of the four turns.
LAYOUTS = {
    "time and name": (
        f"[00:00:05] Ada Marlowe: {OPEN}\n[00:00:09] Ben Stroud: {COUNT}\n"
        f"[00:00:15] Ada Marlowe: {OLDER}\n[00:00:19] Ben Stroud: {TOO_MANY}\n",
        ("00:00:05", "00:00:09", "00:00:15", "00:00:19"),
    ),
    "name alone": (f"Ada Marlowe: {OPEN}\nBen Stroud: {COUNT}\nAda Marlowe: {OLDER}\nBen Stroud: {TOO_MANY}\n", ()),
    "paragraphs": (
        f"Ada Marlowe: {OPEN}\n\nBen Stroud: {COUNT}\n\nAda Marlowe: {OLDER}\n\nBen Stroud: {TOO_MANY}\n",
        (),
    ),
    "name, time and words on three lines": (
        f"Ada Marlowe\n00:00:30\n{OPEN}\n\nBen Stroud\n00:00:34\n{COUNT}\n\n"
        f"Ada Marlowe\n00:00:40\n{OLDER}\n\nBen Stroud\n00:00:41\n{TOO_MANY}\n",
        ("00:00:30", "00:00:34", "00:00:40", "00:00:41"),
    ),
    "time above the name": (
        f"0:0:5.350 --> 0:0:8.10\nAda Marlowe\n{OPEN}\n0:0:9.0 --> 0:0:12.0\nBen Stroud\n{COUNT}\n"
        f"0:0:15.0 --> 0:0:17.0\nAda Marlowe\n{OLDER}\n0:0:19.0 --> 0:0:20.0\nBen Stroud\n{TOO_MANY}\n",
        ("00:00:05", "00:00:09", "00:00:15", "00:00:19"),
    ),
    "name and time above the words": (
        f"Ada Marlowe  0:05  \n{OPEN}\n\nBen Stroud  0:09  \n{COUNT}\n\n"
        f"Ada Marlowe  1:15  \n{OLDER}\n\nBen Stroud  1:02:19  \n{TOO_MANY}\n",
        ("00:00:05", "00:00:09", "00:01:15", "01:02:19"),
    ),
    "time in brackets before a colon": (
        f"Ada Marlowe (00:05):\n{OPEN}\n\nBen Stroud (00:09):\n{COUNT}\n\n"
        f"Ada Marlowe (00:15):\n{OLDER}\n\nBen Stroud (00:19):\n{TOO_MANY}\n",
        ("00:00:05", "00:00:09", "00:00:15", "00:00:19"),
    ),
    "time in brackets after the colon": (
        f"Ada Marlowe: [00:00:05] {OPEN}\n\nBen Stroud: [00:00:09] {COUNT}\n\n"
        f"Ada Marlowe: [00:00:15] {OLDER}\n\nBen Stroud: [00:00:19] {TOO_MANY}\n",
        ("00:00:05", "00:00:09", "00:00:15", "00:00:19"),
    ),
    "time in brackets without a colon": (
        f"Ada Marlowe [00:00:05] {OPEN}\n\nBen Stroud [00:00:09] {COUNT}\n\n"
        f"Ada Marlowe [00:00:15] {OLDER}\n\nBen Stroud [00:00:19] {TOO_MANY}\n",
        ("00:00:05", "00:00:09", "00:00:15", "00:00:19"),
    ),
    "name in brackets before the time": (
        f"[Ada Marlowe] 14:03:22\n{OPEN}\n\n[Ben Stroud] 14:03:29\n{COUNT}\n\n"
        f"[Ada Marlowe] 14:04:02\n{OLDER}\n\n[Ben Stroud] 14:04:10\n{TOO_MANY}\n",
        ("14:03:22", "14:03:29", "14:04:02", "14:04:10"),
    ),
}


@pytest.mark.parametrize(("text", "times"), LAYOUTS.values(), ids=LAYOUTS)
def test_speakers_and_times_are_locators_and_questions_are_context(text, times, tmp_path):
    transcript = transcript_of_file(tmp_path, f"Westmere Police: panel, 5 June 2024\n\n{text}")
    first, second, third, fourth = times or ("",) * 4
    assert said(transcript, Role.QUESTION) == [("Ada Marlowe", first, OPEN), ("Ada Marlowe", third, OLDER)]
    assert said(transcript, Role.FINDING) == [("Ben Stroud", second, COUNT), ("Ben Stroud", fourth, TOO_MANY)]
    assert answers(transcript) == [(OPEN, COUNT), (OLDER, TOO_MANY)]


def test_markdown_labels_in_bold(tmp_path):
    text = (
        f"# Panel\n\n**Ada Marlowe:** {OPEN}\n\n**Ben Stroud**: {COUNT}\n\n"
        f"**Ada Marlowe:** {OLDER}\n\n**Ben Stroud (0:19):** {TOO_MANY}\n"
    )
    transcript = transcript_of_file(tmp_path, text, "panel.md")
    assert said(transcript, Role.QUESTION) == [("Ada Marlowe", "", OPEN), ("Ada Marlowe", "", OLDER)]
    assert [words for _, _, words in said(transcript, Role.FINDING)] == [COUNT, TOO_MANY]
    assert said(transcript, Role.FINDING)[1][1] == "00:00:19"


def test_questions_and_answers_in_an_inquiry(tmp_path):
    text = (
        "Northshire Constabulary – custody inquiry, day 3\n\n"
        "Q. Were you the custody sergeant on the night of 4 March?\nA. I was.\n"
        "Q. How many detainees were in the cells at 2 a.m.?\nA. Fourteen, I think. Perhaps 15.\n"
        "Q. You were alone.\nA. Yes, I was.\n"
        "MS HARROW: Sir, I have nothing further.\nTHE CHAIR: Thank you. We rise until 10.00 am.\n"
    )
    transcript = transcript_of_file(tmp_path, text)
    assert [words for _, _, words in said(transcript, Role.QUESTION)] == [
        "Were you the custody sergeant on the night of 4 March?",
        "How many detainees were in the cells at 2 a.m.?",
        "You were alone.",
    ]
    assert said(transcript, Role.FINDING) == [
        ("", "", "I was."),
        ("", "", "Fourteen, I think."),
        ("", "", "Perhaps 15."),
        ("", "", "Yes, I was."),
        ("MS HARROW", "", "Sir, I have nothing further."),
        ("THE CHAIR", "", "Thank you."),
        ("THE CHAIR", "", "We rise until 10.00 am."),
    ]
    assert answers(transcript)[1] == (
        "How many detainees were in the cells at 2 a.m.?",
        "Fourteen, I think. Perhaps 15.",
    )


def test_initials_are_resolved_by_the_list_of_those_present(tmp_path):
    text = (
        "Westmere Police: panel\n\nPresent: Ada Marlowe (AM), Chief Constable Ben Stroud (BS), Cal Dee (chair)\n\n"
        f"AM: {OPEN}\n\nBS: {COUNT}\n\nAM: Thank you.\n\nCD: That is noted.\n"
    )
    transcript = transcript_of_file(tmp_path, text)
    assert said(transcript, Role.QUESTION) == [("Ada Marlowe", "", OPEN)]
    assert said(transcript, Role.FINDING)[1:] == [
        ("Ben Stroud", "", COUNT),
        ("Ada Marlowe", "", "Thank you."),
        ("Cal Dee", "", "That is noted."),
    ]


def test_what_an_interviewer_states_stays_a_finding(tmp_path):
    text = (
        "Oral evidence\n\nQ1 Chair: A third of forces answer too slowly. Is Westmere one of them?\n\n"
        "Ada Marlowe: It was. I am glad that it no longer is.\n\n"
        "Q2 Chair: Why?\n\nAda Marlowe: We hired forty people. Would you have done less? I would not.\n"
    )
    transcript = transcript_of_file(tmp_path, text)
    assert [words for _, _, words in said(transcript, Role.QUESTION)] == ["Is Westmere one of them?", "Why?"]
    assert said(transcript, Role.FINDING)[0] == ("Chair", "", "A third of forces answer too slowly.")
    assert "Would you have done less?" in [words for _, _, words in said(transcript, Role.FINDING)]


def test_an_answer_that_ends_in_a_question_to_somebody_else(tmp_path):
    text = (
        f"Ada Marlowe: {OPEN}\n\nBen Stroud: {COUNT} Cal, is that right?\n\nCal Dee: It is.\n\n"
        "Ada Marlowe: Thank you. I have no more questions.\n\nBen Stroud: Good.\n"
    )
    transcript = transcript_of_file(tmp_path, text)
    assert answers(transcript) == [(OPEN, COUNT), ("Cal, is that right?", "It is.")]


def test_numbered_questions_with_answers_below(tmp_path):
    text = (
        "Questions from the panel\n\n1. How many complaints are open?\n\nTwo hundred and six are open.\n\n"
        "2. Who is responsible?\n\nThe head of standards is responsible.\n"
    )
    transcript = transcript_of_file(tmp_path, text)
    assert answers(transcript) == [
        ("How many complaints are open?", "Two hundred and six are open."),
        ("Who is responsible?", "The head of standards is responsible."),
    ]


NO_TURNS = {
    "notes": "Note: The force is good.\n\nNote: It is small.\n\nSource: A survey. You can read it.\n",
    "recommendations": (
        "Recommendation 1: By June, the force should act.\n\nRecommendation 2: By July, it should report.\n\n"
        "Cause of concern: The force does not record crime.\n\nCause of concern: Its call handling is slow.\n"
    ),
    "places": "Stell Bridge: 20 cells\n\nNorth Quay: 36 cells\n\nStell Bridge: 5 nurses\n\nNorth Quay: 7 nurses\n",
    "facts": "Force: Westmere Police\n\nChief constable: Ada Marlowe\n\nInspector: Ben Stroud\n\nDate: 3 May\n",
    "grades": "Investigating crime: good\n\nPreventing crime: adequate\n\nResponding: requires improvement\n",
    "finding and response": (
        "Finding: Officers wait too long.\nResponse: The force has agreed.\n"
        "Finding: Victims are not told.\nResponse: It will write to them.\n"
    ),
    "letter": "From: Ada Marlowe\nTo: Ben Stroud\nSubject: Custody\n\nDear Ben,\n\nYou did not reply.\n",
    "letters of a list": "A. Introduction\n\nB. Method\n\nQ. Quality\n",
    "agenda": "9:30 Arrival\n10:00 Custody\n11:15 Close\n",
}


@pytest.mark.parametrize("text", NO_TURNS.values(), ids=NO_TURNS)
def test_other_words_before_a_colon_are_no_speakers(text, tmp_path):
    transcript = transcript_of_file(tmp_path, f"Westmere Police 2022\n\n{text}")
    assert [locator for locator in transcript.locators if locator.kind == "speaker"] == []
    assert said(transcript, Role.QUESTION) == []
    assert [block for block in transcript.blocks if block.role is Role.MARKUP] == []


def test_a_heading_between_turns_is_nobodys_words(tmp_path):
    text = (
        f"Panel\n\nAda Marlowe: {OPEN}\n\nBen Stroud: {COUNT}\n\nItem 2: Custody\n\n"
        f"Ada Marlowe: {OLDER}\n\nBen Stroud: {TOO_MANY}\n"
    )
    transcript = transcript_of_file(tmp_path, text)
    assert said(transcript, Role.HEADING) == [("", "", "Item 2: Custody")]
    assert said(transcript, Role.FINDING)[1] == ("Ben Stroud", "", TOO_MANY)
