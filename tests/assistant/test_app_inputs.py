"""Small files of the kinds that were once read or answered wrongly, from the file to the answer.

`tests/fixtures/inputs/expected.toml` has what is right for each, worked out by hand.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from assistant.answer import Answer, Status
from assistant.app import Assistant, open_assistant
from assistant.filter import EVERYTHING
from assistant.judgements.register import LISTED, register_of
from assistant.settings import Settings
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.embedding.models import open_embedder
from index.readers.read import read
from index.readers.sandbox import SandboxedParser
from index.records.find import find_records
from index.records.record import FormalRecord
from index.sources.files import SourceFile
from index.text.sentences import Sentence, split_sentences
from index.text.transcript import Role, Transcript, locators_at

INPUTS = Path(__file__).parents[1] / "fixtures" / "inputs"
EXPECTED: dict[str, list[dict[str, Any]]] = tomllib.loads((INPUTS / "expected.toml").read_text(encoding="utf-8"))
FILES = [(path, right) for right in EXPECTED["file"] for path in right["paths"]]
QUESTIONS = [(right["folder"], asked, right) for right in EXPECTED["question"] for asked in right["ask"]]
WITH_RECORDS = sorted({Path(path).parent.name for path, right in FILES if "records" in right})
Read = tuple[Transcript, tuple[Sentence, ...], tuple[FormalRecord, ...]]


@pytest.fixture(scope="session")
def reading() -> Iterator[Callable[[str], Read]]:
    with SandboxedParser() as parser:

        @cache
        def read_input(path: str) -> Read:
            transcript = read(SourceFile(INPUTS / path, Path(path).name, ""), parser)
            sentences = tuple(split_sentences(transcript))
            return transcript, sentences, find_records(transcript, sentences)

        yield read_input


@pytest.fixture(scope="session")
def assistants(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bool], Assistant]:
    """Returns the assistant over an input, with the packaged encoder if its questions are searched."""
    encoders = {True: open_embedder(), False: HashedWordEmbedder()}

    @cache
    def over(folder: str, searched: bool) -> Assistant:
        index = tmp_path_factory.mktemp(folder)
        build_index(INPUTS / folder, index, encoders[searched])
        return open_assistant(Settings(sources=INPUTS / folder, index=index), encoders[searched])

    return over


def rows(text: str) -> list[str]:
    return [line.strip() for line in text.strip().splitlines()]


def said(transcript: Transcript, sentence: Sentence) -> str:
    """A sentence with its role and, where the source gives them, its speaker and time."""
    located = {locator.kind: locator.label for locator in locators_at(transcript, sentence.block, sentence.start)}
    by = " ".join(located[kind] for kind in ("speaker", "time") if kind in located)
    return f"{sentence.role} | {' '.join(sentence.text.split())}" + (f" < {by}" if by else "")


def in_words(record: FormalRecord, sentences: tuple[Sentence, ...]) -> str:
    """A record as `expected.toml` has it."""
    text = " ".join(" ".join(sentences[ordinal].text.split()) for ordinal in record.ordinals)
    about = " ".join(filter(None, (record.subject, *record.section)))
    fields = (record.kind, record.grade or record.number, about, text)
    return " | ".join(fields).replace("  ", " ").replace("  ", " ")


def test_every_input_is_tried() -> None:
    tried = {path for path, _ in FILES}
    assert {path.relative_to(INPUTS).as_posix() for path in INPUTS.glob("*/*")} == tried
    assert {folder for folder, _, _ in QUESTIONS} <= {Path(path).parent.name for path in tried}


@pytest.mark.parametrize(("path", "right"), FILES, ids=[path for path, _ in FILES])
def test_the_metadata_is_what_the_document_says(
    path: str, right: dict[str, Any], reading: Callable[[str], Read]
) -> None:
    transcript, _, _ = reading(path)
    found = transcript.metadata
    period = found.period.label if found.period else ""
    given = {"force": found.force, "period": period, "inspector": found.inspector, "published": found.published}
    assert found.dated == right.get("dated", found.dated)
    assert {"title": transcript.title, **given} == {
        "title": right["title"],
        **{key: right.get(key, "") for key in given},
    }
    for note in right.get("notes", ()):
        assert any(note in noted for noted in transcript.notes)


@pytest.mark.parametrize(("path", "right"), FILES, ids=[path for path, _ in FILES])
def test_the_sentences_are_those_that_a_reader_sees(
    path: str, right: dict[str, Any], reading: Callable[[str], Read]
) -> None:
    transcript, sentences, _ = reading(path)
    read_off = [sentence for sentence in sentences if sentence.role is not Role.MARKUP]
    texts = [" ".join(sentence.text.split()) for sentence in read_off]
    if "says" in right:
        lines = [said(transcript, sentence) for sentence in read_off]
        assert lines == rows(right["says"])
    assert set(right.get("includes", ())) <= set(texts)
    assert all(part in " ".join(texts) for part in right.get("includes_part", ()))
    assert max(map(len, texts)) <= right.get("longest", 400)
    assert not re.search(right.get("never", r"\A(?!)"), " ".join(texts))


@pytest.mark.parametrize(
    ("path", "right"),
    [(path, right) for path, right in FILES if "records" in right],
    ids=[path for path, right in FILES if "records" in right],
)
def test_the_records_are_those_that_a_reader_finds(
    path: str, right: dict[str, Any], reading: Callable[[str], Read]
) -> None:
    _, sentences, records = reading(path)
    assert [in_words(record, sentences) for record in records] == rows(right["records"])


@pytest.mark.model
@pytest.mark.parametrize("folder", WITH_RECORDS)
def test_the_register_lists_the_records_and_nothing_else(
    folder: str, reading: Callable[[str], Read], assistants: Callable[[str, bool], Assistant]
) -> None:
    entries = register_of(assistants(folder, False).judgements, EVERYTHING).entries
    listed = sorted(" ".join(" ".join(entry.lines).split()) for entry in entries)
    expected = [
        line.split("|")[-1].strip()
        for path, right in FILES
        if Path(path).parent.name == folder
        for line in rows(right.get("records", ""))
        if line.split(" |")[0] in LISTED
    ]
    assert listed == sorted(expected)


@pytest.mark.model
@pytest.mark.parametrize(
    ("folder", "asked", "right"), QUESTIONS, ids=[f"{folder}: {asked}" for folder, asked, _ in QUESTIONS]
)
def test_the_answer_is_the_sentences_that_answer(
    folder: str, asked: str, right: dict[str, Any], assistants: Callable[[str, bool], Assistant]
) -> None:
    answer: Answer = assistants(folder, right.get("searched", False)).ask(asked)
    assert answer.status in (Status.ANSWERED, Status.PARTLY_ANSWERED)
    shown = {" ".join(citation.quote.split()) for citation in answer.citations if not citation.context}
    assert shown - set(right.get("may", ())) == set(right["quotes"])
    context = {" ".join(citation.quote.split()) for citation in answer.citations if citation.context}
    assert context >= set(right.get("context", ()))
    assert right.get("reason", "") in answer.reason
