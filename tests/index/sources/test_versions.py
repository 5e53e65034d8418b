"""Two snapshots of one page: the later is searched, the earlier kept; nothing but what is said of them decides."""

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
from index.embedding.models import HashedWordEmbedder
from index.errors import CatalogueError, CorruptRecordError
from index.published.open import OpenIndex, open_current
from index.readers.read import read
from index.sources.files import SourceFile
from index.sources.versions import Doubt, Snapshot, Verdict, judge
from index.storage.database import RECORD
from index.storage.fingerprint import Fingerprint
from index.text.transcript import Metadata, Period
from tests.fixtures.index_folders import CountingEmbedder, prove_here

EMBEDDER = HashedWordEmbedder()
TITLE = "Northshire Constabulary – PEEL 2018/19"
PERIOD = Period("2018/19", 2018, 2019)
SAID = frozenset({"Custody is safe.", "Vetting is late.", "Calls are answered."})


def snapshot(source: str, title: str = TITLE, **said: str) -> Snapshot:
    fields: dict[str, str] = {"force": "Northshire Constabulary", "kind": "report"} | said
    period = None if fields.pop("period", "") == "none" else PERIOD
    return Snapshot.of(source, title, Metadata(period=period, **fields))


def judged(*snapshots: Snapshot, texts: Mapping[str, frozenset[str]] | None = None) -> Verdict:
    return judge(snapshots, lambda source: (texts or {}).get(source, SAID))


EARLY, LATE = {"published": "2019-05-02"}, {"published": "3 May 2019"}
URL = {"url": "https://inspectorate.example/northshire/"}


