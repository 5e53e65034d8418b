from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.sentences import SPLITTER, split_sentences
from index.text.transcript import Role, Transcript
from tests.fixtures.invariants import sentences_are_numbered, sentences_are_slices, sentences_tile_the_transcript
from tests.fixtures.texts import texts, transcript_of

# Written by hand: a bar marks the end of a sentence.
PARAGRAPHS = {
    "ranks": "Det. Insp. Rowan Ashby led the team.| She reports to Ch. Supt. Lee.| Sgt. Orr does not.",
    "statute": "The power is in s. 136 of the Act.| Officers use ss. 2 to 5 as well.",
    "regulation": "Reg. 12 applies.| Sch. 2 does not.| The rest is in Pt. II of it.",
    "chapter": "The Act (c. 12) applies.| It is old.",
    "money": "It cost approx. £1.4m.| That is £0.2m more than planned.",
    "percentages": "It fell from 10.5% to 9.8%.| 200 people were asked.",
    "paragraph and page": "See para. 4.2 and p. 17.| They say why.",
    "figure in brackets": "The review (see fig. 3, pp. 17-19) is complete.| It was led from outside.",
    "hours within": "The unit closed at 3 a.m. and opened again at 6 p.m. on Monday.| Nobody complained.",
    "hour at the end": "Calls fell after 5 p.m.| The team was smaller then.",
    "initials": "Mr. J. R. Hale and Dr. A. Moss wrote to us.| We replied.",
    "initial is no label": "Officers visited J. Hale.| They spoke for an hour.",
    "label is no initial": "He is a member of Team A.| The team is small.",
    "quotation": '"We were not told," said one officer.| "Nobody told us. We found out later."',
    "question within": 'He asked, "Why now?" and left.',
    "curly quotation at the end": "Officers felt “listened to”.| They were.",
    "middle of a sentence": "It works with partners, e.g. councils, charities, etc. and shares data.",
    "and so on, at the end": "It shares data with councils, etc.| This works well.",
    "case": "In Smith v. Jones the court disagreed.| We note this.",
    "number": "No. 4 district is the largest.| It has three stations.",
    "short ones": "Was this enough?| No.| It was not!| We said so.",
    "numbered items": "Two things are next.| 1. The force should act.| 2. It should report.",
    "saint": "The team, led by St. John Ambulance, helped.| It was thanked.",
    "address of a page": "The website is www.example.org.| It is old.",
    "wrapped lines": "The lines\nrun on\r\nhere.| And here\nagain.",
}


@pytest.mark.parametrize("marked", PARAGRAPHS.values(), ids=PARAGRAPHS)
def test_a_paragraph_is_split_as_a_reader_would_split_it(marked):
    transcript = transcript_of(f"Title\n\n{marked.replace('|', '')}")
    found = [sentence.text for sentence in split_sentences(transcript) if sentence.role is Role.FINDING]
    assert found == [part.strip() for part in marked.split("|")]


@given(texts, st.booleans())
def test_sentences_tile_any_text(text, marked_up):
    transcript = transcript_of(text, marked_up=marked_up)
    sentences = split_sentences(transcript)
    sentences_tile_the_transcript(transcript, sentences)
    sentences_are_slices(transcript, sentences)
    sentences_are_numbered(sentences)


def test_offsets_count_characters_beyond_the_basic_plane():
    transcript = transcript_of(
        "T\n\n\U0001f46e\U0001f3fd is here. Zoe\u0308 is not. \u05e9\u05dc\u05d5\u05dd is a greeting."
    )
    found = [sentence.text for sentence in split_sentences(transcript) if sentence.role is Role.FINDING]
    assert found == ["\U0001f46e\U0001f3fd is here.", "Zoe\u0308 is not.", "\u05e9\u05dc\u05d5\u05dd is a greeting."]


@pytest.mark.parametrize("role", [Role.TITLE, Role.STRAPLINE, Role.HEADING, Role.MARKUP])
def test_a_block_that_is_not_a_finding_stays_whole(role):
    text = "One thing. Another thing."
    transcript = transcript_of(text)
    block = transcript.blocks[0]
    whole = Transcript("t", "t.txt", "", "", text, (type(block)(role, block.start, block.end),))
    assert [(sentence.text, sentence.role) for sentence in split_sentences(whole)] == [(text, role)]


def test_a_very_long_text_without_a_full_stop_is_cut_at_words():
    words = "the force " * 400
    found = [sentence.text for sentence in split_sentences(transcript_of(words))]
    assert " ".join(found) == words.strip()
    assert all(200 <= len(text) <= 300 for text in found[:-1])
    assert len(found[-1]) <= 450


def test_a_very_long_text_is_cut_at_line_ends_and_commas_before_words():
    lines = "the cells are full most nights and the nurse comes late\n" * 30
    assert all(text.endswith("late") for text in findings_of(lines))
    clauses = "the cells are full most nights, the nurse comes late and nobody asks, " * 20
    assert all(text.endswith(",") for text in findings_of(clauses)[:-1])


def test_a_text_without_any_space_is_cut_too():
    found = findings_of("x" * 2_000)
    assert "".join(found) == "x" * 2_000
    assert max(map(len, found)) <= 450


def test_a_sentence_of_a_thousand_characters_stays_whole():
    sentence = "The force, " + "which is small, " * 60 + "is good."
    assert len(sentence) < 1_000
    assert findings_of(sentence) == [sentence]


def findings_of(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(transcript_of(text)) if sentence.role is Role.FINDING]


def test_the_same_text_at_the_same_position_has_the_same_id():
    once = split_sentences(transcript_of("T here\n\nThe same. The same."))
    again = split_sentences(transcript_of("T here\n\nThe same. The same. More."))
    assert [sentence.id for sentence in once] == [sentence.id for sentence in again[: len(once)]]
    assert len({sentence.id for sentence in again}) == 4


def test_the_splitter_s_name_states_its_version_and_the_digest_of_the_abbreviations():
    assert SPLITTER.startswith("sentencex ")
    assert len(SPLITTER.split()[-1]) == 12
