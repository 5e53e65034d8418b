"""The sample files in every format: every known sentence is found, and all that is left out is reported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from index.readers.pdf_characters import PdfCharacter, read_pages
from index.readers.pdf_lines import segments_of
from index.readers.read import read
from index.readers.sandbox import SandboxedParser
from index.sources.files import SourceFile
from index.text.sentences import split_sentences
from index.text.transcript import Role, Transcript, locators_at
from tests.fixtures.files.sample import SampleFile
from tests.fixtures.files.samples import sample_files
from tests.fixtures.invariants import blocks_tile_the_text, sentences_are_slices, sentences_tile_the_transcript


@pytest.fixture(scope="module")
def parser() -> Iterator[SandboxedParser]:
    with SandboxedParser() as sandboxed:
        yield sandboxed


@pytest.fixture(scope="module")
def transcripts(parser: SandboxedParser, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Transcript]:
    folder = tmp_path_factory.mktemp("samples")
    transcripts = {}
    for sample in sample_files():
        path = folder / sample.name
        path.write_bytes(sample.data)
        transcripts[sample.name] = read(SourceFile(path, sample.name, ""), parser)
    return transcripts


def test_there_are_at_least_forty_samples_and_every_format():
    names = [sample.name for sample in sample_files()]
    assert len(names) == len(set(names)) >= 40
    assert {name.rsplit(".", 1)[1] for name in names} == {"txt", "md", "html", "htm", "docx", "pdf", "vtt", "srt"}


@pytest.mark.parametrize("sample", sample_files(), ids=lambda sample: sample.name)
def test_every_known_sentence_is_found(sample: SampleFile, transcripts: dict[str, Transcript]):
    transcript = transcripts[sample.name]
    sentences = split_sentences(transcript)
    blocks_tile_the_text(transcript)
    sentences_tile_the_transcript(transcript, sentences)
    sentences_are_slices(transcript, sentences)
    findings = [sentence.text for sentence in sentences if sentence.role is Role.FINDING]
    assert [known for known in sample.findings if known not in findings] == []
    if sample.title:
        assert transcript.title == sample.title
    if sample.other_sentences:
        others = tuple(sentence.text for sentence in sentences if sentence.role is not Role.FINDING)
        assert others == sample.other_sentences


@pytest.mark.parametrize("sample", sample_files(), ids=lambda sample: sample.name)
def test_everything_left_out_is_reported(sample: SampleFile, transcripts: dict[str, Transcript]):
    transcript = transcripts[sample.name]
    assert [note for note in sample.notes if not any(note in reported for reported in transcript.notes)] == []
    assert [word for word in sample.absent if word in transcript.text] == []
    if not sample.notes:
        assert transcript.notes == ()


COMPLETE = ("plain.pdf", "turned.pdf", "columns.pdf", "interleaved.pdf", "ligatures.pdf", "table.pdf")


@pytest.mark.parametrize("name", COMPLETE)
def test_every_character_of_a_page_is_in_the_text_once(name, transcripts):
    data = next(sample.data for sample in sample_files() if sample.name == name)
    drawn = Counter(character.char for page in read_pages(data) for character in page.characters)
    text = transcripts[name].text
    assert Counter("".join(text.replace(" | ", "").split())) == drawn


LOCATED = [(sample, text, locators) for sample in sample_files() for text, locators in sample.locators]


@pytest.mark.parametrize(
    ("sample", "text", "locators"), LOCATED, ids=[f"{sample.name}-{text[:20]}" for sample, text, _ in LOCATED]
)
def test_a_sentence_has_its_page_time_speaker_and_section(sample, text, locators, transcripts):
    transcript = transcripts[sample.name]
    sentence = next(sentence for sentence in split_sentences(transcript) if sentence.text == text)
    found = locators_at(transcript, sentence.block, sentence.start)
    assert tuple((locator.kind, locator.label) for locator in found) == locators


def test_the_characters_of_a_ligature_form_one_segment_although_they_share_a_box():
    drawn = [("o", 0, 6), ("f", 6, 14), ("f", 6, 14), ("i", 6, 14), ("c", 14, 19), ("e", 19, 25)]
    characters = [PdfCharacter(char, x0, x1, 100, 10, after_space=False) for char, x0, x1 in drawn]
    assert [segment.text for segment in segments_of(characters, 1)] == ["office"]
