"""Feedback becomes a case that `assistant evaluate` reads, or says why it cannot be kept."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from assistant.answer import Answer, Status
from assistant.cli.evaluate import score_table, unscored_lines
from assistant.evaluation.feedback import MAX_COMMENT_CHARACTERS, Feedback, case_from, save_feedback
from assistant.evaluation.json_lines import QuestionLine, open_lines, read_records
from assistant.evaluation.metrics import GoldQuestion, evaluate, latest_judgements, read_gold, score_answer
from assistant.filter import Filter
from assistant.question.conversation import Turn
from index.errors import AppError
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, cite, make_answer

NOW = datetime(2026, 1, 31, 14, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=1)))
ANSWERED = make_answer(
    "And supervision?",
    Status.ANSWERED,
    [cite(NORTHSHIRE, 5, 1, context=True), cite(NORTHSHIRE, 6, 2), cite(NORTHSHIRE, 7, 3)],
    standalone_question="What of supervision?",
)
REFUSED = make_answer("How many officers?", nearest=[cite(WESTMERE, 1, 1)])
HISTORY = (Turn("user", "Is it good?"), Turn("assistant", "Most of it."))


def said(
    answer: Answer = ANSWERED, *, helpful: bool = True, comment: str = "", within: Filter | None = None
) -> Feedback:
    return Feedback(answer, HISTORY, helpful, comment, NOW, *([within] if within else []))


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_bytes().removesuffix(b"\n").split(b"\n")]


def test_a_helpful_answer_is_a_gold_question_whose_facts_are_what_it_cited(tmp_path: Path) -> None:
    path = tmp_path / "new" / "cases.jsonl"
    save_feedback(said(comment=" Just what I needed. "), path)
    source = NORTHSHIRE.transcript.source
    facts = [{"source": source, "quote": NORTHSHIRE.sentences[ordinal].text} for ordinal in (6, 7)]
    assert lines_of(path) == [
        {
            "id": ANSWERED.id,
            "question": "And supervision?",
            "history": [{"role": "user", "text": "Is it good?"}, {"role": "assistant", "text": "Most of it."}],
            "within": {"forces": [], "periods": [], "transcripts": []},
            "type": "feedback",
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


def test_the_same_answer_given_again_scores_full_marks_on_its_own_case(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(said(), path)
    save_feedback(said(REFUSED), path)
    found, refused = read_gold(path)
    outcome = score_answer(found, ANSWERED)
    assert (outcome.recall, outcome.answered) == (1, True)
    assert (refused.answerable, refused.evidence) == (False, ())


@pytest.mark.parametrize("answer", [ANSWERED, REFUSED], ids=["answered", "refused"])
def test_what_did_not_help_is_open_and_keeps_what_was_shown(tmp_path: Path, answer: Answer) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(said(answer, helpful=False, comment="Page 4 says more."), path)
    line = lines_of(path)[0]
    assert (line["answerable"], line["evidence"], line["comment"]) == (None, [], "Page 4 says more.")
    shown = line["shown"]
    assert isinstance(shown, dict)
    assert shown["status"] == answer.status.value
    assert [quote["quote"] for quote in shown["quotes"]] == [
        citation.quote for citation in answer.citations if not citation.context
    ]


def test_a_person_decides_an_open_case_by_filling_in_two_values(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(said(helpful=False), path)
    line = lines_of(path)[0]
    shown = line["shown"]
    assert isinstance(shown, dict)
    decided = line | {"answerable": True, "evidence": [[shown["quotes"][0]]]}
    path.write_text(json.dumps(decided), encoding="utf-8")
    assert [one.answerable for one in read_gold(path)] == [True]


def test_an_answer_withheld_is_no_example_of_a_right_refusal() -> None:
    assert case_from(said(make_answer("?", Status.WITHHELD))).answerable is None


def test_a_source_in_a_folder_is_named_as_evaluate_names_it() -> None:
    citation = cite(NORTHSHIRE, 6, 1).model_copy(update={"source": "2018/north/report.txt"})
    case = case_from(said(make_answer("?", Status.ANSWERED, [citation])))
    assert case.evidence[0][0].source == "report.txt"
    assert score_answer(case, make_answer("?", Status.ANSWERED, [citation])).recall == 1


def test_the_filter_is_kept_and_asked_with() -> None:
    within = Filter(forces=("Northshire Constabulary",), periods=("2018/19",))
    kept = QuestionLine.model_validate_json(case_from(said(within=within)).model_dump_json())
    assert kept.within == within


def test_a_comment_over_the_limit_is_refused_in_words_for_who_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(said(comment="x" * MAX_COMMENT_CHARACTERS), path)
    with pytest.raises(AppError, match=r"2,001 characters and the limit is 2,000. Shorten it") as refused:
        save_feedback(said(comment="x" * (MAX_COMMENT_CHARACTERS + 1)), path)
    assert "xxx" not in str(refused.value)
    assert len(lines_of(path)) == 1


def test_a_comment_cannot_break_its_line(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(said(comment='one\n{"id": "2"}\u2028\x00 \ud800"'), path)
    assert [line["comment"] for line in lines_of(path)] == ['one\n{"id": "2"}\u2028\ufffd \ufffd"']
    assert path.read_bytes().count(b"\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="permission bits are POSIX's")
def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "kept" / "cases.jsonl"
    save_feedback(said(), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_many_at_once_are_each_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda number: save_feedback(said(comment=f"{number} " * 400), path), range(40)))
    assert len(done) == 40
    assert {str(line["comment"]).split()[0] for line in lines_of(path)} == {str(number) for number in range(40)}


def test_a_last_line_that_an_editor_left_without_an_end_is_ended_first(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text('{"id": "a", "question": "?", "answerable": false}', encoding="utf-8")
    save_feedback(said(), path)
    assert [one.id for one in read_gold(path)] == ["a", ANSWERED.id]


def test_a_file_that_cannot_be_written_is_said_to_the_person(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(AppError, match="could not be stored") as failed:
        save_feedback(said(), tmp_path / "file" / "cases.jsonl")
    assert str(tmp_path) not in str(failed.value)


def test_of_two_judgements_of_one_answer_the_later_counts(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(said(helpful=False), path)
    save_feedback(said(REFUSED), path)
    save_feedback(said(helpful=True), path)
    gold = latest_judgements(read_gold(path))
    assert [(one.id, one.answerable) for one in gold] == [(REFUSED.id, False), (ANSWERED.id, True)]


def test_lines_that_are_no_feedback_all_count_whatever_their_ids() -> None:
    lines = [GoldQuestion.model_validate({"id": "1", "question": text, "answerable": False}) for text in "ab"]
    assert latest_judgements(lines) == lines


def test_open_cases_are_counted_and_named_beside_the_table() -> None:
    undecided = [
        GoldQuestion.model_validate({"id": name, "question": f"Why {name}?\x1b", "answerable": None}) for name in "ab"
    ]
    scores = evaluate(_Nobody(), undecided, str, lambda: None)
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


def test_a_file_of_cases_can_be_asked_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    save_feedback(said(helpful=False), path)
    with open_lines(str(path)) as lines:
        asked = list(read_records(lines, path.name, QuestionLine))
    assert [(one.question, one.history) for one in asked if isinstance(one, QuestionLine)] == [
        ("And supervision?", HISTORY)
    ]


def test_the_time_kept_is_utc() -> None:
    assert case_from(said()).time == datetime(2026, 1, 31, 13, 30, 15, tzinfo=UTC)


class _Nobody:
    """Is asked nothing."""

    def ask(self, *args: object, **named: object) -> Answer:
        raise AssertionError("an open case is not asked")
