"""Programs ask with `gradio_client`, where a setting allows it, under the limits of everybody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from assistant.settings import Settings
from assistant.web.security.audit_log import AuditLog
from assistant.web.server import create_app, listen
from tests.browser.hosts import serving
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, FictionalAssistant

QUESTION = "How well does Northshire investigate crime?"
HISTORY = [{"role": "user", "text": QUESTION}]
GRACE = {"X-Remote-User": "grace"}


@dataclass(frozen=True, slots=True)
class Served:
    """The application, served on a free port, and its audit log."""

    address: str
    assistant: FictionalAssistant
    audit_file: Path

    def audited(self) -> list[dict[str, object]]:
        """Returns the lines of the audit log about questions, oldest first."""
        lines = map(json.loads, self.audit_file.read_text(encoding="utf-8").splitlines())
        return [line for line in lines if "question" in line]


@contextmanager
def serve(folder: Path, **more: object) -> Iterator[Served]:
    """Serves users whom a proxy names, with more settings, and stores in `folder`."""
    given = {"gradio_client": True, "identity": "header", "proxies": "127.0.0.1", **more}
    settings = Settings(port=0, **given)
    assistant, audit_file = FictionalAssistant(), folder / "audit.jsonl"
    listener = listen(settings.host, settings.port)
    audit_log = AuditLog(audit_file, questions=True)
    with serving(create_app(assistant, settings, audit_log), listener):
        yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}/", assistant, audit_file)
    audit_log.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served"), questions_per_minute=100_000) as found:
        yield found


def connect(served: Served) -> Client:
    return Client(served.address, verbose=False, headers=GRACE, download_files=False, analytics_enabled=False)


def test_ask_returns_the_answer_that_the_json_interface_returns(served: Served) -> None:
    answer = connect(served).predict("And Westmere?", history=HISTORY, api_name="/ask")
    reply = httpx.post(
        f"{served.address}api/v1/ask",
        json={"question": "And Westmere?", "history": HISTORY},
        headers=GRACE,
        trust_env=False,
    )
    assert answer == reply.json()
    assert answer["citations"][0]["quote"] == WESTMERE.sentences[1].text
    assert served.assistant.asked[-2] == served.assistant.asked[-1]


def test_the_filter_limits_what_is_searched(served: Served) -> None:
    connect(served).predict(QUESTION, forces=["Northshire Constabulary"], periods=["2018/19"], api_name="/ask")
    within = served.assistant.within[-1]
    assert (within.forces, within.periods) == (("Northshire Constabulary",), ("2018/19",))


def test_markdown_has_the_quotations_with_their_references_as_footnotes(served: Served) -> None:
    text = connect(served).predict(QUESTION, api_name="/ask_markdown")
    assert f"> {NORTHSHIRE.sentences[5].text}[^1]" in text
    assert f"]({served.address}" not in text  # the address is written out, and not as a link
    assert "[^1]: " in text
    assert NORTHSHIRE.transcript.sha256 in text


@pytest.mark.parametrize(
    ("question", "more", "said"),
    [
        (QUESTION, {"forces": ["Eastmarch Police"]}, "no assessment of Eastmarch Police"),
        (QUESTION, {"forces": "Westmere Police"}, "forces"),
        (QUESTION, {"history": [{"role": "system", "text": "x"}]}, "history.0.role"),
        ({"a": 1}, {}, "question"),
        ("x" * 10_001, {}, "question"),
        ("Will you rebuild?", {}, "being rebuilt"),
    ],
)
def test_what_cannot_be_answered_is_an_error_in_words(
    served: Served, capfd: pytest.CaptureFixture[str], question: object, more: dict[str, object], said: str
) -> None:
    with pytest.raises(AppError, match=said):
        connect(served).predict(question, **more, api_name="/ask")
    assert "Traceback" not in capfd.readouterr().err


def test_a_question_is_in_the_audit_log_under_its_asker(served: Served) -> None:
    connect(served).predict(QUESTION, api_name="/ask")
    httpx.post(f"{served.address}api/v1/ask", json={"question": QUESTION}, headers=GRACE, trust_env=False)
    by_program, by_json = served.audited()[-2:]
    assert (by_program["route"], by_program["question_text"]) == ("/gradio_api/queue/join", QUESTION)
    shared = ("identity", "outcome", "question", "question_text")
    assert [by_program[name] for name in shared] == [by_json[name] for name in shared]


def test_questions_are_limited_as_everybodys_are(tmp_path: Path) -> None:
    with serve(tmp_path, questions_per_minute=2) as served:
        client = connect(served)
        for _ in range(2):
            client.predict(QUESTION, api_name="/ask")
        with pytest.raises(Exception, match=r"Too many requests|429"):
            client.predict(QUESTION, api_name="/ask")
        assert [asked for asked, _ in served.assistant.asked].count(QUESTION) == 2


def test_who_is_not_named_may_not_even_connect(served: Served) -> None:
    with pytest.raises(ValueError, match=r"Could not load|Could not fetch"):
        Client(served.address, verbose=False, download_files=False, analytics_enabled=False)
    assert httpx.get(f"{served.address}gradio_api/info", trust_env=False).status_code == 401


def test_only_the_two_events_can_be_sent_by_name(served: Served) -> None:
    described = httpx.get(f"{served.address}gradio_api/info", headers=GRACE, trust_env=False).json()
    assert sorted(described["named_endpoints"]) == ["/ask", "/ask_markdown"]
    assert described["unnamed_endpoints"] == {}
    names = [parameter["parameter_name"] for parameter in described["named_endpoints"]["/ask"]["parameters"]]
    assert names == ["question", "history", "forces", "periods", "transcripts"]
    for path in ("call/ask", "run/ask", "api/ask", "upload"):
        reply = httpx.post(f"{served.address}gradio_api/{path}", json={"data": [QUESTION]}, headers=GRACE)
        assert reply.status_code == 404, path


def test_without_the_setting_gradio_describes_nothing_and_has_no_event_for_programs(tmp_path: Path) -> None:
    with serve(tmp_path, gradio_client=False) as served:
        with pytest.raises(ValueError, match="Could not fetch api info"):
            connect(served)
        config = httpx.get(f"{served.address}config", headers=GRACE, trust_env=False).json()
    assert {event["api_visibility"] for event in config["dependencies"]} == {"private"}
    assert not [component for component in config["components"] if component["type"] == "api"]
