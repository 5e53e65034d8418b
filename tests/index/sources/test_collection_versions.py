"""Of two snapshots of one page or assessment only the later is searched, and only stated facts decide which it is."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.build import BuildReport, build_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import CatalogueError, CorruptDatabaseError
from index.published.open import open_current
from index.published.open_index import OpenIndex
from index.readers.read import read
from index.sources.collection import Doubt, Snapshot, Supersession, find_superseded
from index.sources.files import SourceFile
from index.storage.database import DATABASE_FILE
from index.storage.fingerprint import Fingerprint
from index.text.transcript import Metadata, Period
from tests.fixtures.index_folders import CountingEmbedder

EMBEDDER = HashedWordEmbedder()
TITLE = "Northshire Constabulary – PEEL 2018/19"
PERIOD = Period("2018/19", 2018, 2019)
FINDINGS = frozenset({"Custody is safe.", "Vetting is late.", "Calls are answered."})


def snapshot(source: str, title: str = TITLE, **given: str) -> Snapshot:
    fields: dict[str, str] = {"force": "Northshire Constabulary", "kind": "report"} | given
    period = None if fields.pop("period", "") == "none" else PERIOD
    return Snapshot.of(source, title, Metadata(period=period, **fields))


def decide(*snapshots: Snapshot, texts: Mapping[str, frozenset[str]] | None = None) -> Supersession:
    return find_superseded(snapshots, lambda source: (texts or {}).get(source, FINDINGS))


EARLY, LATE = {"published": "2019-05-02"}, {"published": "3 May 2019"}
URL = {"url": "https://inspectorate.example/northshire/"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (EARLY, LATE),
        ({"updated": "May 2019"}, {"updated": "1 June 2019"}),
        ({"published": "May 2019"}, {"updated": "01/06/2019"}),
        (EARLY | {"updated": "4 May 2019"}, EARLY | {"updated": "5 May 2019"}),
        ({"kind": "interim report"}, {"kind": "Final report"}),
        ({"kind": "draft report"}, {"kind": "interim report"}),
        (EARLY | {"kind": "interim report"}, LATE | {"kind": "final report"}),
        (EARLY | {"kind": "interim report"}, LATE),
    ],
)
def test_dates_or_stages_decide_which_of_two_of_one_title_force_period_and_kind_is_later(first, second) -> None:
    earlier, later = snapshot("a", **first), snapshot("b", **second)
    for pair in ((earlier, later), (later, earlier)):
        assert decide(*pair) == Supersession({"a": "b"}, ())


@pytest.mark.parametrize(
    ("first", "second", "doubt"),
    [
        ({}, {}, Doubt.UNDATED),
        (EARLY, EARLY, Doubt.UNDATED),
        (EARLY, {}, Doubt.UNDATED),
        ({"published": "May 2019"}, {"published": "3 May 2019"}, Doubt.UNDATED),
        ({"kind": "interim report"}, {}, Doubt.UNDATED),
        (LATE | {"kind": "interim report"}, EARLY | {"kind": "final report"}, Doubt.CONTRADICTED),
        (EARLY | URL, {} | URL, Doubt.UNDATED),
    ],
)
def test_two_that_do_not_show_which_is_later_are_left_in_doubt(first, second, doubt) -> None:
    assert decide(snapshot("a", **first), snapshot("b", **second)) == Supersession({}, (("a", "b", doubt),))


@pytest.mark.parametrize(
    "different",
    [
        {"title": "Northshire Constabulary – PEEL 2018/19 – efficiency"},
        {"force": "Westmere Police"},
        {"force": ""},
        {"period": "none"},
        {"kind": "letter"},
        {"programme": "PEEL"},
    ],
)
def test_a_different_title_force_period_or_kind_is_another_assessment(different) -> None:
    assert decide(snapshot("a", **EARLY), snapshot("b", **LATE | different)) == Supersession({}, ())
    assert decide(snapshot("a", **EARLY | different), snapshot("b", **LATE)) == Supersession({}, ())


def test_a_title_that_is_only_a_file_name_does_not_count() -> None:
    assert (
        decide(snapshot("x/report.txt", "Report", **EARLY), snapshot("y/report.txt", "Report", **LATE)).replaced_by
        == {}
    )


def test_parts_of_one_report_that_share_little_text_are_not_snapshots() -> None:
    texts = {"a": FINDINGS, "b": frozenset({"Custody is safe.", "Dogs are fed.", "Ferries run."})}
    assert decide(snapshot("a", **EARLY), snapshot("b", **LATE), texts=texts) == Supersession(
        {}, (("a", "b", Doubt.UNLIKE),)
    )
    assert decide(snapshot("a"), snapshot("b"), texts=texts) == Supersession({}, ())
    staged = snapshot("a", kind="interim report"), snapshot("b", kind="final report")
    assert decide(*staged, texts=texts).replaced_by == {"a": "b"}


def test_one_address_is_one_page_unless_it_is_of_another_period_or_force() -> None:
    texts = {"a": FINDINGS, "b": frozenset({"Dogs are fed."})}
    other = {"url": "http://www.inspectorate.example/northshire#top", "title": "New title"}
    earlier = snapshot("a", **EARLY | URL)
    assert decide(earlier, snapshot("b", **LATE | other), texts=texts).replaced_by == {"a": "b"}
    assert decide(earlier, snapshot("b", **LATE | other | {"period": "none"}), texts=texts).replaced_by == {}
    assert decide(earlier, snapshot("b", **LATE | other | {"force": "Westmere Police"}), texts=texts).replaced_by == {}


def test_the_catalogue_overrides_dates() -> None:
    assert decide(snapshot("a", **LATE), snapshot("b", **EARLY, supersedes="a")) == Supersession({"a": "b"}, ())
    assert decide(snapshot("a"), snapshot("b", "Other", force="Westmere Police", supersedes="a")).replaced_by == {
        "a": "b"
    }
    assert decide(snapshot("b", supersedes="gone")).replaced_by == {}


def test_the_last_of_a_line_of_snapshots_replaces_all_others() -> None:
    line = [snapshot(name, published=f"2019-05-0{day}") for day, name in enumerate("cab", start=1)]
    for order in permutations(line):
        assert decide(*order).replaced_by == {"c": "b", "a": "b"}


SNAPSHOTS = st.builds(
    snapshot,
    st.sampled_from("abcdef"),
    st.sampled_from([TITLE, "Other"]),
    kind=st.sampled_from(["draft report", "interim report", "final report", "report"]),
    published=st.sampled_from(["", "2019-05-02", "May 2019", "June 2019", "1 July 2019"]),
    updated=st.sampled_from(["", "2 May 2019", "August 2019"]),
    url=st.sampled_from(["", "https://a.example/", "https://b.example/"]),
    supersedes=st.sampled_from(["", "", "a", "b"]),
)


@given(st.lists(SNAPSHOTS, max_size=6, unique_by=lambda snapshot: snapshot.source), st.randoms(use_true_random=False))
def test_one_of_each_line_is_left_whatever_the_order(snapshots, draw) -> None:
    # A catalogue in which sources supersede each other or themselves is an error, found before.
    snapshots = [
        found for found in snapshots if not found.metadata.supersedes or found.metadata.supersedes < found.source
    ]
    decided = decide(*snapshots)
    earlier, later = set(decided.replaced_by), set(decided.replaced_by.values())
    assert earlier | later <= {found.source for found in snapshots}
    assert not earlier & later
    shuffled = draw.sample(snapshots, len(snapshots))
    assert decide(*shuffled) == decided


def saved(tmp_path: Path, name: str, changed: str, *more: str) -> Snapshot:
    """A web page as a browser saves it."""
    head = (
        '<link rel="canonical" href="https://inspectorate.example/northshire/">'
        '<meta property="article:published_time" content="2019-05-02T09:00:00+00:00">'
        f'<meta property="article:modified_time" content="{changed}T09:00:00+00:00">{"".join(more)}'
    )
    path = tmp_path / name
    path.write_text(f"<html><head>{head}</head><body><h1>Northshire</h1><p>It is {name}.</p></body></html>")
    transcript = read(SourceFile(path, name, ""))
    return Snapshot.of(name, transcript.title, transcript.metadata)


def test_the_head_of_a_saved_web_page_decides_which_copy_is_later(tmp_path: Path) -> None:
    earlier, later = saved(tmp_path, "b.html", "2019-05-02"), saved(tmp_path, "a.html", "2020-02-01")
    assert earlier.metadata == Metadata(
        updated="2019-05-02", published="2019-05-02", url="https://inspectorate.example/northshire/"
    )
    assert decide(earlier, later).replaced_by == {"b.html": "a.html"}


def test_a_page_that_contradicts_itself_gives_no_value(tmp_path: Path) -> None:
    second = '<link rel="canonical" href="https://inspectorate.example/other/">'
    odd = '<meta name="dcterms.issued" content="May 2019"><link rel="license" href="https://a.example/l">'
    assert saved(tmp_path, "a.html", "2019-05-02", second, odd).metadata.url == ""
    assert saved(tmp_path, "b.html", "yesterday", odd).metadata == Metadata(
        published="2019-05-02", url="https://inspectorate.example/northshire/"
    )


# The effect on an index


def page(day: str, *sentences: str) -> str:
    text = " ".join(("Custody is safe.", "Vetting is late.", "Calls are answered.", *sentences))
    return f"Northshire Constabulary – PEEL 2018/19 – report\n\nPublished: {day}\n\n{text}\n"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "early.txt").write_text(page("2 May 2019", "Dogs are kept."), encoding="utf-8")
    (folder / "late.txt").write_text(page("9 June 2019", "Dogs are fed."), encoding="utf-8")
    (folder / "other.txt").write_text("Westmere Police – PEEL 2018/19\n\nFerries are safe.", encoding="utf-8")
    return folder


def run(sources: Path, embedder: HashedWordEmbedder = EMBEDDER) -> BuildReport:
    return build_index(sources, sources.parent / "index", embedder)


def opened(sources: Path) -> OpenIndex:
    return open_current(sources.parent / "index", Fingerprint.of(EMBEDDER), exact=True)


def searched(index: OpenIndex) -> list[str]:
    return sorted({stored.source for stored in index.sentences(index.generation.keys.tolist())})


def test_the_earlier_snapshot_is_not_searched_but_can_be_read(sources: Path) -> None:
    report = run(sources)
    assert report.superseded == (("early.txt", "late.txt"),)
    index = opened(sources)
    assert searched(index) == ["late.txt", "other.txt"]
    assert report.sentences == len(index.generation.keys)
    [early] = index.generation.superseded
    assert (early.source, early.superseded_by) == ("early.txt", index.generation.transcripts[0].id)
    kept = index.transcript(early.id)
    assert kept is not None
    assert "Dogs are kept." in kept.text
    assert early.row_count == 6  # title, date and four findings
    index.close()


def test_the_earlier_snapshot_is_searched_again_when_the_later_is_removed(sources: Path) -> None:
    run(sources)
    (sources / "late.txt").unlink()
    report = run(sources)
    assert (report.superseded, report.embedded) == ((), 0)
    index = opened(sources)
    assert searched(index) == ["early.txt", "other.txt"]
    index.close()


def test_the_index_does_not_depend_on_which_snapshot_came_first(sources: Path, tmp_path: Path) -> None:
    late = (sources / "late.txt").read_bytes()
    (sources / "late.txt").unlink()
    run(sources)
    (sources / "late.txt").write_bytes(late)
    run(sources)
    build_index(sources, tmp_path / "fresh", EMBEDDER)
    ours, fresh = opened(sources), open_current(tmp_path / "fresh", Fingerprint.of(EMBEDDER), exact=True)
    assert ours.generation.digest == fresh.generation.digest
    assert ours.generation.keys.tolist() == fresh.generation.keys.tolist()
    assert ours.generation.superseded == fresh.generation.superseded
    ours.close()
    fresh.close()


def test_a_catalogue_entry_changes_its_source_s_metadata_and_embeds_nothing(sources: Path) -> None:
    run(sources)
    entry = '["other.txt"]\nperiod = "2021/22"\ntitle = "Westmere letter"\nurl = "https://a.example/w"\nlicence = "OGL"'
    (sources / "catalogue.toml").write_text(entry, encoding="utf-8")
    embedder = CountingEmbedder()
    report = run(sources, embedder)
    assert (report.created, report.updated, report.unchanged, report.failed) == (0, 1, 2, ())
    assert embedder.texts == []
    index = opened(sources)
    [other] = [found for found in index.generation.transcripts if found.source == "other.txt"]
    assert other.title == "Westmere letter"
    assert other.metadata == Metadata(
        force="Westmere Police", period=Period("2021/22", 2021, 2022), programme="PEEL", url="https://a.example/w",
        licence="OGL", catalogued=("title", "period", "url", "licence"),
    )  # fmt: skip
    stored = index.sentences([index.generation.keys[other.first_row]])[0]
    assert stored.metadata == other.metadata
    index.close()
    assert run(sources, embedder).published is False
    (sources / "catalogue.toml").unlink()
    assert run(sources, embedder).updated == 1
    assert embedder.texts == []
    index = opened(sources)
    [other] = [found for found in index.generation.transcripts if found.source == "other.txt"]
    assert other.metadata.period == PERIOD
    index.close()


@pytest.mark.parametrize("wrong", ["[early.txt", '["early.txt"]\nforce = 1', '["early.txt"]\nsupersedes = "early.txt"'])
def test_an_invalid_catalogue_changes_nothing_and_is_named(sources: Path, wrong: str) -> None:
    (sources / "catalogue.toml").write_text('["other.txt"]\nkind = "letter"', encoding="utf-8")
    before = run(sources)
    (sources / "catalogue.toml").write_text(wrong, encoding="utf-8")
    (sources / "other.txt").unlink()
    with pytest.raises(CatalogueError, match=r"catalogue\.toml: line [12]: .*stays as it was"):
        run(sources)
    index = opened(sources)
    assert index.generation.id == before.generation
    assert [found.metadata.kind for found in index.generation.transcripts if found.source == "other.txt"] == ["letter"]
    index.close()


def test_an_entry_for_no_file_is_reported_and_the_sources_are_indexed(sources: Path) -> None:
    (sources / "catalogue.toml").write_text('["othr.txt"]\nkind = "letter"', encoding="utf-8")
    report = run(sources)
    assert [(warning.source, warning.note) for warning in report.warnings] == [
        ("catalogue.toml", 'Line 1: there is no source named "othr.txt". Did you mean "other.txt"?')
    ]
    assert (report.created, report.failed) == (3, ())


def test_the_checksum_covers_what_the_catalogue_gave(sources: Path) -> None:
    (sources / "catalogue.toml").write_text('["other.txt"]\nurl = "https://a.example/w"', encoding="utf-8")
    run(sources)
    with (
        closing(sqlite3.connect(Fingerprint.of(EMBEDDER).folder(sources.parent / "index") / DATABASE_FILE)) as record,
        record,
    ):
        changed = record.execute("UPDATE version SET metadata = replace(metadata, 'a.example', 'b.example')")
        assert changed.rowcount == 3
    index = opened(sources)
    with pytest.raises(CorruptDatabaseError):
        index.sentences(index.generation.keys.tolist())
    index.close()


def test_the_index_does_not_depend_on_earlier_catalogues(sources: Path, tmp_path: Path) -> None:
    draw = random.Random(7)
    lines = ['kind = "letter"', "period = 2016", 'supersedes = "other.txt"', "published = 2020-01-01", "# nothing"]
    for _ in range(4):
        names = draw.sample(["early.txt", "late.txt", "gone.txt"], 2)
        text = "\n".join(f'["{name}"]\n{draw.choice(lines)}' for name in names)
        (sources / "catalogue.toml").write_text(text, encoding="utf-8")
        run(sources)
    build_index(sources, tmp_path / "fresh", EMBEDDER)
    ours, fresh = opened(sources), open_current(tmp_path / "fresh", Fingerprint.of(EMBEDDER), exact=True)
    assert ours.generation.digest == fresh.generation.digest
    assert ours.generation.transcripts == fresh.generation.transcripts
    assert ours.generation.superseded == fresh.generation.superseded
    ours.close()
    fresh.close()
