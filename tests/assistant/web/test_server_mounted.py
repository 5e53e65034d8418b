"""The assistant as a part of another FastAPI application, as docs/interface.md has it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assistant import app as assistant_app
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant
from tests.fixtures.visible import read_html

DOCUMENT = Path(__file__).parents[3] / "docs" / "interface.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
QUESTION = "How well does Northshire investigate crime?"


def test_the_example_mounts_the_assistant_in_another_application(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(assistant_app, "open_assistant", FictionalAssistant)
    (example,) = EXAMPLE.findall(DOCUMENT.read_text(encoding="utf-8"))
    scope: dict[str, object] = {}
    exec(compile(example, DOCUMENT.name, "exec"), scope)
    application = scope["application"]
    application.get("/own")(lambda: "its own")  # type: ignore[attr-defined]
    with TestClient(application, base_url="http://127.0.0.1:7860") as client:  # type: ignore[arg-type]
        assert client.get("/own").json() == "its own"
        scripts = re.findall(r'src="([^"]*/site/[^"]*)"', client.get("/assessments/").text)
        assert "/assessments/site/chat.js" in scripts
        assert [client.get(script).status_code for script in scripts] == [200] * len(scripts)
        page = read_html(client.get("/assessments/ask", params={"q": QUESTION}).text)
        assert [node.text for node in page.find("blockquote")][:1] == [NORTHSHIRE.sentences[5].text]
        source = next(link for link in page.find("a") if link.attributes.get("class") == "number")
        assert client.get(source.attributes["href"]).status_code == 200
        reply = client.post("/assessments/api/v1/ask", json={"question": QUESTION})
        assert (reply.status_code, reply.json()["status"]) == (200, "answered")
        assert client.get("/assessments/config").json()["root"].endswith("/assessments")
        assert client.get("/assessments/gradio_api/info").status_code == 404
