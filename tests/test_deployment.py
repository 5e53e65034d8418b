"""The files for containers: their commands and settings exist, their names match, and other programs accept them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes.client.models as kubernetes_models
import psycopg
import pytest
import yaml
from pydantic import ValidationError
from typer.testing import CliRunner

from assistant.cli.main import app
from assistant.settings import ENVIRONMENT_PREFIX, Settings, load_settings
from tests.fixtures import postgres
from tests.fixtures.nginx import find_nginx

DOCS = Path(__file__).parents[1] / "docs"
FILES = ("compose.yaml", "compose-postgres.yaml")
COMPOSED: Mapping[str, Mapping[str, Any]] = {
    name: yaml.safe_load((DOCS / name).read_text(encoding="utf-8")) for name in FILES
}
OBJECTS = list(yaml.safe_load_all((DOCS / "kubernetes.yaml").read_text(encoding="utf-8")))
BY_KIND = {one["kind"]: one for one in OBJECTS}
POD = BY_KIND["StatefulSet"]["spec"]["template"]["spec"]
CONTAINERS = {one["name"]: one for one in POD["containers"]}
IMAGE = "assessment-assistant"


def our_commands() -> Iterator[list[str]]:
    """Every command of ours that the files run."""
    services = [service for composed in COMPOSED.values() for service in composed["services"].values()]
    ran = [service["command"] for service in services if service["image"] == IMAGE]
    ran += [container["command"] for container in CONTAINERS.values()]
    for command in ran:
        yield command if command[0] == "assistant" else re.findall(r"assistant \w+", command[-1])[0].split()


@pytest.mark.parametrize("command", [*our_commands()], ids=" ".join)
def test_every_command_is_one_of_ours(command: list[str]) -> None:
    assert command[0] == "assistant"
    assert CliRunner().invoke(app, [*command[1:], "--help"]).exit_code == 0


@pytest.mark.parametrize(
    "environment",
    [*(composed["services"]["one"]["environment"] for composed in COMPOSED.values()), BY_KIND["ConfigMap"]["data"]],
    ids=[*FILES, "kubernetes"],
)
def test_every_setting_exists_and_has_a_value_that_it_takes(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        assert name.removeprefix(ENVIRONMENT_PREFIX).lower() in Settings.model_fields
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert (settings.identity, settings.audit_output, settings.metrics) == ("header", "stdout", True)


@pytest.fixture(params=FILES)
def composed(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    return COMPOSED[request.param]


def test_compose_names_only_what_it_defines(composed: Mapping[str, Any]) -> None:
    defined = {kind: set(composed[kind]) for kind in ("networks", "volumes", "secrets")}
    for service in composed["services"].values():
        assert set(service.get("networks", ())) <= defined["networks"]
        assert set(service.get("secrets", ())) <= defined["secrets"]
        named = {one.partition(":")[0] for one in service.get("volumes", ()) if not one.startswith(".")}
        assert named <= defined["volumes"]
        assert set(service.get("depends_on", ())) <= set(composed["services"])
        for file in (one.partition(":")[0] for one in service.get("volumes", ()) if one.startswith("./")):
            assert (DOCS / file).is_file()
    (subnet,) = composed["networks"]["inside"]["ipam"]["config"]
    assert composed["services"]["one"]["environment"]["ASSISTANT_PROXIES"] == subnet["subnet"]


def test_only_one_service_indexes_and_no_service_of_ours_has_privileges(composed: Mapping[str, Any]) -> None:
    ours = {name: one for name, one in composed["services"].items() if one["image"] == IMAGE}
    assert [name for name, one in ours.items() if "--no-index" not in one["command"]] == ["index"]
    assert all(one["read_only"] and one["cap_drop"] == ["ALL"] for one in ours.values())


@pytest.mark.skipif(find_nginx() is None, reason="nginx is not installed")
def test_nginx_accepts_the_configuration_that_the_proxy_service_makes(
    composed: Mapping[str, Any], tmp_path: Path
) -> None:
    script = composed["services"]["proxy"]["command"][-1]
    edits = re.findall(r"-e '(s/[^']*/[^']*/)'", script)
    assert len(edits) == 3
    command = ["sed", *(part for edit in edits for part in ("-e", edit)), str(DOCS / "nginx.conf")]
    made = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert re.search(
        r"hash \$remote_user consistent;\s+server one:7860 max_fails=0; server two:7860 max_fails=0;", made
    )
    assert re.search(r"listen 8080;", made)
    for name in ("one", "two"):  # there is nobody here to look these names up
        made = made.replace(f"server {name}:", "server 127.0.0.1:")
    made = made.replace("/run/nginx.pid", f"{tmp_path}/pid").replace("/var/log/nginx/error.log", f"{tmp_path}/log")
    (tmp_path / "nginx.conf").write_text(made, encoding="utf-8")
    checked = subprocess.run(
        [str(find_nginx()), "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "log")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "syntax is ok" in checked.stderr, checked.stderr


def test_the_database_is_prepared_for_a_writer_and_a_reader_of_its_own(tmp_path: Path) -> None:
    for role in ("writer", "reader"):
        (tmp_path / f"{role}_password").write_text(f"it's {role}\n", encoding="ascii")
    services = COMPOSED["compose-postgres.yaml"]["services"]
    given = [services[name]["environment"]["ASSISTANT_INDEX"] for name in ("index", "one")]
    assert [(urlsplit(address).username, urlsplit(address).path) for address in given] == [
        ("assessments_writer", "/assessments"),
        ("assessments_reader", "/assessments"),
    ]
    with postgres.server() as address:
        home = psycopg.conninfo.conninfo_to_dict(address)["host"]
        environment = os.environ | {"SECRETS": str(tmp_path), "POSTGRES_USER": postgres.WRITER, "PGHOST": str(home)}
        environment["PATH"] = f"{postgres.programs()}:{environment['PATH']}"
        subprocess.run(["/bin/sh", str(DOCS / "postgres-init.sh")], env=environment, check=True, capture_output=True)
        with psycopg.connect(f"host={home} dbname=assessments user=assessments_writer", autocommit=True) as writer:
            writer.execute("CREATE SCHEMA held CREATE TABLE said (embedding vector(2))")
            writer.execute("INSERT INTO held.said VALUES ('[1, 2]')")
        with psycopg.connect(f"host={home} dbname=assessments user=assessments_reader", autocommit=True) as reader:
            assert reader.execute("SELECT count(*) FROM held.said").fetchone() == (1,)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute("DELETE FROM held.said")
        with psycopg.connect(address) as administrator:
            signed = administrator.execute("SELECT rolname FROM pg_authid WHERE rolpassword IS NOT NULL ORDER BY 1")
            assert signed.fetchall() == [("assessments_reader",), ("assessments_writer",)]


def faults(one: Mapping[str, Any]) -> list[str]:
    """What the Kubernetes client's model of an object finds wrong in it, such as a field that it does not know."""
    try:
        getattr(kubernetes_models, model_of(one)).model_validate(one)
    except ValidationError as error:
        return [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    return []


def model_of(one: Mapping[str, Any]) -> str:
    version = one["apiVersion"].rpartition("/")[2]
    return f"{version[0].upper()}{version[1:]}{one['kind']}"


@pytest.mark.parametrize("one", OBJECTS, ids=lambda one: one["kind"])
def test_a_kubernetes_object_has_the_fields_that_the_client_knows(one: Mapping[str, Any]) -> None:
    assert faults(one) == []


def test_the_check_of_fields_sees_an_unknown_one_a_missing_one_and_a_wrong_type() -> None:
    service = BY_KIND["Service"]
    (fault,) = faults(service | {"spec": service["spec"] | {"slector": {}}})
    assert fault.startswith("spec.slector: ")
    wrong = faults(BY_KIND["StatefulSet"] | {"metadata": {"name": 1}, "spec": {"serviceName": "x", "selector": {}}})
    assert [fault.partition(":")[0] for fault in wrong] == ["metadata.name", "spec.template"]


def test_the_names_in_the_kubernetes_objects_match() -> None:
    labels = BY_KIND["StatefulSet"]["spec"]["template"]["metadata"]["labels"]
    selectors = [
        BY_KIND["Service"]["spec"]["selector"],
        BY_KIND["StatefulSet"]["spec"]["selector"]["matchLabels"],
        BY_KIND["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        BY_KIND["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ]
    assert all(selector == labels for selector in selectors)
    assert BY_KIND["StatefulSet"]["spec"]["serviceName"] == BY_KIND["Service"]["metadata"]["name"]
    claims = {one["metadata"]["name"] for one in BY_KIND["StatefulSet"]["spec"]["volumeClaimTemplates"]}
    volumes = {one["name"] for one in POD["volumes"]} | claims
    assert {mount["name"] for one in CONTAINERS.values() for mount in one["volumeMounts"]} == volumes
    (claimed,) = [one["persistentVolumeClaim"]["claimName"] for one in POD["volumes"] if "persistentVolumeClaim" in one]
    assert claimed == BY_KIND["PersistentVolumeClaim"]["metadata"]["name"]
    (config,) = CONTAINERS["serve"]["envFrom"]
    assert config["configMapRef"]["name"] == BY_KIND["ConfigMap"]["metadata"]["name"]
    paths = {mount["name"]: mount["mountPath"] for mount in CONTAINERS["serve"]["volumeMounts"]}
    key = BY_KIND["ConfigMap"]["data"]["ASSISTANT_AUDIT_KEY_FILE"]
    assert str(Path(key).parent) == paths["audit-key"]
