"""What this is made of: no licence that binds the whole, no weights that run code, and exceptions that are shown."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.tools.prove import supply

ROOT = Path(__file__).parents[1]

# Indexes, asks and serves, and then says which parts of Chroma were loaded.
USED = """
import sys
from pathlib import Path
from starlette.testclient import TestClient
from assistant.app import open_assistant
from assistant.settings import Settings
from assistant.web.server import create_app
settings = Settings(sources=Path(sys.argv[1]), index=Path(sys.argv[2]), embedding_model="hashed-words")
assistant = open_assistant(settings)
with TestClient(create_app(assistant, settings), base_url="http://127.0.0.1") as client:
    assert client.post("/api/v1/ask", json={"question": "What concerns are there?"}).status_code == 200
print(*(name for name in sys.modules if name.startswith("chromadb")))
"""


def test_nothing_needed_has_a_licence_that_is_refused() -> None:
    assert supply.refused_licences() == []


def test_everything_needed_was_looked_at() -> None:
    held = supply.installed()
    assert {"chromadb", "gradio", "torch", "uvicorn", "h11", "transformers"} <= set(held)
    assert "pytest" not in held


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ("AGPL-3.0-only", True),
        ("GNU Affero General Public License v3", True),
        ("GPL-2.0-or-later", True),
        ("MIT AND GPL-3.0-only", True),
        ("GNU General Public License v3 (GPLv3)", True),
        ("BUSL-1.1", True),
        ("LGPL-2.1-or-later", False),
        ("GNU Lesser General Public License v2 (LGPLv2)", False),
        ("MPL-2.0 AND MIT", False),
        ("Apache-2.0", False),
        ("MIT-CMU", False),
    ],
)
def test_which_licences_are_refused(said: str, refused: bool) -> None:
    assert bool(supply.REFUSED.search(said)) is refused


def test_nothing_is_older_than_the_version_that_mended_it() -> None:
    assert supply.too_old() == []


def test_the_packaged_model_has_no_weights_that_run_code() -> None:
    from index.embedding.models import SentenceTransformerEmbedder

    folder = SentenceTransformerEmbedder().folder
    assert supply.weights_that_run(folder) == []
    assert (folder / "model.safetensors").is_file()


def test_our_code_trusts_no_model_s_code_and_reads_no_pickle() -> None:
    assert supply.trusting_calls() == []


@pytest.mark.parametrize(
    "code",
    [
        "load(x, trust_remote_code=True)",
        "load(x, trust_remote_code=setting)",
        "np.load(x, allow_pickle=True)",
        "load(x, use_safetensors=None)",
        "import pickle",
        "from joblib import load",
        "torch.load(x)",
    ],
)
def test_what_would_be_found(code: str) -> None:
    assert len(list(supply.trusting(ast.parse(code)))) == 1


def test_chroma_s_server_is_never_imported(tmp_path: Path) -> None:
    folders = (str(ROOT / "tests" / "golden" / "northshire" / "sources"), str(tmp_path / "index"))
    done = subprocess.run([sys.executable, "-c", USED, *folders], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert "chromadb.config" in loaded
    assert [name for name in loaded if name.startswith(("chromadb.server", "chromadb.app", "chromadb.cli"))] == []


@pytest.mark.parametrize("one", supply.exceptions(), ids=lambda one: one.id)
def test_each_exception_is_of_something_installed_and_names_a_test_that_is_there(one: supply.Harmless) -> None:
    assert one.package in supply.installed()
    file, _, name = one.test.partition("::")
    defined = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    assert name in [node.name for node in defined if isinstance(node, ast.FunctionDef)]


def installing(name: str, version: str, **download: object) -> dict[str, object]:
    return {"metadata": {"name": name, "version": version}, "download_info": download}


def test_the_lock_has_every_package_with_its_hash_and_not_the_project_itself() -> None:
    report = {
        "install": [
            installing("Zebra_Finch", "2.0+cpu", archive_info={"hashes": {"sha256": "b" * 64}}),
            installing("ada", "1.0", archive_info={"hashes": {"sha256": "a" * 64}}),
            installing("assessment-assistant", "0.1.0", dir_info={}),
        ]
    }
    assert supply.lock_lines(report) == [
        f"ada==1.0 --hash=sha256:{'a' * 64}",
        f"zebra-finch==2.0+cpu --hash=sha256:{'b' * 64}",
    ]
    with pytest.raises(ValueError, match=r"ada 1\.0 has no SHA-256"):
        supply.lock_lines({"install": [installing("ada", "1.0", vcs_info={})]})


ADVISORY = {
    "id": "GHSA-0000",
    "aliases": ["CVE-0000"],
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Ada"},
            "ranges": [
                {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]},
                {"type": "ECOSYSTEM", "events": [{"introduced": "2.0"}, {"last_affected": "2.3"}]},
                {"type": "GIT", "events": [{"introduced": "0"}]},
            ],
            "versions": ["3.0.post1"],
        }
    ],
}


@pytest.mark.parametrize(
    ("version", "affected"),
    [("1.0", True), ("1.2", False), ("1.9", False), ("2.0", True), ("2.3", True), ("2.4", False), ("3.0.post1", True)],
)
def test_an_advisory_is_about_the_versions_in_its_ranges_and_its_list(version: str, affected: bool) -> None:
    found = supply.advised_against([ADVISORY], {"ada": version, "bee": "1.0"})
    assert found == ([f"ada {version}: GHSA-0000"] if affected else [])


def test_withdrawn_advisories_known_exceptions_and_other_ecosystems_do_not_count() -> None:
    known = supply.exceptions()[0].id
    elsewhere = {"affected": [{"package": {"ecosystem": "npm", "name": "ada"}, "versions": ["1.0"]}]}
    others = [{"withdrawn": "2026-01-01T00:00:00Z"}, {"id": known}, {"aliases": [known]}, elsewhere]
    assert supply.advised_against([ADVISORY | other for other in others], {"ada": "1.0"}) == []


def test_a_range_that_cannot_be_compared_counts_as_affected() -> None:
    events = [{"introduced": "0"}, {"fixed": "no version"}]
    affected = {"package": {"ecosystem": "PyPI", "name": "ada"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    assert supply.advised_against([{"id": "X", "affected": [affected]}], {"ada": "9"}) == ["ada 9: X"]


def test_advisories_are_read_from_every_form_of_file(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(ADVISORY), encoding="utf-8")
    (tmp_path / "list.json").write_text(json.dumps([ADVISORY]), encoding="utf-8")
    (tmp_path / "lines.jsonl").write_text(json.dumps(ADVISORY) + "\n\n", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("GHSA-0000.json", json.dumps(ADVISORY))
    for path in tmp_path.iterdir():
        assert supply.read_advisories(path) == [ADVISORY], path.name


def test_auditing_against_a_file_needs_no_network_and_says_what_applies(tmp_path: Path, capsys) -> None:
    file = tmp_path / "advisories.json"
    torch = {"package": {"ecosystem": "PyPI", "name": "torch"}, "versions": [supply.installed()["torch"].version]}
    file.write_text(json.dumps([ADVISORY]), encoding="utf-8")
    assert supply.run_offline(file) == 0
    file.write_text(json.dumps([ADVISORY, {"id": "GHSA-1111", "affected": [torch]}]), encoding="utf-8")
    assert supply.run_offline(file) == 1
    assert "GHSA-1111" in capsys.readouterr().out
