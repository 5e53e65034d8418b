"""Files that are broken or mean harm, among good ones: each is refused with its reason, and the good ones are whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Timer

import pytest

from index.build import BuildReport, build_index
from index.embedding.models import HashedWordEmbedder
from index.published.open import OpenIndex, open_current
from index.readers.extracted import UnreadableFileError
from index.readers.sandbox import Parser, ParserLimits
from index.storage.fingerprint import Fingerprint
from index.text.sentences import split_sentences
from index.text.transcript import Role
from tests.fixtures.files import library
from tests.fixtures.files.hostile import hostile, mutated
from tests.fixtures.files.word_file import docx, p, package
from tests.fixtures.index_folders import prove_here
from tests.fixtures.invariants import blocks_tile_the_text, sentences_tile_the_transcript

ROOT = Path(__file__).parents[3]
GOOD = docx(p("The force is good at preventing crime."))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[BuildReport, OpenIndex]]:
    folder, index = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("index")
    library.write(folder)
    for name, data in {**hostile(), **mutated()}.items():
        (folder / f"x-{name}").write_bytes(data)
    inside = {f"{case.name}": case.data for case in library.library()}
    (folder / "good.zip").write_bytes(
        package({**inside, "deep/er/again.md": "# Title\n\nIt is good.", "README.md": "No."})
    )
    embedder = HashedWordEmbedder()
    report = build_index(folder, index, embedder, prove=prove_here)
    with closing(open_current(index, Fingerprint.of(embedder), prove=prove_here)) as opened:
        yield report, opened


def test_there_are_two_hundred_of_them():
    assert len(hostile()) + len(mutated()) >= 200


def test_each_that_must_be_is_refused_with_a_reason(built):
    report, _ = built
    failed = {failure.source: failure.reason for failure in report.failed}
    refused = {name.split("/")[0] for name in failed}
    assert [name for name in hostile() if f"x-{name}" not in refused] == []
    assert [name for name, reason in failed.items() if len(reason) < 10 or not reason.rstrip().endswith(".")] == []
    assert [name for name in failed if not name.startswith("x-")] == []


def test_what_is_read_of_the_rest_keeps_the_invariants(built):
    report, opened = built
    held = {facts.source: facts.id for facts in opened.generation.transcripts}
    failed = {failure.source.split("/")[0] for failure in report.failed}
    assert [name for name in mutated() if f"x-{name}" not in failed and f"x-{name}" not in held] == []
    assert [name for name in held if name.startswith("x-") and name[2:] in hostile()] == []
    for identity in held.values():
        transcript = opened.transcript(identity)
        blocks_tile_the_text(transcript)
        sentences_tile_the_transcript(transcript, split_sentences(transcript))


@pytest.mark.parametrize("archive", ["", "good.zip/"])
def test_the_good_ones_beside_them_are_whole(built, archive):
    _, opened = built
    held = {facts.source: facts.id for facts in opened.generation.transcripts}
    for case in library.library():
        transcript = opened.transcript(held[archive + case.name])
        findings = [one.text for one in split_sentences(transcript) if one.role is Role.FINDING]
        assert [known for known in case.known if known not in findings] == []


def test_an_archive_is_a_folder_of_sources(built):
    _, opened = built
    inside = {facts.source for facts in opened.generation.transcripts if facts.source.startswith("good.zip/")}
    assert inside == {f"good.zip/{case.name}" for case in library.library()} | {"good.zip/deep/er/again.md"}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("scan.pdf", "it is a scan"),
        ("locked.pdf", "it is encrypted"),
        ("locked.docx", "an encrypted one"),
        ("pdf-named.docx", "it is named .docx and is a PDF"),
        ("pdf-named.txt", "it is named .txt and is a PDF"),
        ("laughs.docx", "declares a document type"),
        ("huge.docx", "is packed over 200 times"),
        ("nested.html", "nested too deeply"),
        ("crowded.zip", "it holds 2,500 files"),
        ("wide.zip", "unpacked it would be"),
        ("hollow.zip", "an empty zip archive"),
        ("nested.zip/inner.zip", "an archive within an archive"),
        ("traversal.zip/../../escaped.txt", "leads out of the archive"),
        ("link.zip/link.txt", "it is a link"),
        ("locked.zip/locked.txt", "it is encrypted"),
    ],
)
def test_the_reason_says_what_is_wrong(built, name, reason):
    report, _ = built
    assert reason in next(failure.reason for failure in report.failed if failure.source == f"x-{name}")


def test_losses_are_reported_by_file(built):
    report, _ = built
    said = {(warned.source, warned.note) for warned in report.warnings}
    assert ("beside.docx", "Comment left out: “Is this true?” (3 words).") in said
    assert ("good.zip/beside.docx", "Comment left out: “Is this true?” (3 words).") in said


def test_a_file_that_takes_too_long_is_given_up():
    with (
        Parser(ParserLimits(wall_seconds=0.01)) as parser,
        pytest.raises(UnreadableFileError, match=r"within 0\.01 seconds"),
    ):
        parser.extract(GOOD, ".docx")


def test_a_file_that_wants_too_much_memory_is_given_up_and_the_next_is_read():
    with Parser(ParserLimits(memory=300 * 2**20)) as parser:
        with pytest.raises(UnreadableFileError, match="memory"):
            parser.extract(b"<p>a" * 3_000_000, ".html")
        assert parser.extract(GOOD, ".docx").parts[0].text == "The force is good at preventing crime."


def test_a_reply_that_is_too_long_is_given_up():
    with Parser(ParserLimits(reply_bytes=1000)) as parser:
        with pytest.raises(UnreadableFileError, match="more than"):
            parser.extract(docx(p("The force is good. " * 200)), ".docx")
        assert parser.extract(GOOD, ".docx").notes == ()


@pytest.mark.skipif(os.name == "nt", reason="signals are of POSIX")
def test_a_parser_that_dies_over_a_file_is_noticed_and_another_started():
    with Parser() as parser:
        parser.extract(GOOD, ".docx")
        os.kill(parser._child.pid, signal.SIGSTOP)
        Timer(0.2, os.kill, (parser._child.pid, signal.SIGKILL)).start()
        with pytest.raises(UnreadableFileError, match="ended the process"):
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
def test_a_parser_reaches_nothing_but_its_file(tmp_path: Path, attempt: str, event: str):
    code = f"from index.readers.sandbox import restrict_process; restrict_process(); {attempt}"
    said = subprocess.run(
        [sys.executable, "-B", "-c", code], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 1
    assert said.stderr.splitlines()[-1] == f"PermissionError: a parser may not do this: {event}"
    assert list(tmp_path.iterdir()) == []
