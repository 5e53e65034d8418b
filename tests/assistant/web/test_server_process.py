"""`serve` as a process: it prints only its URL; Ctrl-C ends it while pages are open; SIGTERM lets answers finish."""

import json
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

SERVE = """
import sys
from pathlib import Path
from assistant.settings import Settings
from assistant.web.server import serve
from tests.fixtures.fictional import FictionalAssistant

folder = Path(sys.argv[1])

class Watched(FictionalAssistant):
    def ask(self, question, history=(), **more):
        (folder / "asked").touch()
        return super().ask(question, history, **more)

serve(Watched(), Settings(port=0, audit_log=folder / "audit.jsonl", stop_seconds=float(sys.argv[2])))
"""


@pytest.fixture(params=[20])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, tmp_path, str(request.param)],
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


@pytest.mark.parametrize(
    ("server", "code", "status", "outcomes"),
    [(60, 200, "not_in_assessments", ["not_in_assessments"]), (0, 503, "stopping", ["503", "stopped"])],
    indirect=["server"],
    ids=["within the grace", "after it"],
)
def test_an_answer_under_way_is_finished_or_refused_and_recorded(
    server: subprocess.Popen[str], tmp_path: Path, code: int, status: str, outcomes: list[str]
) -> None:
    assert server.stderr is not None
    url = server.stderr.readline().split()[2]
    replies: list[httpx.Response] = []
    question = {"question": "Answer slowly."}  # takes ten seconds
    asking = threading.Thread(
        target=lambda: replies.append(httpx.post(f"{url}api/v1/ask", json=question, timeout=60, trust_env=False))
    )
    asking.start()
    while not (tmp_path / "asked").exists():
        assert asking.is_alive()
        time.sleep(0.02)
    server.send_signal(signal.SIGTERM)
    output, errors = server.communicate(timeout=60)
    asking.join()
    assert (replies[0].status_code, replies[0].json()["status"]) == (code, status)
    assert "content-security-policy" in replies[0].headers
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert sorted(line["outcome"] for line in lines if line["route"] == "/api/v1/ask") == outcomes
    assert (output, errors) == ("", "")
