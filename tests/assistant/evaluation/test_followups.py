from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.evaluation import train_followups, train_tagger
from assistant.evaluation.followups import SentenceRanker, TurnSet, report, score_turns
from assistant.question.antecedents import FollowUpModel
from assistant.question.tagger import Tagger
from index.embedding.models import open_embedder

TAGGED = Path(__file__).parents[2] / "golden" / "tagged-sentences.txt"
FIRST = "How many dogs does Westmere have in 2021?"
SAID = "The section has twelve dogs."
TURNS = [
    {"id": "1", "question": FIRST, "answerable": True, "evidence": [[{"source": "westmere.txt", "quote": SAID}]]},
    {
        "id": "2", "question": "how old are they", "standalone": "How old are the dogs in Westmere?",
        "answerable": True, "evidence": [[{"source": "westmere.txt", "quote": "The dogs are four years old."}]],
    },
    {
        "id": "3", "question": "Who trains horses in Westmere?", "standalone": "Who trains horses in Westmere?",
        "answerable": False, "evidence": [],
    },
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    text = f"Westmere Police: assessment 2021\n\n{SAID} The dogs are four years old. Vetting is late."
    (tmp_path / "sources" / "westmere.txt").write_text(text, encoding="utf-8")
    history = [{"role": "user", "text": FIRST}, {"role": "assistant", "text": SAID}]
    lines = [json.dumps(turn | ({"history": history} if "standalone" in turn else {})) for turn in TURNS]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_forms_are_compared_with_the_gold_forms(folder: Path):
    found = TurnSet.read(folder)
    forms = {"how old are they": "How old are the dogs in 2021?"}
    followup, complete = score_turns(found.turns, found.corpus, lambda asked, history: forms.get(asked, asked))
    assert (followup.forces, followup.periods) == (False, False)
    assert (followup.topic_recall, followup.topic_precision) == (1.0, 1.0)
    assert complete.forces
    ranker = SentenceRanker.of(found.transcripts, open_embedder("hashed-words"))
    printed = list(report([followup, complete], ranker))
    assert printed[0] == "complete questions unchanged: 1.000 of 1"
    assert printed[1].startswith("follow-ups (1): forces 0.000, periods 0.000, topic recall 1.000")
    assert [line.split(":")[0] for line in printed[2:]] == [
        "retrieval, bare question (1)", "retrieval, rewritten (1)", "retrieval, gold (1)"
    ]  # fmt: skip


def test_the_models_are_fitted_and_read_again(folder: Path, tmp_path: Path):
    train_followups.main(folder, [], tmp_path / "followups.json")
    assert "refers back" in FollowUpModel.read(tmp_path / "followups.json").followup


def test_conversations_about_sources_held_back_are_left_out(folder: Path):
    turns = TurnSet.read(folder).turns
    assert train_followups.is_held_back(turns[0], turns, ["westmere"])
    assert not train_followups.is_held_back(turns[0], turns, ["northshire"])


def test_a_tagger_is_fitted_and_read_again(tmp_path: Path):
    sentences = TAGGED.read_text(encoding="utf-8").splitlines()[:150]
    (tmp_path / "tagged.txt").write_text("\n".join(sentences), encoding="utf-8")
    train_tagger.main(tmp_path / "tagged.txt", tmp_path / "tagger.json")
    tagger = Tagger.read(tmp_path / "tagger.json")
    assert train_tagger.accuracy(tagger, train_tagger.read_tagged(tmp_path / "tagged.txt")) > 0.8
