"""The metadata of sources: as the command lists and checks it, and as answers and pages display it."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from assistant.app import open_assistant
from assistant.cli.main import app
from assistant.cli.sources import template
from assistant.export.reference import reference
from assistant.messages import load_messages
from assistant.settings import Settings
from assistant.web.pages.sources import contents_html, transcript_html
from index.inventory import Inventory, InventorySource
from index.sources.catalogue import CatalogueEntry, CatalogueFile, parse_catalogue
from index.sources.catalogue_fields import CatalogueFields
from index.text.transcript import Metadata, Period
from tests.fixtures.fictional import NORTHSHIRE, cite, indexed_transcript
from tests.fixtures.visible import read_html

INTERIM = """Northshire Constabulary – PEEL 2018/19 – interim assessment

The force supervises its investigations badly. It answers calls quickly. It has 30 police dogs.
"""
FINAL = INTERIM.replace("interim", "final").replace("30 police dogs", "31 police dogs")
WESTMERE = "Notes on a visit\n\nIts ferries are safe. Its harbour is watched.\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    sources = tmp_path / "sources"
    sources.mkdir()
    for name, text in (("a-final.txt", FINAL), ("interim.txt", INTERIM), ("notes.txt", WESTMERE)):
        (sources / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSISTANT_EMBEDDING_MODEL", "hashed-words")
    monkeypatch.setenv("ASSISTANT_VECTOR_STORE", "exact")
    return sources


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["sources", *arguments], prog_name="assistant", catch_exceptions=False)


def catalogue(here: Path, text: str) -> None:
    (here / "catalogue.toml").write_text(text, encoding="utf-8")


NOTES = '["notes.txt"]\nforce = "Westmere Police"\nperiod = "2018/19"\nurl = "https://a.example/w"\nlicence = "OGL"\n'


def test_each_source_is_listed_with_its_metadata_and_their_origin(here: Path) -> None:
    catalogue(here, '["notes.txt"]\nforce = "Westmere Police"\n')
    result = run("--json")
    assert result.exit_code == 0
    listed = {source["source"]: source for source in json.loads(result.stdout)["sources"]}
    assert list(listed) == ["a-final.txt", "interim.txt", "notes.txt"]
    assert listed["notes.txt"]["known"] == {
        "title": {"value": "Notes on a visit", "origin": "text"},
        "force": {"value": "Westmere Police", "origin": "catalogue"},
    }
    assert listed["a-final.txt"]["known"]["period"] == {"value": "2018/19", "origin": "text"}
    assert listed["interim.txt"]["superseded_by"] == "a-final.txt"
    text = run().stdout
    assert "force      Westmere Police  (from the catalogue)" in text
    assert "superseded by a-final.txt" in text
    assert "unknown    period, programme" in text
    assert not (here.parent / ".index").exists()


def test_check_exits_with_3_and_gives_advice_until_there_is_no_problem(here: Path) -> None:
    (here / "scan.pdf").write_bytes(b"%PDF")
    catalogue(here, '["nots.txt"]\nforce = "Westmere Police"\n')
    result = run("--check")
    assert result.exit_code == 3
    problems = [line for line in result.stdout.splitlines() if line.startswith("Problem: ")]
    assert [line.split(": ")[1] for line in problems] == ["catalogue.toml", "notes.txt", "scan.pdf"]
    assert 'line 1: there is no source named "nots.txt". Did you mean "notes.txt"?' in problems[0]
    assert "force and period" in problems[1]
    (here / "scan.pdf").unlink()
    catalogue(here, NOTES)
    result = run("--check")
    assert (result.exit_code, result.stdout) == (0, "2 sources searched, 1 superseded, no problems.\n")


@pytest.mark.parametrize(
    ("title", "problem"),
    [
        ("Northshire Constabulary – PEEL 2018/19 – final assessment", "nothing says which is the later"),
        ("Another title", "Nearly all the sentences of a-final.txt or of this source are also in the other"),
    ],
)
def test_two_sources_with_the_same_text_are_reported_and_both_searched(here: Path, title: str, problem: str) -> None:
    catalogue(here, NOTES + f'["b.txt"]\nforce = "Northshire Constabulary"\nperiod = "2018/19"\ntitle = "{title}"\n')
    (here / "b.txt").write_text(FINAL, encoding="utf-8")
    result = run("--check")
    assert result.exit_code == 3
    [printed] = [line for line in result.stdout.splitlines() if line.startswith("Problem: b.txt: ")]
    assert problem in printed
    assert 'supersedes = "a-final.txt"' in printed
    listed = {source["source"]: source["superseded_by"] for source in json.loads(run("--json").stdout)["sources"]}
    assert (listed["a-final.txt"], listed["b.txt"]) == ("", "")


def test_an_invalid_catalogue_exits_with_3_and_the_index_still_answers(here: Path) -> None:
    command = ["ask", "How well does the force supervise its investigations?"]
    before = CliRunner().invoke(app, command, prog_name="assistant")
    assert before.exit_code == 0
    assert "interim.txt: superseded by a-final.txt, so not searched" in before.stderr
    catalogue(here, '["notes.txt"]\nforse = "x"\n')
    result = run("--check")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "line 2" in result.stderr
    after = CliRunner().invoke(app, command, prog_name="assistant")
    assert (after.exit_code, after.stdout) == (0, before.stdout)
    assert "The index was not updated" in after.stderr
    assert "line 2" in after.stderr
    assert CliRunner().invoke(app, ["index"], prog_name="assistant").exit_code == 3


def test_an_empty_folder_exits_with_3_and_the_index_still_answers_until_it_is_emptied_by_a_word(here: Path) -> None:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, arguments, prog_name="assistant")

    command = ["ask", "How well does the force supervise its investigations?"]
    before = invoke(*command)
    for path in here.iterdir():
        path.unlink()
    kept = invoke("index")
    assert (kept.exit_code, kept.stdout) == (3, "")
    assert "so the index stays as it was" in kept.stderr
    after = invoke(*command)
    assert (after.exit_code, after.stdout) == (0, before.stdout)
    assert "The index was not updated" in after.stderr
    emptied = invoke("index", "--allow-empty")
    assert (emptied.exit_code, emptied.stdout.startswith("0 created, 0 updated, 0 unchanged, 3 deleted")) == (0, True)
    refused = invoke(*command)
    assert refused.exit_code == 1
    assert "The collection is empty" in refused.stdout


def test_a_template_lists_the_gaps_and_changes_nothing_until_it_is_filled_in(here: Path) -> None:
    before = run("--json").stdout
    written = run("--template").stdout
    assert set(tomllib.loads(written)) == {"a-final.txt", "interim.txt", "notes.txt"}
    assert all(entry == {} for entry in tomllib.loads(written).values())
    catalogue(here, written)
    assert run("--json").stdout == before
    [notes] = [part for part in written.split("\n\n") if part.startswith('["notes.txt"]')]
    assert "# title, from its text: Notes on a visit" in notes
    filled = notes.replace("# force =", 'force = "Westmere Police"').replace("# period =", "period = 2016")
    catalogue(here, written.replace(notes, filled))
    listed = {source["source"]: source for source in json.loads(run("--json").stdout)["sources"]}
    assert listed["notes.txt"]["known"]["period"] == {"value": "2016", "origin": "catalogue"}
    assert tomllib.loads(run("--template").stdout)["notes.txt"] == {"force": "Westmere Police", "period": "2016"}


def test_template_cannot_be_combined_with_check() -> None:
    assert run("--template", "--check").exit_code == 2


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
GIVEN = st.builds(
    CatalogueFields,
    title=WORDS,
    force=st.sampled_from(["", "Northshire Constabulary"]),
    period=st.sampled_from([None, Period("2018/19", 2018, 2019), Period("2016", 2016, 2016)]),
    kind=WORDS,
    published=st.dates().map(lambda day: "" if day.year < 1000 else day.isoformat()),
    url=st.sampled_from(["", "https://a.example/x?y=z"]),
    supersedes=st.sampled_from(["", "other\x7f\\.txt"]),
)
# No accents: a catalogue may not have two names that differ only in how an accent is encoded.
NAMES = st.text(st.sampled_from("abA./ \"'\\=[]#\n\x7f\x80\ufffd\u2028עл"), min_size=1, max_size=12)


@given(st.dictionaries(NAMES, GIVEN, max_size=4), st.lists(NAMES, max_size=3, unique=True), WORDS)
@settings(max_examples=40)
def test_a_template_has_every_value_of_the_catalogue(entries, names, title) -> None:
    path = Path("catalogue.toml")
    sources = tuple(InventorySource(name, title, Metadata(force=title)) for name in names)
    catalogue = CatalogueFile(path, tuple(CatalogueEntry(name, given) for name, given in entries.items()))
    read = parse_catalogue(path, template(Inventory(sources, catalogue, ())).encode())
    assert {entry.name: entry.fields for entry in read.entries if entry.fields.given} == entries


# The answer and the pages


def settings_of(here: Path) -> Settings:
    return Settings(sources=here, index=here.parent / "index", embedding_model="hashed-words", vector_store="exact")


def test_the_later_snapshot_answers_and_the_earlier_can_be_read(here: Path) -> None:
    catalogue(here, NOTES)
    assistant = open_assistant(settings_of(here))
    answer = assistant.ask("How many police dogs does the force have?")
    assert [citation.quote for citation in answer.citations] == ["It has 31 police dogs."]
    assert (answer.searched.transcripts, len(assistant.sources.transcripts())) == (2, 2)
    [earlier] = assistant.sources.superseded()
    page = assistant.sources.transcript_page(earlier.id)
    assert page is not None
    assert page.later is not None
    assert (earlier.source, page.later.source, earlier.superseded_by) == (
        "interim.txt",
        "a-final.txt",
        page.later.id,
    )
    html = read_html(transcript_html(page, load_messages()))
    assert "30 police dogs" in html.find("article")[0].text
    [notice] = html.find("p", class_="changed")
    assert notice.find("a")[0].attributes["href"] == f"/sources/{page.later.id}"
    [ferries] = assistant.ask("Are the ferries of Westmere safe?").citations
    assert (ferries.url, ferries.licence, ferries.force) == ("https://a.example/w", "OGL", "Westmere Police")


def test_the_contents_link_the_earlier_snapshot_to_the_later_and_do_not_count_it() -> None:
    later = indexed_transcript("b", "b.txt", "Final", "Northshire Constabulary", "2018/19", 5)
    earlier = replace(later, id="a", title="Interim", row_count=4, superseded_by="b")
    [section] = read_html(contents_html((later,), load_messages(), superseded=(earlier,))).find("section")
    assert section.find("p", class_="about")[0].text == "1 transcript, 5 sentences"
    [interim] = [item for item in section.find("li") if item.find("a")[0].text == "Interim"]
    assert [link.attributes["href"] for link in interim.find("a")] == ["/sources/a", "/sources/b"]
    assert "Superseded" in interim.text


def test_a_reference_gives_the_address_and_the_licence_if_known() -> None:
    citation = cite(NORTHSHIRE, 5, 1)
    known = citation.model_copy(update={"url": "https://a.example/w", "licence": "OGL\nv3"})
    assert ". Published at https://a.example/w. Licence: OGL v3. SHA-256" in reference(known)
    assert "Published" not in reference(citation)


def test_the_page_of_a_source_lists_the_catalogue_s_values_and_links_to_its_address() -> None:
    metadata = replace(NORTHSHIRE.transcript.metadata, url='https://a.example/"w', catalogued=("url", "force"))
    page = read_html(
        transcript_html(
            replace(NORTHSHIRE, transcript=replace(NORTHSHIRE.transcript, metadata=metadata)), load_messages()
        )
    )
    facts = dict(zip((n.text for n in page.find("dt")), page.find("dd"), strict=True))
    assert facts["Published at"].find("a")[0].attributes["href"] == 'https://a.example/"w'
    assert facts["Taken from the catalogue"].text == "Published at, Force"
