"""The commands over a real index of hashed words, some in their own process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.cli.main import app
from index.storage.ingest import writer_lock

FIRST = "Northshire Constabulary – PEEL 2018/19\n\nThe force records most crime well. Its officers wear green hats.\n"
SECOND = "Westmere Police – PEEL 2021/22\n\nThe force has a plan for the investigation of fraud.\n"
HEAVY = ("torch", "gradio", "chromadb", "sentence_transformers", "transformers")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "north.txt").write_text(FIRST, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSISTANT_EMBEDDING_MODEL", "hashed-words")
    monkeypatch.setenv("ASSISTANT_VECTOR_STORE", "exact")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="assistant", catch_exceptions=False)


def python(*arguments: str, stdin: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120, check=False, env=environment)


def process(*arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return python("-m", "assistant", *arguments)


def test_index_prints_counts_and_lists_unreadable_sources(here: Path) -> None:
    first = run("index")
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout.startswith("1 created, 0 updated, 0 unchanged, 0 deleted, 0 failed;")
    (here / "sources" / "west.txt").write_text(SECOND, encoding="utf-8")
    (here / "sources" / "north.txt").write_text(FIRST + "It is good.\n", encoding="utf-8")
    (here / "sources" / "scan.pdf").write_bytes(b"%PDF")
    second = run("index")
    assert second.exit_code == 0
    assert second.stdout.startswith("1 created, 1 updated, 0 unchanged, 0 deleted, 1 failed;")
    assert second.stderr.startswith("Not indexed: scan.pdf: ")
    (here / "sources" / "west.txt").unlink()
    assert run("index").stdout.startswith("0 created, 0 updated, 1 unchanged, 1 deleted, 1 failed;")


def test_index_reports_the_parts_of_a_source_it_left_out(here: Path) -> None:
    (here / "sources" / "east.html").write_text("<h1>East</h1><nav>Home</nav><p>It is good.</p>", encoding="utf-8")
    assert run("index").stderr == "east.html: Navigation left out: “Home” (1 word).\n"
    assert run("index").stderr == ""


@pytest.mark.parametrize("prepare", ["no folder", "nothing in it", "nothing to read in it"])
def test_index_exits_with_3_when_there_is_nothing_to_search(here: Path, prepare: str) -> None:
    (here / "sources" / "north.txt").unlink()
    if prepare == "no folder":
        (here / "sources").rmdir()
    if prepare == "nothing to read in it":
        (here / "sources" / "scan.pdf").write_bytes(b"%PDF")
    result = run("index")
    assert (result.exit_code, result.stdout) == (3, "")
    assert f"Error: {here / 'sources'}" in result.stderr


def test_a_second_writer_is_refused_with_the_process_of_the_first(here: Path) -> None:
    with writer_lock(here / ".index"):
        result = run("index")
    assert result.exit_code == 3
    assert f"Process {os.getpid()} is indexing" in result.stderr


def test_ask_updates_the_index_and_reports_it_on_stderr(here: Path) -> None:
    first = run("ask", "--json", "What colour are the hats of its officers?")
    assert json.loads(first.stdout)["searched"]["transcripts"] == 1
    assert "1 created" in first.stderr
    (here / "sources" / "west.txt").write_text(SECOND, encoding="utf-8")
    second = run("ask", "--json", "Is there a plan for the investigation of fraud?")
    assert json.loads(second.stdout)["searched"]["transcripts"] == 2
    assert run("ask", "--json", "Is there a plan for the investigation of fraud?").stderr == ""


def test_ask_uses_the_existing_index_while_another_process_indexes(here: Path) -> None:
    run("index")
    with writer_lock(here / ".index"):
        result = run("ask", "--json", "What colour are the hats?")
    assert json.loads(result.stdout)["searched"]["transcripts"] == 1
    assert "The index was not updated" in result.stderr


def test_doctor_reports_no_problem_once_there_is_an_index(here: Path) -> None:
    before = run("doctor", "--json")
    assert before.exit_code == 3
    assert any("index" in problem for problem in json.loads(before.stdout)["problems"])
    (here / "sources" / "scan.pdf").write_bytes(b"%PDF")
    run("index")
    after = run("doctor", "--json")
    seen = json.loads(after.stdout)
    assert (after.exit_code, seen["problems"]) == (0, [])
    assert (seen["model"]["name"], seen["model"]["pinned"]) == ("hashed-words", False)
    assert (seen["index"]["transcripts"], seen["index"]["writer"]) == (1, None)
    assert [failed.split(":")[0] for failed in seen["index"]["failed"]] == ["scan.pdf"]
    settings = {setting["name"]: setting["origin"] for setting in seen["settings"]}
    assert settings["vector_store"] == "environment variable ASSISTANT_VECTOR_STORE"
    assert settings["port"] == "default"


def test_doctor_compares_the_sources_with_the_index(here: Path) -> None:
    (here / "sources" / "west.txt").write_text(SECOND, encoding="utf-8")
    (here / "sources" / "east.txt").write_text(SECOND, encoding="utf-8")
    run("index")
    (here / "sources" / "new.txt").write_text(SECOND, encoding="utf-8")
    (here / "sources" / "north.txt").write_text(SECOND, encoding="utf-8")
    (here / "sources" / "west.txt").unlink()
    sources = json.loads(run("doctor", "--json").stdout)["sources"]
    assert sources == {"files": 3, "same": 1, "new": ["new.txt"], "changed": ["north.txt"], "gone": ["west.txt"]}
    text = run("doctor").stdout
    assert "not indexed  new.txt" in text
    assert text.endswith("Questions can be answered.\n")


def test_doctor_compares_the_catalogue_with_the_index(here: Path) -> None:
    (here / "sources" / "west.txt").write_text(SECOND, encoding="utf-8")
    catalogue = here / "sources" / "catalogue.toml"
    catalogue.write_text('["west.txt"]\nsupersedes = "north.txt"\n', encoding="utf-8")
    run("index")
    command = "doctor", "--json"
    sources = json.loads(run(*command).stdout)["sources"]
    assert sources == {"files": 2, "same": 2, "new": [], "changed": [], "gone": []}
    catalogue.write_text('["west.txt"]\nforce = "Westmere Police"\n', encoding="utf-8")
    sources = json.loads(run(*command).stdout)["sources"]
    assert sources == {"files": 2, "same": 1, "new": [], "changed": ["west.txt"], "gone": []}
    catalogue.write_text("force = ", encoding="utf-8")
    problems = json.loads(run(*command).stdout)["problems"]
    assert any("catalogue.toml" in problem for problem in problems)


def test_doctor_reports_the_process_that_is_indexing(here: Path) -> None:
    run("index")
    with writer_lock(here / ".index"):
        assert json.loads(run("doctor", "--json").stdout)["index"]["writer"] == os.getpid()


def test_doctor_reports_a_missing_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_EMBEDDING_MODEL", "no/such-model")
    result = run("doctor")
    assert result.exit_code == 3
    assert "Problem: No embedding model 'no/such-model'" in result.stdout


def loaded_by(*arguments: str) -> tuple[int, list[str]]:
    """Runs a command in its own process. Returns its exit code and the heavy libraries it loaded."""
    code = f"import sys, atexit; sys.argv = ['assistant', *{arguments!r}]\n"
    code += f"atexit.register(lambda: print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr))\n"
    code += "from assistant.cli.main import main; main()"
    done = python("-c", code)
    return done.returncode, done.stderr.decode().splitlines()[-1].split()


@pytest.mark.parametrize("arguments", [("--help",), ("ask", "--help"), ("verify", "-")], ids=" ".join)
def test_light_commands_start_without_the_heavy_libraries(arguments: tuple[str, ...]) -> None:
    assert loaded_by(*arguments) == (2 if "-" in arguments else 0, [])


@pytest.mark.model
def test_a_question_is_answered_without_loading_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ASSISTANT_EMBEDDING_MODEL")
    monkeypatch.delenv("ASSISTANT_VECTOR_STORE")
    for _ in ("indexed first", "asked only"):
        status, loaded = loaded_by("ask", "What colour are the hats of its officers?")
        assert status == 0
        assert {"chromadb", "sentence_transformers"} <= set(loaded)
        assert "gradio" not in loaded


def test_a_process_prints_utf8_and_exits_with_its_code(here: Path) -> None:
    answer = process("ask", "--json", "What colour are the hats of its officers?")
    (here / "answer.json").write_bytes(answer.stdout)
    assert json.loads(answer.stdout.decode("utf-8"))["question"] == "What colour are the hats of its officers?"
    assert answer.returncode in (0, 1)
    assert process("verify", "answer.json").returncode == 0


def test_a_bug_prints_its_traceback_and_exits_with_70(here: Path) -> None:
    code = "import assistant.settings as s, sys; s.load_settings = None\n"
    code += "sys.argv = ['assistant', 'verify', 'x']\nfrom assistant.cli.main import main; main()"
    done = python("-c", code)
    assert done.returncode == 70
    assert b"Traceback" in done.stderr
    assert b"TypeError" in done.stderr


@pytest.mark.parametrize(("begun", "offered"), [("ev", {"evaluate"}), ("ask --fo", {"--force"}), ("do", {"doctor"})])
def test_a_shell_completes_what_was_begun(begun: str, offered: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    words = f"assistant {begun}"
    monkeypatch.setenv("_ASSISTANT_COMPLETE", "complete_bash")  # as the script of --show-completion asks
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split()) - 1))
    assert set(run().stdout.split()) == offered
