"""Every formal record of the fictional collection is found, with its full text, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from index.readers.read import read
from index.readers.sandbox import SandboxedParser
from index.records.find import find_records
from index.records.record import FormalRecord, decode_record, encode_record
from index.sources.files import SourceFile
from index.text.sentences import split_sentences
from tests.fixtures.formal_collection import RECORDS, SOURCES, lines_of, write_collection


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple[FormalRecord, list[str]]]]:
    """The records of each document of the collection, with their full texts."""
    folder = tmp_path_factory.mktemp("formal")
    write_collection(folder)
    records: dict[str, list[tuple[FormalRecord, list[str]]]] = {}
    with SandboxedParser() as parser:
        for name in SOURCES:
            transcript = read(SourceFile(folder / name, name, ""), parser)
            sentences = split_sentences(transcript)
            records[name] = [
                (record, [sentences[ordinal].text for ordinal in record.ordinals])
                for record in find_records(transcript, sentences)
            ]
    return records


def words_of(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


@pytest.mark.parametrize("source", SOURCES)
def test_the_records_of_a_document_are_those_that_a_reader_finds(source: str, found: dict[str, Any]) -> None:
    listed = [(record["kind"], record.get("grade", ""), words_of(lines_of(record))) for record in RECORDS
              if record["source"] == source]  # fmt: skip
    read_off = [(record.kind.value, record.grade, words_of(lines)) for record, lines in found[source]]
    assert sorted(read_off) == sorted(listed)


@pytest.mark.parametrize("listed", RECORDS)
def test_a_record_has_its_number_subject_addressee_and_date(listed: dict[str, str], found: dict[str, Any]) -> None:
    matching = [
        record
        for record, lines in found[listed["source"]]
        if (record.kind.value, words_of(lines)) == (listed["kind"], words_of(lines_of(listed)))
        and record.subject == listed.get("subject", "")
    ]
    assert len(matching) == 1
    record = matching[0]
    assert record.status.value == listed.get("status", "made")
    assert record.number == listed.get("number", "")
    assert record.addressee == listed.get("addressee", "")
    assert (record.deadline, record.due) == (listed.get("deadline", ""), listed.get("due", ""))


def test_a_stored_record_is_read_back_as_it_was(found: dict[str, Any]) -> None:
    records = [record for of_source in found.values() for record, _ in of_source]
    assert [decode_record(encode_record(record)) for record in records] == records
