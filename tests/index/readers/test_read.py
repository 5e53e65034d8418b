from __future__ import annotations

import codecs
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import EmptySourceError, SourceError, UnsupportedFormatError
from index.readers.read import read, transcript_id
from index.readers.text import decode_text
from index.sources.files import SourceFile, discover, title_from_name
from index.text.transcript import Role
from tests.fixtures.invariants import blocks_tile_the_text
from tests.fixtures.texts import read_bytes, texts, transcript_of

SOURCES = Path(__file__).parents[3] / "sources"
HERTFORDSHIRE = "hertfordshire-hmi-assessment-transcript.txt"
TEXT = "Zoë said “yes” – £1.4m\r\nto 😀 café"


@given(texts, st.booleans())
def test_blocks_cover_any_text_without_overlap(text, marked_up):
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
def test_a_text_is_decoded_by_its_byte_order_mark(tmp_path, mark, encoding):
    data = mark + TEXT.encode(encoding)
    transcript = read_bytes(tmp_path, "a.txt", data)
    assert transcript.text == TEXT
    assert transcript.sha256 == hashlib.sha256(data).hexdigest()


def test_text_that_is_not_utf_8_is_read_as_windows_1252(tmp_path):
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
def test_a_file_that_is_not_text_is_refused_by_name(tmp_path, data):
    with pytest.raises(SourceError, match=r"a\.txt: .*") as caught:
        read_bytes(tmp_path, "a.txt", data)
    assert "UTF-8" in caught.value.advice


@given(st.binary(min_size=5, max_size=60))
def test_any_bytes_are_decoded_or_refused(data):
    try:
        text = decode_text(Path("a.txt"), data)
    except SourceError:
        text = "refused"
    assert "\0" not in text
    assert text.encode("utf-8")  # fails on half of a surrogate pair


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE + b"\n\0", b"---\n***\n"])
def test_a_file_without_a_word_is_refused_as_empty(tmp_path, data):
    with pytest.raises(EmptySourceError, match=r"a\.md"):
        read_bytes(tmp_path, "a.md", data)


@pytest.mark.parametrize("name", ["a.rtf", "a.odt", "a", "a.txt.gz"])
def test_an_unsupported_format_is_refused_with_the_supported_ones(tmp_path, name):
    with pytest.raises(UnsupportedFormatError, match=name) as caught:
        read_bytes(tmp_path, name, b"words")
    assert ".txt" in caught.value.advice
    assert ".md" in caught.value.advice


@pytest.mark.parametrize("name", ["a.TXT", "a.text", "a.Markdown", "a.md"])
def test_a_suffix_may_be_in_capitals(tmp_path, name):
    assert read_bytes(tmp_path, name, b"One. Two.").text == "One. Two."


def test_a_missing_file_is_reported(tmp_path):
    with pytest.raises(SourceError, match="cannot be read"):
        read(SourceFile(tmp_path / "gone.txt", "gone.txt", ""))


def test_an_id_is_readable_and_distinct_for_every_name():
    ids = {transcript_id(name) for name in ("a/Zoë 2016.txt", "a/Zoë 2016.md", "a-Zoë 2016.txt")}
    assert len(ids) == 3
    assert transcript_id("a/Zoë 2016.txt") == "a-zoe-2016-" + hashlib.sha256("a/Zoë 2016.txt".encode()).hexdigest()[:8]
    assert transcript_id("שלום.txt").startswith("source-")
    assert len(transcript_id("long" * 100 + ".txt")) <= 70


def test_a_file_name_is_made_into_a_title():
    assert title_from_name("2016/westmere_police-efficiency.txt") == "Westmere police efficiency"
    assert title_from_name("___.txt") == "___.txt"


def test_the_hertfordshire_transcript_is_read_in_full():
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
