"""`serve` as a process: it prints only its URL, and Ctrl-C ends it even while pages are open."""

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
    ) as process:
        yield process
        process.kill()


def test_it_prints_its_url_and_ends_without_an_error_when_interrupted(server: subprocess.Popen[str]) -> None:
    assert server.stderr is not None
    line = server.stderr.readline()
    found = re.fullmatch(r"Serving on (http://127\.0\.0\.1:\d+/) \(Ctrl-C stops\)\n", line)
    assert found, line + server.stderr.read()
    with httpx.stream("GET", f"{found[1]}gradio_api/heartbeat/abc", trust_env=False) as open_page:
        assert open_page.status_code == 200
        assert httpx.get(f"{found[1]}health", trust_env=False).status_code == 200
        server.send_signal(signal.SIGINT)
        output, errors = server.communicate(timeout=30)
    assert (server.returncode, output, errors) == (0, "", "")
