"""Invariant 9: nothing in the default configuration resolves a name or opens a connection off the machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Runs the whole of it in a process of its own, with a hook that sees every look-up and connection Python makes.
CODE = """
import json, sys
left = []
def watch(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in ("127.0.0.1", "::1", "localhost", "", None):
        left.append(f"{event} {host}")
sys.addaudithook(watch)
from pathlib import Path
from assistant.web.server import create_app
from assistant.app import open_assistant
from assistant.settings import Settings
settings = Settings(sources=Path(sys.argv[1]), index=Path(sys.argv[2]))
assistant = open_assistant(settings)
status = assistant.ask("What concerns did the inspector have?").status.value
from starlette.testclient import TestClient
with TestClient(create_app(assistant, settings), base_url="http://127.0.0.1:7860") as client:
    page = client.get("/").status_code
    asked = client.post("/api/v1/ask", json={"question": "What about serious and organised crime?"}).json()["status"]
print(json.dumps({"left": left, "status": status, "page": page, "asked": asked}))
"""


@pytest.mark.model
def test_indexing_asking_and_serving_stay_on_the_machine(tmp_path: Path):
    sources = tmp_path / "sources"
    shutil.copytree(ROOT / "sources", sources)
    ran = subprocess.run(
        [sys.executable, "-c", CODE, str(sources), str(tmp_path / "index")],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == {
        "left": [], "status": "answered", "page": 200, "asked": "answered",
    }  # fmt: skip
