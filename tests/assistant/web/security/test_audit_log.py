import hashlib
import hmac
import json
import os
import re
import stat
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.errors import FilterError
from assistant.filter import Filter
from assistant.web.security import audit_log
from assistant.web.security.audit_log import MAX_TEXT_CHARACTERS, AuditedAssistant, AuditLog, load_key
from assistant.web.security.identity import RequestIdentity
from index.errors import NotIndexedError
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.full_disk import file_size_limit

CANARY = "Which canary sings of investigation?"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "deep" / "log" / "audit.jsonl"


@pytest.fixture
def log(path):
    log = AuditLog(path)
    yield log
    log.close()


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def all_bytes_written(path):
    """Returns the content of every file the log made."""
    return b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))


def audited(log, identity=None):
    return AuditedAssistant(FictionalAssistant(), log, lambda: identity)


def test_a_question_is_logged_with_time_route_outcome_and_duration(path, log):
    before = datetime.now(UTC) - timedelta(seconds=1)
    audited(log, RequestIdentity("ada", "/api/v1/ask")).ask(CANARY)
    (line,) = lines_of(path)
    assert before <= datetime.fromisoformat(line["time"]) <= datetime.now(UTC)
    assert line["time"].endswith("+00:00")
    assert (line["route"], line["outcome"]) == ("/api/v1/ask", "answered")
    assert 0 <= line["seconds"] < 60
    assert set(line) == {"time", "route", "outcome", "seconds", "identity", "question"}


def test_client_and_question_are_keyed_hashes(path, log):
    ada, grace = (audited(log, RequestIdentity(name, "/ask")) for name in ("ada", "grace"))
    ada.ask(CANARY)
    ada.ask("ada")
    grace.ask(CANARY)
    key = path.with_name("audit.jsonl.key").read_bytes()
    first, second, third = lines_of(path)
    assert first["question"] == hmac.new(key, f"question\0{CANARY}".encode(), hashlib.sha256).hexdigest()[:32]
    assert first["identity"] == hmac.new(key, b"identity\0ada", hashlib.sha256).hexdigest()[:32]
    assert (first["identity"], first["question"]) == (second["identity"], third["question"])
    assert second["question"] not in (first["identity"], first["question"])
    assert third["identity"] != first["identity"]


def test_another_key_makes_other_hashes_of_the_same_values(tmp_path):
    hashes = []
    for name in ("one", "two"):
        log = AuditLog(tmp_path / name / "audit.jsonl")
        log.record_question("ada", "/ask", CANARY, "answered", 0.1)
        log.close()
        (line,) = lines_of(tmp_path / name / "audit.jsonl")
        hashes.append((line["identity"], line["question"]))
    assert hashes[0][0] != hashes[1][0]
    assert hashes[0][1] != hashes[1][1]


def test_the_key_stays_the_same_between_runs(path):
    for _ in range(2):
        log = AuditLog(path)
        log.record_rejection("ada", "/ask", 429)
        log.close()
    first, second = lines_of(path)
    assert first["identity"] == second["identity"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_only_the_owner_can_read_log_and_key(path, log):
    log.record_rejection("ada", "/ask", 429)
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"audit.jsonl": 0o600, "audit.jsonl.key": 0o600}


def test_neither_question_nor_user_name_is_written(path, log):
    asker = audited(log, RequestIdentity("ada.lovelace@northshire.example", "/ask"))
    asker.ask(CANARY)
    asker.search(CANARY, 3)
    with pytest.raises(FilterError):
        asker.ask(CANARY, within=Filter(forces=(CANARY,)))
    with pytest.raises(ZeroDivisionError):
        asker.ask(f"{CANARY} breaks")
    written = all_bytes_written(path).lower()
    assert b"canary" not in written
    assert b"lovelace" not in written
    assert len(lines_of(path)) == 4


def test_the_question_is_written_when_the_setting_says_so(path):
    log = AuditLog(path, questions=True)
    audited(log, RequestIdentity("ada.lovelace", "/ask")).ask("Where? \u2028\n\ud800 {x}")
    log.close()
    (line,) = lines_of(path)
    assert line["question_text"] == "Where? \u2028\n\ud800 {x}"
    assert b"lovelace" not in all_bytes_written(path)


@pytest.mark.parametrize(
    ("question", "outcome"),
    [
        ("How is crime investigated?", "answered"),
        ("What of the moon?", "not_in_assessments"),
        ("Will you rebuild?", "NotIndexedError"),
        ("It breaks", "fault"),
    ],
)
def test_a_line_gives_the_outcome(path, log, question, outcome):
    with suppress(NotIndexedError, ZeroDivisionError):
        audited(log).ask(question)
    (line,) = lines_of(path)
    assert (line["outcome"], line["route"], line["identity"]) == (outcome, "", None)


