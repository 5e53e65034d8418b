"""Word reports and letters: headings by style and by look, automatic numbers, callouts and captions."""

from __future__ import annotations

import pytest

from index.text.transcript import Role
from tests.fixtures.blocks import docx_file
from tests.fixtures.files.docx_builder import docx, paragraph, run, table, text_box

BOLD = "<w:b/>"
BORDER = '<w:pBdr><w:left w:val="single"/></w:pBdr>'
STYLES = (
    '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="H2"><w:name w:val="heading 2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Cap"><w:name w:val="caption"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="LB"><w:name w:val="List Bullet"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="LB2"><w:name w:val="List Bullet 2"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Strong1"><w:name w:val="Lead"/><w:rPr><w:b/></w:rPr></w:style>'
)
NUMBERING = (
    '<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>'
    '<w:lvlText w:val="%1."/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%2)"/>'
    '</w:lvl></w:abstractNum><w:abstractNum w:abstractNumId="2"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/>'
    '<w:lvlText w:val="%1"/></w:lvl><w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>'
    '</w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="6">'
    '<w:abstractNumId w:val="2"/></w:num>'
)
PARTS = {"styles": STYLES, "numbering": NUMBERING}


def bold(words: str) -> str:
    return paragraph(run(words, BOLD))


def numbered(words: str, level: int = 0, list_id: int = 5) -> str:
    numbering = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
    return paragraph(words, properties=numbering)


REPORT = docx(
    paragraph("Westmere Police – PEEL 2023–25", "T")
    + paragraph("Investigating crime", "H1")
    + bold("Requires improvement")
    + paragraph("Burglary", "H2")
    + paragraph("Detectives are stretched.")
    + table((bold("Cause of concern") + paragraph("The force does not visit victims") + bold("Recommendations")
             + paragraph("By 30 June 2024, the force should:") + paragraph("visit every victim; and", "LB")
             + paragraph("tell:", "LB") + paragraph("supervisors; and", "LB2") + paragraph("partners.", "LB2"),))
    + paragraph("Work has begun.")
    + paragraph(run("Area for improvement", BOLD), properties=BORDER)
    + paragraph("The force should record stalking better", properties=BORDER)
    + paragraph("Forensic work is prompt.")
    + paragraph(run("Response is quick.") + text_box(bold("Innovative practice") + paragraph("It lends doorbells")))
    + paragraph("Table 1: Grades since 2019", "Cap")
    + table(("Area", "2019"), ("Custody", "Good"))
    + paragraph("Responding to the public", "H1")
    + paragraph("Calls are answered in eight seconds."),
    PARTS,
)  # fmt: skip
LETTER = docx(
    bold("Revisit of Westmere Police")
    + paragraph("Dear Chief Constable,")
    + bold("What we found")
    + paragraph("Progress is slow.")
    + bold("Recommendations")
    + paragraph("The force should:")
    + numbered("train its call handlers;")
    + numbered("review its plans, and in doing so:")
    + numbered("ask staff; and", 1)
    + numbered("publish the result.", 1)
    + numbered("report by May.")
    + paragraph("WHAT HAPPENS NEXT")
    + numbered("We will return.", 0, 6)
    + numbered("We will look at custody.", 1, 6)
    + numbered("We will look at vetting.", 1, 6)
    + bold("The force should tell us by June.")
    + paragraph("Yours sincerely"),
    PARTS,
)
BURGLARY = ("Investigating crime", "Burglary")
RECOMMENDED = (*BURGLARY, "Cause of concern", "Recommendations")


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("Requires improvement", ("Investigating crime",)),
        ("Detectives are stretched.", BURGLARY),
        ("The force does not visit victims", (*BURGLARY, "Cause of concern")),
        ("visit every victim; and", RECOMMENDED),
        ("Work has begun.", BURGLARY),
        ("The force should record stalking better", (*BURGLARY, "Area for improvement")),
        ("Forensic work is prompt.", BURGLARY),
        ("It lends doorbells", (*BURGLARY, "Innovative practice")),
        ("Good", BURGLARY),
        ("Calls are answered in eight seconds.", ("Responding to the public",)),
    ],
)
def test_a_report_with_heading_styles_has_its_sections_and_callouts(words, path):
    file = docx_file(REPORT)
    assert file.block(words).role is Role.FINDING
    assert file.path(words) == path


def test_list_styles_give_items_their_lead_in():
    file = docx_file(REPORT)
    assert file.lead_in("visit every victim; and") == file.lead_in("tell:") == "By 30 June 2024, the force should:"
    assert file.lead_in("supervisors; and") == file.lead_in("partners.") == "tell:"
    assert file.lead_in("Work has begun.") is None


def test_a_caption_is_no_finding_and_heads_no_section():
    file = docx_file(REPORT)
    assert file.block("Table 1: Grades since 2019").role is Role.HEADING
    assert file.heads("Good") == ["Custody", "2019"]


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("Dear Chief Constable,", ()),
        ("Progress is slow.", ("What we found",)),
        ("The force should:", ("What we found", "Recommendations")),
        ("We will return.", ("WHAT HAPPENS NEXT",)),
        ("The force should tell us by June.", ("WHAT HAPPENS NEXT",)),
    ],
)
def test_short_bold_paragraphs_and_lines_in_capitals_are_headings(words, path):
    file = docx_file(LETTER)
    assert file.block(words).role is Role.FINDING
    assert file.path(words) == path
    assert file.words(Role.TITLE) == ["Revisit of Westmere Police"]


def test_items_have_the_numbers_that_word_shows():
    file = docx_file(LETTER)
    assert file.words(Role.MARKUP) == ["1.", "2.", "(a)", "(b)", "3.", "1", "1.1", "1.2"]
    assert file.composed.notes == ()


def test_a_nested_item_has_the_item_above_it_as_lead_in_and_a_numbered_paragraph_has_none():
    file = docx_file(LETTER)
    assert file.lead_in("report by May.") == file.lead_in("train its call handlers;") == "The force should:"
    assert file.lead_in("ask staff; and") == file.lead_in("publish the result.") == "review its plans, and in doing so:"
    assert file.lead_in("We will look at vetting.") is None


def test_bold_text_that_states_something_or_grades_is_a_finding():
    body = bold("The force is good at preventing crime") + bold("Good") + paragraph("Custody", "Strong1")
    file = docx_file(docx(paragraph("T", "T") + body, PARTS))
    assert file.words() == ["The force is good at preventing crime", "Good"]
    assert file.words(Role.HEADING) == ["Custody"]


def test_styles_based_on_each_other_end():
    style = '<w:style w:styleId="S{}"><w:name w:val="s"/><w:basedOn w:val="S{}"/></w:style>'
    styles = "".join(style.format(number, (number + 1) % 5000) for number in range(5000))
    assert docx_file(docx(paragraph("It is good.", "S7"), {"styles": styles})).words() == ["It is good."]
