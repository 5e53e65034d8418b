import hashlib
import hmac
import json
import os
import re
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from assistant.errors import FilterError
from assistant.filter import Filter
from assistant.web.security import audit_log
from assistant.web.security.audit_log import AuditedAssistant, AuditLog
from assistant.web.security.identity import Asking
from index.errors import NotIndexedError
from tests.fixtures.fictional import FictionalAssistant

CANARY = "Which canary sings of investigation?"


@pytest.fixture
def log(tmp_path):
    return tmp_path / "deep" / "log" / "audit.jsonl"


@pytest.fixture
def journal(log):
    journal = AuditLog(log)
    yield journal
    journal.close()


def lines_of(log):
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def everything_beside(log):
    """The bytes of every file the log made."""
    return b"".join(file.read_bytes() for file in sorted(log.parent.iterdir()))


def journalled(journal, who=None):
    return AuditedAssistant(FictionalAssistant(), journal, lambda: who)


def test_a_question_is_a_line_with_when_where_how_it_ended_and_how_long_it_took(log, journal):
    before = datetime.now(UTC) - timedelta(seconds=1)
    journalled(journal, Asking("ada", "/api/v1/ask")).ask(CANARY)
    (line,) = lines_of(log)
    assert before <= datetime.fromisoformat(line["time"]) <= datetime.now(UTC)
    assert line["time"].endswith("+00:00")
    assert (line["route"], line["outcome"]) == ("/api/v1/ask", "answered")
    assert 0 <= line["seconds"] < 60
    assert set(line) == {"time", "route", "outcome", "seconds", "identity", "question"}


def test_who_and_what_are_keyed_hashes(log, journal):
    ada, grace = (journalled(journal, Asking(name, "/ask")) for name in ("ada", "grace"))
    ada.ask(CANARY)
    ada.ask("ada")
    grace.ask(CANARY)
    key = log.with_name("audit.jsonl.key").read_bytes()
    first, second, third = lines_of(log)
    assert first["question"] == hmac.new(key, f"question\0{CANARY}".encode(), hashlib.sha256).hexdigest()[:32]
    assert first["identity"] == hmac.new(key, b"identity\0ada", hashlib.sha256).hexdigest()[:32]
    assert (first["identity"], first["question"]) == (second["identity"], third["question"])
    assert second["question"] not in (first["identity"], first["question"])
    assert third["identity"] != first["identity"]


def test_without_the_key_the_same_words_make_other_hashes(tmp_path):
    hashes = []
    for name in ("one", "two"):
        journal = AuditLog(tmp_path / name / "audit.jsonl")
        journal.asked("ada", "/ask", CANARY, "answered", 0.1)
        journal.close()
        (line,) = lines_of(tmp_path / name / "audit.jsonl")
        hashes.append((line["identity"], line["question"]))
    assert hashes[0][0] != hashes[1][0]
    assert hashes[0][1] != hashes[1][1]


def test_the_key_stays_the_same_from_one_run_to_the_next(log):
    for _ in range(2):
        journal = AuditLog(log)
        journal.refused("ada", "/ask", 429)
        journal.close()
    first, second = lines_of(log)
    assert first["identity"] == second["identity"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_log_and_key_are_for_their_owner_s_eyes(log, journal):
    journal.refused("ada", "/ask", 429)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in log.parent.iterdir()}
    assert modes == {"audit.jsonl": 0o600, "audit.jsonl.key": 0o600}


def test_neither_question_nor_name_is_kept(log, journal):
    asker = journalled(journal, Asking("ada.lovelace@northshire.example", "/ask"))
    asker.ask(CANARY)
    asker.search(CANARY, 3)
    with pytest.raises(FilterError):
        asker.ask(CANARY, within=Filter(forces=(CANARY,)))
    with pytest.raises(ZeroDivisionError):
        asker.ask(f"{CANARY} breaks")
    kept = everything_beside(log).lower()
    assert b"canary" not in kept
    assert b"lovelace" not in kept
    assert len(lines_of(log)) == 4


