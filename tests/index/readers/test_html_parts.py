"""Pages in the inspectorate's layouts: headings, lists, callouts, tabs and accordions are read as they are laid out."""

from __future__ import annotations

import pytest

from index.text.transcript import Role
from tests.fixtures.blocks import html_file
from tests.fixtures.files import pages

CAUSE = "The force does not visit victims of burglary"
AREA = "The force should record stalking better"
BURGLARY = ("Investigating crime", "Burglary")
RECOMMENDED = (*BURGLARY, "Cause of concern", "Recommendations")


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("Requires improvement", ("Investigating crime",)),
        ("Detectives are stretched.", BURGLARY),
        (CAUSE, (*BURGLARY, "Cause of concern")),
        ("Within six months, the force should:", RECOMMENDED),
        ("visit every victim; and", RECOMMENDED),
        ("Work on burglary has begun.", BURGLARY),
        (AREA, (*BURGLARY, "Area for improvement")),
        ("Forensic work is prompt.", BURGLARY),
        ("The force lends doorbells", (*BURGLARY, "Innovative practice")),
        ("Good", ("Responding to the public",)),
        ("Calls are answered in eight seconds.", ("Responding to the public",)),
    ],
)
def test_a_heading_in_a_callout_heads_only_the_callout(words, path):
    file = html_file(pages.CALLOUTS)
    assert file.block(words).role is Role.FINDING
    assert file.path(words) == path


SWITCHED = {
    "for": '<div><input type="checkbox" id="{0}"><label for="{0}">{1}</label><div hidden>{2}</div></div>',
    "inside": "<label><input type='checkbox'> {1}</label><section style='display:none'>{2}</section>",
    "item": '<ul><li><input type="radio" name="r" id="{0}"><label for="{0}"><b>{1}</b></label><div>{2}</div></li></ul>',
}
PANELS = {"Custody": "Detention officers check every detainee.", "Vetting": "The unit has cleared its backlog."}


def switched(form: str) -> str:
    """Returns panels that a ticked box shows by style alone; "tabs" has all labels before all panels."""
    numbered = [(f"box-{number}", label, f"<p>{words}</p>") for number, (label, words) in enumerate(PANELS.items())]
    if form != "tabs":
        return "".join(SWITCHED[form].format(*panel) for panel in numbered)
    boxes = (
        f'<input type="radio" name="t" id="{box}"><label for="{box}">{label}</label>' for box, label, _ in numbered
    )
    return "".join(boxes) + "".join(f"<div>{words}</div>" for *_, words in numbered)


@pytest.mark.parametrize("form", [*SWITCHED, "tabs"])
def test_the_label_of_a_box_to_tick_heads_the_panel_that_it_shows(form: str):
    body = f"<h1>Westmere Police</h1><p>The force is slow.</p>{switched(form)}<p>It has four districts.</p>"
    file = html_file(pages.page(body))
    assert file.words() == ["The force is slow.", *PANELS.values(), "It has four districts."]
    assert file.words(Role.HEADING) == [*PANELS]
    assert [file.path(words) for words in PANELS.values()] == [(label,) for label in PANELS]
    assert file.path("It has four districts.") == ()


def test_a_list_of_boxes_to_tick_without_panels_heads_nothing():
    boxes = "".join(
        f'<li><input type="checkbox" id="{label}"><label for="{label}">{label}</label></li>' for label in PANELS
    )
    file = html_file(
        pages.page(f"<h1>Westmere Police</h1><p>The force is slow.</p><ul>{boxes}</ul><p>It is small.</p>")
    )
    assert file.words(Role.HEADING) == []
    assert file.path("It is small.") == ()


def test_headings_have_the_level_of_their_element_and_bold_ones_a_lower_one():
    file = html_file(pages.CALLOUTS)
    assert file.block("Burglary").level == 3
    assert file.block("Cause of concern").level > 3
    assert file.block("Recommendations").level > file.block("Cause of concern").level


