"""The plain pages and the documentation of the interface in a real browser, with and without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from assistant.export.reference import quotation
from assistant.sources import permalink
from tests.assistant.judgements.test_overview_grades import GRADED, graded_assistant
from tests.browser.conftest import DESKTOP, serve_site
from tests.fixtures.fictional import NORTHSHIRE, cite

pytestmark = pytest.mark.browser

CITED = cite(NORTHSHIRE, 6, 1)
CHANGED = permalink(CITED).replace(CITED.sha256, "0" * 64)
IN_SIGHT = "node => node.getBoundingClientRect().top >= 0 && node.getBoundingClientRect().bottom <= innerHeight"
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def without_script(browser) -> Iterator:
    """A page of a browser with JavaScript off."""
    context = browser.new_context(java_script_enabled=False, viewport=DESKTOP)
    context.set_default_timeout(30_000)
    page = context.new_page()
    outside: list[str] = []
    page.on("request", lambda sent: outside.append(sent.url) if "//127.0.0.1" not in sent.url else None)
    yield page
    context.close()
    assert outside == []


@pytest.fixture(scope="module")
def graded_register(tmp_path_factory):
    yield from serve_site(tmp_path_factory.mktemp("register"), graded_assistant(GRADED))


@pytest.fixture(scope="module")
def site_of_one(tmp_path_factory):
    yield from serve_site(tmp_path_factory.mktemp("one"), graded_assistant({"n21": GRADED["n21"]}))


def test_without_javascript_a_question_is_answered_and_its_citation_opens(without_script, site):
    page = without_script
    page.goto(f"{site.address}/ask")
    page.get_by_label("Your question").fill("How well is crime investigated?")
    page.get_by_label("Force").select_option("Northshire Constabulary")
    page.get_by_role("button", name="Ask").click()
    assert page.title().startswith("How well is crime investigated?")
    assert page.locator("blockquote").all_inner_texts() == [sentence.text for sentence in NORTHSHIRE.sentences[5:8]]
    assert page.get_by_label("Force").input_value() == "Northshire Constabulary"
    page.locator("a.number").nth(1).click()
    sentence = page.locator(".sentence.cited")
    assert sentence.inner_text() == NORTHSHIRE.sentences[6].text
    assert sentence.evaluate(IN_SIGHT)
    assert page.locator(".changed").count() == 0


def test_without_javascript_a_link_to_a_changed_text_is_readable(without_script, site):
    page = without_script
    page.goto(site.address + CHANGED)
    assert "has changed since the link was made" in page.locator(".changed").inner_text()
    assert page.locator(".sentence.cited").inner_text() == CITED.quote
    assert page.locator(".citation .reference").is_visible()
    assert page.get_by_role("button").count() == 0
    assert page.locator("article").inner_text().count(CITED.quote) == 1


@pytest.mark.parametrize(
    "path",
    [
        *("/ask", "/ask?q=How+is+crime+investigated%3F", "/ask?q=Compare+the+two", "/ask?q=Which+forces%3F"),
        *("/sources", CHANGED, "/sources/hostile", "/ask?q=Strengths+and+concerns%3F"),
        *(
            "/overview",
            "/overview/cell?force=Northshire+Constabulary&period=2018%2F19&theme=investigating",
            "/register",
            "/accessibility",
        ),
    ],
)
def test_no_page_is_wider_than_a_narrow_window(watched, site, path):
    watched.page.set_viewport_size({"width": 320, "height": 640})
    watched.page.goto(site.address + path)
    assert not watched.page.evaluate(TOO_WIDE)


def test_print_keeps_the_notice_and_the_reference_and_drops_navigation(watched, site):
    page = watched.page
    page.goto(site.address + CHANGED)
    page.emulate_media(media="print")
    shown = {name: page.locator(name).first.is_visible() for name in (".changed", ".reference", "article")}
    gone = {name: page.locator(name).first.is_visible() for name in (".site", ".citation nav", ".citation button")}
    page.emulate_media(media="screen")
    assert (set(shown.values()), set(gone.values())) == ({True}, {False})


def test_a_permalink_focuses_its_sentence_and_then_its_neighbour(watched, site):
    page = watched.page
    page.goto(site.address + permalink(CITED))
    assert page.evaluate("document.activeElement.textContent") == CITED.quote
    assert page.locator(".sentence.cited").evaluate(IN_SIGHT)
    page.get_by_role("link", name="Next sentence").click()
    page.wait_for_url(f"**{permalink(cite(NORTHSHIRE, 7, 1))}")
    assert page.evaluate("document.activeElement.textContent") == NORTHSHIRE.sentences[7].text


def test_a_quotation_is_copied_with_its_reference_and_the_copy_confirmed(context, watched, site):
    page = watched.page
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site.address)
    page.goto(site.address + permalink(CITED))
    page.get_by_role("button", name="Copy quotation with reference").click()
    page.get_by_role("status").get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == quotation(CITED, site=site.address)
    context.clear_permissions()


def test_if_copying_is_denied_the_text_is_shown_and_selected(watched, site):
    page = watched.page
    page.goto(site.address + permalink(CITED))
    page.evaluate("() => { navigator.clipboard.writeText = async () => { throw new DOMException('no') } }")
    for _ in range(2):
        page.get_by_role("button", name="Copy quotation with reference").click()
        page.get_by_role("status").get_by_text("does not allow copying").wait_for()
    assert page.locator(".citation textarea").count() == 1
    assert page.evaluate("getSelection().toString()") == quotation(CITED, site=site.address)


def test_the_documentation_works_without_another_host(watched, site):
    page = watched.page
    page.goto(f"{site.address}/api/v1/docs")
    operation = page.locator("#operations-questions-ask")
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    reply = operation.locator(".live-responses-table .response-col_status")
    reply.first.wait_for()
    assert "200" in operation.locator(".live-responses-table").inner_text()
    assert site.assistant.asked[-1] == ("How well is crime investigated?", ())


def test_without_javascript_a_cell_links_to_its_sentences_and_their_source(without_script, site):
    page = without_script
    page.goto(f"{site.address}/overview")
    page.get_by_label("Force").select_option("Northshire Constabulary")
    page.get_by_role("button", name="Show").click()
    table = page.get_by_role("table", name="Praise and concern in each assessment, by theme")
    # the page may not have loaded yet, so this waits for it
    expect(table.get_by_role("rowheader")).to_have_text(["Northshire Constabulary 2018/19"], use_inner_text=True)
    table.get_by_role("link", name="Concern or a low grade: 1 sentence").first.click()
    quoted = page.locator("blockquote").first.inner_text()
    assert quoted in {sentence.text for sentence in NORTHSHIRE.sentences}
    page.get_by_role("link", name="Open the source at this sentence").first.click()
    assert page.locator(".sentence.cited").inner_text() == quoted


@pytest.mark.parametrize("width", [320, 1440])
def test_the_overview_is_a_table_at_every_width_with_each_judgement_in_text(watched, site, width):
    page = watched.page
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{site.address}/overview")
    assert not page.evaluate(TOO_WIDE)
    table = page.get_by_role("table", name="Praise and concern in each assessment, by theme")
    columns = table.locator("thead .themes th").count() + 1
    rows = table.get_by_role("rowheader").count()
    assert table.get_by_role("cell").count() == (columns - 1) * rows
    shaded = table.locator("td:is(.praise, .concern, .both, .other)")
    said = shaded.evaluate_all("cells => cells.map(cell => cell.querySelector('.unseen').textContent.trim().length)")
    assert said
    assert min(said) > 3
    signs = shaded.evaluate_all("cells => cells.map(cell => cell.querySelector('.sign').textContent[0])")
    assert set(signs) <= set("▲▼◆○■□")
    empty = table.locator("td.none .empty .unseen")
    assert set(empty.all_text_contents()) == {"Nothing found"}


def test_every_theme_of_the_overview_is_in_view_at_1280_pixels_in_its_group(watched, site):
    page = watched.page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{site.address}/overview")
    assert page.locator(".scrolled").evaluate("node => node.scrollWidth <= node.clientWidth")
    last = page.locator(".overview .themes th").last.bounding_box()
    assert last["x"] + last["width"] <= 1280
    first_row = page.locator(".overview tbody tr").first.bounding_box()
    assert first_row["y"] + first_row["height"] <= 900
    spans = page.locator(".overview .group").evaluate_all("all => all.map(one => one.colSpan)")
    assert sum(spans) == page.locator(".overview .themes th").count() == 18
    assert min(spans[:-1]) > 1


def test_the_overview_keeps_its_borders_with_forced_colours(watched, site):
    page = watched.page
    page.emulate_media(forced_colors="active")
    page.goto(f"{site.address}/overview")
    styles = {
        name: page.locator(f".overview td.{name}").first.evaluate(
            "cell => getComputedStyle(cell).borderInlineStartStyle"
        )
        for name in ("praise", "both", "none")
    }
    page.emulate_media(forced_colors="none")
    assert len(set(styles.values())) > 1
    assert "none" not in styles.values()


@pytest.mark.parametrize("width", [320, 1024])
def test_a_comparison_is_an_accessible_table_at_every_width(watched, site, width):
    page = watched.page
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(f"{site.address}/ask?q=Compare+the+two")
    table = page.get_by_role("table", name="The sentences found for each force or period")
    assert table.get_by_role("columnheader").count() == 2
    assert [row.inner_text() for row in table.get_by_role("rowheader").all()] == [
        "Northshire Constabulary 2018/19",
        "Westmere Police 2018/19",
        "Westmere Police 2021/22",
    ]
    assert table.get_by_role("cell").nth(1).inner_text().strip() == "Nothing found"


def test_the_first_entry_of_a_register_and_its_files_are_in_view_and_no_word_is_broken(watched, graded_register):
    page = watched.page
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{graded_register.address}/register?force=Northshire+Constabulary")
    for shown in (page.locator(".register tbody tr").first, page.get_by_role("link", name="Word document")):
        box = shown.bounding_box()
        assert box["y"] + box["height"] <= 900
    assert page.get_by_text("Police Act 1996, section 55").bounding_box()["y"] > box["y"]
    kind = page.locator(".register tbody td:nth-child(3)").first
    assert kind.inner_text() == "Area for improvement"
    lines = "n => { const r = document.createRange(); r.selectNodeContents(n); return r.getClientRects().length; }"
    assert kind.evaluate(lines) <= 2  # and not in the middle of "improvement"
    left = "node => Math.round(node.getBoundingClientRect().x)"
    edges = [page.locator(name).first.evaluate(left) for name in (".site > *", "h1", ".page-end a")]
    assert len(set(edges)) == 1


def test_a_register_of_one_force_offers_no_choice(watched, site_of_one):
    page = watched.page
    page.goto(f"{site_of_one.address}/register")
    assert page.get_by_role("combobox").count() == page.locator("main form").count() == 0
    assert page.locator(".register tbody tr").count() == 2
    page.goto(f"{site_of_one.address}/overview")
    assert page.get_by_role("combobox").count() == page.locator("main form").count() == 0
    assert page.locator("table.grades td a").count() == 2
    assert page.get_by_text("Nothing found", exact=True).evaluate_all(
        "all => all.every(node => node.classList.contains('unseen'))"
    )
