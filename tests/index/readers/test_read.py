from __future__ import annotations

import codecs
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import EmptySourceError, SourceError, UnsupportedFormatError
from index.readers.read import read, transcript_id
from index.readers.text import decode
from index.sources.files import SourceFile, discover, title_from_name
from index.text.transcript import Role
from tests.fixtures.invariants import blocks_tile_the_text
from tests.fixtures.texts import read_bytes, texts, transcript_of

SOURCES = Path(__file__).parents[3] / "sources"
HERTFORDSHIRE = "hertfordshire-hmi-assessment-transcript.txt"
WRITTEN = "Zoë said “yes” – £1.4m\r\nto 😀 café"


@given(texts, st.booleans())
def test_blocks_tile_any_text(text, marked_up):
    blocks_tile_the_text(transcript_of(text, marked_up=marked_up))


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_an_encoding_with_its_mark_gives_the_same_text(tmp_path, mark, encoding):
    data = mark + WRITTEN.encode(encoding)
    transcript = read_bytes(tmp_path, "a.txt", data)
    assert transcript.text == WRITTEN
    assert transcript.sha256 == hashlib.sha256(data).hexdigest()


def test_windows_1252_keeps_its_pound_signs(tmp_path):
    text = "It cost £1.4m – “too much”."
    assert read_bytes(tmp_path, "a.txt", text.encode("cp1252")).text == text


@pytest.mark.parametrize(
    "data",
    [
        b"caf\xe9 \x81 police",  # neither UTF-8 nor Windows-1252
        codecs.BOM_UTF16_LE + b"\x00\xd8a\x00",  # half a surrogate pair
        codecs.BOM_UTF8 + b"\xff",
        b"PK\x03\x04\x00\x00word",
        "utf-16 without a mark".encode("utf-16-le"),
    ],
)
def test_what_is_not_text_is_refused_by_name(tmp_path, data):
    with pytest.raises(SourceError, match=r"a\.txt: .*") as caught:
        read_bytes(tmp_path, "a.txt", data)
    assert "UTF-8" in caught.value.advice


@given(st.binary(min_size=5, max_size=60))
def test_any_bytes_are_decoded_or_refused(data):
    try:
        text = decode(Path("a.txt"), data)
    except SourceError:
        text = "refused"
    assert "\0" not in text
    assert text.encode("utf-8")  # no half of a surrogate pair came through


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE + b"\n\0", b"---\n***\n"])
def test_a_file_without_a_word_is_empty(tmp_path, data):
    with pytest.raises(EmptySourceError, match=r"a\.md"):
        read_bytes(tmp_path, "a.md", data)


@pytest.mark.parametrize("name", ["a.rtf", "a.odt", "a", "a.txt.gz"])
def test_another_format_is_refused_with_what_is_read(tmp_path, name):
    with pytest.raises(UnsupportedFormatError, match=name) as caught:
        read_bytes(tmp_path, name, b"words")
    assert ".txt" in caught.value.advice
    assert ".md" in caught.value.advice


@pytest.mark.parametrize("name", ["a.TXT", "a.text", "a.Markdown", "a.md"])
def test_the_suffix_is_read_in_any_case(tmp_path, name):
    assert read_bytes(tmp_path, name, b"One. Two.").text == "One. Two."


def test_a_file_that_is_gone_says_so(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read(SourceFile(tmp_path / "gone.txt", "gone.txt", ""))


def test_an_id_is_readable_and_tells_names_apart():
    ids = {transcript_id(name) for name in ("a/Zoë 2016.txt", "a/Zoë 2016.md", "a-Zoë 2016.txt")}
    assert len(ids) == 3
    assert transcript_id("a/Zoë 2016.txt") == "a-zoe-2016-" + hashlib.sha256("a/Zoë 2016.txt".encode()).hexdigest()[:8]
    assert transcript_id("שלום.txt").startswith("source-")
    assert len(transcript_id("long" * 100 + ".txt")) <= 70


def test_a_name_stands_in_for_a_title():
    assert title_from_name("2016/westmere_police-efficiency.txt") == "Westmere police efficiency"
    assert title_from_name("___.txt") == "___.txt"


def test_the_hertfordshire_transcript():
    source = next(source for source in discover(SOURCES) if source.name == HERTFORDSHIRE)
    transcript = read(source)
    assert transcript.text.encode() == source.path.read_bytes()
    assert transcript.title == "HMI Zoë Billingham's assessment of Hertfordshire Constabulary – Transcript"
    assert [block.role for block in transcript.blocks] == [Role.STRAPLINE, Role.TITLE, *[Role.FINDING] * 10]
    assert transcript.metadata.force == "Hertfordshire Constabulary"
    assert transcript.metadata.inspector == "Zoë Billingham"
    assert transcript.metadata.kind == "Transcript"
    assert transcript.metadata.period is None
    assert transcript.metadata.updated == ""
