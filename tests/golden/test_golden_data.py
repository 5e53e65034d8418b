"""The golden sets are well formed: every quotation stands in its source, as whole sentences, and ids are unique."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from assistant.answer import Status
from assistant.evaluation.json_lines import read_records
from assistant.evaluation.metrics import GoldQuestion

HERE = Path(__file__).parent
SETS = {
    "hertfordshire": (HERE / "hertfordshire.jsonl", HERE.parents[1] / "sources"),
    "northshire": (HERE / "northshire" / "questions.jsonl", HERE / "northshire" / "sources"),
}
LEAST = {"hertfordshire": 60, "northshire": 45}
KINDS = {
    "hertfordshire": {
        "single-fact", "judgement", "list-all", "paraphrase", "noisy", "why", "about", "partner", "follow-up",
        "unanswerable",
    },
    "northshire": {
        "single-fact", "list-all", "judgement", "comparison", "change", "paraphrase", "follow-up", "noisy",
        "numeric-date", "about", "unanswerable",
    },
}  # fmt: skip


def gold(name: str) -> list[GoldQuestion]:
    with SETS[name][0].open("rb") as lines:
        records = list(read_records(lines, SETS[name][0].name, GoldQuestion))
    wrong = [str(record) for record in records if not isinstance(record, GoldQuestion)]
    assert not wrong
    return [record for record in records if isinstance(record, GoldQuestion)]


def statuses(name: str) -> dict[str, str]:
    """The status expected of a question, where it is beyond doubt, by the question's id."""
    lines = SETS[name][0].read_text(encoding="utf-8").splitlines()
    return {line["id"]: line["status"] for line in map(json.loads, lines) if "status" in line}


@pytest.mark.parametrize("name", SETS)
def test_every_quotation_is_a_run_of_whole_sentences_of_its_source(name: str) -> None:
    for question in gold(name):
        for quote in (quote for fact in question.evidence for quote in fact):
            text = (SETS[name][1] / quote.source).read_text(encoding="utf-8")
            assert len(re.findall(re.escape(quote.quote), text)) == 1, question.id
            before, _, after = text.partition(quote.quote)
            assert not before.strip() or before.endswith((" ", "\n")), question.id
            assert not after.strip() or after.startswith((" ", "\n")), question.id


@pytest.mark.parametrize("name", SETS)
def test_a_third_is_unanswerable_and_every_kind_is_there(name: str) -> None:
    questions = gold(name)
    unanswerable = [question for question in questions if not question.answerable]
    assert len(questions) >= LEAST[name]
    assert 0.3 <= len(unanswerable) / len(questions) <= 0.4
    assert {question.type for question in questions} == KINDS[name]
    assert all(question.type == "unanswerable" for question in unanswerable)


@pytest.mark.parametrize("name", SETS)
def test_ids_and_questions_are_unique(name: str) -> None:
    questions = gold(name)
    for key in ([q.id for q in questions], [(q.question.lower(), q.history) for q in questions]):
        assert not [one for one, times in Counter(key).items() if times > 1]


@pytest.mark.parametrize("name", SETS)
def test_no_fact_is_asked_for_twice(name: str) -> None:
    for question in gold(name):
        quotes = [quote for fact in question.evidence for quote in fact]
        assert len(quotes) == len(set(quotes)), question.id


@pytest.mark.parametrize("name", SETS)
def test_follow_ups_have_a_history_that_ends_with_an_answer(name: str) -> None:
    for question in gold(name):
        assert bool(question.history) or question.type != "follow-up", question.id
        if question.history:
            assert [turn.role for turn in question.history[-2:]] == ["user", "assistant"], question.id


@pytest.mark.parametrize("name", SETS)
def test_an_expected_status_is_a_refusal_of_an_unanswerable_question(name: str) -> None:
    unanswerable = {question.id for question in gold(name) if not question.answerable}
    for question, status in statuses(name).items():
        assert question in unanswerable
        assert not Status(status).answered


def test_every_fictional_source_is_asked_about() -> None:
    questions, sources = SETS["northshire"]
    asked = {quote.source for question in gold(questions.parent.name) for fact in question.evidence for quote in fact}
    assert asked == {path.name for path in sources.iterdir()}


def test_only_the_fictional_forces_speak_in_the_fictional_sources() -> None:
    for path in SETS["northshire"][1].iterdir():
        title = path.read_text(encoding="utf-8").splitlines()[0]
        pattern = (
            r"(Northshire Constabulary|Westmere Police|Eastvale Police) – PEEL \d{4}(/\d{2})? – overall assessment"
        )
        assert re.fullmatch(pattern, title)
