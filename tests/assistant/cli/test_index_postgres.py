"""The commands over an index in a database, and processes that answer from it while others publish."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner, Result

from assistant.app import Assistant, open_assistant
from assistant.cli.doctor import contacts
from assistant.cli.main import app
from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings
from assistant.web.security.audit_log import KEY_BYTES
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.embedding.models import open_embedder
from index.storage.postgres import DatabaseAddress, PostgresDatabase
from tests.assistant.cli.test_index_replicas import NORTH, WEST, Replica
from tests.index.published.test_open_index import GOLDEN, MAKER
from tests.index.published.test_publish_postgres import run as run_statement

EMBEDDER = HashedWordEmbedder()
HATS = "Who wears green hats?"
SAID = "Its officers wear green hats."
FRAUD = "Does the force have a plan for the investigation of fraud?"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "north.txt").write_text(NORTH, encoding="utf-8")
    return folder


@pytest.fixture
def settings(database: DatabaseAddress, sources: Path, tmp_path: Path) -> Settings:
    return Settings(
        sources=sources, index=database.url, index_work=database.work, embedding_model="hashed-words",
        audit_log=tmp_path / "audit.jsonl", cases=tmp_path / "cases.jsonl",
    )  # fmt: skip


def run(settings: Settings, *arguments: str) -> Result:
    environment = {
        "ASSISTANT_SOURCES": str(settings.sources),
        "ASSISTANT_INDEX": str(settings.index),
        "ASSISTANT_INDEX_WORK": str(settings.index_work),
        "ASSISTANT_EMBEDDING_MODEL": "hashed-words",
        "ASSISTANT_INDEXING": str(settings.indexing),
    }
    return CliRunner().invoke(app, arguments, env=environment, prog_name="assistant")


def test_the_commands_index_ask_verify_doctor_and_copy(settings: Settings, tmp_path: Path) -> None:
    assert run(settings, "ask", HATS).stdout.startswith(SAID)  # it indexes first, as with files
    assert "1 unchanged" in run(settings, "index").stdout
    (tmp_path / "answer.json").write_text(run(settings, "ask", "--json", HATS).stdout, encoding="utf-8")
    assert run(settings, "verify", str(tmp_path / "answer.json")).exit_code == 0
    report = json.loads(run(settings, "doctor", "--json").stdout)
    assert report["index"]["generation"].startswith("000001-")
    assert {setting["name"]: setting["value"] for setting in report["settings"]}["index"] == str(settings.index)
    result = run(settings, "copy-index", str(settings.index), str(tmp_path / "files"))
    assert result.exit_code == 0, result.output
    in_files = settings.model_copy(update={"index": tmp_path / "files"})
    assert run(in_files, "ask", HATS).stdout.startswith(SAID)
    for place in ("postgresql://reader:hush-9f3@db.example/assessments", "postgresql://db.example:hush-9f3@"):
        refused = run(settings, "copy-index", place, str(tmp_path / "files"))
        assert refused.exit_code == 2
        assert "hush-9f3" not in refused.output


def test_an_address_with_a_password_is_refused_without_repeating_it() -> None:
    with pytest.raises(SettingsError, match="index_password_file") as refused:
        load_settings({"index": "postgresql://reader:hush-9f3@db.example/assessments"})
    assert "hush-9f3" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "whom", "closed"),
    [
        ("postgresql://reader@db.example/assessments", "db.example", False),
        ("postgresql://reader@localhost,db.example/assessments", "localhost, db.example", False),
        ("postgresql://reader@127.0.0.1/assessments?hostaddr=192.0.2.7", "192.0.2.7", False),
        ("postgresql://reader@127.0.0.1/assessments", "127.0.0.1", True),
        ("postgresql://reader@/assessments?host=/run/postgresql", "/run/postgresql", True),
    ],
)
def test_the_airgap_report_names_the_host_that_is_contacted(address: str, whom: str, closed: bool) -> None:
    listed = contacts(Settings(index=address), {"PGHOST": "other.example"})
    [contact] = [contact for contact in listed if contact.by == "index"]
    assert (contact.whom, contact.closed) == (whom, closed)


def test_damage_that_a_question_meets_is_repaired_from_the_sources(
    settings: Settings, database: DatabaseAddress
) -> None:
    assistant = Assistant.over(settings, EMBEDDER)
    replica = Assistant.over(settings.model_copy(update={"indexing": False}), EMBEDDER)
    assert run_statement(database, "UPDATE sentence SET text = replace(text, 'green', 'vile')")
    assert [citation.quote for citation in assistant.ask(HATS).citations] == [SAID]
    assert [citation.quote for citation in replica.ask(HATS).citations] == [SAID]
    assert not assistant.degraded()


def test_while_the_server_is_gone_health_says_so_and_afterwards_all_is_well(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(settings.sources, settings.index_place, EMBEDDER)
    assistant = Assistant.over(settings.model_copy(update={"indexing": False}), EMBEDDER)
    query = PostgresDatabase.query

    def gone(database: PostgresDatabase, statement: str, *parameters: object) -> object:
        return query(database, "SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(PostgresDatabase, "query", gone)
    assert assistant.degraded()
    monkeypatch.undo()
    assert not assistant.degraded()
    assert [citation.quote for citation in assistant.ask(HATS).citations] == [SAID]


def test_answers_are_whole_and_never_of_a_withdrawn_source_while_generations_are_published(settings: Settings) -> None:
    west = settings.sources / "west.txt"
    assistant = open_assistant(settings, EMBEDDER)
    ended = threading.Event()
    quoted: list[str] = []
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            while not ended.is_set():
                for question in (HATS, FRAUD):
                    quoted.extend(citation.quote for citation in assistant.ask(question).citations)
        except BaseException as error:  # to be raised where it is seen
            failed.append(error)
            raise

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        west.write_text(WEST, encoding="utf-8")
        build_index(settings.sources, settings.index_place, EMBEDDER)
        assert any("fraud" in citation.quote for citation in assistant.ask(FRAUD).citations)
        west.unlink()
        build_index(settings.sources, settings.index_place, EMBEDDER)
        assert not any("fraud" in citation.quote for citation in assistant.ask(FRAUD).citations)
    ended.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert quoted.count(SAID) > 10
    assert all(quote in NORTH + WEST for quote in quoted)


@pytest.mark.model
@pytest.mark.long
def test_answers_are_those_of_files_in_every_field(northshire_assistant: Assistant, database: DatabaseAddress) -> None:
    embedder = open_embedder(Settings().embedding_model)
    build_index(GOLDEN, database, embedder)
    other = Assistant.over(Settings(sources=GOLDEN, index=database.url, indexing=False), embedder)
    lines = (GOLDEN.parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    for question in [json.loads(line)["question"] for line in lines[::6]]:
        ours, theirs = (
            assistant.ask(question).model_dump(exclude={"seconds"}) for assistant in (other, northshire_assistant)
        )
        assert ours == theirs


@pytest.fixture
def processes() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.mark.long
def test_two_replicas_follow_what_a_third_process_publishes_in_the_database(
    settings: Settings, tmp_path: Path, processes: ExitStack
) -> None:
    key = tmp_path / "key"
    key.write_bytes(secrets.token_bytes(KEY_BYTES))
    replicas = [Replica(tmp_path / name, key, processes, index=str(settings.index)) for name in ("one", "two")]
    assert all(one.says().startswith("Waiting until another process") for one in replicas)
    build_index(settings.sources, settings.index_place, EMBEDDER)
    for one in replicas:
        line = one.says()
        assert line.startswith("Serving on "), line
        one.url = line.split()[2]
        assert one.ask()["status"] != "answered"
    (settings.sources / "west.txt").write_text(WEST, encoding="utf-8")
    build_index(settings.sources, settings.index_place, EMBEDDER)
    first, second = (one.ask() for one in replicas)
    assert first["citations"][0]["quote"] == "The force has a plan for the investigation of fraud."
    assert first | {"seconds": 0} == second | {"seconds": 0}
    (settings.sources / "west.txt").unlink()
    build_index(settings.sources, settings.index_place, EMBEDDER)
    assert [one.ask()["status"] == "answered" for one in replicas] == [False, False]
    for replica in replicas:
        replica.end()
    with closing(psycopg.connect(str(settings.index))) as connection:
        names = connection.execute("SELECT application_name FROM pg_stat_activity WHERE datname = current_database()")
        assert "assistant-writer" not in str(names.fetchall())
    assert list((tmp_path / "one").iterdir()) == []
    assert MAKER.folder(settings.index_work).exists()
