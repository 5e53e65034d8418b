from __future__ import annotations

import re

import pytest
from hypothesis import given
from markdown_it import MarkdownIt

from index.readers.markdown import _without_tags
from index.text.transcript import Role
from tests.fixtures.invariants import no_word_is_markup
from tests.fixtures.texts import markdown, transcript_of


def blocks_of(text):
    return [(block.role, text[block.start : block.end]) for block in transcript_of(text, marked_up=True).blocks]


def contents_of(text, *roles):
    return [content for role, content in blocks_of(text) if role in roles]


@pytest.mark.parametrize(
    "text", ["# Westmere Police\n\nGood.", "# Westmere Police #\nGood.", "Westmere Police\n===\nGood."]
)
def test_the_first_heading_of_level_one_is_the_title(text):
    assert transcript_of(text, marked_up=True).title == "Westmere Police"
    assert contents_of(text, Role.TITLE) == ["Westmere Police"]
    assert contents_of(text, Role.FINDING) == ["Good."]


def test_later_headings_name_sections():
    transcript = transcript_of("# T\n\n## Crime\nIt fell.\n\nCost\n----\nIt rose.\n\n# Last\n\nDone.", marked_up=True)
    assert [block.section for block in transcript.blocks if block.role is Role.FINDING] == ["Crime", "Cost", "Last"]
    assert sum(block.role is Role.TITLE for block in transcript.blocks) == 1


def test_without_a_heading_a_short_first_line_is_the_title():
    assert contents_of("Westmere Police\n\nIt is good.", Role.TITLE) == ["Westmere Police"]
    assert contents_of("- Westmere Police\n\nIt is good.", Role.TITLE) == []


def test_items_and_quotations_begin_after_their_markers():
    text = "# T\n\n- One.\n  * Two.\n\n3. Three,\n   on.\n\n> Four.\n\n> - Five."
    assert contents_of(text, Role.FINDING) == ["One.", "Two.", "Three,\n   on.", "Four.", "Five."]
    assert contents_of(text, Role.MARKUP) == ["#", "-", "*", "3.", ">", "> -"]


def test_an_item_that_repeats_its_own_number_begins_after_the_marker():
    assert contents_of("# T\n\n1. 1", Role.FINDING) == ["1"]


def test_cells_of_a_table_know_their_heads_and_the_header_row_names_no_section():
    text = "# T\n\n| Area | Grade |\n|---|---|\n| Cost | Good |\n\nIt is good."
    blocks = transcript_of(text, marked_up=True).blocks
    assert contents_of(text, Role.HEADING) == ["Area", "Grade"]
    assert contents_of(text, Role.FINDING) == ["Cost", "Good", "It is good."]
    assert {block.section for block in blocks} == {""}
    good = next(block for block in blocks if text[block.start : block.end] == "Good")
    assert [text[blocks[head].start : blocks[head].end] for head in good.heads] == ["Cost", "Grade"]


def test_levels_of_headings_give_paths():
    text = "# T\n\n## Crime\n\nIt fell.\n\n### Cause of concern\n\nIt is slow\n\n## Cost\n\nIt rose."
    blocks = transcript_of(text, marked_up=True).blocks
    assert [block.path for block in blocks if block.role is Role.FINDING] == [
        ("Crime",),
        ("Crime", "Cause of concern"),
        ("Cost",),
    ]


def test_items_know_their_lead_in_and_the_item_around_them():
    text = "# T\n\nIt should:\n\n- act:\n  1. at once;\n  2. well;\n- report.\n\nIt will.\n\n- Alone."
    blocks = transcript_of(text, marked_up=True).blocks
    assert {
        text[block.start : block.end]: text[blocks[block.lead_in].start : blocks[block.lead_in].end]
        for block in blocks
        if block.lead_in is not None
    } == {"act:": "It should:", "at once;": "act:", "well;": "act:", "report.": "It should:"}


def test_headings_are_recognised_where_none_are_marked():
    text = "Westmere Police\n\nIt is fair.\n\n**Cause of concern**\n\nThe force is not quick\n\nCustody\n\nIt is good."
    assert contents_of(text, Role.HEADING) == ["Cause of concern", "Custody"]
    assert contents_of(text, Role.FINDING) == ["It is fair.", "The force is not quick", "It is good."]


def test_a_line_in_bold_type_is_a_heading_among_marked_ones():
    text = "# T\n\n## Crime\n\n**Area for improvement**\n\nIt should act.\n\nCustody\n\nIt is good."
    assert contents_of(text, Role.HEADING) == ["Crime", "Area for improvement"]


def test_front_matter_is_one_block_of_markup():
    text = "---\ntitle: A\n\nforce: B\n---\n# T\n\nProse here."
    assert blocks_of(text)[0] == (Role.MARKUP, "---\ntitle: A\n\nforce: B\n---")
    assert contents_of(text, Role.FINDING) == ["Prose here."]


def test_prose_between_two_rules_is_not_front_matter():
    assert contents_of("---\n\nThe force: it is good.\n\n---\n", Role.FINDING) == ["The force: it is good."]


def test_words_in_code_and_html_are_findings():
    text = "# T\n\n```text\nIn a fence.\n```\n\n    Set in.\n\n<p>In a tag.</p>\n\n<!-- a note -->\n\n[a]: b"
    assert contents_of(text, Role.FINDING) == ["In a fence.", "Set in.", "<p>In a tag.</p>"]
    assert contents_of(text, Role.MARKUP) == ["#", "```text", "```", "<!-- a note -->", "[a]: b"]


def test_a_strapline_is_recognised_in_markdown():
    text = "Promoting improvements\nin policing to make\neveryone safer\n\n# T\n\nProse."
    assert [role for role, _ in blocks_of(text)] == [Role.STRAPLINE, Role.MARKUP, Role.TITLE, Role.FINDING]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_blocks_do_not_depend_on_the_line_ends(line_end):
    text = "# T\n\nOne,\ntwo.\n\n- three\n\n| a | b |\n|--|--|\n| c | d |\n"
    blocks = [(role, content.replace(line_end, "\n")) for role, content in blocks_of(text.replace("\n", line_end))]
    assert blocks == blocks_of(text)


@given(markdown)
def test_no_word_of_the_content_is_markup(text):
    tokens = MarkdownIt("commonmark").parse(text)
    shown = [token.content for token in tokens if token.type in ("inline", "code_block", "fence")]
    no_word_is_markup(transcript_of(text, marked_up=True), re.findall(r"[^\W_]+", " ".join(shown)))


@pytest.mark.parametrize(
    ("html", "outside"),
    [
        ("<p>The force is good.</p>", "The force is good."),
        ("<!-- a > b --> seen", " seen"),
        ("<!-- never closed <b>seen</b>", "seen"),
        ("a < b", "a < b"),
        ("<<!---->x", "x"),
        ("<" * 100_000, "<" * 100_000),
        ("<!--" * 100_000, "<!--" * 100_000),
    ],
    ids=["tags", "comment", "open comment", "less than", "nested", "many", "many comments"],
)
def test_what_is_outside_tags_and_comments_is_text(html: str, outside: str) -> None:
    assert _without_tags(html) == outside
