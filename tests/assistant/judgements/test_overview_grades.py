"""The grades of the overview: what each cell says, what it is compared with, what it leads to, and the files."""

from __future__ import annotations

import csv
import io
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from assistant.answer_layout import Place
from assistant.judgements.overview import grades_table
from assistant.sources import SourcePage
from assistant.web.pages.overview import CELL
from index.text.transcript import Metadata, Period, Role
from tests.assistant.judgements.test_overview import NORTH, client_of, page_at
from tests.fixtures.fictional import FictionalAssistant, FictionalSources, make_page
from tests.fixtures.lexicons import judgements_of
from tests.fixtures.visible import Node

WESTMERE = "Westmere Police"
LAST = Place(force=WESTMERE, period="2023-25")


def graded(name: str, force: str, period: Period, *said: str) -> SourcePage:
    title = f"{force}: PEEL {period.label}"
    return make_page(name, title, [(Role.FINDING, (one,)) for one in said], Metadata(force, period))


GRADED = {
    "w18": graded("w18", WESTMERE, Period("2018/19", 2018, 2019), "Westmere Police is good at preventing crime."),
    "w21": graded(
        "w21",
        WESTMERE,
        Period("2021/22", 2021, 2022),
        "Westmere Police is good at preventing crime.",
        "It is inadequate at managing offenders.",
        "Cause of concern: the force does not protect children at risk of exploitation.",
    ),
    "w23": graded(
        "w23",
        WESTMERE,
        Period("2023-25", 2023, 2025),
        "Westmere Police is inadequate at preventing crime.",
        "It is adequate at managing offenders.",
        "Effectiveness: outstanding.",
        "It is good at working with schools.",
    ),
    "n21": graded(
        "n21",
        NORTH,
        Period("2021/22", 2021, 2022),
        "Northshire Constabulary requires improvement at preventing crime.",
        "Area for improvement: the force should answer calls sooner.",
        "Area for improvement: the force should train more sergeants.",
    ),
}


def graded_assistant(pages: dict[str, SourcePage]) -> FictionalAssistant:
    """An assistant whose collection is these pages."""
    assistant = FictionalAssistant()
    assistant.sources = FictionalSources(pages)
    assistant.judgements = judgements_of(assistant.sources)
    return assistant


@pytest.fixture(scope="module")
def graded_client() -> TestClient:
    return client_of(graded_assistant(GRADED))


def grades_of(page: Node) -> dict[str, list[str]]:
    """What each row of the first table says, without its signs, by its heading."""
    rows = {}
    for row in page.find("tbody")[0].find("tr"):
        rows[row.find("th")[0].text] = [
            " ".join(text for node in cell.find("span", class_="unseen") if (text := node.text.strip()))
            for cell in row.find("td")
        ]
    return rows


def test_the_grid_of_grades_has_a_row_for_each_place_and_a_column_for_what_is_graded(graded_client: TestClient) -> None:
    page = page_at(graded_client, "/overview")
    table = page.find("table", class_="grades")[0]
    heads = [head.text.strip() for head in table.find("thead")[0].find("th")]
    assert heads == [
        *("Force and inspection period", "Effectiveness", "Preventing", "Offenders", "Other"),
        *("Causes of concern", "Areas for improvement"),
    ]
    none, nothing = "No grade found", "Nothing found"
    assert grades_of(page) == {
        "Northshire Constabulary 2021/22": [
            none,
            "Requires improvement.",
            none,
            none,
            nothing,
            "2 areas for improvement",
        ],
        "Westmere Police 2018/19": [none, "Good.", none, none, nothing, nothing],
        "Westmere Police 2021/22": [none, "Good.", "Inadequate.", none, "1 cause of concern", nothing],
        "Westmere Police 2023-25": [
            *("Outstanding.", "Inadequate. worse than in 2021/22", "Adequate. better than in 2021/22", "Good."),
            *(nothing, nothing),
        ],
    }
    letters = [node.text for node in page.find("tbody")[0].find("span", class_="letter")]
    assert letters == ["RI", "G", "G", "I", "O", "I", "A", "G"]


