"""Broken and malicious files among good ones: each is refused with a reason, and the good ones are read in full."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from threading import Timer
from time import sleep

import pytest

from index.build import BuildReport, build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.open import open_current
from index.published.open_index import OpenIndex
from index.readers import sandbox
from index.readers.extracted import UnreadableFileError
from index.readers.formats import ParserLimits
from index.readers.sandbox import SandboxedParser, seconds_queued
from index.storage.fingerprint import Fingerprint
from index.text.sentences import split_sentences
from index.text.transcript import Role
from tests.fixtures.files.docx_builder import docx, paragraph, zip_archive
from tests.fixtures.files.hostile import hostile_files, mutated_files
from tests.fixtures.files.samples import sample_files, write_samples
from tests.fixtures.invariants import blocks_tile_the_text, sentences_tile_the_transcript

ROOT = Path(__file__).parents[3]
GOOD = docx(paragraph("The force is good at preventing crime."))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BuildReport, OpenIndex]]:
    folder, index = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("index")
    write_samples(folder)
    for name, data in {**hostile_files(), **mutated_files()}.items():
        (folder / f"x-{name}").write_bytes(data)
    members = {sample.name: sample.data for sample in sample_files()}
    (folder / "good.zip").write_bytes(
        zip_archive({**members, "deep/er/again.md": "# Title\n\nIt is good.", "README.md": "No."})
    )
    embedder = HashedWordEmbedder()
    report = build_index(folder, index, embedder)
    with closing(open_current(index, Fingerprint.of(embedder))) as opened:
        yield report, opened


def test_there_are_at_least_two_hundred_bad_files():
    assert len(hostile_files()) + len(mutated_files()) >= 200


def test_every_hostile_file_is_refused_with_a_reason(built):
    report, _ = built
    failed = {failure.source: failure.reason for failure in report.failed}
    refused = {name.split("/")[0] for name in failed}
    assert [name for name in hostile_files() if f"x-{name}" not in refused] == []
    assert [name for name, reason in failed.items() if len(reason) < 10 or not reason.rstrip().endswith(".")] == []
    assert [name for name in failed if not name.startswith("x-")] == []


def test_a_damaged_file_that_is_read_keeps_the_invariants(built):
    report, opened = built
    indexed = {facts.source: facts.id for facts in opened.generation.transcripts}
    failed = {failure.source.split("/")[0] for failure in report.failed}
    assert [name for name in mutated_files() if f"x-{name}" not in failed and f"x-{name}" not in indexed] == []
    assert [name for name in indexed if name.startswith("x-") and name[2:] in hostile_files()] == []
    for identity in indexed.values():
        transcript = opened.transcript(identity)
        blocks_tile_the_text(transcript)
        sentences_tile_the_transcript(transcript, split_sentences(transcript))


@pytest.mark.parametrize("archive", ["", "good.zip/"])
def test_good_files_among_bad_ones_are_read_in_full(built, archive):
    _, opened = built
    indexed = {facts.source: facts.id for facts in opened.generation.transcripts}
    for sample in sample_files():
        transcript = opened.transcript(indexed[archive + sample.name])
        findings = [sentence.text for sentence in split_sentences(transcript) if sentence.role is Role.FINDING]
        assert [known for known in sample.findings if known not in findings] == []


def test_every_file_in_an_archive_is_a_source(built):
    _, opened = built
    members = {facts.source for facts in opened.generation.transcripts if facts.source.startswith("good.zip/")}
    assert members == {f"good.zip/{sample.name}" for sample in sample_files()} | {"good.zip/deep/er/again.md"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("scan.pdf", "it is a scan"),
        ("locked.pdf", "it is encrypted"),
        ("locked.docx", "an encrypted one"),
        ("pdf-named.docx", "it is named .docx but is a PDF"),
        ("pdf-named.txt", "it is named .txt but is a PDF"),
        ("laughs.docx", "declares a document type"),
        ("huge.docx", "is compressed over 200 times"),
        ("nested.html", "nested too deeply"),
        ("crowded.zip", "it contains 2,500 files"),
        ("wide.zip", "unpacked it would be"),
        ("hollow.zip", "an empty zip archive"),
        ("nested.zip/inner.zip", "an archive within an archive"),
        ("traversal.zip/../../escaped.txt", "points outside the archive"),
        ("link.zip/link.txt", "it is a link"),
        ("locked.zip/locked.txt", "it is encrypted"),
    ],
)
def test_the_reason_names_the_fault(built, name, reason):
    report, _ = built
    assert reason in next(failure.reason for failure in report.failed if failure.source == f"x-{name}")


def test_what_is_left_out_is_reported_by_file(built):
    report, _ = built
    warnings = {(warned.source, warned.note) for warned in report.warnings}
    for name in ("headers-and-comments.docx", "good.zip/headers-and-comments.docx"):
        assert (name, "Comment left out: “Is this true?” (3 words).") in warnings


def test_a_file_that_takes_too_long_is_refused():
    with (
        SandboxedParser(ParserLimits(own_seconds=0.01)) as parser,
        pytest.raises(UnreadableFileError, match=r"within 0\.01 seconds"),
    ):
        parser.extract(GOOD, ".docx")


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_a_parser_that_sleeps_is_ended_and_the_next_file_is_read():
    with SandboxedParser(ParserLimits(own_seconds=2)) as parser:
        os.kill(parser._running_child().pid, signal.SIGSTOP)
        with pytest.raises(UnreadableFileError, match="within 2 seconds"):
            parser.extract(GOOD, ".docx")
    with SandboxedParser() as parser:
        assert parser.extract(GOOD, ".docx").parts[0].text.startswith("The force")


def test_the_time_in_which_a_parser_waits_for_a_processor_does_not_count(monkeypatch: pytest.MonkeyPatch):
    readings = count(step=100)  # the child has waited for another 100 s each time that it is looked at
    monkeypatch.setattr(sandbox, "seconds_queued", lambda process: next(readings))
    with SandboxedParser(ParserLimits(own_seconds=0.001)) as parser:
        assert parser.extract(GOOD, ".docx").parts[0].text.startswith("The force")


def test_a_parser_that_waits_for_a_processor_too_long_is_ended(monkeypatch: pytest.MonkeyPatch):
    readings = count(step=100)
    monkeypatch.setattr(sandbox, "seconds_queued", lambda process: next(readings))
    with (
        SandboxedParser(ParserLimits(own_seconds=0.001, wall_seconds=0.01)) as parser,
        pytest.raises(UnreadableFileError, match="on a busy machine"),
    ):
        parser.extract(GOOD, ".docx")


@pytest.mark.skipif(
    not Path("/proc/self/schedstat").exists(), reason="needs Linux, which says how long a process waits"
)
def test_what_shares_a_processor_waits_for_it_and_what_sleeps_does_not():
    [processor, *_] = os.sched_getaffinity(0)
    pinned = f"import os; os.sched_setaffinity(0, [{processor}]); print(flush=True)"
    programs = [f"import time; {pinned}; time.sleep(600)", *[f"{pinned}\nwhile True: pass"] * 2]
    children = []
    try:
        for program in programs:
            children.append(subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE))
            children[-1].stdout.readline()
        asleep, *busy = [child.pid for child in children]
        slept_before = seconds_queued(asleep)
        before = [seconds_queued(process) for process in busy]
        while any(seconds_queued(process) < since + 0.5 for process, since in zip(busy, before, strict=True)):
            sleep(0.05)  # each waits in turn, whatever else the machine does
        assert seconds_queued(asleep) - slept_before < 0.5
    finally:
        for child in children:
            child.kill()
            child.communicate()


def test_a_file_that_needs_too_much_memory_is_refused_and_the_next_is_read():
    with SandboxedParser(ParserLimits(memory_bytes=300 * 2**20)) as parser:
        with pytest.raises(UnreadableFileError, match="memory"):
            parser.extract(b"<p>a" * 3_000_000, ".html")
        assert parser.extract(GOOD, ".docx").parts[0].text == "The force is good at preventing crime."


def test_a_file_with_too_much_text_is_refused_and_the_next_is_read():
    with SandboxedParser(ParserLimits(reply_bytes=1000)) as parser:
        with pytest.raises(UnreadableFileError, match="more than"):
            parser.extract(docx(paragraph("The force is good. " * 200)), ".docx")
        assert parser.extract(GOOD, ".docx").notes == ()


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_a_new_parser_is_started_after_one_has_died():
    with SandboxedParser() as parser:
        parser.extract(GOOD, ".docx")
        os.kill(parser._child.pid, signal.SIGSTOP)
        Timer(0.2, os.kill, (parser._child.pid, signal.SIGKILL)).start()
        with pytest.raises(UnreadableFileError, match="crashed its parser"):
            parser.extract(GOOD, ".docx")
        assert parser.extract(GOOD, ".docx").parts[0].text.startswith("The force")
        parser._child.kill()
        parser._child.wait()
        assert parser.extract(GOOD, ".docx").parts[0].text.startswith("The force")


@pytest.mark.parametrize(
    ("attempt", "event"),
    [
        ("import socket; socket.socket().connect(('127.0.0.1', 9))", "socket.connect"),
        ("import socket; socket.getaddrinfo('localhost', 9)", "socket.getaddrinfo"),
        ("open('written', 'w')", "open"),
        ("import subprocess; subprocess.run(['true'])", "subprocess.Popen"),
    ],
)
def test_a_parser_cannot_connect_write_or_start_programs(tmp_path: Path, attempt: str, event: str):
    code = f"from index.readers.sandbox import restrict_process; restrict_process(); {attempt}"
    completed = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert completed.returncode == 1
    assert completed.stderr.splitlines()[-1] == f"PermissionError: a parser may not do this: {event}"
    assert list(tmp_path.iterdir()) == []
