"""The register: which records are listed, and the same on the page, in every file and by the command."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date
from pathlib import Path

import docx
import openpyxl
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from typer.testing import CliRunner

from assistant.cli.main import app as commands
from assistant.errors import FilterError
from assistant.export.register_files import REGISTERS, SHEET_COLUMNS, register_file_name
from assistant.filter import EVERYTHING, Filter
from assistant.judgements.register import Register, register_of
from assistant.messages import load_messages
from assistant.web.pages.register import register_routes
from assistant.web.security.responses import add_error_handlers
from index.text.transcript import Metadata, Period, Role
from tests.fixtures.fictional import FictionalAssistant, FictionalSources, make_page
from tests.fixtures.lexicons import judgements_of
from tests.fixtures.visible import read_html

DAY = date(2026, 1, 31)
SITE = "http://assistant.example"
WORDS = load_messages()
TITLE = (Role.TITLE, ("Northshire Constabulary",))
EARLIER = make_page(
    "north-2016",
    "Northshire 2016",
    [
        TITLE,
        (Role.FINDING, ("I have two causes of concern.", "The first is that the force does not know its demand.",
                        "It has 412 officers.")),
        (Role.FINDING, ("I am pleased that there are no concerns about custody.",)),
    ],
    Metadata("Northshire Constabulary", Period("2016", 2016, 2016)),
)  # fmt: skip
LATER = make_page(
    "north-2018",
    "Northshire 2018/19",
    [
        TITLE,
        (Role.HEADING, ("Custody",)),
        (Role.HEADING, ("Areas for improvement",)),
        (Role.FINDING, ("=1+1 should be reviewed by the force.", "This is an area for improvement for custody.")),
        (Role.HEADING, ("Vetting",)),
        (Role.FINDING, ("The cause of concern about vetting has been closed.", "Vetting works well.")),
    ],
    Metadata("Northshire Constabulary", Period("2018/19", 2018, 2019)),
)
OTHER = make_page("west", "Westmere", [(Role.FINDING, ("All is calm.",))], Metadata("Westmere Police"))
PAGES = {page.transcript.id: page for page in (LATER, OTHER, EARLIER)}
LISTED = [
    ("Cause of concern", "2016", "I have two causes of concern. The first is that the force does not know its demand."),
    (
        "Area for improvement",
        "2018/19",
        "=1+1 should be reviewed by the force. This is an area for improvement for custody.",
    ),
    ("Reported as closed", "2018/19", "The cause of concern about vetting has been closed."),
]


def made(within: Filter = EVERYTHING) -> Register:
    return register_of(judgements_of(FictionalSources(PAGES)), within)


def test_records_are_listed_with_their_full_text_by_force_and_time() -> None:
    register = made()
    listed = [(entry.term_in_words(WORDS), entry.citation.period, *entry.lines) for entry in register.entries]
    assert listed == LISTED
    assert [entry.citation.number for entry in register.entries] == [1, 2, 3]
    assert [entry.heading for entry in register.entries] == ["", "Areas for improvement", ""]
    assert register.forces == ("Northshire Constabulary", "Westmere Police")


def test_a_filter_limits_the_register_and_must_name_known_forces() -> None:
    assert {entry.citation.period for entry in made(Filter(periods=("2016",))).entries} == {"2016"}
    assert made(Filter(forces=("Westmere Police",))).entries == ()
    with pytest.raises(FilterError, match="Eastvale"):
        made(Filter(forces=("Eastvale Police",)))


SENTENCES = st.sampled_from(
    [sentence.text for sentence in (*EARLIER.sentences, *LATER.sentences) if sentence.role is Role.FINDING]
    + ["I am pleased.", "There are no causes of concern.", "Rivers."]
)
BLOCKS = st.lists(
    st.tuples(
        st.sampled_from([Role.FINDING, Role.FINDING, Role.HEADING]),
        st.lists(SENTENCES, min_size=1, max_size=3).map(tuple),
    ),
    max_size=6,
)


@settings(deadline=None)
@given(BLOCKS)
def test_every_entry_is_made_of_slices_of_its_source_and_denies_nothing(blocks: list) -> None:
    page = make_page("t", "T", blocks, Metadata("Northshire Constabulary"))
    register = register_of(judgements_of(FictionalSources({"t": page})), EVERYTHING)
    for entry in register.entries:
        assert all(line in page.transcript.text for line in entry.lines)
        for cited in entry.citations:
            assert page.transcript.text[cited.start : cited.end] == cited.quote
            assert cited.sha256 == page.transcript.sha256
            assert any(cited.quote in line for line in entry.lines)
        assert not entry.lines[0].startswith("There are no causes")
        assert not entry.before or entry.before + " " + entry.lines[0] in page.transcript.text
    quoted = {cited.quote for entry in register.entries for cited in entry.citations}
    stated = {sentence.text for sentence in page.sentences if sentence.role is Role.FINDING} & {
        "I have two causes of concern."
    }
    assert stated <= quoted


def rows_of(kind: str, register: Register) -> list[list[str]]:
    data = REGISTERS[kind].render(register, DAY, SITE, WORDS)
    if kind == "csv":
        return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    return [[str(cell.value or "") for cell in row] for row in sheet.rows]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_spreadsheet_has_one_line_for_each_entry_and_columns_for_comments(kind: str) -> None:
    heads, *lines = rows_of(kind, made())
    assert len(heads) == len(SHEET_COLUMNS)
    quoted = [line[SHEET_COLUMNS.index("sentence")].removeprefix("'") for line in lines]
    assert quoted == [sentence for *_, sentence in LISTED]
    assert [line[SHEET_COLUMNS.index("number")] for line in lines] == ["1", "2", "3"]
    assert {(line[SHEET_COLUMNS.index("comments")], line[SHEET_COLUMNS.index("date")]) for line in lines} == {("", "")}
    assert all(line[SHEET_COLUMNS.index("permalink")].startswith(f"{SITE}/sources/north-") for line in lines)
    assert [line[SHEET_COLUMNS.index("kind")] for line in lines] == [term for term, *_ in LISTED]


def test_no_cell_is_a_formula() -> None:
    line = next(line for line in rows_of("csv", made()) if "1+1" in line[SHEET_COLUMNS.index("sentence")])
    assert line[SHEET_COLUMNS.index("sentence")].startswith("'=")
    book = openpyxl.load_workbook(io.BytesIO(REGISTERS["xlsx"].render(made(), DAY, SITE, WORDS)))
    kinds = {cell.data_type for sheet in book for row in sheet.rows for cell in row if cell.value is not None}
    assert kinds == {"s"}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_empty_register_says_so(kind: str) -> None:
    _, line = rows_of(kind, made(Filter(forces=("Westmere Police",))))
    assert (line[1], line[SHEET_COLUMNS.index("sentence")]) == ("Westmere Police", "Nothing found")


def test_the_word_document_has_a_table_for_each_force_and_a_footnote_for_each_line() -> None:
    data = REGISTERS["docx"].render(made(), DAY, SITE, WORDS)
    document = docx.Document(io.BytesIO(data))
    (table,) = document.tables
    assert [row.cells[0].text for row in table.rows[1:]] == ["1", "2", "3"]
    assert all(quote in row.cells[3].text for row, (*_, quote) in zip(table.rows[1:], LISTED, strict=True))
    assert {cell.text for row in table.rows[1:] for cell in row.cells[4:]} == {""}
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        notes = package.read("word/footnotes.xml").decode()
        marks = re.findall(r'footnoteReference w:id="(\d+)"', package.read("word/document.xml").decode())
    assert marks == ["1", "2", "3"]
    assert all(entry.citation.sha256 in notes and entry.citation.source in notes for entry in made().entries)
    text = [paragraph.text for paragraph in document.paragraphs]
    assert text[text.index("Westmere Police") + 1] == "Nothing found"


@pytest.mark.parametrize("kind", REGISTERS)
def test_the_same_register_gives_the_same_bytes(kind: str) -> None:
    render = REGISTERS[kind].render
    assert render(made(), DAY, SITE, WORDS) == render(made(), DAY, SITE, WORDS)


def test_the_note_states_what_section_55_requires_and_what_was_searched() -> None:
    book = openpyxl.load_workbook(io.BytesIO(REGISTERS["xlsx"].render(made(), DAY, SITE, WORDS)))
    said = " ".join(str(row[0].value) for row in book.worksheets[1].rows)
    for part in ("56 days beginning with the day on which the report is published", "section 55", "3 transcripts",
                 "the inspectors of constabulary and the Secretary of State", "not legal advice"):  # fmt: skip
        assert part in said


class Registering(FictionalAssistant):
    def __init__(self) -> None:
        super().__init__()
        self.sources = FictionalSources(PAGES)
        self.judgements = judgements_of(self.sources)


@pytest.fixture(scope="module")
def client() -> TestClient:
    app = FastAPI()
    add_error_handlers(app)
    app.include_router(register_routes(Registering()))
    return TestClient(app)


def test_the_page_lists_the_forces_and_shows_one_with_its_citations(client: TestClient) -> None:
    links = read_html(client.get("/register").text).find("ul", class_="contents")[0].find("a")
    assert [link.text for link in links] == ["Northshire Constabulary", "Westmere Police"]
    page = read_html(client.get(links[0].attributes["href"]).text)
    assert [quotation.text for quotation in page.find("blockquote")] == [quotation for *_, quotation in LISTED]
    table = page.find("table")[0]
    assert all(link.attributes["href"].startswith("/sources/north-201") for link in table.find("tbody")[0].find("a"))
    assert "56 days" in page.text
    empty = read_html(client.get(links[1].attributes["href"]).text)
    assert empty.find("table") == []
    assert "Nothing found. “Nothing found” means" in empty.text


@pytest.mark.parametrize("kind", REGISTERS)
def test_the_page_offers_files_with_safe_names(client: TestClient, kind: str) -> None:
    reply = client.get("/register", params={"force": "Northshire Constabulary", "format": kind})
    assert reply.headers["content-type"] == REGISTERS[kind].media_type
    assert re.fullmatch(
        rf'attachment; filename="register-[0-9-]+-northshire-constabulary\.{kind}"',
        reply.headers["content-disposition"],
    )
    assert register_file_name(made(), DAY, kind, WORDS) == f"register-2026-01-31.{kind}"


@pytest.mark.parametrize("query", [{"force": "Eastvale Police"}, {"format": "exe"}, {"period": "1999"}])
def test_an_unknown_force_or_period_has_an_error_page(client: TestClient, query: dict[str, str]) -> None:
    reply = client.get("/register", params=query)
    assert reply.status_code == 422
    assert len(read_html(reply.text).find("h1")) == 1


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("assistant.cli.ask.open_with_index", lambda _: Registering())
    return lambda *arguments: CliRunner().invoke(commands, ["register", *arguments], prog_name="assistant")


def test_the_command_prints_or_writes_what_it_lists(run, tmp_path: Path) -> None:
    printed = run("--force", "Northshire Constabulary")
    assert printed.exit_code == 0
    assert all(quote in printed.stdout for *_, quote in LISTED)
    for kind in REGISTERS:
        assert run("--output", f"register.{kind}").exit_code == 0
        assert (tmp_path / f"register.{kind}").stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--output", "register.pdf"), 2, ".docx, .xlsx, .csv"),
        (("--output", "nowhere/register.csv"), 2, "cannot be written"),
        (("--force", "Eastvale Police"), 2, "The collection has no assessment of Eastvale Police."),
        (("--force", "Westmere Police"), 1, "Nothing found"),
    ],
)
def test_the_command_reports_errors(run, arguments: tuple[str, ...], code: int, said: str) -> None:
    ended = run(*arguments)
    assert ended.exit_code == code
    assert said in ended.output