def test_a_search_is_logged_too(path, log):
    found = audited(log).search("investigat", 2)
    assert found == FictionalAssistant().search("investigat", 2)
    assert [line["outcome"] for line in lines_of(path)] == ["searched"]


def test_a_rejection_is_logged_without_a_question(path, log):
    log.record_rejection("", "/ask", 401)
    (line,) = lines_of(path)
    assert (line["outcome"], line["identity"], "question" in line) == ("401", None, False)


def test_many_rejections_have_two_lines_with_their_number_and_times(path, log):
    for _ in range(10_000):
        log.record_rejection("ada", "/ask", 429)
    log.record_rejection("grace", "/ask", 429)
    asker = audited(log, RequestIdentity("grace", "/ask"))
    asker.ask(CANARY)
    log.close()
    first, other, question, counted = lines_of(path)
    assert (first["outcome"], "count" in first, other["outcome"], question["outcome"]) == (
        "429", False, "429", "answered"
    )  # fmt: skip
    assert (counted["count"], counted["identity"], counted["outcome"]) == (10_000, first["identity"], "429")
    assert first["time"] <= counted["last"] <= counted["time"]
    assert datetime.fromisoformat(counted["first"]) <= datetime.fromisoformat(counted["last"])


def test_nobody_can_wash_the_history_away_with_rejections(path, log, monkeypatch):
    audited(log, RequestIdentity("ada", "/ask")).ask(CANARY)
    monkeypatch.setattr(audit_log, "MAX_FILE_BYTES", 100_000)
    for number in range(20_000):
        log.record_rejection(f"client {number}", "/ask", 401)
    log.close()
    written = b"".join(file.read_bytes() for file in path.parent.glob("audit.jsonl*"))
    assert b"answered" in written
    assert len(lines_of(path)) == 1 + audit_log.MAX_REJECTION_KINDS + 2
    assert lines_of(path)[-1]["count"] == 20_000 - audit_log.MAX_REJECTION_KINDS


def test_rejections_are_counted_anew_after_ten_minutes(path, log, monkeypatch):
    now = audit_log.time.monotonic()
    for minutes in (0, 1, 11, 12):
        monkeypatch.setattr(audit_log.time, "monotonic", lambda minutes=minutes: now + 60 * minutes)
        log.record_rejection("ada", "/ask", 429)
    assert [line.get("count") for line in lines_of(path)] == [None, 2, None]


def test_only_the_beginning_of_a_long_question_is_written(path):
    log = AuditLog(path, questions=True)
    audited(log).search("x" * 300_000, 2)
    (line,) = lines_of(path)
    assert len(line["question_text"]) == MAX_TEXT_CHARACTERS
    log.close()


def test_questions_and_sources_pass_through_to_the_assistant(path, log):
    asker = audited(log)
    assert asker.ask("How is crime investigated?") == FictionalAssistant().ask("How is crime investigated?")
    assert len(asker.sources.transcripts()) == 3


# Rotation, and files that cannot be written -----------------------------------------------------------------------


def test_a_full_file_is_rotated_and_the_oldest_is_deleted(path, monkeypatch):
    monkeypatch.setattr(audit_log, "MAX_FILE_BYTES", 1000)
    monkeypatch.setattr(audit_log, "BACKUP_FILES", 2)
    log = AuditLog(path)
    for number in range(100):
        log.record_question("ada", "/ask", str(number), "answered", number)
    log.close()
    files = sorted(file for file in path.parent.iterdir() if file.suffix != ".key")
    assert [file.name for file in files] == ["audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"]
    kept = [line["seconds"] for file in reversed(files) for line in lines_of(file)]
    assert kept == list(range(100 - len(kept), 100))
    assert max(file.stat().st_size for file in files) <= 1000


def test_a_log_that_cannot_be_written_is_reported_once_and_blocks_no_answer(tmp_path, capsys):
    (tmp_path / "log").write_text("a file where the folder should be")
    log = AuditLog(tmp_path / "log" / "audit.jsonl")
    asker = audited(log)
    for _ in range(3):
        assert asker.ask("How is crime investigated?").status.answered
    log.close()
    error = capsys.readouterr().err
    assert len(re.findall("audit log", error)) == 1
    assert str(tmp_path / "log" / "audit.jsonl") in error


def test_a_log_whose_file_is_a_folder_is_reported_too(tmp_path, capsys):
    (tmp_path / "audit.jsonl").mkdir()
    log = AuditLog(tmp_path / "audit.jsonl")
    log.record_rejection("ada", "/ask", 429)
    log.close()
    assert "Problem with the audit log" in capsys.readouterr().err


