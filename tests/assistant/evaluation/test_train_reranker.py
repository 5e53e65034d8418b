"""Training the reranker on a small set: it is measured, and written where the command says."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from assistant.evaluation import train_reranker
from assistant.evaluation.train_reranker import Example, load_examples, train
from assistant.retrieval.reranker import Reranker
from index.embedding.models import open_embedder

NORTHSHIRE = Path(__file__).parents[2] / "golden" / "northshire"
TREES = 4
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def training_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight answerable questions and two unanswerable ones, over the sources of the Northshire set."""
    folder = tmp_path_factory.mktemp("training") / "small"
    folder.mkdir()
    (folder / "sources").symlink_to(NORTHSHIRE / "sources")
    lines = (NORTHSHIRE / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    answerable = [line for line in lines if json.loads(line)["answerable"]][:8]
    unanswerable = [line for line in lines if not json.loads(line)["answerable"]][:2]
    (folder / "questions.jsonl").write_text("\n".join([*answerable, *unanswerable]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def examples(training_set: Path) -> list[Example]:
    """The examples of the set, and the same under another name, so that one can be left out."""
    found = load_examples([training_set], [open_embedder("hashed-words")])
    return [*found, *(replace(example, dataset="other", group=f"other {example.group}") for example in found)]


@pytest.fixture(scope="module")
def trained(examples: list[Example], tmp_path_factory: pytest.TempPathFactory) -> tuple[list[str], Path]:
    """What a short training prints, and the file it writes."""
    output = tmp_path_factory.mktemp("output") / "forest.json"
    return list(train(examples, output, trees=TREES)), output


def test_each_set_is_measured_with_a_forest_fitted_to_the_others(
    examples: list[Example], trained: tuple[list[str], Path]
) -> None:
    printed, output = trained
    views = ("answering", "elsewhere", "whole")
    expected = [f"{name} {view} (left out)" for name in ("other", "small") for view in views]
    assert [line.split(":")[0] for line in printed[:-1]] == expected
    assert all(line.count("f1 ") == len(train_reranker.FLOORS) for line in printed[:-1])
    assert printed[-1] == f"Wrote {output}, fitted to {len(examples)} examples."


def test_the_reranker_reads_what_was_written(trained: tuple[list[str], Path]) -> None:
    data = json.loads(trained[1].read_text(encoding="utf-8"))
    assert len(data["roots"]) == TREES
    assert len({len(data[name]) for name in ("signal", "threshold", "below", "above", "value")}) == 1
    Reranker.from_json(data)


def test_sentences_that_state_a_fact_are_ranked_above_the_others(
    examples: list[Example], trained: tuple[list[str], Path]
) -> None:
    reranker = Reranker.from_json(json.loads(trained[1].read_text(encoding="utf-8")))
    answerable = [x for x in examples if x.dataset == "small" and x.view == "whole" and x.facts]
    assert len(answerable) == 8
    for example in answerable:
        probabilities = reranker.probability(example.features)
        relevant = example.states.any(axis=1)
        assert np.mean(probabilities[relevant]) > np.mean(probabilities[~relevant])


def test_documents_without_the_evidence_make_a_question_unanswerable(examples: list[Example]) -> None:
    facts = {example.group: example.facts for example in examples if example.view == "whole"}
    assert all(example.facts == 0 for example in examples if example.view == "elsewhere")
    assert all(example.facts == facts[example.group] for example in examples if example.view == "answering")


def test_the_command_writes_to_the_packaged_file_unless_it_is_given_another(
    training_set: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    outputs: list[Path] = []

    def fake_train(examples: list[Example], output: Path) -> list[str]:
        outputs.append(output)
        return ["Trained."]

    monkeypatch.setattr(train_reranker, "load_examples", lambda folders, embedders: [])
    monkeypatch.setattr(train_reranker, "train", fake_train)
    command = typer.Typer()
    command.command()(train_reranker.main)
    result = CliRunner().invoke(command, [str(training_set), "--output", str(tmp_path / "forest.json")])
    assert (result.exit_code, result.stdout) == (0, "Trained.\n")
    assert CliRunner().invoke(command, [str(training_set)]).exit_code == 0
    assert outputs == [tmp_path / "forest.json", Path(str(files("assistant") / "data" / "reranker.json"))]
    assert outputs[1].is_file()


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    command = typer.Typer()
    command.command()(train_reranker.main)
    assert CliRunner().invoke(command, [str(tmp_path / "none")]).exit_code == 2
