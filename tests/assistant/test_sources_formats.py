"""Sources that are no plain text, from the file to the citation and back: found, cited by page, and verified."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.answer import Answer, Status
from assistant.cli.verify import AnswerVerifier
from assistant.export.reference import reference
from assistant.sources import Library, citation_of, cite
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.open import open_current
from index.published.open_index import OpenIndex
from index.storage.fingerprint import Fingerprint
from index.text.sentences import split_sentences
from index.text.transcript import Role
from tests.fixtures.fictional import make_answer
from tests.fixtures.files.docx_builder import zip_archive
from tests.fixtures.files.sample import SLOW
from tests.fixtures.files.samples import sample_files

NAMES = ("running.pdf", "voices.vtt", "tracked.docx", "plain.html")
DATA = {sample.name: sample.data for sample in sample_files()}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for name in NAMES:
        (folder / name).write_bytes(DATA[name])
    (folder / "years.zip").write_bytes(zip_archive({f"2018/{name}": DATA[name] for name in NAMES}))
    return folder


@pytest.fixture(scope="module")
def opened(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenIndex]:
    index, embedder = tmp_path_factory.mktemp("index"), HashedWordEmbedder()
    build_index(sources, index, embedder)
    with closing(open_current(index, Fingerprint.of(embedder))) as one:
        yield one


def answer_from(opened: OpenIndex, source: str) -> Answer:
    """An answer that cites one sentence of a source."""
    stored = opened.sentences(opened.generation.keys.tolist())
    found = next(one for one in stored if one.source == source and one.sentence.text == SLOW)
    return make_answer("?", Status.ANSWERED, [cite(found, 1, context=False)])


@pytest.mark.parametrize(
    ("source", "locator"),
    [
        ("running.pdf", "page 3, “Custody”"),
        ("voices.vtt", "01:03:21, Ben Hale"),
        ("tracked.docx", "“Custody”"),
        ("years.zip/2018/running.pdf", "page 3, “Custody”"),
    ],
)
def test_a_citation_says_where_people_find_it(opened: OpenIndex, source: str, locator: str) -> None:
    citation = answer_from(opened, source).citations[0]
    assert citation.locator == locator
    assert f". {source}, {locator}, characters {citation.start} to " in reference(citation)


@pytest.mark.parametrize("source", NAMES)
def test_the_page_of_a_source_cites_as_the_answer_does(opened: OpenIndex, source: str) -> None:
    citation = answer_from(opened, source).citations[0]
    page = Library(opened).transcript_page(citation.transcript_id)
    assert page is not None
    sentence = next(one for one in page.sentences if one.id == citation.sentence)
    assert citation_of(page, sentence) == citation


@pytest.mark.parametrize("source", [*NAMES, *(f"years.zip/2018/{name}" for name in NAMES)])
def test_a_quotation_is_verified_by_reading_its_source_again(opened: OpenIndex, sources: Path, source: str) -> None:
    answer = answer_from(opened, source)
    assert list(AnswerVerifier(sources).findings(answer)) == []
    saved = json.loads(answer.model_dump_json())
    saved["citations"][0]["start"] += 1
    saved["citations"][0]["end"] += 1
    moved = Answer.model_validate(saved)
    findings = AnswerVerifier(sources).findings(moved)
    assert [finding.reason for finding in findings] == ["the source has other words at this place"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda folder: (folder / "years.zip").write_bytes(zip_archive({"2018/plain.html": b"<p>Other.</p>"})),
            "changed",
        ),
        (
            lambda folder: (folder / "years.zip").write_bytes(zip_archive({"2019/plain.html": b""})),
            "contains no such file",
        ),
        (lambda folder: (folder / "years.zip").unlink(), "the file is missing from"),
    ],
)
def test_what_became_of_an_archive_is_said(
    opened: OpenIndex, tmp_path: Path, change: Callable[[Path], object], reason: str
) -> None:
    answer = answer_from(opened, "years.zip/2018/plain.html")
    (tmp_path / "years.zip").write_bytes(b"")
    change(tmp_path)
    assert [reason in one.reason for one in AnswerVerifier(tmp_path).findings(answer)] == [True]


def test_the_page_and_the_neighbours_come_from_the_record(opened: OpenIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(opened)
    transcripts = [opened.transcript(listed.id) for listed in library.transcripts()]
    split = {transcript.id: split_sentences(transcript) for transcript in transcripts if transcript}

    def refuse(*_: object) -> None:
        raise AssertionError("showing an answer splits a transcript again")

    monkeypatch.setattr("index.text.sentences._spans", refuse)
    for transcript_id, sentences in split.items():
        page = library.transcript_page(transcript_id)
        assert page is not None
        assert page.sentences == sentences
        readable = [sentence for sentence in sentences if sentence.role is not Role.MARKUP]
        for place, sentence in enumerate(readable):
            around = tuple(readable[max(0, place - 2) : place + 3])
            assert library.neighbours(transcript_id, sentence.id, 2) == around
    known = next(iter(split))
    assert library.neighbours("no-such-transcript", split[known][0].id) == ()
    assert library.neighbours(known, "no id at all") == library.neighbours(known, "f" * 15) == ()
