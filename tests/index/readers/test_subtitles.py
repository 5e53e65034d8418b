"""Subtitles as tools write them: each word is read once, with its time and speaker."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.readers.read import read
from index.sources.files import SourceFile
from index.text.sentences import split_sentences
from index.text.transcript import Role, Transcript, locators_at
from tests.fixtures.invariants import blocks_tile_the_text, sentences_tile_the_transcript

GOOD, SLOW = "The force is good at preventing crime.", "It answers calls too slowly."


def transcript_of_file(folder: Path, text: str, name: str = "northshire-2025.vtt") -> Transcript:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    transcript = read(SourceFile(path, name, ""))
    blocks_tile_the_text(transcript)
    sentences_tile_the_transcript(transcript, split_sentences(transcript))
    return transcript


def said(transcript: Transcript, role: Role = Role.FINDING) -> list[tuple[str, str, str]]:
    """Returns the sentences in a role, each with its speaker and time."""
    found = []
    for sentence in split_sentences(transcript):
        locators = {found.kind: found.label for found in locators_at(transcript, sentence.block, sentence.start)}
        if sentence.role is role:
            found.append((locators.get("speaker", ""), locators.get("time", ""), sentence.text))
    return found


def cue(number: int, words: str) -> str:
    """Returns a SubRip cue of four seconds."""
    start, end = number * 4, number * 4 + 4
    times = f"00:{start // 60:02}:{start % 60:02},000 --> 00:{end // 60:02}:{end % 60:02},000"
    return f"{number + 1}\n{times}\n{words}\n\n"


def test_rolling_captions_are_read_once_and_header_fields_are_no_title(tmp_path):
    text = (
        "WEBVTT\nKind: captions\nLanguage: en\n\n"
        "00:00:00.160 --> 00:00:03.429 align:start position:0%\n \n"
        "the<00:00:00.960><c> force</c> answers most calls\n\n"
        "00:00:03.429 --> 00:00:03.439 align:start position:0%\nthe force answers most calls\n \n\n"
        "00:00:03.439 --> 00:00:05.749 align:start position:0%\nthe force answers most calls\n"
        "within<00:00:03.760><c> ten</c> seconds but keeps\n\n"
        "00:00:05.749 --> 00:00:05.759 align:start position:0%\nwithin ten seconds but keeps\n \n\n"
        "00:00:05.759 --> 00:00:08.000\nwithin ten seconds but keeps\nsome victims waiting\n\n"
    )
    transcript = transcript_of_file(tmp_path, text)
    assert transcript.text == "the force answers most calls within ten seconds but keeps some victims waiting"
    assert transcript.title == "Northshire 2025"
    assert transcript.notes == ()
    assert [locator.label for locator in transcript.locators] == ["00:00:00", "00:00:03", "00:00:05"]


def test_captions_that_grow_word_by_word_are_read_once(tmp_path):
    words = ["the", "force", "answers", "most", "calls", "within", "ten", "seconds"]
    text = "".join(cue(number, " ".join(words[: number + 1])) for number in range(len(words)))
    assert transcript_of_file(tmp_path, text, "growing.srt").text == " ".join(words)


def test_highlighted_words_are_read_once_with_their_speaker(tmp_path):
    text = (
        "1\n00:00:04,578 --> 00:00:04,658\n[SPEAKER_00]: <u>Custody</u> sergeants check.\n\n"
        "2\n00:00:04,658 --> 00:00:04,678\n[SPEAKER_00]: Custody sergeants check.\n\n"
        "3\n00:00:04,678 --> 00:00:04,918\n[SPEAKER_00]: Custody <u>sergeants</u> check.\n\n"
        "4\n00:00:05,018 --> 00:00:05,338\n[SPEAKER_01]: <u>Is</u> it written down?\n\n"
        "5\n00:00:05,338 --> 00:00:05,400\n[SPEAKER_01]: Is it written down?\n\n"
        "6\n00:00:06,000 --> 00:00:06,700\n[SPEAKER_00]: <u>Not</u> always.\n"
    )
    transcript = transcript_of_file(tmp_path, text, "westmere-2023.srt")
    assert said(transcript) == [
        ("SPEAKER_00", "00:00:04", "Custody sergeants check."),
        ("SPEAKER_00", "00:00:06", "Not always."),
    ]
    assert said(transcript, Role.QUESTION) == [("SPEAKER_01", "00:00:05", "Is it written down?")]
    assert transcript.notes == ()


def test_a_loop_is_kept_once_with_how_often_and_when(tmp_path):
    text = "".join(cue(number, GOOD) for number in range(10)) + cue(11, SLOW)
    transcript = transcript_of_file(tmp_path, text, "eastvale-2022.srt")
    assert said(transcript) == [("", "00:00:00", GOOD), ("", "00:00:44", SLOW)]
    assert transcript.notes == (f"Said 10 times in a row, 00:00:00 to 00:00:40, kept once: “{GOOD}”.",)


def test_a_loop_of_two_cues_is_kept_once(tmp_path):
    text = "".join(cue(number, (GOOD, SLOW)[number % 2]) for number in range(8))
    transcript = transcript_of_file(tmp_path, text, "eastvale-2022.srt")
    assert [words for _, _, words in said(transcript)] == [GOOD, SLOW]
    assert "Said 4 times in a row, 00:00:00 to 00:00:32" in transcript.notes[0]


def test_a_loop_within_a_cue_is_kept_once(tmp_path):
    text = cue(0, f"We asked {'whether the cells are warm ' * 30}and left.") + cue(1, GOOD)
    transcript = transcript_of_file(tmp_path, text, "eastvale-2022.srt")
    assert [words for _, _, words in said(transcript)] == ["We asked whether the cells are warm and left.", GOOD]
    assert transcript.notes == (
        "Said 30 times in a row, 00:00:00 to 00:00:04, kept once: “whether the cells are warm”.",
    )


@pytest.mark.parametrize("words", ["No, no, no, no, we did not.", "It is very, very, very slow, and very, very dear."])
def test_what_people_say_several_times_in_a_cue_is_kept(words, tmp_path):
    transcript = transcript_of_file(tmp_path, cue(0, words) + cue(1, GOOD), "hearing.srt")
    assert [said_words for _, _, said_words in said(transcript)] == [words, GOOD]
    assert transcript.notes == ()


def test_what_is_said_twice_is_kept_twice(tmp_path):
    text = cue(0, "Objection.") + cue(1, "Objection.") + cue(2, GOOD)
    words = [words for _, _, words in said(transcript_of_file(tmp_path, text, "hearing.srt"))]
    assert words == ["Objection.", "Objection.", GOOD]


def test_words_after_a_blank_line_belong_to_the_cue(tmp_path):
    text = f"WEBVTT\n\n00:01.000 --> 00:04.000\n\n{GOOD}\n\n00:05.000 --> 00:09.000\n\n{SLOW}\n\nThank you.\n"
    transcript = transcript_of_file(tmp_path, text)
    assert said(transcript) == [("", "00:00:01", GOOD), ("", "00:00:05", SLOW), ("", "00:00:05", "Thank you.")]
    assert transcript.notes == ()


@pytest.mark.parametrize("name", ["westmere-2020.srt", "westmere-2020.vtt"])
def test_cues_without_blank_lines_between_them(name, tmp_path):
    text = (
        f"1\n00:00:01.000 --> 00:00:03.000\n{GOOD}\n2\n00:00:03.500 --> 00:00:06.000\nIt has\n14\n"
        f"3\n00:00:06.500 --> 00:00:09.000\n<i>suites.</i>\n"
    )
    header = "WEBVTT\n\n" if name.endswith("vtt") else ""
    transcript = transcript_of_file(tmp_path, header + text, name)
    assert said(transcript) == [("", "00:00:01", GOOD), ("", "00:00:03", "It has 14 suites.")]


def test_a_number_that_is_said_is_kept_where_cues_follow_each_other_without_blank_lines(tmp_path):
    times = ["00:00:00.000 --> 00:00:04.000", "00:00:04.000 --> 00:00:08.000", "00:00:08.000 --> 00:00:12.000"]
    lines = [
        "WEBVTT",
        "",
        times[0],
        "How many officers were in custody?",
        "12",
        times[1],
        "Is that enough?",
        times[2],
        "No.",
    ]
    spoken = " ".join(words for _, _, words in said(transcript_of_file(tmp_path, "\n".join(lines))))
    assert spoken == "How many officers were in custody? 12 Is that enough? No."


@pytest.mark.parametrize("numbers", [("1", "2", "3"), ("1", "2", "4"), ("7", "8", "9")])
def test_numbers_that_count_the_cues_are_no_words(tmp_path, numbers):
    words = [GOOD, "It has 12", "districts."]
    lines = [f"{number}\n00:00:0{at}.000 --> 00:00:0{at + 1}.000\n{words[at]}" for at, number in enumerate(numbers)]
    transcript = transcript_of_file(tmp_path, "WEBVTT\n\n" + "\n".join(lines))
    assert [text for _, _, text in said(transcript)] == [GOOD, "It has 12 districts."]


def test_speech_without_punctuation_is_cut_at_its_longest_pauses(tmp_path):
    lines = [f"right so panel {number} is open and the first thing is custody" for number in range(40)]
    text = "".join(cue(number, line) for number, line in enumerate(lines))
    transcript = transcript_of_file(tmp_path, text, "panel.srt")
    found = [words for _, _, words in said(transcript)]
    assert " ".join(found) == " ".join(lines)
    assert len(transcript.blocks) == len(found) == 8  # five cues each
    assert all(120 <= len(words) <= 300 for words in found[:-1])
    assert [time for _, time, _ in said(transcript)][1] == "00:00:20"


def test_a_pause_is_preferred_to_the_last_cue_that_fits(tmp_path):
    line = "the cells are full most nights and nurse {} comes"
    starts = [0, 2, 4, 6, 10, 12, 14, 16]
    cues = [f"00:00:{start:02}.000 --> 00:00:{start + 2:02}.000\n{line.format(start)}" for start in starts]
    found = said(transcript_of_file(tmp_path, "WEBVTT\n\n" + "\n\n".join(cues)))
    assert [time for _, time, _ in found] == ["00:00:00", "00:00:10"]


def test_a_long_sentence_with_an_end_is_not_cut(tmp_path):
    lines = [f"the force, which works with {number} councils, schools and charities," for number in range(8)]
    text = "".join(cue(number, line) for number, line in enumerate([*lines, "is good.", "It is. Yes. No."]))
    found = [words for _, _, words in said(transcript_of_file(tmp_path, text, "long.srt"))]
    assert found[0].endswith("charities, is good.")
    assert 400 < len(found[0]) < 1_000


def test_voice_tags_with_a_cue_id_for_each(tmp_path):
    text = (
        "WEBVTT\n\nf3a1c2d4-0b1e-4f6a-9c3d-1a2b3c4d5e6f/12-0\n00:00:05.120 --> 00:00:07.000\n"
        "<v Ada Marlowe>How many complaints\nare open?</v>\n\n"
        "f3a1c2d4-0b1e-4f6a-9c3d-1a2b3c4d5e6f/14-0\n00:00:09.000 --> 00:00:11.500\n<v Ben Stroud>Fourteen.</v>\n"
    )
    transcript = transcript_of_file(tmp_path, text)
    assert said(transcript, Role.QUESTION) == [("Ada Marlowe", "00:00:05", "How many complaints are open?")]
    assert said(transcript) == [("Ben Stroud", "00:00:09", "Fourteen.")]
    question = next(block for block in transcript.blocks if block.question is not None).question
    assert transcript.blocks[question or 0].role is Role.QUESTION


def test_a_name_in_every_cue_does_not_cut_sentences(tmp_path):
    text = (
        "WEBVTT\n\n1\n00:00:01.000 --> 00:00:03.000\nAda Marlowe: The force is good\n\n"
        "2\n00:00:03.000 --> 00:00:05.000\nAda Marlowe: at preventing crime.\n\n"
        "3\n00:00:06.000 --> 00:00:08.000\nBen Stroud: It answers calls too slowly.\n"
    )
    assert said(transcript_of_file(tmp_path, text)) == [
        ("Ada Marlowe", "00:00:01", GOOD),
        ("Ben Stroud", "00:00:06", SLOW),
    ]
