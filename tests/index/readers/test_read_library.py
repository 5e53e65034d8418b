"""The library of files in every format: every known sentence is found, and every loss is reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from index.readers.pdf_characters import Letter, sheets_of
from index.readers.pdf_lines import stretches_of
from index.readers.read import read
from index.readers.sandbox import Parser
from index.sources.files import SourceFile
from index.text.sentences import split_sentences
from index.text.transcript import Role, Transcript, locators_at
from tests.fixtures.files.case import Case
from tests.fixtures.files.library import library
from tests.fixtures.invariants import blocks_tile_the_text, sentences_are_slices, sentences_tile_the_transcript


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    with Parser() as one:
        yield one


@pytest.fixture(scope="module")
def transcripts(parser: Parser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Transcript]:
    folder = tmp_path_factory.mktemp("library")
    found = {}
    for case in library():
        path = folder / case.name
        path.write_bytes(case.data)
        found[case.name] = read(SourceFile(path, case.name, ""), parser)
    return found


def test_the_library_has_forty_files_and_every_format():
    names = [case.name for case in library()]
    assert len(names) == len(set(names)) >= 40
    assert {name.rsplit(".", 1)[1] for name in names} == {"txt", "md", "html", "htm", "docx", "pdf", "vtt", "srt"}


@pytest.mark.parametrize("case", library(), ids=lambda case: case.name)
def test_every_known_sentence_is_found_and_every_loss_reported(case: Case, transcripts: dict[str, Transcript]):
    transcript = transcripts[case.name]
    sentences = split_sentences(transcript)
    blocks_tile_the_text(transcript)
    sentences_tile_the_transcript(transcript, sentences)
    sentences_are_slices(transcript, sentences)
    findings = [sentence.text for sentence in sentences if sentence.role is Role.FINDING]
    assert [known for known in case.known if known not in findings] == []
    assert [note for note in case.notes if not any(note in said for said in transcript.notes)] == []
    assert [word for word in case.absent if word in transcript.text] == []
    if not case.notes:
        assert transcript.notes == ()
    if case.title:
        assert transcript.title == case.title
    if case.others:
        assert tuple(one.text for one in sentences if one.role is not Role.FINDING) == case.others


WHOLE = ("plain.pdf", "turned.pdf", "columns.pdf", "interleaved.pdf", "ligatures.pdf", "table.pdf")


@pytest.mark.parametrize("name", WHOLE)
def test_every_letter_of_a_page_is_in_the_text_once(name, transcripts):
    data = next(case.data for case in library() if case.name == name)
    drawn = Counter(letter.char for sheet in sheets_of(data) for letter in sheet.letters)
    text = transcripts[name].text
    assert Counter("".join(text.replace(" | ", "").split())) == drawn


PLACED = [(case, text, places) for case in library() for text, places in case.places]


@pytest.mark.parametrize(("case", "text", "places"), PLACED, ids=[f"{c.name}-{t[:20]}" for c, t, _ in PLACED])
def test_a_sentence_has_the_locators_that_people_use(case, text, places, transcripts):
    transcript = transcripts[case.name]
    sentence = next(one for one in split_sentences(transcript) if one.text == text)
    assert tuple((one.kind, one.label) for one in locators_at(transcript, sentence.block, sentence.start)) == places


def test_the_letters_of_a_ligature_are_one_stretch_though_they_have_one_box():
    drawn = [("o", 0, 6), ("f", 6, 14), ("f", 6, 14), ("i", 6, 14), ("c", 14, 19), ("e", 19, 25)]
    letters = [Letter(char, x0, x1, 100, 10, spaced=False) for char, x0, x1 in drawn]
    assert [stretch.text for stretch in stretches_of(letters, 1)] == ["office"]
