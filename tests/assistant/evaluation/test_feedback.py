"""Feedback becomes a case that `assistant evaluate` reads, or an error says why it cannot be saved."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from assistant.answer import Answer, Status
from assistant.cli.evaluate import score_table, unscored_lines
from assistant.evaluation import feedback as module
from assistant.evaluation.feedback import MAX_COMMENT_CHARACTERS, Feedback, case_from, save_feedback
from assistant.evaluation.json_lines import QuestionLine, open_lines, read_records
from assistant.evaluation.metrics import GoldQuestion, evaluate, latest_judgements, read_gold, score_answer
from assistant.filter import EVERYTHING, Filter
from assistant.question.conversation import Turn
from index.errors import AppError
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, cite, make_answer
from tests.fixtures.full_disk import file_size_limit

NOW = datetime(2026, 1, 31, 14, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=1)))
ANSWERED = make_answer(
    "And supervision?",
    Status.ANSWERED,
    [cite(NORTHSHIRE, 5, 1, context=True), cite(NORTHSHIRE, 6, 2), cite(NORTHSHIRE, 7, 3)],
    standalone_question="What of supervision?",
)
REFUSED = make_answer("How many officers?", nearest=[cite(WESTMERE, 1, 1)])
HISTORY = (Turn("user", "Is it good?"), Turn("assistant", "Most of it."))


def feedback(
    answer: Answer = ANSWERED,
    *,
    helpful: bool = True,
    comment: str = "",
    within: Filter = EVERYTHING,
    judge: str = "",
) -> Feedback:
    return Feedback(answer, HISTORY, helpful, comment, NOW, within, judge)


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().removesuffix(b"\n").split(b"\n")]


def test_a_helpful_answer_becomes_a_gold_question_with_its_citations_as_facts(tmp_path: Path) -> None:
    path = tmp_path / "new" / "cases.jsonl"
    save_feedback(feedback(comment=" Just what I needed. "), path)
    source = NORTHSHIRE.transcript.source
    facts = [{"source": source, "quote": NORTHSHIRE.sentences[ordinal].text} for ordinal in (6, 7)]
    assert lines_of(path) == [
        {
            "id": ANSWERED.id,
            "question": "And supervision?",
            "history": [{"role": "user", "text": "Is it good?"}, {"role": "assistant", "text": "Most of it."}],
            "within": {"forces": [], "periods": [], "transcripts": []},
            "type": "feedback",
            "judge": "",
            "standalone": "",
            "answerable": True,
            "evidence": [[facts[0]], [facts[1]]],
            "helpful": True,
            "comment": "Just what I needed.",
            "time": "2026-01-31T13:30:15Z",
            "standalone_question": "What of supervision?",
            "index": ANSWERED.index.digest,
            "shown": {"status": "answered", "reason": ANSWERED.reason, "quotes": facts},
        }
    ]


def test_an_answer_scores_full_marks_on_its_own_case(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(feedback(), path)
    save_feedback(feedback(REFUSED), path)
    found, refused = read_gold(path)
    outcome = score_answer(found, ANSWERED)
    assert (outcome.recall, outcome.answered) == (1, True)
    assert (refused.answerable, refused.evidence) == (False, ())


@pytest.mark.parametrize("answer", [ANSWERED, REFUSED], ids=["answered", "refused"])
def test_an_unhelpful_answer_becomes_an_open_case_with_the_answer(tmp_path: Path, answer: Answer) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(feedback(answer, helpful=False, comment="Page 4 says more."), path)
    line = lines_of(path)[0]
    assert (line["answerable"], line["evidence"], line["comment"]) == (None, [], "Page 4 says more.")
    answer_shown = line["shown"]
    assert isinstance(answer_shown, dict)
    assert answer_shown["status"] == answer.status.value
    assert [quote["quote"] for quote in answer_shown["quotes"]] == [
        citation.quote for citation in answer.citations if not citation.context
    ]


def test_an_open_case_is_decided_by_filling_in_two_values(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(feedback(helpful=False), path)
    line = lines_of(path)[0]
    answer_shown = line["shown"]
    assert isinstance(answer_shown, dict)
    decided = line | {"answerable": True, "evidence": [[answer_shown["quotes"][0]]]}
    path.write_text(json.dumps(decided), encoding="utf-8")
    assert [question.answerable for question in read_gold(path)] == [True]


def test_a_withheld_answer_becomes_an_open_case() -> None:
    assert case_from(feedback(make_answer("?", Status.WITHHELD))).answerable is None


def test_a_source_in_a_folder_is_recorded_by_its_file_name() -> None:
    citation = cite(NORTHSHIRE, 6, 1).model_copy(update={"source": "2018/north/report.txt"})
    case = case_from(feedback(make_answer("?", Status.ANSWERED, [citation])))
    assert case.evidence[0][0].source == "report.txt"
    assert score_answer(case, make_answer("?", Status.ANSWERED, [citation])).recall == 1


def test_the_filter_is_saved() -> None:
    within = Filter(forces=("Northshire Constabulary",), periods=("2018/19",))
    saved = QuestionLine.model_validate_json(case_from(feedback(within=within)).model_dump_json())
    assert saved.within == within


def test_a_comment_over_the_limit_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(feedback(comment="x" * MAX_COMMENT_CHARACTERS), path)
    with pytest.raises(AppError, match=r"2,001 characters and the limit is 2,000. Shorten it") as refused:
        save_feedback(feedback(comment="x" * (MAX_COMMENT_CHARACTERS + 1)), path)
    assert "xxx" not in str(refused.value)
    assert len(lines_of(path)) == 1


def test_a_comment_cannot_break_its_line(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(feedback(comment='one\n{"id": "2"}\u2028\x00 \ud800"'), path)
    assert [line["comment"] for line in lines_of(path)] == ['one\n{"id": "2"}\u2028\ufffd \ufffd"']
    assert path.read_bytes().count(b"\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "cases.jsonl"
    save_feedback(feedback(), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_concurrent_writes_are_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda number: save_feedback(feedback(comment=f"{number} " * 400), path), range(40)))
    assert len(done) == 40
    assert {str(line["comment"]).split()[0] for line in lines_of(path)} == {str(number) for number in range(40)}


def test_a_last_line_without_a_line_break_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "a", "question": "?", "answerable": false}', encoding="utf-8")
    save_feedback(feedback(), path)
    assert [question.id for question in read_gold(path)] == ["a", ANSWERED.id]


def test_a_file_that_cannot_be_written_is_reported_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(AppError, match="could not be stored") as failed:
        save_feedback(feedback(), tmp_path / "file" / "cases.jsonl")
    assert str(tmp_path) not in str(failed.value)


def test_the_latest_of_two_judgements_of_an_answer_counts(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(feedback(helpful=False), path)
    save_feedback(feedback(REFUSED), path)
    save_feedback(feedback(helpful=True), path)
    gold = latest_judgements(read_gold(path))
    assert [(question.id, question.answerable) for question in gold] == [(REFUSED.id, False), (ANSWERED.id, True)]


def test_a_second_judgement_of_one_person_replaces_the_first_and_only_that(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(feedback(judge="ada", helpful=False, comment="wrong"), path)
    save_feedback(feedback(judge="bob"), path)
    save_feedback(feedback(REFUSED, judge="ada"), path)
    for _ in range(5):
        save_feedback(feedback(judge="ada", comment="right"), path)
    assert [(line["id"], line["judge"], line["comment"]) for line in lines_of(path)] == [
        (ANSWERED.id, "bob", ""),
        (REFUSED.id, "ada", ""),
        (ANSWERED.id, "ada", "right"),
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir() if file.suffix == ".new"] == []


def test_a_line_that_somebody_has_edited_into_something_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b'{"judge": "ada", broken\n["ada"]\n')
    save_feedback(feedback(judge="ada"), path)
    assert path.read_bytes().startswith(b'{"judge": "ada", broken\n["ada"]\n{"id"')


def test_people_who_disagree_leave_the_case_open_and_nobody_overrides_the_others(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    for judge, helpful in (("ada", True), ("bob", True), ("eve", False)):
        save_feedback(feedback(judge=judge, helpful=helpful), path)
    (gold,) = latest_judgements(read_gold(path))
    assert (gold.answerable, gold.evidence) == (None, ())
    save_feedback(feedback(judge="eve", helpful=True), path)
    (gold,) = latest_judgements(read_gold(path))
    assert (gold.answerable, len(gold.evidence)) == (True, 2)


def test_a_full_file_takes_no_more_but_a_replacement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(feedback(judge="ada"), path)
    monkeypatch.setattr(module, "MAX_FILE_BYTES", path.stat().st_size + 10)
    before = path.read_bytes()
    for judge in ("bob", ""):
        with pytest.raises(AppError, match="its file is full"):
            save_feedback(feedback(judge=judge), path)
    assert path.read_bytes() == before
    save_feedback(feedback(judge="ada", helpful=False), path)
    assert [line["helpful"] for line in lines_of(path)] == [False]


@pytest.mark.parametrize("judge", ["", "ada"])
def test_on_a_full_disk_nothing_is_half_written_and_the_person_is_told(tmp_path: Path, judge: str) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(feedback(judge=judge), path)
    before = path.read_bytes()
    for more in (0, 1, 100, len(before) // 2):
        with file_size_limit(len(before) + more if not judge else more), pytest.raises(AppError, match="not be stored"):
            save_feedback(feedback(judge=judge, comment="x" * 1_000), path)
        assert path.read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} <= {"cases.jsonl", "cases.jsonl.lock"}
    save_feedback(feedback(judge=judge, comment="later"), path)
    assert lines_of(path)[-1]["comment"] == "later"


def test_other_lines_with_the_same_id_all_count() -> None:
    lines = [GoldQuestion.model_validate({"id": "1", "question": text, "answerable": False}) for text in "ab"]
    assert latest_judgements(lines) == lines


def test_open_cases_are_counted_and_listed_after_the_table() -> None:
    undecided = [
        GoldQuestion.model_validate({"id": name, "question": f"Why {name}?\x1b", "answerable": None}) for name in "ab"
    ]
    scores = evaluate(_NeverAsked(), undecided, str, lambda: None)
    assert list(unscored_lines(scores, undecided)) == [
        "2 open cases, not scored: fill in `answerable` and `evidence`.",
        "  a  Why a?\ufffd",
        "  b  Why b?\ufffd",
    ]
    assert scores.model_dump(mode="json")["open_cases"] == ["a", "b"]
    assert (scores.answerable, scores.unanswerable, scores.balanced) == (0, 0, None)
    assert list(unscored_lines(scores.model_copy(update={"open_cases": (), "superseded": 1}), [])) == [
        "1 judgement skipped, because a later one is about the same answer."
    ]
    assert [str(cell) for cell in score_table(scores).columns[0].cells][:2] == ["answerable", "unanswerable"]


def test_a_file_of_cases_can_be_read_as_questions(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(feedback(helpful=False), path)
    with open_lines(str(path)) as lines:
        questions = list(read_records(lines, path.name, QuestionLine))
    assert [(line.question, line.history) for line in questions if isinstance(line, QuestionLine)] == [
        ("And supervision?", HISTORY)
    ]


def test_the_time_is_saved_in_utc() -> None:
    assert case_from(feedback()).time == datetime(2026, 1, 31, 13, 30, 15, tzinfo=UTC)


class _NeverAsked:
    """Fails when it is asked a question."""

    def ask(self, *args: object, **named: object) -> Answer:
        raise AssertionError("an open case was asked")