def test_the_question_is_kept_where_the_settings_say_so(log):
    journal = AuditLog(log, questions=True)
    journalled(journal, Asking("ada.lovelace", "/ask")).ask("Where? \u2028\n\ud800 {x}")
    journal.close()
    (line,) = lines_of(log)
    assert line["question_text"] == "Where? \u2028\n\ud800 {x}"
    assert b"lovelace" not in everything_beside(log)


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ("How is crime investigated?", "answered"),
        ("What of the moon?", "not_in_assessments"),
        ("Will you rebuild?", "NotIndexedError"),
        ("It breaks", "fault"),
    ],
)
def test_a_line_tells_how_it_ended(log, journal, question, outcome):
    with suppress(NotIndexedError, ZeroDivisionError):
        journalled(journal).ask(question)
    (line,) = lines_of(log)
    assert (line["outcome"], line["route"], line["identity"]) == (outcome, "", None)


def test_a_search_is_a_line_too(log, journal):
    found = journalled(journal).search("investigat", 2)
    assert found == FictionalAssistant().search("investigat", 2)
    assert [line["outcome"] for line in lines_of(log)] == ["searched"]


def test_a_refusal_is_a_line_without_a_question(log, journal):
    journal.refused("", "/ask", 401)
    (line,) = lines_of(log)
    assert (line["outcome"], line["identity"], "question" in line) == ("401", None, False)


def test_what_is_asked_comes_through(log, journal):
    asker = journalled(journal)
    assert asker.ask("How is crime investigated?") == FictionalAssistant().ask("How is crime investigated?")
    assert len(asker.sources.held()) == 3


# Files that grow, and files that cannot be written ----------------------------------------------------------------


def test_a_full_file_is_put_aside_and_the_oldest_go(log, monkeypatch):
    monkeypatch.setattr(audit_log, "LARGEST_FILE", 1000)
    monkeypatch.setattr(audit_log, "FILES_KEPT", 2)
    journal = AuditLog(log)
    for number in range(100):
        journal.asked("ada", "/ask", str(number), "answered", number)
    journal.close()
    files = sorted(file for file in log.parent.iterdir() if file.suffix != ".key")
    assert [file.name for file in files] == ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"]
    kept = [line["seconds"] for file in reversed(files) for line in lines_of(file)]
    assert kept == list(range(100 - len(kept), 100))
    assert max(file.stat().st_size for file in files) <= 1000


def test_a_log_that_cannot_be_written_is_said_once_and_stops_no_answer(tmp_path, capsys):
    (tmp_path / "log").write_text("a file where the folder should be")
    journal = AuditLog(tmp_path / "log" / "audit.jsonl")
    asker = journalled(journal)
    for _ in range(3):
        assert asker.ask("How is crime investigated?").status.answered
    journal.close()
    said = capsys.readouterr().err
    assert len(re.findall("audit log", said)) == 1
    assert str(tmp_path / "log" / "audit.jsonl") in said


def test_a_log_whose_file_is_a_folder_is_said_too(tmp_path, capsys):
    (tmp_path / "audit.jsonl").mkdir()
    journal = AuditLog(tmp_path / "audit.jsonl")
    journal.refused("ada", "/ask", 429)
    journal.close()
    assert "is not kept" in capsys.readouterr().err


def test_a_key_that_is_none_is_said_and_left_alone(tmp_path, capsys):
    key = tmp_path / "audit.jsonl.key"
    key.write_bytes(b"short")
    journal = AuditLog(tmp_path / "audit.jsonl")
    journal.refused("ada", "/ask", 429)
    journal.close()
    assert "audit.jsonl.key" in capsys.readouterr().err
    assert key.read_bytes() == b"short"
    (line,) = lines_of(tmp_path / "audit.jsonl")
    assert line["identity"] != hmac.new(b"short", b"identity\0ada", hashlib.sha256).hexdigest()[:32]
