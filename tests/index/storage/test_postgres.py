"""The address of a database: what it may contain, which host it means, and that its password is never seen."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from index.errors import IndexDatabaseError, NotIndexedError, WriterBusyError
from index.storage.postgres import DatabaseAddress, PostgresDatabase, connect, database_lock
from tests.fixtures.postgres import SERVER
from tests.index.published.test_open_index import MAKER

SECRET = "hush-9f3"


@pytest.mark.parametrize(
    ("address", "hosts"),
    [
        ("postgresql://reader@db.example/assessments", ("db.example",)),
        ("postgres://reader@db.example:5433/assessments?sslmode=verify-full", ("db.example",)),
        ("postgresql://reader@one.example:5432,two.example/assessments", ("one.example", "two.example")),
        ("postgresql://reader@[2001:db8::1]:5432/assessments", ("2001:db8::1",)),
        ("postgresql://reader@db.example/assessments?hostaddr=192.0.2.7", ("192.0.2.7",)),
        ("postgresql://reader@/assessments?host=%2Frun%2Fpostgresql", ("/run/postgresql",)),
        ("postgresql://db.example/assessments?host=other.example", ("other.example",)),
    ],
)
def test_the_hosts_of_an_address_are_those_that_libpq_contacts(address: str, hosts: tuple[str, ...]) -> None:
    assert DatabaseAddress.of(address).hosts == hosts
    told = psycopg.conninfo.conninfo_to_dict(address)
    assert str(told.get("hostaddr") or told["host"]).split(",") == list(hosts)


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://reader:{SECRET}@db.example/assessments",
        f"postgresql://reader@db.example/assessments?password={SECRET}",
        f"postgresql://reader@db.example/assessments?passfile={SECRET}",
        f"postgresql://reader@db.example/assessments?sslpassword={SECRET}",
        f"postgresql://reader@db.example/assessments?PassWord={SECRET}",
        f"postgresql://reader@db.example/assessments?oauth_client_secret={SECRET}",
        f"postgresql://reader:5432/{SECRET}@db.example/assessments",
        f"postgresql://reader:5432?{SECRET}@db.example/assessments",
        f"postgresql://reader@db.example\n/{SECRET}",
        f"postgresql://reader@db.example/assessments?service={SECRET}",
        f"postgresql:///assessments?dbname={SECRET}",
        f"postgresql://reader@/{SECRET}",
        f"mysql://reader@db.example/{SECRET}",
    ],
)
def test_an_address_with_a_password_or_of_an_unknown_host_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(ValueError, match=r"^it ") as refused:
        DatabaseAddress.of(address)
    assert SECRET not in str(refused.value)


def test_no_variable_of_the_environment_changes_the_host(
    database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "services").write_text("[elsewhere]\nhost=192.0.2.8\nhostaddr=192.0.2.8\n", encoding="utf-8")
    variables = {"PGHOST": "192.0.2.9", "PGHOSTADDR": "192.0.2.9", "PGSERVICE": "elsewhere"}
    for name, value in (variables | {"PGSERVICEFILE": str(tmp_path / "services")}).items():
        monkeypatch.setenv(name, value)
    with connect(database, "test") as connection:
        assert connection.info.host in database.hosts


@pytest.mark.skipif(SERVER in os.environ, reason="the roles of another server may need no password")
def test_the_password_is_read_from_its_file_and_never_shown(postgres: str, tmp_path: Path) -> None:
    role = "reader_signed"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), SECRET))
    url = postgres.replace("//assistant@", f"//{role}@")
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    with connect(DatabaseAddress(url, password_file=file), "test") as opened:
        assert opened.info.user == role
    file.write_text(f"not-{SECRET}", encoding="utf-8")
    for wrong in (file, None, tmp_path / "missing"):
        address = DatabaseAddress(url, password_file=wrong)
        with pytest.raises(IndexDatabaseError) as failed:
            PostgresDatabase(address, MAKER).query("SELECT 1")
        assert SECRET not in str(failed.value) + repr(address)


def test_a_server_that_does_not_answer_is_named_in_the_log_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    address = DatabaseAddress.of(f"postgresql://reader@/assessments?host={tmp_path}")
    with pytest.raises(IndexDatabaseError, match="database assessments") as failed:
        PostgresDatabase(address, MAKER).query("SELECT 1")
    assert str(tmp_path) in caplog.text
    assert str(tmp_path) not in str(failed.value)
    assert "reader" not in str(failed.value)


def test_a_query_finds_a_server_again_that_ended_its_connection(database: DatabaseAddress) -> None:
    opened = PostgresDatabase(database, MAKER)
    [(pid,)] = opened.query("SELECT pg_backend_pid()")
    with connect(database, "test") as connection:
        connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    [(other,)] = opened.query("SELECT pg_backend_pid()")
    assert other != pid
    opened.close()


def test_a_reader_cannot_write_and_an_empty_database_is_not_indexed(
    database: DatabaseAddress, caplog: pytest.LogCaptureFixture
) -> None:
    opened = PostgresDatabase(database, MAKER)
    with pytest.raises(IndexDatabaseError):
        opened.query("CREATE TABLE public.anything (number integer)")
    assert "read-only transaction" in caplog.text
    with pytest.raises(NotIndexedError):
        opened.newest_generation()
    opened.close()


def test_a_writer_s_lock_names_its_process(database: DatabaseAddress) -> None:
    with database_lock(database), pytest.raises(WriterBusyError) as busy, database_lock(database):
        pass
    assert busy.value.pid == os.getpid()
    with database_lock(database):
        pass
