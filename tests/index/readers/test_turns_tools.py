"""Transcripts as meeting and speech tools write them, in text, Word and web pages."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from index.readers.extracted import ComposedText
from index.readers.read import read
from index.readers.text import blocks_of_text
from index.readers.turns import with_turns
from index.sources.files import SourceFile
from index.text.sentences import split_sentences
from index.text.transcript import Role, Transcript, locators_at
from tests.fixtures.files.docx_builder import docx, paragraph, run
from tests.fixtures.invariants import blocks_tile_the_text, sentences_tile_the_transcript

OPEN, COUNT = "How many complaints are open?", "Two hundred and six are open."
OLDER, TOO_MANY = "And how many are older than a year?", "Thirty-one. That is too many."
BREAK = "<w:r><w:br/></w:r>"


def read_file(folder: Path, name: str, data: bytes) -> Transcript:
    (folder / name).write_bytes(data)
    transcript = read(SourceFile(folder / name, name, ""))
    blocks_tile_the_text(transcript)
    sentences_tile_the_transcript(transcript, split_sentences(transcript))
    return transcript


def dialogue(transcript: Transcript) -> list[tuple[str, str, str, str]]:
    """Returns each sentence that is said, with its role, speaker and time."""
    said = []
    for sentence in split_sentences(transcript):
        if sentence.role in (Role.FINDING, Role.QUESTION):
            found = {part.kind: part.label for part in locators_at(transcript, sentence.block, sentence.start)}
            said.append((str(sentence.role), found.get("speaker", ""), found.get("time", ""), sentence.text))
    return said


EXPECTED = [
    ("question", "Ada Marlowe", "00:00:05", OPEN),
    ("finding", "Ben Stroud", "00:00:09", COUNT),
    ("question", "Ada Marlowe", "00:00:15", OLDER),
    ("finding", "Ben Stroud", "00:00:19", "Thirty-one."),
    ("finding", "Ben Stroud", "00:00:19", "That is too many."),
]
TURNS = (
    ("Ada Marlowe", "0:05", OPEN),
    ("Ben Stroud", "0:09", COUNT),
    ("Ada Marlowe", "0:15", OLDER),
    ("Ben Stroud", "0:19", TOO_MANY),
)


def test_word_with_a_line_break_after_name_and_time(tmp_path):
    body = paragraph(run("Scrutiny panel, 5 June 2024"), "Title")
    body += "".join(paragraph(run(f"{name}   {clock}") + BREAK + run(words)) for name, clock, words in TURNS)
    transcript = read_file(tmp_path, "panel.docx", docx(body))
    assert transcript.title == "Scrutiny panel, 5 June 2024"
    assert dialogue(transcript) == EXPECTED


def test_word_with_name_and_time_in_a_paragraph_of_their_own(tmp_path):
    body = paragraph(run("Scrutiny panel"), "Title")
    body += "".join(paragraph(run(f"{name}  {clock}")) + paragraph(run(words)) for name, clock, words in TURNS)
    assert dialogue(read_file(tmp_path, "panel.docx", docx(body))) == EXPECTED


def test_word_with_time_name_and_words_in_three_paragraphs(tmp_path):
    body = "".join(
        paragraph(run(f"0:{clock}.350 --> 0:{clock}.900")) + paragraph(run(name)) + paragraph(run(words))
        for name, clock, words in TURNS
    )
    assert dialogue(read_file(tmp_path, "panel.docx", docx(paragraph(run("Panel"), "Title") + body))) == EXPECTED


def test_a_web_page_with_names_in_bold(tmp_path):
    turns = "".join(f"<p><strong>{name} ({clock}):</strong> {words}</p>" for name, clock, words in TURNS)
    page = f"<html><body><main><h1>Panel</h1>{turns}</main></body></html>"
    assert dialogue(read_file(tmp_path, "panel.html", page.encode())) == EXPECTED


@pytest.mark.parametrize(
    "layout",
    [
        "{name}  {clock}\n{words}\n\n",  # Otter
        "[{clock}] {name}: {words}\n\n",  # Descript, Rev
        "{name}: ({clock})\n{words}\n\n",
        "{name} ({clock}):\n{words}\n\n",
        "{clock}\n{name}\n{words}\n\n",
        "({clock}) {name}: {words}\n",
        "{clock} – {name}: {words}\n\n",
        "**{name}** ({clock})\n{words}\n\n",  # Trint, in bold
        "{name} | {clock}\n{words}\n\n",
        "\n{name}\n\n{clock}\n\n{words}\n\n",
    ],
)
@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_layouts_of_name_and_time(layout, suffix, tmp_path):
    text = "".join(layout.format(name=name, clock=clock, words=words) for name, clock, words in TURNS)
    title = "# Panel\n\n" if suffix == ".md" else "Westmere panel\n\n"
    assert dialogue(read_file(tmp_path, f"panel{suffix}", (title + text).encode())) == EXPECTED


def test_unknown_speakers_have_the_name_that_the_tool_gives_them(tmp_path):
    text = f"Panel\n\n[SPEAKER_00]: {OPEN}\n\n[SPEAKER_01]: {COUNT}\n\n[SPEAKER_00]: {OLDER}\n\n[SPEAKER_01]: Ten.\n"
    said = dialogue(read_file(tmp_path, "panel.txt", text.encode()))
    assert [speaker for _, speaker, _, _ in said] == ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00", "SPEAKER_01"]
    assert [role for role, _, _, _ in said] == ["question", "finding", "question", "finding"]


def test_times_without_names_are_locators(tmp_path):
    text = "Briefing\n\n[00:00:05] The force is good.\n[00:00:17] It answers calls too slowly.\n[00:01:02] Thank you.\n"
    assert dialogue(read_file(tmp_path, "captions.txt", text.encode())) == [
        ("finding", "", "00:00:05", "The force is good."),
        ("finding", "", "00:00:17", "It answers calls too slowly."),
        ("finding", "", "00:01:02", "Thank you."),
    ]


def test_a_key_of_initials_above_the_turns(tmp_path):
    text = (
        "Interview\n\nAM: Ada Marlowe, interviewer\nBS: Ben Stroud, Chief Constable\n\n"
        f"AM: {OPEN}\n\nBS: {COUNT}\n\nAM: {OLDER}\n\nBS: {TOO_MANY}\n"
    )
    said = dialogue(read_file(tmp_path, "interview.txt", text.encode()))
    assert [speaker for _, speaker, _, words in said if words in (OPEN, COUNT, OLDER)] == [
        "Ada Marlowe",
        "Ben Stroud",
        "Ada Marlowe",
    ]


def test_a_role_in_brackets_after_a_name(tmp_path):
    text = (
        f"Panel\n\nAda Marlowe (Chair): {OPEN}\n\nBen Stroud (Chief Constable): {COUNT}\n\n"
        f"Ada Marlowe (Chair): {OLDER}\n\nBen Stroud (Chief Constable): {TOO_MANY}\n"
    )
    said = dialogue(read_file(tmp_path, "panel.txt", text.encode()))
    assert said[1][:2] == ("finding", "Ben Stroud (Chief Constable)")
    assert said[2][0] == "question"


def test_questions_with_q_and_answers_without_a(tmp_path):
    text = f"Questions\n\nQ: {OPEN}\n\n{COUNT}\n\nQ: {OLDER}\n\n{TOO_MANY}\n"
    transcript = read_file(tmp_path, "questions.txt", text.encode())
    assert [(role, words) for role, _, _, words in dialogue(transcript)][:3] == [
        ("question", OPEN),
        ("finding", COUNT),
        ("question", OLDER),
    ]
    assert [block.question is not None for block in transcript.blocks if block.role is Role.FINDING] == [True, True]


HOSTILE = {
    "brackets": "[",
    "names": "Ada Marlowe\n0:05\n",
    "turns": "Ada Marlowe: Why?\nBen Stroud: No.\n",
    "letters": "Q. Why?\nA. No.\n",
    "numbers": "1. Why?\n\nNo.\n\n",
    "label in a line": "Ada Marlowe: ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_time_grows_no_faster_than_the_text(piece):
    seconds = []
    for size in (20_000, 80_000):
        text = piece * (size // len(piece))
        composed = ComposedText(text, blocks_of_text(text))
        start = time.process_time()
        with_turns(composed)
        seconds.append(time.process_time() - start)
    assert seconds[1] <= 8 * seconds[0] + 0.3
