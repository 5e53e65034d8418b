"""The examples of docs/langchain.md, run as they are printed there."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

DOCUMENT = Path(__file__).parents[2] / "docs" / "langchain.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SUPERVISED = "The force supervises most investigations well."
REPORT = f"""Northshire Constabulary – PEEL 2018/19

Investigating crime

{SUPERVISED}
Custody officers check on detained people every half an hour.
"""


def test_every_example_does_what_its_text_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSISTANT_EMBEDDING_MODEL", "hashed-words")
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "northshire.txt").write_text(REPORT, encoding="utf-8")
    fact = [{"source": "northshire.txt", "quote": SUPERVISED}]
    lines = [
        {"id": "1", "question": "Does the force supervise investigations?", "answerable": True, "evidence": [fact]},
        {"id": "2", "question": "How many horses are there?", "answerable": False},
    ]
    (tmp_path / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    examples = EXAMPLE.findall(DOCUMENT.read_text(encoding="utf-8"))
    scope: dict[str, object] = {}
    printed = []
    for example in examples:
        exec(compile(example, DOCUMENT.name, "exec"), scope)
        printed.append(capsys.readouterr().out.splitlines())
    retrieved, answered, other, scores = printed
    assert retrieved[0] == f"northshire.txt {REPORT.index(SUPERVISED)} {SUPERVISED}"
    assert answered[0] == repr([SUPERVISED])
    assert "Custody officers check" in answered[1]
    assert answered[1].endswith(", []]")
    assert other == [SUPERVISED]
    assert scores == ["1.0 1.0 1.0"]
