"""The grades of the overview in a real browser: in view, in words, accessible, and one click from their sentences."""

from __future__ import annotations

import pytest

from tests.assistant.judgements.test_overview_grades import GRADED, graded_assistant
from tests.browser.conftest import serve_site
from tests.browser.test_accessibility import violations
from tests.browser.test_plain_pages import TOO_WIDE

pytestmark = pytest.mark.browser

BY_FORCE, BY_PERIOD = "/overview", "/overview?force=Westmere+Police"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 900}


@pytest.fixture(scope="module")
def graded_site(tmp_path_factory):
    yield from serve_site(tmp_path_factory.mktemp("graded"), graded_assistant(GRADED))


@pytest.fixture
def grades(watched, graded_site):
    """Opens a page of the overview in a window of a size, and returns the table of grades."""

    def open_page(path: str, size: dict[str, int], scheme: str = "light"):
        watched.page.emulate_media(color_scheme=scheme)
        watched.page.set_viewport_size(size)
        watched.page.goto(graded_site.address + path)
        return watched.page.locator("table.grades")

    return open_page


@pytest.mark.parametrize("path", [BY_FORCE, BY_PERIOD])
def test_every_column_and_row_of_the_grades_is_in_view_at_1280_pixels(watched, grades, path):
    table = grades(path, WIDE).bounding_box()
    assert table["x"] + table["width"] <= WIDE["width"]
    assert table["y"] + table["height"] <= WIDE["height"]
    assert not watched.page.evaluate(TOO_WIDE)


@pytest.mark.parametrize("path", [BY_FORCE, BY_PERIOD])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_grades_are_a_table_to_screen_readers_at_every_width(watched, grades, path, size):
    table = grades(path, size)
    assert not watched.page.evaluate(TOO_WIDE)
    rows, columns = table.get_by_role("row").count() - 1, table.get_by_role("columnheader").count() - 1
    assert rows == table.get_by_role("rowheader").count() > 3
    assert table.get_by_role("cell").count() == rows * columns
    spoken = table.aria_snapshot()
    assert "Inadequate" in spoken
    assert "worse than in 2021/22" in spoken
    assert "1 cause of concern" in spoken
    assert "No grade found" in spoken


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_no_violations_on_the_pages_of_grades(watched, grades, scheme, size):
    for path in (BY_FORCE, BY_PERIOD):
        grades(path, size, scheme)
        assert violations(watched.page) == [], path
    watched.page.locator("table.grades td a").first.click()
    watched.page.locator("blockquote").first.wait_for()
    assert violations(watched.page) == []


def test_the_period_is_switched_and_a_grade_opens_its_sentence_and_its_source(watched, grades):
    table, page = grades(BY_FORCE, WIDE), watched.page
    page.get_by_label("Inspection period").select_option("2021/22")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**period=2021*")
    assert table.get_by_role("rowheader").all_inner_texts() == [
        "Northshire Constabulary 2021/22",
        "Westmere Police 2021/22",
    ]
    table.get_by_role("link", name="Inadequate").click()
    sentence = GRADED["w21"].sentences[1].text
    assert page.locator("blockquote").all_inner_texts() == [sentence]
    page.get_by_role("link", name="Open the source at this sentence").click()
    assert page.locator(".sentence.cited").inner_text() == sentence


def test_a_count_opens_the_register_with_as_many_entries(watched, grades):
    grades(BY_FORCE, WIDE).get_by_role("link", name="2 areas for improvement").click()
    assert watched.page.locator("table.register tbody tr").count() == 2


def test_the_letters_tell_the_grades_apart_with_forced_colours(watched, grades):
    watched.page.emulate_media(forced_colors="active")
    table = grades(BY_FORCE, WIDE)
    letters = table.locator(".letter")
    assert set(letters.all_inner_texts()) == {"O", "G", "A", "RI", "I"}
    assert all(letter.is_visible() for letter in letters.all())
    watched.page.emulate_media(forced_colors="none")
