"""`catalogue.toml`: its fields override the text's, and its faults are reported with their lines."""

from __future__ import annotations

import json
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import CatalogueError
from index.sources.catalogue import (
    MAX_CHAIN_NAMES,
    MAX_ENTRIES,
    MAX_PATTERNS,
    MAX_SUGGESTIONS,
    CatalogueFile,
    parse_catalogue,
    read_catalogue,
)
from index.sources.catalogue_fields import FIELD_NAMES, NO_FIELDS, CatalogueFields
from index.text.transcript import Period

PATH = Path("sources/catalogue.toml")


def parsed(text: str) -> CatalogueFile:
    return parse_catalogue(PATH, text.encode())


def fields_by_source(text: str, *names: str) -> dict[str, CatalogueFields]:
    return dict(parsed(text).resolve(names).by_source)


def faults(text: str, *names: str) -> list[tuple[int, str]]:
    with pytest.raises(CatalogueError) as raised:
        parsed(text).resolve(names)
    assert str(PATH) in str(raised.value)
    return [(fault.line, fault.problem) for fault in raised.value.faults]


def test_every_field_is_read() -> None:
    text = """
    ["northshire-2018.pdf"]
    title = "Northshire Constabulary: an inspection"
    force = "Northshire Constabulary"
    period = "2018-2019"
    programme = "PEEL"
    kind = "overall assessment"
    inspector = "Ada Marlowe"
    published = 2019-05-02
    url = "https://inspectorate.example/northshire"
    licence = "Open Government Licence v3.0"
    supersedes = "interim.pdf"
    """
    [northshire] = fields_by_source(text, "northshire-2018.pdf", "interim.pdf").values()
    assert northshire == CatalogueFields(
        title="Northshire Constabulary: an inspection",
        force="Northshire Constabulary",
        period=Period("2018/19", 2018, 2019),
        programme="PEEL",
        kind="overall assessment",
        inspector="Ada Marlowe",
        published="2019-05-02",
        url="https://inspectorate.example/northshire",
        licence="Open Government Licence v3.0",
        supersedes="interim.pdf",
    )
    assert northshire.given == FIELD_NAMES


@pytest.mark.parametrize(
    ("written", "force"),
    [("the Met", "the Met"), ("Kent", "Kent Police"), ("kent police", "Kent Police"), ("Lowmarsh", "Lowmarsh")],
)
def test_a_force_known_to_the_gazetteer_gets_its_canonical_name(written: str, force: str) -> None:
    known = {"the Met": "Metropolitan Police Service"}
    [fields] = fields_by_source(f'["a.txt"]\nforce = "{written}"', "a.txt").values()
    assert fields.force in (force, known.get(written))


def test_a_year_may_be_a_number_and_a_date_may_be_in_quotation_marks() -> None:
    [fields] = fields_by_source('["a.txt"]\nperiod = 2016\npublished = "2017-03-01"', "a.txt").values()
    assert (fields.period, fields.published) == (Period("2016", 2016, 2016), "2017-03-01")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('["a.txt"]\n\nforce = 3', 3, "must be text"),
        ('["a.txt"]\nforce = ""', 2, "is empty"),
        ('["a.txt"]\nforce = "a\\u0000b"', 2, "invisible character"),
        (f'["a.txt"]\nkind = "{"k" * 301}"', 2, "limit is 300"),
        ('["a.txt"]\nforse = "Kent Police"', 2, "no such field"),
        ('["a.txt"]\nperiod = "last year"', 2, "inspection period"),
        ('["a.txt"]\nperiod = "2016 and 2017"', 2, "inspection period"),
        ('["a.txt"]\nperiod = true', 2, "must be text"),
        ('["a.txt"]\npublished = 2019-05-02T10:00:00', 2, "date without a time"),
        ('["a.txt"]\npublished = "May 2019"', 2, "date without a time"),
        ('["a.txt"]\npublished = "2019-02-30"', 2, "no such day"),
        ('["a.txt"]\nurl = "javascript:alert(1)"', 2, "address of a web page"),
        ('["a.txt"]\nurl = "https://a.example/ b"', 2, "address of a web page"),
        ('["a.txt"]\nurl = "https://[a"', 2, "address of a web page"),
        ('\n["*.txt"]\nurl = "https://a.example"', 3, "belongs to one file"),
        ('["a.txt"]\nsupersedes = ["b.txt"]', 2, "name of a file"),
        ('["a.txt"]\nsupersedes = "a.txt"', 1, "supersedes itself"),
        ('\n[a.txt]\nforce = "Kent Police"', 2, '["a.txt"]'),
        ('force = "Kent Police"', 1, "not under the name of a file"),
        ('["a.txt"]\nforce = "x"\n["a.txt"]\n', 3, "not TOML"),
        ('["a.txt"]\nforce = \n', 2, "not TOML"),
    ],
)
def test_a_fault_is_reported_with_its_line(text: str, line: int, problem: str) -> None:
    [(fault_line, fault)] = faults(text, "a.txt")
    assert fault_line == line
    assert problem in fault


