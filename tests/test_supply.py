"""What this is made of: no licence that binds the whole, no weights that run code, and exceptions that are shown."""

from __future__ import annotations

import ast
import subprocess
import sys
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
