"""Groups and tables of an answer: on the page, in plain text, in exports and in spreadsheets."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime

import docx
import openpyxl
import pytest
from fastapi import FastAPI
from markdown_it import MarkdownIt
from starlette.testclient import TestClient

from assistant.answer import Answer, Status
from assistant.answer_layout import Row, Table
from assistant.compose import combined
from assistant.export.formats import to_print_html
from assistant.export.markdown import to_markdown
from assistant.export.plain_text import clipboard_text, terminal_text
from assistant.export.spreadsheet import TABLES, to_csv, to_xlsx
from assistant.export.turn_html import to_html
from assistant.export.word import to_word
from assistant.web.pages.ask import ask_routes
from assistant.web.security.responses import add_error_handlers
from tests.fixtures.fictional import (
    HOSTILE,
    NORTHSHIRE,
    WESTMERE,
    FictionalAssistant,
    FictionalSources,
    cite,
    compared,
    listed,
    make_answer,
    make_page,
)
from tests.fixtures.visible import Node, read_html

DAY = date(2026, 1, 31)
COMPARED = compared("Compare Northshire and Westmere")
LISTED = listed("Which forces investigate crime?")
LABELS = ["Northshire Constabulary 2018/19", "Westmere Police 2018/19", "Westmere Police 2021/22"]
FORMULAS = ('=HYPERLINK("http://outside.invalid","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1")


def hostile_table() -> Answer:
    page = make_page("formulas", "=1+1", [(HOSTILE.sentences[0].role, (formula,)) for formula in FORMULAS])
    cited = [cite(page, place, place + 1) for place in range(len(FORMULAS))]
    rows = (Row(force="", period="", citations=tuple(range(1, len(cited) + 1))), Row(force="", period="", citations=()))
    return make_answer("Compare", Status.ANSWERED, cited, table=Table(rows=rows))


def table_of(html: str) -> Node:
    return read_html(html).find("table")[0]


@pytest.mark.parametrize("html", [to_html(COMPARED, FictionalSources()), to_print_html([COMPARED], DAY)])
def test_a_comparison_is_a_table_with_a_caption_and_heads(html: str) -> None:
    table = table_of(html)
    assert table.find("caption")[0].text
    assert [head.attributes["scope"] for head in table.find("thead")[0].find("th")] == ["col", "col"]
    rows = table.find("tbody")[0].find("tr")
    assert [row.find("th")[0].text for row in rows] == LABELS
    assert [row.find("th")[0].attributes["scope"] for row in rows] == ["row"] * 3
    quoted = [[quotation.text for quotation in row.find("blockquote")] for row in rows]
    assert [len(quotations) for quotations in quoted] == [2, 0, 1]
    assert WESTMERE.sentences[1].text in quoted[2][0]
    assert "Nothing found" in rows[1].text
    assert COMPARED.notes[0] in read_html(html).text


@pytest.mark.parametrize("html", [to_html(LISTED, FictionalSources()), to_print_html([LISTED], DAY)])
def test_groups_are_headed_by_force_and_period(html: str) -> None:
    text = read_html(html).text
    places = [text.index(wanted) for wanted in ("Northshire Constabulary 2018/19", NORTHSHIRE.sentences[5].text)]
    places += [text.index(wanted) for wanted in ("Westmere Police 2021/22", WESTMERE.sentences[1].text)]
    assert places == sorted(places)
    assert "Found in the assessments of 2 of the 3 forces in the collection." in text


def test_the_page_lists_where_nothing_was_found() -> None:
    details = read_html(to_html(LISTED, FictionalSources())).find("details", class_="empty")[0]
    assert [line.text for line in details.find("li")] == ["Eastvale Police: 2016, 2018/19", "Westmere Police: 2016"]
    assert "3" in details.find("summary")[0].text


@pytest.mark.parametrize("write", [terminal_text, clipboard_text])
def test_plain_text_has_each_row_and_group(write: object) -> None:
    text = write(COMPARED)  # type: ignore[operator]
    first, second, third = (text.index(label) for label in LABELS)
    assert first < text.index(NORTHSHIRE.sentences[5].text) < second < text.index("Nothing found") < third
    assert third < text.index(WESTMERE.sentences[1].text)
    assert COMPARED.notes[0] in text
    assert LISTED.reason in write(LISTED)  # type: ignore[operator]


def test_the_markdown_has_the_table_with_its_notes() -> None:
    written = to_markdown([COMPARED], DAY)
    tokens = MarkdownIt("commonmark").enable("table").parse(written)
    cells = [token.content for token in tokens if token.type == "inline"]
    place = cells.index(LABELS[0])
    assert cells[place + 1].count("[^") == 2
    assert cells[place + 2 : place + 4] == [LABELS[1], "Nothing found"]
    assert sum(token.type == "tr_open" for token in tokens) == 4
    assert f"### {LABELS[0].replace('/', '/')}" in to_markdown([LISTED], DAY)


def test_the_word_document_has_the_table_with_its_footnotes() -> None:
    document = docx.Document(io.BytesIO(to_word([COMPARED], DAY)))
    (table,) = document.tables
    assert [row.cells[0].text for row in table.rows] == ["Force and inspection period", *LABELS]
    assert table.rows[1].cells[1].text == "\n".join(NORTHSHIRE.sentences[place].text for place in (5, 6))
    assert table.rows[2].cells[1].text == "Nothing found"
    assert table._tbl.xml.count("w:footnoteReference ") == 3
    headings = [paragraph.text for paragraph in docx.Document(io.BytesIO(to_word([LISTED], DAY))).paragraphs]
    assert "Westmere Police 2021/22" in headings


def rows_of_csv(answer: Answer) -> list[list[str]]:
    data = to_csv([answer], DAY)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def rows_of_xlsx(answer: Answer) -> list[list[str]]:
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx([answer], DAY))).active
    return [[str(cell.value or "") for cell in row] for row in sheet.rows]


@pytest.mark.parametrize("rows_of", [rows_of_csv, rows_of_xlsx])
def test_a_spreadsheet_has_one_row_per_quotation_and_one_for_nothing_found(rows_of: object) -> None:
    lines = rows_of(COMPARED)[1:]  # type: ignore[operator]
    assert [line[:2] for line in lines] == [
        ["Northshire Constabulary", "2018/19"],
        ["Northshire Constabulary", "2018/19"],
        ["Westmere Police", "2018/19"],
        ["Westmere Police", "2021/22"],
    ]
    assert lines[2][2] == "Nothing found"
    assert [line[2] for line in lines if line[3]] == [citation.quote for citation in COMPARED.citations]
    assert [line[3] for line in rows_of(LISTED)[1:]] == ["1", "2", "", "", ""]  # type: ignore[operator]


def test_no_cell_is_a_formula() -> None:
    quoted = [line[2] for line in rows_of_csv(hostile_table())[1:-1]]
    assert quoted == [f"'{formula}" for formula in FORMULAS]
    book = openpyxl.load_workbook(io.BytesIO(to_xlsx([hostile_table()], DAY)))
    cells = [cell for row in book.active.rows for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    written = {str(cell.value).replace("_x000D_", "\r") for cell in cells}
    assert {formula for formula in FORMULAS if "\r" not in formula} <= written


def test_the_same_table_is_saved_as_the_same_bytes() -> None:
    assert to_xlsx([COMPARED], DAY) == to_xlsx([COMPARED], DAY)
    with zipfile.ZipFile(io.BytesIO(to_xlsx([COMPARED], DAY))) as package:
        assert {member.date_time[:3] for member in package.infolist()} == {(2026, 1, 31)}
        assert b"2026-01-31T00:00:00Z</dcterms:modified>" in package.read("docProps/core.xml")


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    add_error_handlers(app)
    app.include_router(ask_routes(FictionalAssistant()))
    return TestClient(app)


@pytest.mark.parametrize("kind", TABLES)
def test_a_table_can_be_downloaded(client: TestClient, kind: str) -> None:
    page = client.get("/ask", params={"q": "Compare the two"}).text
    assert f"format={kind}" in page
    reply = client.get("/ask", params={"q": "Compare the two", "format": kind})
    assert reply.headers["content-type"] == TABLES[kind].media_type
    assert f'.{kind}"' in reply.headers["content-disposition"]
    assert reply.content == TABLES[kind].render([compared("Compare the two")], datetime.now(UTC).date())


@pytest.mark.parametrize("kind", TABLES)
def test_an_answer_without_a_table_offers_none(client: TestClient, kind: str) -> None:
    assert f"format={kind}" not in client.get("/ask", params={"q": "How is crime investigated?"}).text
    assert client.get("/ask", params={"q": "How is crime investigated?", "format": kind}).status_code == 422


def test_each_of_several_questions_has_its_own_block():
    answered = make_answer("Who checks?", Status.ANSWERED, [cite(NORTHSHIRE, 6, 1)])
    refused = make_answer("How many ride?", reason="Nothing rides.")
    answer = combined([answered, refused], "Who checks? How many ride?", "id", 0.1)
    lines = clipboard_text(answer).splitlines()
    assert "Answered in part: “How many ride?”: Nothing rides." in lines
    assert lines.index("Who checks?") + 1 == lines.index(f"“{NORTHSHIRE.sentences[6].text}” [1]")
    assert lines.index("How many ride?") + 1 == lines.index("Nothing found")
    html = to_html(answer, FictionalSources())
    assert html.count("<h4>") == 2
    assert "Nothing found" in html
