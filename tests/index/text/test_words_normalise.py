from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.words import clean
from tests.fixtures.texts import texts


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("identi\ufb01ed o\ufb03cers", "identified officers"),
        ("soft\u00adhyphen", "softhyphen"),
        ("zero\u200bwidth\u2060 \ufeffmark", "zerowidth mark"),
        ("tag\U000e0041\U000e0042s", "tags"),
        ("left\u202eright\u2069", "leftright"),
        ("``Why?´ – `so", "''Why?' - 'so"),
        ("“Why?” – the ‘force’s’ — 3−1…", "\"Why?\" - the 'force's' - 3-1..."),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\uff30\uff25\uff25\uff2c", "PEEL"),
        ("a\u00a0b\r\n\tc\u2028d", "a b c d"),
        ("2018\u201319", "2018-19"),
        ("1\u00bd", "11/2"),
        ("  \n", ""),
        ("", ""),
        ("a*b_c [d](e) <f>", "a*b_c [d](e) <f>"),
    ],
)
def test_texts_that_read_the_same_become_the_same(text, cleaned):
    assert clean(text) == cleaned


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("The **force** is *good* and _quick_.", "The force is good and quick."),
        ("***Very*** good, __indeed__ ~~not~~", "Very good, indeed not"),
        ("See [the report](https://example.org/a_b) and ![a chart](c.png 'Title').", "See the report and a chart."),
        ("See [the report][1].", "See the report."),
        ("<https://example.org>", "https://example.org"),
        ("<p>One.<br/>Two.</p><!-- three -->", "One. Two."),
        ("the `code` of ``a / b``", "the code of a / b"),
        ("Cost | Good", "Cost Good"),
        (r"5 \* 3 and \_so\_", "5 * 3 and _so_"),
        ("2 * 3 * 4, a_b_c, 5 < 6 > 4", "2 * 3 * 4, a_b_c, 5 < 6 > 4"),
        ("s. 136 [sic]", "s. 136 [sic]"),
    ],
)
def test_markdown_is_reduced_to_its_words(text, cleaned):
    assert clean(text, markdown=True) == cleaned


@given(texts)
def test_cleaning_a_clean_text_changes_nothing(text):
    assert clean(clean(text)) == clean(text)


@given(texts, st.booleans())
def test_a_clean_text_has_no_invisible_characters_and_no_runs_of_spaces(text, markdown):
    cleaned = clean(text, markdown=markdown)
    assert cleaned == cleaned.strip()
    assert "  " not in cleaned
    assert not {"\u00ad", "\u200b", "\u200d", "\ufeff", "\u202e"} & set(cleaned)
    assert unicodedata.is_normalized("NFKC", cleaned)
