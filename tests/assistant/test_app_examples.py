"""The examples of docs/langchain.md and of the notebook, run as they are printed there."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT, NOTEBOOK = ROOT / "docs" / "langchain.md", ROOT / "docs" / "notebook.ipynb"
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


def test_the_notebook_is_one_that_any_jupyter_opens_and_has_no_output() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert {cell["cell_type"] for cell in notebook["cells"]} == {"markdown", "code"}
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)


@pytest.mark.model
def test_every_cell_of_the_notebook_does_what_its_text_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("docs", "tests/golden"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copytree(ROOT / "sources", tmp_path / "sources")
    shutil.copy(ROOT / "tests" / "golden" / "hertfordshire.jsonl", tmp_path / "tests" / "golden")
    monkeypatch.chdir(tmp_path / "docs")
    scope: dict[str, object] = {}
    printed = []
    for cell in json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), NOTEBOOK.name, "exec"), scope)
            printed.append(capsys.readouterr().out.splitlines())
    opened, asked, around, followed, steps, measured = printed
    (text,) = (path.read_text(encoding="utf-8") for path in (tmp_path / "sources").glob("*.txt"))
    assert opened[0].endswith("| Hertfordshire Constabulary | 23 sentences")
    assert asked[0] == "answered"
    for line in asked[1:]:
        quote, start, end = re.fullmatch(r"\[\d\] (.*) \(\S+\.txt, (\d+) to (\d+)\)", line).groups()
        assert text[int(start) : int(end)] == quote
    assert [line[0] for line in around].count(">") == 1
    assert around[[line[0] for line in around].index(">")][2:] in asked[1]
    assert "serious and organised crime" in followed[0]
    assert followed[1].startswith("not_in_assessments | ")
    assert (steps[0], steps[-2:]) == ("retrieve", ["rerank", "select"])
    assert int(steps[1].removesuffix(" candidates")) > 10
    figures = {name: float(value) for name, value in (line.split() for line in measured)}
    assert figures["verbatim"] == 1.0
    assert figures["evidence_f1"] > 0.5
