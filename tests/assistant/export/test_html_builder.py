"""Escaping is the same in an element built in Python and in a template, and a template never writes a missing value."""

import pytest
from jinja2 import UndefinedError
from markupsafe import Markup

from assistant.export.html_builder import element, escape_text, isolated, join, marked, set_apart, template_environment
from tests.fixtures.payloads import PAYLOADS
from tests.fixtures.visible import read_html

TEMPLATES = template_environment("assistant.web")


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_a_template_escapes_as_an_element_does(payload: str) -> None:
    written = TEMPLATES.from_string('<p title="{{ text }}">{{ text }}</p>').render(text=payload)
    assert written == element("p", payload, title=payload)
    paragraph = read_html(written).find("p")[0]
    assert (paragraph.text, paragraph.attributes) == (payload, {"title": payload})


def test_markup_is_kept_as_a_child_and_escaped_as_an_attribute() -> None:
    bold = element("b", "<")
    assert element("p", bold, " & ", title=bold) == '<p title="&lt;b&gt;&amp;lt;&lt;/b&gt;"><b>&lt;</b> &amp; </p>'
    assert TEMPLATES.from_string("{{ bold }}").render(bold=bold) == "<b>&lt;</b>"
    assert escape_text(bold) == "&lt;b&gt;&amp;lt;&lt;/b&gt;"


def test_line_ends_and_tabs_become_character_references() -> None:
    assert join("a\tb", isolated("c\r\nd")) == "a&#9;b<bdi>c&#13;&#10;d</bdi>"


def test_an_attribute_that_is_none_is_left_out_and_an_address_is_not_changed() -> None:
    assert element("a", "x", href="/x", aria_label=None, class_="y") == '<a href="/x" class="y">x</a>'
    assert element("input", value="") == '<input value="">'


@pytest.mark.parametrize(("template", "error"), [("{{ missing }}", UndefinedError), ("{{ value }}", TypeError)])
def test_a_template_does_not_write_a_missing_value(template: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        TEMPLATES.from_string(template).render(value=None)


def test_the_result_is_markup() -> None:
    assert isinstance(element("p"), Markup)


def test_words_of_the_question_are_marked_by_stem_and_the_text_stays_the_same():
    quote = 'It investigates <b>most</b> crime; the force’s investigation of "burglary" isn\'t good.'
    html = marked(quote, "What did the force say about investigating burglaries?")
    assert read_html(html).text == quote
    assert [node.text for node in read_html(html).find("mark")] == ["investigates", "investigation", "burglary"]


def test_the_last_occurrence_of_each_part_is_set_apart_and_the_text_stays_the_same():
    html = set_apart("a <b> one, b one two, c", ["one", "two", "absent"], "part")
    assert html == 'a &lt;b&gt; one, b <span class="part">one</span> <span class="part">two</span>, c'
    assert set_apart("a <b>", [], "part") == "a &lt;b&gt;"