@pytest.mark.parametrize(
    ("item", "lead_in"),
    [
        ("visit every victim; and", "Within six months, the force should:"),
        ("tell supervisors:", "Within six months, the force should:"),
        ("what was found; and", "tell supervisors:"),
        ("what was done.", "tell supervisors:"),
        ("Work on burglary has begun.", None),
        ("Detectives are stretched.", None),
    ],
)
def test_an_item_has_the_line_that_introduces_its_list(item, lead_in):
    assert html_file(pages.CALLOUTS).lead_in(item) == lead_in


def test_items_are_numbered_as_the_page_shows_them_and_typed_bullets_are_items():
    file = html_file(pages.NUMBERED)
    assert file.words(Role.MARKUP) == ["3.", "4.", "•", "•"]
    assert file.lead_in("review its plans.") == "I recommend that the force should:"
    assert file.lead_in("hired ten detectives; and") == file.lead_in("closed 900 cases.") == "Since May it has:"
    assert file.lead_in("Yours, Ada Marlowe") is None


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("This report has three parts.", ()),
        ("Neighbourhood teams know their areas.", ("Preventing crime",)),
        ("Detainees wait too long for a nurse", ("Custody", "Cause of concern")),
        ("Sickness is falling.", ("Workforce",)),
        ("We will return in May.", ()),
    ],
)
def test_closed_accordions_are_read_with_their_buttons_as_headings(words, path):
    file = html_file(pages.ACCORDION)
    assert file.path(words) == path
    assert file.words(Role.HEADING) == ["Preventing crime", "Custody", "Cause of concern", "Workforce"]
    assert [note for note in file.composed.notes if "Show all sections" not in note] == []


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("The force has improved.", ("Summary",)),
        ("Response is quicker.", ("Findings",)),
        ("It recorded 900 burglaries.", ("Data",)),
    ],
)
def test_every_tab_is_read_under_its_name(words, path):
    file = html_file(pages.TABS)
    assert file.path(words) == path
    assert file.words(Role.HEADING) == ["Summary", "Findings", "Data"]


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("Officers use protection orders well.", ("Findings", "Stalking")),
        ("Victims are told little.", ("Findings", "Fraud")),
        ("We spoke to 40 officers.", ("Findings",)),
        ("We thank the force for its help.", ("Findings",)),
    ],
)
def test_a_summary_heads_its_details_unless_it_says_only_read_more(words, path):
    file = html_file(pages.DETAILS)
    assert file.path(words) == path
    assert file.words(Role.HEADING) == ["Findings", "Stalking", "Fraud"]


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("The force leaves too many investigations without a plan.", ("Investigating crime",)),
        ("Detainees wait too long for a nurse.", ("Custody",)),
        ("Wellbeing visits are rare.", ("Workforce",)),
        ("The force is adequate overall.", ()),
    ],
)
def test_parts_that_are_hidden_until_found_are_read(words, path):
    file = html_file(pages.GOVUK_ACCORDION)
    assert file.path(words) == path
    assert "Show" not in file.composed.text


@pytest.mark.parametrize(
    ("words", "path"),
    [
        ("Requires improvement", ("Investigating crime",)),
        ("The force should tell victims what happens", ("Investigating crime", "Area for improvement")),
        ("It does not manage offenders well", ("Investigating crime", "Cause of concern")),
        ("By 30 June 2024, it should:", ("Investigating crime", "Cause of concern", "Recommendations")),
        ("train managers.", ("Investigating crime", "Cause of concern", "Recommendations")),
        ("Good", ("Responding to the public",)),
    ],
)
def test_each_formal_term_heads_what_is_said_under_it_and_no_more(words, path):
    assert html_file(pages.MIXED_TERMS).path(words) == path


def test_a_page_without_any_heading_is_read_like_plain_text():
    body = "<p>Custody</p><p>Detainees wait too long for a nurse.</p><p>Workforce</p><p>Sickness is falling again.</p>"
    file = html_file(pages.page(f"<div>{body}</div>"))
    assert file.path("Sickness is falling again.") == ("Workforce",)


def test_white_space_between_elements_and_line_breaks_are_kept_as_shown():
    file = html_file(
        pages.page("<h1>T</h1><p>The  force\n is <b> good </b>at\n it.<br>It is <i>quick</i>.</p><pre>a\n b</pre>")
    )
    assert file.composed.text == "T\n\nThe force is good at it.\nIt is quick.\n\na\n b"
