"""What each source is: listed and checked by a command, cited, and shown; the later of two snapshots answers."""

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
from assistant.sources import Held
from assistant.web.pages.contents import contents_html
from assistant.web.pages.source import transcript_html
from index.inventory import Inventory, KnownValue
from index.sources.catalogue import CatalogueEntry, CatalogueFile, parse_catalogue
from index.sources.catalogue_fields import CatalogueFields
from index.text.transcript import Metadata, Period
from tests.fixtures.fictional import NORTHSHIRE, cite
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


def test_each_source_is_listed_with_what_is_known_of_it_and_whence(here: Path) -> None:
    catalogue(here, '["notes.txt"]\nforce = "Westmere Police"\n')
    result = run("--json")
    assert result.exit_code == 0
    listed = {one["source"]: one for one in json.loads(result.stdout)["sources"]}
    assert list(listed) == ["a-final.txt", "interim.txt", "notes.txt"]
    assert listed["notes.txt"]["known"] == {
        "title": {"value": "Notes on a visit", "whence": "text"},
        "force": {"value": "Westmere Police", "whence": "catalogue"},
    }
    assert listed["a-final.txt"]["known"]["period"] == {"value": "2018/19", "whence": "text"}
    assert listed["interim.txt"]["superseded_by"] == "a-final.txt"
    text = run().stdout
    assert "force      Westmere Police  (from the catalogue)" in text
    assert "superseded by a-final.txt" in text
    assert "not known  period, programme" in text
    assert not (here.parent / ".index").exists()


def test_check_ends_with_3_and_says_what_to_do_until_nothing_is_wrong(here: Path) -> None:
    (here / "scan.pdf").write_bytes(b"%PDF")
    catalogue(here, '["nots.txt"]\nforce = "Westmere Police"\n')
    result = run("--check")
    assert result.exit_code == 3
    problems = [line for line in result.stdout.splitlines() if line.startswith("Problem: ")]
    assert [line.split(": ")[1] for line in problems] == ["catalogue.toml", "notes.txt", "scan.pdf"]
    assert 'line 1: there is no source named "nots.txt". Is it "notes.txt"?' in problems[0]
    assert "force and period" in problems[1]
    (here / "scan.pdf").unlink()
    catalogue(here, NOTES)
    result = run("--check")
    assert (result.exit_code, result.stdout) == (0, "2 sources to be searched, 1 superseded, no problem.\n")


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Northshire Constabulary – PEEL 2018/19 – final assessment", "nothing says which is the later"),
        ("Another title", "Nearly all that it or a-final.txt says stands in the other too"),
    ],
)
def test_two_that_say_the_same_are_named_and_both_are_searched(here: Path, title: str, said: str) -> None:
    catalogue(here, NOTES + f'["b.txt"]\nforce = "Northshire Constabulary"\nperiod = "2018/19"\ntitle = "{title}"\n')
    (here / "b.txt").write_text(FINAL, encoding="utf-8")
    result = run("--check")
    assert result.exit_code == 3
    [problem] = [line for line in result.stdout.splitlines() if line.startswith("Problem: b.txt: ")]
    assert said in problem
    assert 'supersedes = "a-final.txt"' in problem
    listed = {one["source"]: one["superseded_by"] for one in json.loads(run("--json").stdout)["sources"]}
    assert (listed["a-final.txt"], listed["b.txt"]) == ("", "")


def test_a_wrong_catalogue_ends_with_3_and_what_is_indexed_still_answers(here: Path) -> None:
    asked = ["ask", "How well does the force supervise its investigations?"]
    before = CliRunner().invoke(app, asked, prog_name="assistant")
    assert before.exit_code == 0
    assert "interim.txt: not searched, being superseded by a-final.txt" in before.stderr
    catalogue(here, '["notes.txt"]\nforse = "x"\n')
    result = run("--check")
    assert (result.exit_code, result.stdout) == (3, "")
    assert "line 2" in result.stderr
    after = CliRunner().invoke(app, asked, prog_name="assistant")
    assert (after.exit_code, after.stdout) == (0, before.stdout)
    assert "not brought up to date" in after.stderr
    assert "line 2" in after.stderr
    assert CliRunner().invoke(app, ["index"], prog_name="assistant").exit_code == 3