def test_the_grades_of_one_force_are_a_table_of_its_periods_in_words(graded_client: TestClient) -> None:
    page = page_at(graded_client, "/overview?force=Westmere+Police")
    table = page.find("table", class_="change")[0]
    assert [head.text.strip() for head in table.find("thead")[0].find("th")] == [
        *("What is graded", "2018/19", "2021/22", "2023-25"),
    ]
    rows = {row.find("th")[0].text: row.find("td") for row in table.find("tbody")[0].find("tr")}
    said = [" ".join(node.text for node in cell.find("span", class_="letter")) for cell in rows["Preventing"]]
    assert said == ["Good", "Good", "Inadequate"]
    changes = [" ".join(node.text for node in cell.find("span", class_="change")) for cell in rows["Preventing"]]
    assert changes == ["", "", "↓ worse than in 2021/22"]  # none from 2018/19, which had another scale
    assert "four grades then, and are five now" in page.text
    only = page_at(graded_client, "/overview?force=Northshire+Constabulary")
    assert only.find("table", class_="change") == []  # of one period there is no change
    assert "four grades then" not in only.text


def test_every_grade_and_count_leads_to_the_sentences_that_it_stands_for(graded_client: TestClient) -> None:
    page = page_at(graded_client, "/overview")
    links = [link.attributes["href"] or "" for link in page.find("tbody")[0].find("a")]
    assert len(links) == 8 + 2
    quoted = [
        [quotation.text for quotation in page_at(graded_client, link).find("blockquote")]
        for link in links
        if link.startswith(CELL)
    ]
    assert [one for (one,) in quoted] == [
        GRADED["n21"].sentences[0].text,
        GRADED["w18"].sentences[0].text,
        *(sentence.text for sentence in GRADED["w21"].sentences[:2]),
        GRADED["w23"].sentences[2].text,
        *(sentence.text for sentence in (*GRADED["w23"].sentences[:2], GRADED["w23"].sentences[3])),
    ]
    registers = [parse_qs(urlsplit(link).query) for link in links if link.startswith("/register")]
    assert registers == [
        {"force": [NORTH], "period": ["2021/22"]},
        {"force": [WESTMERE], "period": ["2021/22"]},
    ]


def test_the_grades_can_be_downloaded_as_they_are_shown(graded_client: TestClient) -> None:
    reply = graded_client.get("/overview?force=Westmere+Police&format=csv")
    assert reply.headers["content-disposition"].startswith('attachment; filename="overview-')
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert rows[0] == [
        *("Force", "Inspection period", "Effectiveness", "Preventing", "Offenders", "Other"),
        *("Causes of concern", "Areas for improvement"),
    ]
    assert rows[2] == [WESTMERE, "2021/22", "", "Good", "Inadequate", "", "1", "0"]
    assert len(rows) == 4
    book = load_workbook(io.BytesIO(graded_client.get("/overview?format=xlsx").content))
    grades, sentences = book.worksheets
    assert grades.max_row == 1 + 4
    texts = {cell.value for row in sentences.iter_rows() for cell in row}
    assert {sentence.text for page in GRADED.values() for sentence in page.sentences} <= texts
    assert graded_client.get("/overview?format=docx").status_code == 422


def test_two_grades_of_one_theme_are_both_shown_and_compared_with_nothing() -> None:
    pages = {
        **GRADED,
        "more": graded("more", WESTMERE, Period("2023-25", 2023, 2025), "The force is adequate at preventing crime."),
    }
    table = grades_table(judgements_of(FictionalSources(pages)), [Place(force=WESTMERE, period="2021/22"), LAST])
    cell = next(cell for cell in table.rows[1].cells if cell.graded == "preventing")
    assert (cell.grades, cell.change) == (("adequate", "inadequate"), "")


def test_a_collection_without_grades_has_no_table_of_them(graded_client: TestClient) -> None:
    page = page_at(client_of(FictionalAssistant()), "/overview")
    assert (len(page.find("table")), page.find("table", class_="grades")) == (1, [])
    assert graded_client.get(f"{CELL}?force=Westmere+Police&period=2021%2F22&graded=rivers").status_code == 404
