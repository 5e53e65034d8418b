"""Verifying saved answers against the sources: each failure is listed with its reason."""

import json
from pathlib import Path

import pytest

from assistant.answer import Answer, Status
from assistant.cli.verify import AnswerVerifier
from index.sources.files import discover
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, cite, make_answer

NAME = NORTHSHIRE.transcript.source


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    (tmp_path / NAME).write_bytes(NORTHSHIRE.transcript.text.encode())
    return tmp_path


@pytest.fixture
def answer(sources: Path) -> Answer:
    return make_answer("?", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 6, 2)], id="a1")


def findings(answer: Answer, sources: Path) -> list[tuple[str, str]]:
    return [(finding.part, finding.reason) for finding in AnswerVerifier(sources).findings(answer)]


def changed(answer: Answer, **fields: object) -> Answer:
    """Returns the answer with fields of its first citation changed in its JSON."""
    saved = json.loads(answer.model_dump_json())
    saved["citations"][0].update(fields)
    return Answer.model_validate(saved)


def test_an_untouched_answer_verifies(answer: Answer, sources: Path) -> None:
    assert findings(answer, sources) == []
    assert discover(sources)[0].sha256 == answer.citations[0].sha256


def test_a_changed_quotation_fails(answer: Answer, sources: Path) -> None:
    forged = changed(answer, quote=answer.citations[0].quote.replace("good", "poor"))
    assert findings(forged, sources) == [
        (f"[1] {NAME}", "the source has other words at this place"),
        ("statement 1", "quotation [1] is not in its words"),
        ("statement 1", "it says more than the quotations it cites"),
    ]


def test_a_moved_quotation_fails(answer: Answer, sources: Path) -> None:
    citation = answer.citations[0]
    assert findings(changed(answer, start=citation.start + 1, end=citation.end + 1), sources) == [
        (f"[1] {NAME}", "the source has other words at this place")
    ]


def test_a_changed_file_fails_with_its_own_reason(answer: Answer, sources: Path) -> None:
    with (sources / NAME).open("ab") as file:
        file.write(b"\n")
    reason = "the source has changed since"
    assert findings(answer, sources) == [(f"[1] {NAME}", reason), (f"[2] {NAME}", reason)]


def test_a_missing_file_fails(answer: Answer, sources: Path) -> None:
    (sources / NAME).unlink()
    assert [reason for _, reason in findings(answer, sources)] == [f"the file is missing from {sources}"] * 2


@pytest.mark.parametrize("name", ["../outside.txt", "/etc/hostname", "link.txt"])
def test_a_file_outside_the_folder_is_not_read(answer: Answer, sources: Path, name: str) -> None:
    (sources.parent / "outside.txt").write_bytes(NORTHSHIRE.transcript.text.encode())
    (sources / "link.txt").symlink_to(sources.parent / "outside.txt")
    assert findings(changed(answer, source=name), sources) == [(f"[1] {name}", "it is not within the sources folder")]


def test_a_statement_may_not_say_more_than_its_quotations(answer: Answer, sources: Path) -> None:
    saved = json.loads(answer.model_dump_json())
    saved["statements"][1]["text"] += " Everyone agrees."
    assert findings(Answer.model_validate(saved), sources) == [
        ("statement 2", "it says more than the quotations it cites")
    ]


def test_nearest_sentences_are_checked_too(sources: Path) -> None:
    refusal = make_answer("?", nearest=[cite(NORTHSHIRE, 5, 1), cite(WESTMERE, 1, 2)])
    assert findings(refusal, sources) == [
        (f"nearest [2] {WESTMERE.transcript.source}", f"the file is missing from {sources}")
    ]


def test_a_file_without_text_fails(answer: Answer, sources: Path) -> None:
    (sources / NAME).write_bytes(b"")
    assert {reason for _, reason in findings(answer, sources)} == {"it contains no text."}
