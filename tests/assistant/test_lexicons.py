"""The lexicons: another data folder gives another answer, and a malformed file is reported by its name."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from assistant.answer import Status
from assistant.chain import open_chain
from assistant.lexicons import Lexicons
from assistant.question.intent import QuestionKind
from assistant.question.vocabulary_files import data_folder
from index.embedding.embedder import HashedWordEmbedder
from index.errors import AppError, VocabularyError
from index.published.open_index import OpenIndex
from tests.fixtures.lexicons import LEXICONS

SIDES = "What are the strengths and weaknesses of Northshire?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data folder."""
    copy = tmp_path / "data"
    shutil.copytree(str(data_folder()), copy)
    return copy


def test_another_model_of_kinds_changes_which_question_is_refused(northshire: OpenIndex, folder: Path) -> None:
    weights = [50.0 * (kind is QuestionKind.OPINION) for kind in QuestionKind]
    nothing = [0.0] * len(weights)
    model = {"kinds": list(QuestionKind), "words": {"custody": weights}, "vector": [], "bias": nothing}
    (folder / "intents.json").write_text(json.dumps(model), encoding="utf-8")
    packaged = open_chain(northshire, HashedWordEmbedder(), length=200, lexicons=LEXICONS)
    other = open_chain(northshire, HashedWordEmbedder(), length=200, lexicons=Lexicons.load(folder))
    custody = "How does Northshire manage custody?"
    assert packaged.answer(custody).status is not Status.OPINION_OR_PREDICTION
    assert other.answer(custody).status is Status.OPINION_OR_PREDICTION


def test_another_theme_changes_the_headings_of_a_two_sided_answer(northshire: OpenIndex, folder: Path) -> None:
    (folder / "themes.toml").write_text('[all]\nname = "Everything"\nshort = "All"\nterms = ["\\\\w+"]\n')
    other = open_chain(northshire, HashedWordEmbedder(), length=200, lexicons=Lexicons.load(folder))
    sides = other.answer(SIDES).sides
    assert sides is not None
    assert [aspect.theme for aspect in sides.themes] == ["Everything"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("frame.txt", "# nothing\n", "no words"),
        ("themes.toml", "[a", "not TOML"),
        ("intents.json", '{"kinds": []}', "not what the program wrote"),
        ("judgements.toml", '[concern]\nasked = ["a"]\n', "concern.outright"),
        ("statement_rules.toml", 'guards = ["a"]\n', "things"),
        ("themes.toml", '[a]\nname = "A"\nshort = "A"\nterms = ["("]\n', "no regular expression"),
        ("themes.toml", '[a]\nname = "A"\nshort = "A"\nterms = []\n', "a.terms"),
        ("reranker.json", "{", "not JSON"),
    ],
)
def test_a_malformed_file_is_reported_by_its_name(folder: Path, name: str, content: str, says: str) -> None:
    (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(VocabularyError, match=re.escape(says)) as caught:
        Lexicons.load(folder)
    assert name in str(caught.value)


@pytest.mark.parametrize("name", ["frame.txt", "themes.toml", "reranker.json"])
def test_a_missing_file_is_reported_by_its_name(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(VocabularyError, match=f"{name} is missing"):
        Lexicons.load(folder)


def test_a_reranker_for_other_features_is_reported(folder: Path) -> None:
    (folder / "reranker.json").write_text('{"signals": ["something"]}', encoding="utf-8")
    with pytest.raises(AppError, match="Fit it again"):
        Lexicons.load(folder)
