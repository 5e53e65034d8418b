"""Text as CommonMark, read back by a CommonMark reader: each character is itself, and nothing is markup."""

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.export.markdown import escaped
from assistant.sanitise import carried
from tests.fixtures.fictional import HOSTILE_SENTENCES, HOSTILE_TITLE, NORTHSHIRE

READERS = (MarkdownIt("commonmark"), MarkdownIt("gfm-like", {"linkify": False}))
EDGES = (
    "1. One", "12) Twelve", "2016. It", "- a", "+ a", "* a", "a\n\n# b", "    code", "a  ", "  a", "a\\", "\\*", "***",
    "=====", "-----", "| a | b |\n|---|---|", "[^1]: note", "[a]: /b 'c'", "&amp;", "&#35;", "a\u00a0b", "`a``b`",
    "~~a~~", "a\r\nb\rc", "<https://a.invalid>", "www.a.invalid and a@b.invalid", "![a](b)", "\u202eback\u202c",
    "nel\x85next",
)  # fmt: skip


def read_back(reader: MarkdownIt, source: str) -> str:
    """The text of the one block quotation a source is made of; fails when anything in it is markup."""
    opening, start, inline, end, closing = reader.parse(source)
    assert (opening.type, start.type, end.type, closing.type) == (
        "blockquote_open", "paragraph_open", "paragraph_close", "blockquote_close",
    )  # fmt: skip
    assert {token.type for token in inline.children or []} <= {"text"}
    return "".join(token.content for token in inline.children or [])


@pytest.mark.parametrize("reader", READERS, ids=["commonmark", "with tables and strikethrough"])
@pytest.mark.parametrize("text", [*HOSTILE_SENTENCES, HOSTILE_TITLE, *EDGES])
def test_what_is_read_is_what_was_said(reader: MarkdownIt, text: str) -> None:
    assert read_back(reader, f"> {escaped(text)}[^1]") == text + "[^1]"


@given(st.text(st.sampled_from("aB1 \t\n\r\\`*_{}[]()<>#+-.!|~$^=:;,&@'\"%/?é\u00a0\u2028\u202e")))
def test_any_run_of_what_could_be_markup_is_read_as_itself(text: str) -> None:
    assert read_back(READERS[0], f"> {escaped(text)}[^1]") == text + "[^1]"


@given(st.text(min_size=1).map(carried))
def test_any_text_that_can_be_carried_is_read_as_itself(text: str) -> None:
    assert read_back(READERS[0], f"> {escaped(text)}[^1]") == text + "[^1]"


def test_the_reading_of_it_as_html_shows_the_same() -> None:
    said = HOSTILE_SENTENCES[0]
    shown = MarkdownIt("commonmark", {"html": True}).render(f"> {escaped(said)}")
    assert unescape(shown) == f"<blockquote>\n<p>{said}</p>\n</blockquote>\n"
    assert "<script" not in shown


def test_plain_prose_stays_readable_as_it_is_written() -> None:
    prose = NORTHSHIRE.sentences[6].text
    assert escaped(prose) == prose
    assert escaped("The force's stop-and-search: good, it says (50% or more).").count("\\") == 1


@pytest.mark.parametrize(
    ("text", "trigger"),
    [("http://a.invalid/b", "http:"), ("www.a.invalid", "www."), ("a@b.invalid", "a@"), ("by @northshire", " @"),
     ("a :smile:", " :"), ("$x$", "$x$"), ("a -- b", " --"), ("[^1]: a", "[^"), ("{{a}}", "{{")],
)  # fmt: skip
def test_notations_beyond_commonmark_find_nothing_to_take_hold_of(text: str, trigger: str) -> None:
    assert trigger in text
    assert trigger not in escaped(text)
