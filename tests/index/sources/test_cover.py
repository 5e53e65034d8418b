from __future__ import annotations

import time
import tomllib
from pathlib import Path

import pytest

from index.readers.read import read
from index.readers.text import blocks_of_text
from index.sources.cover import read_cover
from index.sources.files import discover
from tests.fixtures import files

COVERS = tomllib.loads((Path(files.__file__).parents[1] / "covers.toml").read_text(encoding="utf-8"))


def source_of(folder: Path, name: str, text: str):
    (folder / name).write_text(text, encoding="utf-8")
    return read(next(source for source in discover(folder) if source.name == name))


@pytest.mark.parametrize("name", COVERS)
def test_a_source_is_described_by_what_its_cover_says(tmp_path: Path, name: str):
    cover = COVERS[name]
    source = source_of(tmp_path, f"{name}.txt", cover["text"].lstrip())
    known = source.metadata
    found = {
        "title": source.title, "force": known.force, "period": known.period.label if known.period else "",
        "inspector": known.inspector, "published": known.published, "dated": known.dated,
    }  # fmt: skip
    assert found == {field: cover.get(field, "") for field in found}


def test_the_first_line_beats_the_name_of_the_file(tmp_path: Path):
    text = "Westmere Police – PEEL 2023-25\nOverall summary\nOur inspection assessed how good Westmere Police is.\n"
    source = source_of(tmp_path, "westmere-2024.txt", text)
    assert (source.title, source.metadata.period.label) == ("Westmere Police – PEEL 2023-25", "2023-25")


def test_the_date_of_publication_beats_the_year_in_the_name_of_the_file(tmp_path: Path):
    text = "It is a good force, inspectors say.\n\nThis report was published on 3 May 2018.\n"
    metadata = source_of(tmp_path, "westmere-2021.txt", text).metadata
    assert (metadata.period, metadata.published) == (None, "3 May 2018")


def test_the_name_of_the_file_counts_where_the_text_says_nothing(tmp_path: Path):
    source = source_of(tmp_path, "kent-police-2016.txt", "The police answer quickly. They are polite.\n")
    assert (source.title, source.metadata.force) == ("Kent police 2016", "Kent Police")
    assert source.metadata.period.label == "2016"


@pytest.mark.parametrize(
    "text",
    [
        "Home\nNews\nThe police were quick to answer the call.\n",
        "It is a good force, inspectors say.\n\nIt answers its calls.\n",
        "\n",
    ],
)
def test_running_text_and_menus_are_no_title(text: str):
    assert read_cover(text, blocks_of_text(text)).title == ""


@pytest.mark.parametrize("text", ["A " * 200_000, "Westmere Police\n" * 50_000, "To: " * 100_000, "Police " * 100_000])
def test_a_cover_is_read_in_time_that_does_not_grow_with_the_text(text: str):
    blocks = blocks_of_text(text)
    started = time.process_time()
    read_cover(text, blocks)
    assert time.process_time() - started < 2