def test_all_faults_are_reported_together() -> None:
    text = '["a.txt"]\nforce = 1\nperiod = "x"\n["b.txt"]\nfoo = "x"'
    assert [line for line, _ in faults(text)] == [2, 3, 5]


def test_a_pattern_matches_one_folder_and_an_entry_for_a_name_overrides_it() -> None:
    text = '["north/*.txt"]\nforce = "Northshire"\nkind = "letter"\n["north/b.txt"]\nkind = "report"'
    known = fields_by_source(text, "north/a.txt", "north/b.txt", "north/deep/c.txt", "a.txt")
    assert {name: (fields.force, fields.kind) for name, fields in known.items()} == {
        "north/a.txt": ("Northshire", "letter"),
        "north/b.txt": ("Northshire", "report"),
    }


def test_only_patterns_that_disagree_are_an_error() -> None:
    both = '["*.txt"]\nkind = "letter"\n["a*"]\nkind = "{}"'
    assert fields_by_source(both.format("letter"), "a.txt")["a.txt"].kind == "letter"
    [(line, problem)] = faults(both.format("report"), "a.txt")
    assert line == 3
    assert '"*.txt" and "a*" give a.txt different values of kind' in problem
    assert fields_by_source(both.format("report"), "b.txt")["b.txt"].kind == "letter"


def test_a_pattern_of_many_stars_is_matched_quickly() -> None:
    assert fields_by_source(f'["{"*a" * 60}"]\nkind = "letter"', "a" * 250 + "b") == {}
    assert list(fields_by_source(f'["{"*a" * 60}*"]\nkind = "letter"', "a" * 250 + "b")) == ["a" * 250 + "b"]


def test_an_entry_for_no_file_gets_a_note_with_the_nearest_name() -> None:
    text = '\n["northshire-2016.txt"]\nkind = "letter"\n["*.pdf"]\nkind = "letter"\n["z.zip/a.txt"]\nkind = "letter"'
    text += '\n["a.txt"]\nsupersedes = "b.txt"'
    notes = parsed(text).resolve(["northshire-2018.txt", "a.txt"], failed=["z.zip"]).notes
    assert [note.line for note in notes] == [2, 4, 8]
    assert 'Did you mean "northshire-2018.txt"?' in notes[0].problem
    assert 'matches "*.pdf"' in notes[1].problem
    assert '"b.txt"' in notes[2].problem


def test_sources_that_supersede_each_other_are_an_error() -> None:
    text = '["a.txt"]\nsupersedes = "b.txt"\n["b.txt"]\nsupersedes = "a.txt"\n["c.txt"]\nsupersedes = "a.txt"'
    assert [line for line, _ in faults(text, "a.txt", "b.txt", "c.txt")] == [1, 3]


