"""The sources' catalogue: what it says is what is known, what is wrong with it is named with its line."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import CatalogueError
from index.sources.catalogue import CatalogueFile, parse_catalogue, read_catalogue
from index.sources.catalogue_fields import FIELDS, NOTHING, CatalogueFields
from index.text.transcript import Period

PATH = Path("sources/catalogue.toml")


def parsed(text: str) -> CatalogueFile:
    return parse_catalogue(PATH, text.encode())


def told(text: str, *names: str) -> dict[str, CatalogueFields]:
    return dict(parsed(text).tell(names).of)


def faults(text: str, *names: str) -> list[tuple[int, str]]:
    with pytest.raises(CatalogueError) as raised:
        parsed(text).tell(names)
    assert str(PATH) in str(raised.value)
    return [(fault.line, fault.problem) for fault in raised.value.faults]


def test_every_field_is_taken_as_it_is_meant() -> None:
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
    [northshire] = told(text, "northshire-2018.pdf", "interim.pdf").values()
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
    assert northshire.given == FIELDS


@pytest.mark.parametrize(
    ("written", "force"),
    [("the Met", "the Met"), ("Kent", "Kent Police"), ("kent police", "Kent Police"), ("Lowmarsh", "Lowmarsh")],
)
def test_a_force_is_named_as_the_gazetteer_does_where_it_knows_it(written: str, force: str) -> None:
    known = {"the Met": "Metropolitan Police Service"}
    [one] = told(f'["a.txt"]\nforce = "{written}"', "a.txt").values()
    assert one.force in (force, known.get(written))


def test_a_year_may_be_a_number_and_a_date_may_stand_in_quotation_marks() -> None:
    [one] = told('["a.txt"]\nperiod = 2016\npublished = "2017-03-01"', "a.txt").values()
    assert (one.period, one.published) == (Period("2016", 2016, 2016), "2017-03-01")


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('["a.txt"]\n\nforce = 3', 3, "must be text"),
        ('["a.txt"]\nforce = ""', 2, "is empty"),
        ('["a.txt"]\nforce = "a\\u0000b"', 2, "cannot be seen"),
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
        ('force = "Kent Police"', 1, "stands alone"),
        ('["a.txt"]\nforce = "x"\n["a.txt"]\n', 3, "not TOML"),
        ('["a.txt"]\nforce = \n', 2, "not TOML"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(text: str, line: int, problem: str) -> None:
    [(at, said)] = faults(text, "a.txt")
    assert at == line
    assert problem in said


def test_everything_wrong_is_named_at_once() -> None:
    text = '["a.txt"]\nforce = 1\nperiod = "x"\n["b.txt"]\nfoo = "x"'
    assert [line for line, _ in faults(text)] == [2, 3, 5]


def test_a_pattern_stays_in_its_folder_and_gives_way_to_a_name() -> None:
    text = '["north/*.txt"]\nforce = "Northshire"\nkind = "letter"\n["north/b.txt"]\nkind = "report"'
    known = told(text, "north/a.txt", "north/b.txt", "north/deep/c.txt", "a.txt")
    assert {name: (one.force, one.kind) for name, one in known.items()} == {
        "north/a.txt": ("Northshire", "letter"),
        "north/b.txt": ("Northshire", "report"),
    }


def test_patterns_that_disagree_are_an_error_and_those_that_agree_are_none() -> None:
    both = '["*.txt"]\nkind = "letter"\n["a*"]\nkind = "{}"'
    assert told(both.format("letter"), "a.txt")["a.txt"].kind == "letter"
    [(line, problem)] = faults(both.format("report"), "a.txt")
    assert line == 3
    assert '"*.txt" and "a*" give a.txt a different kind' in problem
    assert told(both.format("report"), "b.txt")["b.txt"].kind == "letter"


def test_a_pattern_of_many_stars_is_settled_at_once() -> None:
    assert told(f'["{"*a" * 60}"]\nkind = "letter"', "a" * 250 + "b") == {}
    assert list(told(f'["{"*a" * 60}*"]\nkind = "letter"', "a" * 250 + "b")) == ["a" * 250 + "b"]


def test_an_entry_for_no_file_is_noted_with_the_nearest_name() -> None:
    text = '\n["northshire-2016.txt"]\nkind = "letter"\n["*.pdf"]\nkind = "letter"\n["z.zip/a.txt"]\nkind = "letter"'
    text += '\n["a.txt"]\nsupersedes = "b.txt"'
    notes = parsed(text).tell(["northshire-2018.txt", "a.txt"], failed=["z.zip"]).notes
    assert [note.line for note in notes] == [2, 4, 8]
    assert 'Is it "northshire-2018.txt"?' in notes[0].problem
    assert 'like "*.pdf"' in notes[1].problem
    assert '"b.txt"' in notes[2].problem


def test_sources_that_supersede_each_other_are_an_error() -> None:
    text = '["a.txt"]\nsupersedes = "b.txt"\n["b.txt"]\nsupersedes = "a.txt"\n["c.txt"]\nsupersedes = "a.txt"'
    assert [line for line, _ in faults(text, "a.txt", "b.txt", "c.txt")] == [1, 3]


def test_a_name_is_found_however_its_accents_are_written() -> None:
    assert told('["Zo\u00eb.txt"]\nkind = "letter"', "Zoe\u0308.txt")["Zoe\u0308.txt"].kind == "letter"
    assert "again" in faults('["Zo\u00eb.txt"]\nkind = "x"\n["Zoe\u0308.txt"]\nkind = "x"')[0][1]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'["a.txt"]\nkind = "caf\xe9"', "line 2: it is not UTF-8"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"9" * 10_000, "not TOML"),
        (b"\0", "not TOML"),
        (b'["a.txt"]\r', "not TOML"),
    ],
)
def test_what_is_no_catalogue_at_all_is_an_error(data: bytes, problem: str) -> None:
    with pytest.raises(CatalogueError, match=problem):
        parse_catalogue(PATH, data)


def test_one_that_is_not_there_says_nothing_and_a_byte_order_mark_is_no_part_of_it(tmp_path: Path) -> None:
    assert read_catalogue(tmp_path).entries == ()
    (tmp_path / "catalogue.toml").write_bytes(b'\xef\xbb\xbf["a.txt"]\nkind = "letter"\n')
    assert read_catalogue(tmp_path).tell(["a.txt"])["a.txt"].kind == "letter"
    assert read_catalogue(tmp_path).tell(["a.txt"])["b.txt"] is NOTHING


@given(st.binary(max_size=200) | st.text(alphabet='["a.*]=\n\\u0000{},#é -:', max_size=80).map(str.encode))
def test_whatever_the_bytes_there_is_a_catalogue_or_one_error(data: bytes) -> None:
    found: object = None
    try:
        found = parse_catalogue(PATH, data)
    except CatalogueError as error:
        found = error
    assert isinstance(found, CatalogueFile) or (isinstance(found, CatalogueError) and found.faults and found.advice)


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="*?"), min_size=1, max_size=20)
WORDS = st.from_regex(r"[A-Za-z][A-Za-z'’&-]{0,9}( [A-Za-z]{1,9})?", fullmatch=True)


@given(NAMES, WORDS, st.integers(2000, 2080), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_what_is_written_is_what_is_told(name: str, words: str, year: int, day: date) -> None:
    fields = {"kind": json.dumps(words), "inspector": json.dumps(words), "period": str(year), "published": str(day)}
    text = f"[{json.dumps(name, ensure_ascii=False)}]\n" + "\n".join(f"{key} = {one}" for key, one in fields.items())
    [one] = told(text, name).values()
    assert one == CatalogueFields(
        kind=words, inspector=words, period=Period(str(year), year, year), published=day.isoformat()
    )
