"""Escaped text, read back by a CommonMark reader: each character is itself, and none is markup."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.export.markdown import escaped
from assistant.sanitise import printable
from tests.fixtures.fictional import HOSTILE_SENTENCES, HOSTILE_TITLE, NORTHSHIRE

READERS = (MarkdownIt("commonmark"), MarkdownIt("gfm-like", {"linkify": False}))
EDGES = (
    "1. One", "12) Twelve", "2016. It", "- a", "+ a", "* a", "a\n\n# b", "    code", "a  ", "  a", "a\\", "\\*", "***",
    "=====", "-----", "| a | b |\n|---|---|", "[^1]: note", "[a]: /b 'c'", "&amp;", "&#35;", "a\u00a0b", "`a``b`",
    "~~a~~", "a\r\nb\rc", "<https://a.invalid>", "www.a.invalid and a@b.invalid", "![a](b)", "\u202eback\u202c",
    "nel\x85next",
)  # fmt: skip


def read_back(reader: MarkdownIt, source: str) -> str:
    """The text of the only block quotation in a source. Fails when anything in it is markup."""
    opening, start, inline, end, closing = reader.parse(source)
    assert (opening.type, start.type, end.type, closing.type) == (
        "blockquote_open", "paragraph_open", "paragraph_close", "blockquote_close",
    )  # fmt: skip
    assert {token.type for token in inline.children or []} <= {"text"}
    return "".join(token.content for token in inline.children or [])


@pytest.mark.parametrize("reader", READERS, ids=["commonmark", "with tables and strikethrough"])
@pytest.mark.parametrize("text", [*HOSTILE_SENTENCES, HOSTILE_TITLE, *EDGES])
def test_hostile_text_is_read_unchanged(reader: MarkdownIt, text: str) -> None:
    assert read_back(reader, f"> {escaped(text)}[^1]") == text + "[^1]"


@given(st.text(st.sampled_from("aB1 \t\n\r\\`*_{}[]()<>#+-.!|~$^=:;,&@'\"%/?é\u00a0\u2028\u202e")))
def test_any_sequence_of_markup_characters_is_read_unchanged(text: str) -> None:
    assert read_back(READERS[0], f"> {escaped(text)}[^1]") == text + "[^1]"


@given(st.text(min_size=1).map(printable))
def test_any_carried_text_is_read_unchanged(text: str) -> None:
    assert read_back(READERS[0], f"> {escaped(text)}[^1]") == text + "[^1]"


def test_a_reader_that_allows_html_shows_it_unchanged() -> None:
    text = HOSTILE_SENTENCES[0]
    html = MarkdownIt("commonmark", {"html": True}).render(f"> {escaped(text)}")
    assert unescape(html) == f"<blockquote>\n<p>{text}</p>\n</blockquote>\n"
    assert "<script" not in html


def test_plain_prose_is_hardly_escaped() -> None:
    prose = NORTHSHIRE.sentences[6].text
    assert escaped(prose) == prose
    assert escaped("The force's stop-and-search: good, it says (50% or more).").count("\\") == 1


@pytest.mark.parametrize(
    ("text", "trigger"),
    [("http://a.invalid/b", "http:"), ("www.a.invalid", "www."), ("a@b.invalid", "a@"), ("by @northshire", " @"),
     ("a :smile:", " :"), ("$x$", "$x$"), ("a -- b", " --"), ("[^1]: a", "[^"), ("{{a}}", "{{")],
)  # fmt: skip
def test_extensions_of_commonmark_do_not_match_escaped_text(text: str, trigger: str) -> None:
    assert trigger in text
    assert trigger not in escaped(text)