def test_a_name_is_found_however_its_accents_are_written() -> None:
    assert fields_by_source('["Zo\u00eb.txt"]\nkind = "letter"', "Zoe\u0308.txt")["Zoe\u0308.txt"].kind == "letter"
    assert "the same name" in faults('["Zo\u00eb.txt"]\nkind = "x"\n["Zoe\u0308.txt"]\nkind = "x"')[0][1]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'["a.txt"]\nkind = "caf\xe9"', "line 2: the file is not UTF-8"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"9" * 10_000, "not TOML"),
        (b"\0", "not TOML"),
        (b'["a.txt"]\r', "not TOML"),
    ],
)
def test_bytes_that_are_not_a_catalogue_are_an_error(data: bytes, problem: str) -> None:
    with pytest.raises(CatalogueError, match=problem):
        parse_catalogue(PATH, data)


def test_a_missing_catalogue_has_no_entries_and_a_byte_order_mark_is_skipped(tmp_path: Path) -> None:
    assert read_catalogue(tmp_path).entries == ()
    (tmp_path / "catalogue.toml").write_bytes(b'\xef\xbb\xbf["a.txt"]\nkind = "letter"\n')
    assert read_catalogue(tmp_path).resolve(["a.txt"])["a.txt"].kind == "letter"
    assert read_catalogue(tmp_path).resolve(["a.txt"])["b.txt"] is NO_FIELDS


@given(st.binary(max_size=200) | st.text(alphabet='["a.*]=\n\\u0000{},#é -:', max_size=80).map(str.encode))
def test_any_bytes_give_a_catalogue_or_a_catalogue_error(data: bytes) -> None:
    found: object = None
    try:
        found = parse_catalogue(PATH, data)
    except CatalogueError as error:
        found = error
    assert isinstance(found, CatalogueFile) or (isinstance(found, CatalogueError) and found.faults and found.advice)


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="*?"), min_size=1, max_size=20)
WORDS = st.from_regex(r"[A-Za-z][A-Za-z'’&-]{0,9}( [A-Za-z]{1,9})?", fullmatch=True)


@given(NAMES, WORDS, st.integers(2000, 2080), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_the_values_written_are_the_values_read(name: str, words: str, year: int, day: date) -> None:
    fields = {"kind": json.dumps(words), "inspector": json.dumps(words), "period": str(year), "published": str(day)}
    text = f"[{json.dumps(name, ensure_ascii=False)}]\n" + "\n".join(
        f"{key} = {value}" for key, value in fields.items()
    )
    [found] = fields_by_source(text, name).values()
    assert found == CatalogueFields(
        kind=words, inspector=words, period=Period(str(year), year, year), published=day.isoformat()
    )


@pytest.mark.parametrize(("name", "limit"), [("f{}.txt", MAX_ENTRIES), ("*{}*", MAX_PATTERNS)])
def test_a_catalogue_has_a_bounded_number_of_entries(name: str, limit: int) -> None:
    text = "".join(f'["{name.format(number)}"]\n' for number in range(limit + 1))
    [(_, problem)] = faults(text)
    assert f"the limit is {limit:,}" in problem
    assert len(parsed(text.rpartition("[")[0]).entries) == limit


def test_a_long_chain_of_versions_is_followed_once() -> None:
    """Each source was followed to the end of the chain, and each step looked through the chain before it."""
    names = [f"v{number:04}.txt" for number in range(2_000)]
    pairs = list(pairwise(names))
    chain = "".join(f'["{later}"]\nsupersedes = "{earlier}"\n' for earlier, later in pairs)
    assert fields_by_source(chain, *names)[names[-1]].supersedes == names[-2]
    found = faults(chain + f'["{names[0]}"]\nsupersedes = "{names[-1]}"\n', *names)
    assert len(found) == MAX_CHAIN_NAMES
    assert all(len(problem) < 300 for _, problem in found)


def test_only_the_first_unknown_names_have_a_suggestion() -> None:
    text = "".join(f'["reprot-{number}.txt"]\n' for number in range(MAX_SUGGESTIONS + 10))
    notes = parsed(text).resolve(["report-1.txt"]).notes
    assert len(notes) == MAX_SUGGESTIONS + 10
    assert sum("Did you mean" in note.problem for note in notes[MAX_SUGGESTIONS:]) == 0
    assert "Did you mean" in notes[1].problem
