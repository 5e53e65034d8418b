"""What surrounds the content of a saved page is left out and noted, although its elements have plain names."""

from __future__ import annotations

import pytest

from index.text.transcript import Role
from tests.fixtures.blocks import html_file
from tests.fixtures.files import pages

CONTENT = ["The force answers emergency calls quickly.", "It shares a control room with the fire service."]


def test_a_saved_page_gives_its_content_and_nothing_else():
    file = html_file(pages.SAVED)
    assert file.words() == CONTENT
    assert file.words(Role.TITLE) == ["Westmere Police – PEEL 2023–25"]
    assert file.words(Role.HEADING) == []


@pytest.mark.parametrize(
    "words",
    ["Skip to main content", "We use cookies", "Sign up for our newsletter", "Share this page",
     "Related content", "Is this page useful?", "Back to top", "Accessibility Privacy"],
)  # fmt: skip
def test_what_is_left_out_is_counted_in_the_notes(words):
    single = pages.page("<h1>Westmere Police</h1><p>The force answers calls.</p>")
    assert html_file(single).composed.notes == ()
    parts = (pages.SITE_HEAD, pages.COOKIES, pages.SIGN_UP, pages.SHARE, pages.RELATED, pages.FOOT)
    others = ("<div><p>Is this page useful?</p><button>Yes</button></div>", '<p><a href="#top">Back to top</a></p>')
    notes = [
        note
        for part in (*parts, *others)
        for note in html_file(pages.page(f"<h1>Westmere Police</h1><p>It is good.</p>{part}")).composed.notes
    ]
    assert any(f"left out: “{words}" in note for note in notes)


@pytest.mark.parametrize(
    "content",
    [
        '<ul><li><a href="/1">Custody</a>: good</li><li><a href="/2">Workforce</a>: inadequate</li></ul>',
        '<div class="menu"><p>The force offers victims a menu of support, and most of them use it.</p></div>',
        '<div class="related-findings"><p>Other forces lend <a href="/d">doorbells</a> to all victims.</p></div>',
        '<p>See <a href="/1">the first report</a> and <a href="/2">the second report</a>.</p>',
        "<p>Officers share what they learn in a newsletter for all neighbourhood teams.</p>",
        '<ol><li><a href="/1">The force should train its call handlers by June.</a></li>'
        '<li><a href="/2">The force should tell victims what happens to their case.</a></li></ol>',
        "<table><tr><th>Force</th><th>Report</th></tr><tr><td>Eastvale</td><td><a href='/e'>2017</a></td></tr></table>",
        "<p>The force told its staff to use cookies on the website only with consent.</p>",
        '<section class="share"><p>Almost all forces share data about offenders with their partners.</p></section>',
    ],
)
def test_content_is_kept_whatever_its_classes_and_links(content):
    file = html_file(pages.page(f"<h1>Westmere Police</h1><p>The force is slow.</p>{content}"))
    assert file.composed.notes == ()


@pytest.mark.parametrize(
    "offer",
    [
        '<p><a href="/s?u=x">Share this page</a> on social media</p>',
        '<p>Share this page</p><ul><li><a href="/a">Facebook</a></li><li><a href="/b">X</a></li></ul>',
        '<div>Share this page: <a href="/a">Facebook</a></div>',
        "<div><span>Share this page</span></div>",
        '<h2>Share this page</h2><p><a href="mailto:?subject=x">Email</a></p>',
        '<a href="/a">Share this article via LinkedIn (opens in a new window)</a>',
        '<p><a href="/a">Share on Twitter</a> | <a href="/b">Share by e-mail</a></p>',
        '<ul><li><a href="/a">Share on WhatsApp</a></li></ul>',
    ],
)
def test_an_offer_to_share_the_page_is_left_out_however_it_is_marked(offer: str):
    body = f"<main><h1>Westmere Police</h1><p>{CONTENT[0]}</p>{offer}<p>{CONTENT[1]}</p></main>"
    file = html_file(pages.page(body))
    assert (file.words(), file.words(Role.HEADING)) == (CONTENT, [])
    assert any(note.startswith("Share links left out: “Share") for note in file.composed.notes)


@pytest.mark.parametrize(
    "content",
    [
        "<li>Share this report with every officer.</li>",
        "<li>share this report</li>",
        '<p>You can <a href="/a">share this page</a> with victims, who ask for it.</p>',
        "<h2>Sharing information</h2>",
        '<p>Share <a href="/a">this</a> learning with partners by June.</p>',
    ],
)
def test_what_a_force_should_share_is_content(content: str):
    assert html_file(pages.page(f"<h1>Westmere Police</h1><p>The force is slow.</p>{content}")).composed.notes == ()


def test_the_name_of_the_site_is_not_the_title_of_a_page_that_has_its_own():
    body = "<header><h1>The Inspectorate</h1></header><main><h1>Westmere Police</h1><p>It is slow.</p></main>"
    file = html_file(pages.page(body))
    assert file.words(Role.TITLE) == ["Westmere Police"]
    assert "Inspectorate" not in file.composed.text


def test_the_date_of_another_report_in_a_list_of_links_is_not_read():
    body = (
        "<h1>Eastvale Police – PEEL 2017</h1><p>The force is good at preventing crime.</p><div><h2>Get the report</h2>"
        '<ul><li><a href="/c">National overview of custody</a><p>Published: 8 December 2015</p></li></ul></div>'
    )
    assert "2015" not in html_file(pages.page(body)).composed.text


def test_hidden_text_is_left_out_unless_something_on_the_page_opens_it():
    hidden = "<h1>Westmere Police</h1><p>It is slow.</p><div {}><p>It is late.</p></div>"
    assert "late" not in html_file(pages.page(hidden.format('style="display:none" id="x"'))).composed.text
    opened = hidden.format('style="display:none" id="x"') + '<button aria-controls="x">Delays</button>'
    assert html_file(pages.page(opened)).path("It is late.") == ("Delays",)
    assert "late" in html_file(pages.page(hidden.format('hidden="until-found"'))).composed.text


def test_a_menu_that_opens_is_not_a_panel():
    links = '<li><a href="/a">About us</a></li><li><a href="/n">News</a></li>'
    menu = f'<button aria-controls="m">Menu</button><ul id="m" hidden>{links}</ul>'
    file = html_file(pages.page(f"{menu}<h1>Westmere Police</h1><p>It is slow.</p>"))
    assert file.composed.text == "Westmere Police\n\nIt is slow."
