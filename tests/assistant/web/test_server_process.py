"""Serving as a process: the address on standard error, nothing else, and an end on Ctrl-C with pages still open."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

SERVE = (
    "import sys; from tests.fixtures.fictional import FictionalAssistant as A; from assistant.web.server import serve; "
)
SERVE += "from assistant.settings import Settings; serve(A(), Settings(port=0, audit_log=sys.argv[1]))"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, tmp_path / "log" / "audit.jsonl"],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as one:
        yield one
        one.kill()


def test_it_says_where_it_serves_and_ends_quietly_when_interrupted(server: subprocess.Popen[str]) -> None:
    assert server.stderr is not None
    said = server.stderr.readline()
    found = re.fullmatch(r"Serving on (http://127\.0\.0\.1:\d+/) \(Ctrl-C stops\)\n", said)
    assert found, said + server.stderr.read()
    with httpx.stream("GET", f"{found[1]}gradio_api/heartbeat/abc", trust_env=False) as open_page:
        assert open_page.status_code == 200
        assert httpx.get(f"{found[1]}health", trust_env=False).status_code == 200
        server.send_signal(signal.SIGINT)
        output, errors = server.communicate(timeout=30)
    assert (server.returncode, output, errors) == (0, "", "")