def test_a_template_names_the_gaps_and_changes_nothing_until_it_is_filled_in(here: Path) -> None:
    before = run("--json").stdout
    written = run("--template").stdout
    assert set(tomllib.loads(written)) == {"a-final.txt", "interim.txt", "notes.txt"}
    assert all(entry == {} for entry in tomllib.loads(written).values())
    catalogue(here, written)
    assert run("--json").stdout == before
    [notes] = [part for part in written.split("\n\n") if part.startswith('["notes.txt"]')]
    assert "# title, by its text: Notes on a visit" in notes
    filled = notes.replace("# force =", 'force = "Westmere Police"').replace("# period =", "period = 2016")
    catalogue(here, written.replace(notes, filled))
    listed = {one["source"]: one for one in json.loads(run("--json").stdout)["sources"]}
    assert listed["notes.txt"]["known"]["period"] == {"value": "2016", "whence": "catalogue"}
    assert tomllib.loads(run("--template").stdout)["notes.txt"] == {"force": "Westmere Police", "period": "2016"}


def test_a_template_is_not_had_with_a_check() -> None:
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
# No two names that are one in other characters, which a catalogue is not to have: none with an accent.
NAMES = st.text(st.sampled_from("abA./ \"'\\=[]#\n\x7f\x80\ufffd\u2028עл"), min_size=1, max_size=12)


@given(st.dictionaries(NAMES, GIVEN, max_size=4), st.lists(NAMES, max_size=3, unique=True), WORDS)
@settings(max_examples=40)
def test_a_template_says_all_that_the_catalogue_said(entries, names, title) -> None:
    path = Path("catalogue.toml")
    sources = tuple(KnownValue(name, title, Metadata(force=title)) for name in names)
    held = CatalogueFile(path, tuple(CatalogueEntry(name, given) for name, given in entries.items()))
    read = parse_catalogue(path, template(Inventory(sources, held, ())).encode())
    assert {entry.name: entry.particulars for entry in read.entries if entry.particulars.given} == entries


# The answer and the pages


def settings_of(here: Path) -> Settings:
    return Settings(sources=here, index=here.parent / "index", embedding_model="hashed-words", vector_store="exact")


def test_the_later_snapshot_answers_and_the_earlier_is_kept_to_be_read(here: Path) -> None:
    catalogue(here, NOTES)
    assistant = open_assistant(settings_of(here))
    answer = assistant.ask("How many police dogs does the force have?")
    assert [one.quote for one in answer.citations] == ["It has 31 police dogs."]
    assert (answer.searched.transcripts, len(assistant.sources.held())) == (2, 2)
    [earlier] = assistant.sources.superseded()
    page = assistant.sources.transcript_page(earlier.transcript_id)
    assert page is not None
    assert page.later is not None
    assert (earlier.source, page.later.source, earlier.superseded_by) == (
        "interim.txt",
        "a-final.txt",
        page.later.transcript_id,
    )
    shown = read_html(transcript_html(page, load_messages()))
    assert "30 police dogs" in shown.find("article")[0].text
    [notice] = shown.find("p", class_="changed")
    assert notice.find("a")[0].attributes["href"] == f"/sources/{page.later.transcript_id}"
    [ferries] = assistant.ask("Are the ferries of Westmere safe?").citations
    assert (ferries.url, ferries.licence, ferries.force) == ("https://a.example/w", "OGL", "Westmere Police")


def test_the_contents_list_the_earlier_with_a_way_to_the_later_and_count_it_in_nothing() -> None:
    later = Held("b", "b.txt", "Final", "Northshire Constabulary", "2018/19", 5)
    earlier = replace(later, transcript_id="a", title="Interim", sentences=4, superseded_by="b")
    [section] = read_html(contents_html((later,), load_messages(), superseded=(earlier,))).find("section")
    assert section.find("p", class_="about")[0].text == "1 transcript, 5 sentences"
    [interim] = [item for item in section.find("li") if item.find("a")[0].text == "Interim"]
    assert [link.attributes["href"] for link in interim.find("a")] == ["/sources/a", "/sources/b"]
    assert "Superseded" in interim.text


def test_a_reference_says_where_it_was_published_and_the_licence_where_they_are_known() -> None:
    citation = cite(NORTHSHIRE, 5, 1)
    known = citation.model_copy(update={"url": "https://a.example/w", "licence": "OGL\nv3"})
    assert ". Published at https://a.example/w. Licence: OGL v3. SHA-256" in reference(known)
    assert "Published" not in reference(citation)


def test_a_source_s_page_says_what_the_catalogue_gave_and_links_to_where_it_was_published() -> None:
    said = replace(NORTHSHIRE.transcript.metadata, url='https://a.example/"w', catalogued=("url", "force"))
    page = read_html(
        transcript_html(replace(NORTHSHIRE, transcript=replace(NORTHSHIRE.transcript, metadata=said)), load_messages())
    )
    facts = dict(zip((n.text for n in page.find("dt")), page.find("dd"), strict=True))
    assert facts["Published at"].find("a")[0].attributes["href"] == 'https://a.example/"w'
    assert facts["Taken from the catalogue"].text == "Published at, Force"