def test_an_invalid_key_is_reported_and_not_overwritten(tmp_path, capsys):
    key = tmp_path / "audit.jsonl.key"
    key.write_bytes(b"short")
    log = AuditLog(tmp_path / "audit.jsonl")
    log.record_rejection("ada", "/ask", 429)
    log.close()
    assert "audit.jsonl.key" in capsys.readouterr().err
    assert key.read_bytes() == b"short"
    (line,) = lines_of(tmp_path / "audit.jsonl")
    assert line["identity"] != hmac.new(b"short", b"identity\0ada", hashlib.sha256).hexdigest()[:32]


def test_on_a_full_disk_no_line_is_half_written_and_each_outage_is_reported_once(path, capfd):
    log = AuditLog(path)
    asker = audited(log)

    def record(outcome):
        log.record_question("ada", "/ask", "How is crime investigated?", outcome, 0.1)

    record("first")
    length = path.stat().st_size
    for outcome in ("second", "third"):
        for more in (0, 1, length // 2):
            with file_size_limit(path.stat().st_size + more):
                record("lost")
                assert log.is_failing
                assert asker.degraded()
        record(outcome)
        assert not asker.degraded()
    assert [line["outcome"] for line in lines_of(path)] == ["first", "second", "third"]
    assert capfd.readouterr().err.count("Problem with the audit log") == 2


def test_a_judge_is_the_same_for_one_answer_and_another_for_every_other(log):
    assert log.judge("ada", "1") == log.judge("ada", "1") != ""
    assert len({log.judge("ada", "1"), log.judge("ada", "2"), log.judge("bob", "1")}) == 3
    assert "ada" not in log.judge("ada", "1")


def test_a_question_under_way_is_recorded_once_when_the_server_stops(path, log):
    assistant = FictionalAssistant()
    asker = AuditedAssistant(assistant, log, lambda: None)
    asking = threading.Thread(target=asker.ask, args=("Answer slowly.",))
    asking.start()
    while not assistant.asked:
        assert asking.is_alive()
    asker.record_stopped()
    assert [line["outcome"] for line in lines_of(path)] == ["stopped"]
    assistant.let_go.set()
    asking.join()
    asker.record_stopped()
    assert len(lines_of(path)) == 1


def test_on_standard_output_each_line_is_one_object_and_no_file_is_written(tmp_path, capsys):
    log = AuditLog(tmp_path / "log" / "audit.jsonl", to_stdout=True, key=b"k" * 32)
    log.record_question("someone", "/ask", "How?", "answered", 0.1)
    log.record_rejection("someone", "/ask", 429)
    log.close()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["outcome"] for line in lines] == ["answered", "429"]
    assert lines[0]["identity"] == lines[1]["identity"]
    assert not (tmp_path / "log").exists()


def test_with_one_key_two_processes_write_the_same_hashes(tmp_path):
    hashes = []
    for name in ("one", "two"):
        log = AuditLog(tmp_path / name, key=b"k" * 32)
        log.record_question("someone", "/ask", "How?", "answered", 0.1)
        log.close()
        hashes.append(json.loads((tmp_path / name).read_text())["identity"])
    assert hashes[0] == hashes[1]


def test_standard_output_that_is_gone_is_a_failing_log(tmp_path, monkeypatch, capsys):
    log = AuditLog(tmp_path / "audit.jsonl", to_stdout=True)
    reading, writing = os.pipe()
    os.close(reading)
    gone = os.fdopen(writing, "w", buffering=1)
    with monkeypatch.context() as patch:
        patch.setattr("sys.stdout", gone)
        log.record_question("someone", "/ask", "How?", "answered", 0.1)
    with pytest.raises(BrokenPipeError):  # what could not be written is still in its buffer
        gone.close()
    assert log.is_failing
    assert "Problem with the audit log" in capsys.readouterr().err


def test_processes_that_make_a_key_at_the_same_time_use_the_same_one(tmp_path, monkeypatch):
    path, problems = tmp_path / "deep" / "conversation.key", []
    first = load_key(path, problems.append)
    monkeypatch.setattr(Path, "exists", lambda _path: False)  # as the second process saw it
    assert load_key(path, problems.append) == first
    assert (problems, [file.name for file in path.parent.iterdir()]) == ([], ["conversation.key"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_that_cannot_be_stored_is_reported_and_lasts_as_long_as_the_process(tmp_path):
    problems = []
    (tmp_path / "file").write_text("", encoding="utf-8")
    keys = {load_key(tmp_path / "file" / "conversation.key", problems.append) for _ in range(2)}
    assert ({len(key) for key in keys}, len(keys), len(problems)) == ({32}, 2, 2)