@pytest.mark.parametrize(
    ("one", "other"),
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
def test_of_one_title_force_period_and_kind_the_later_is_told_by_dates_or_by_its_stage(one, other) -> None:
    for pair in ((snapshot("a", **one), snapshot("b", **other)), (snapshot("b", **other), snapshot("a", **one))):
        assert judged(*pair) == Verdict({"a": "b"}, ())


@pytest.mark.parametrize(
    ("one", "other", "doubt"),
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
def test_what_does_not_say_which_is_later_is_left_in_doubt(one, other, doubt) -> None:
    assert judged(snapshot("a", **one), snapshot("b", **other)) == Verdict({}, (("a", "b", doubt),))


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
def test_what_differs_in_title_force_period_or_kind_is_another_assessment(different) -> None:
    assert judged(snapshot("a", **EARLY), snapshot("b", **LATE | different)) == Verdict({}, ())
    assert judged(snapshot("a", **EARLY | different), snapshot("b", **LATE)) == Verdict({}, ())


def test_a_title_that_is_the_name_of_a_file_is_no_title() -> None:
    assert judged(snapshot("x/report.txt", "Report", **EARLY), snapshot("y/report.txt", "Report", **LATE)).later == {}


def test_parts_of_one_report_that_share_little_are_not_taken_for_snapshots() -> None:
    texts = {"a": SAID, "b": frozenset({"Custody is safe.", "Dogs are fed.", "Ferries run."})}
    assert judged(snapshot("a", **EARLY), snapshot("b", **LATE), texts=texts) == Verdict(
        {}, (("a", "b", Doubt.UNLIKE),)
    )
    assert judged(snapshot("a"), snapshot("b"), texts=texts) == Verdict({}, ())
    staged = snapshot("a", kind="interim report"), snapshot("b", kind="final report")
    assert judged(*staged, texts=texts).later == {"a": "b"}


def test_one_address_is_one_page_whatever_its_text_unless_it_is_of_another_year() -> None:
    texts = {"a": SAID, "b": frozenset({"Dogs are fed."})}
    other = {"url": "http://www.inspectorate.example/northshire#top", "title": "New title"}
    one = snapshot("a", **EARLY | URL)
    assert judged(one, snapshot("b", **LATE | other), texts=texts).later == {"a": "b"}
    assert judged(one, snapshot("b", **LATE | other | {"period": "none"}), texts=texts).later == {}
    assert judged(one, snapshot("b", **LATE | other | {"force": "Westmere Police"}), texts=texts).later == {}


def test_the_catalogue_s_word_counts_before_dates() -> None:
    assert judged(snapshot("a", **LATE), snapshot("b", **EARLY, supersedes="a")) == Verdict({"a": "b"}, ())
    assert judged(snapshot("a"), snapshot("b", "Other", force="Westmere Police", supersedes="a")).later == {"a": "b"}
    assert judged(snapshot("b", supersedes="gone")).later == {}


def test_of_a_line_of_snapshots_the_last_takes_the_place_of_all() -> None:
    line = [snapshot(name, published=f"2019-05-0{day}") for day, name in enumerate("cab", start=1)]
    for order in permutations(line):
        assert judged(*order).later == {"c": "b", "a": "b"}


SOME = st.builds(
    snapshot,
    st.sampled_from("abcdef"),
    st.sampled_from([TITLE, "Other"]),
    kind=st.sampled_from(["draft report", "interim report", "final report", "report"]),
    published=st.sampled_from(["", "2019-05-02", "May 2019", "June 2019", "1 July 2019"]),
    updated=st.sampled_from(["", "2 May 2019", "August 2019"]),
    url=st.sampled_from(["", "https://a.example/", "https://b.example/"]),
    supersedes=st.sampled_from(["", "", "a", "b"]),
)


@given(st.lists(SOME, max_size=6, unique_by=lambda one: one.source), st.randoms(use_true_random=False))
def test_whatever_is_said_one_of_each_line_is_left_and_order_does_not_matter(snapshots, draw) -> None:
    # A catalogue in which sources supersede each other, or themselves, is refused before.
    snapshots = [one for one in snapshots if not one.metadata.supersedes or one.metadata.supersedes < one.source]
    verdict = judged(*snapshots)
    assert set(verdict.later) | set(verdict.later.values()) <= {one.source for one in snapshots}
    assert not set(verdict.later) & set(verdict.later.values())
    shuffled = draw.sample(snapshots, len(snapshots))
    assert judged(*shuffled) == verdict


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


def test_two_saved_copies_of_one_web_page_are_told_apart_by_what_its_head_says(tmp_path: Path) -> None:
    earlier, later = saved(tmp_path, "b.html", "2019-05-02"), saved(tmp_path, "a.html", "2020-02-01")
    assert earlier.metadata == Metadata(
        updated="2019-05-02", published="2019-05-02", url="https://inspectorate.example/northshire/"
    )
    assert judged(earlier, later).later == {"b.html": "a.html"}


def test_what_a_page_says_in_two_ways_is_not_taken(tmp_path: Path) -> None:
    second = '<link rel="canonical" href="https://inspectorate.example/other/">'
    odd = '<meta name="dcterms.issued" content="May 2019"><link rel="license" href="https://a.example/l">'
    assert saved(tmp_path, "a.html", "2019-05-02", second, odd).metadata.url == ""
    assert saved(tmp_path, "b.html", "yesterday", odd).metadata == Metadata(
        published="2019-05-02", url="https://inspectorate.example/northshire/"
    )


# What an index makes of it


def page(day: str, *sentences: str) -> str:
    said = " ".join(("Custody is safe.", "Vetting is late.", "Calls are answered.", *sentences))
    return f"Northshire Constabulary – PEEL 2018/19 – report\n\nPublished: {day}\n\n{said}\n"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "early.txt").write_text(page("2 May 2019", "Dogs are kept."), encoding="utf-8")
    (folder / "late.txt").write_text(page("9 June 2019", "Dogs are fed."), encoding="utf-8")
    (folder / "other.txt").write_text("Westmere Police – PEEL 2018/19\n\nFerries are safe.", encoding="utf-8")
    return folder


def run(sources: Path, embedder: HashedWordEmbedder = EMBEDDER) -> BuildReport:
    return build_index(sources, sources.parent / "index", embedder, prove=prove_here)


def opened(sources: Path) -> OpenIndex:
    return open_current(sources.parent / "index", Fingerprint.of(EMBEDDER), exact=True)


def searched(index: OpenIndex) -> list[str]:
    return sorted({one.source for one in index.sentences(index.generation.keys.tolist())})


def test_the_earlier_snapshot_is_not_searched_and_can_still_be_read(sources: Path) -> None:
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


def test_an_earlier_snapshot_is_searched_again_when_the_later_is_gone(sources: Path) -> None:
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
    build_index(sources, tmp_path / "fresh", EMBEDDER, prove=prove_here)
    ours, fresh = opened(sources), open_current(tmp_path / "fresh", Fingerprint.of(EMBEDDER), exact=True)
    assert ours.generation.digest == fresh.generation.digest
    assert ours.generation.keys.tolist() == fresh.generation.keys.tolist()
    assert ours.generation.superseded == fresh.generation.superseded
    ours.close()
    fresh.close()


def test_a_catalogue_entry_describes_its_source_without_embedding_anything(sources: Path) -> None:
    run(sources)
    entry = '["other.txt"]\nperiod = "2021/22"\ntitle = "Westmere letter"\nurl = "https://a.example/w"\nlicence = "OGL"'
    (sources / "catalogue.toml").write_text(entry, encoding="utf-8")
    embedder = CountingEmbedder()
    report = run(sources, embedder)
    assert (report.created, report.updated, report.unchanged, report.failed) == (0, 1, 2, ())
    assert embedder.texts == []
    index = opened(sources)
    [other] = [one for one in index.generation.transcripts if one.source == "other.txt"]
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
    [other] = [one for one in index.generation.transcripts if one.source == "other.txt"]
    assert other.metadata.period == PERIOD
    index.close()


@pytest.mark.parametrize("wrong", ["[early.txt", '["early.txt"]\nforce = 1', '["early.txt"]\nsupersedes = "early.txt"'])
def test_a_wrong_catalogue_changes_nothing_and_is_named(sources: Path, wrong: str) -> None:
    (sources / "catalogue.toml").write_text('["other.txt"]\nkind = "letter"', encoding="utf-8")
    before = run(sources)
    (sources / "catalogue.toml").write_text(wrong, encoding="utf-8")
    (sources / "other.txt").unlink()
    with pytest.raises(CatalogueError, match=r"catalogue\.toml: line [12]: .*stays as it was"):
        run(sources)
    index = opened(sources)
    assert index.generation.id == before.generation
    assert [one.metadata.kind for one in index.generation.transcripts if one.source == "other.txt"] == ["letter"]
    index.close()


def test_an_entry_for_no_file_is_said_and_the_rest_goes_on(sources: Path) -> None:
    (sources / "catalogue.toml").write_text('["othr.txt"]\nkind = "letter"', encoding="utf-8")
    report = run(sources)
    assert [(one.source, one.note) for one in report.warnings] == [
        ("catalogue.toml", 'Line 1: there is no source named "othr.txt". Is it "other.txt"?')
    ]
    assert (report.created, report.failed) == (3, ())


def test_what_the_catalogue_gave_is_under_the_seal(sources: Path) -> None:
    (sources / "catalogue.toml").write_text('["other.txt"]\nurl = "https://a.example/w"', encoding="utf-8")
    run(sources)
    with closing(sqlite3.connect(Fingerprint.of(EMBEDDER).folder(sources.parent / "index") / RECORD)) as record, record:
        changed = record.execute("UPDATE version SET metadata = replace(metadata, 'a.example', 'b.example')")
        assert changed.rowcount == 3
    index = opened(sources)
    with pytest.raises(CorruptRecordError):
        index.sentences(index.generation.keys.tolist())
    index.close()


def test_any_history_of_catalogues_ends_in_the_index_of_the_last(sources: Path, tmp_path: Path) -> None:
    draw = random.Random(7)
    lines = ['kind = "letter"', "period = 2016", 'supersedes = "other.txt"', "published = 2020-01-01", "# nothing"]
    for _ in range(4):
        names = draw.sample(["early.txt", "late.txt", "gone.txt"], 2)
        text = "\n".join(f'["{name}"]\n{draw.choice(lines)}' for name in names)
        (sources / "catalogue.toml").write_text(text, encoding="utf-8")
        run(sources)
    build_index(sources, tmp_path / "fresh", EMBEDDER, prove=prove_here)
    ours, fresh = opened(sources), open_current(tmp_path / "fresh", Fingerprint.of(EMBEDDER), exact=True)
    assert ours.generation.digest == fresh.generation.digest
    assert ours.generation.transcripts == fresh.generation.transcripts
    assert ours.generation.superseded == fresh.generation.superseded
    ours.close()
    fresh.close()
