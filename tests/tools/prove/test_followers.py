"""What the trial of replicas takes for a fault."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from assistant.answer import Answer, Citation, Status
from assistant.messages import load_messages
from tests.tools.prove.followers import GRACE, Judge, Kill
from tests.tools.prove.republished import SUITE, Sources


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    (tmp_path / "sources").mkdir()
    changing = Sources(tmp_path / "sources", seed=1)
    changing.change()
    changing.published()
    return changing


def answer_of(sources: Sources, quote: str = "") -> bytes:
    """An answer that quotes the first suite told of, or something else."""
    version = sources.versions["bulletin-0.txt"][0]
    sentence = SUITE.format(100)
    start = version.text.index(sentence)
    cited = Citation(
        number=1, source="bulletin-0.txt", transcript_id="bulletin-0", title="", force="", period="", sentence="s",
        start=start, end=start + len(sentence), quote=quote or sentence, sha256=version.sha256, context=False,
    )  # fmt: skip
    blank = Answer.model_construct(
        id="1", question="q", standalone_question="q", status=Status.ANSWERED, reason="It is said.", citations=(cited,),
        statements=({"text": cited.quote, "citations": (1,)},), mode="extractive", seconds=0,
        searched={"transcripts": 1, "sentences": 1, "scope": "all"},
        index={"version": "1", "embedding_model": "m", "digest": "d"},
    )  # fmt: skip
    return blank.model_dump_json(warnings=False).encode()


def test_a_quotation_of_what_is_published_is_none(sources: Sources) -> None:
    judge = Judge(sources)
    judge.answer(answer_of(sources), time.monotonic())
    assert (dict(judge.faults), judge.told) == ({}, {100})


def test_a_quotation_of_what_was_withdrawn_before_the_question_is_one(sources: Sources) -> None:
    judge, content = Judge(sources), answer_of(sources)
    sources.change()
    judge.answer(content, time.monotonic() + 2 * GRACE)
    assert not judge.faults  # it is not published yet
    sources.published()
    judge.answer(content, time.monotonic() - 2 * GRACE)
    assert not judge.faults
    judge.answer(content, time.monotonic() + 2 * GRACE)
    [fault] = judge.faults
    assert fault.startswith("withdrawn: 'Its custody suite number 100")


def test_other_words_than_those_of_the_source_are_one(sources: Sources) -> None:
    judge = Judge(sources)
    judge.answer(answer_of(sources, quote="Its custody suite number 100 is safe."), time.monotonic())
    [fault] = judge.faults
    assert fault.startswith("wrong: ")


def test_an_answer_without_a_status_is_one(sources: Sources) -> None:
    judge = Judge(sources)
    judge.answer(answer_of(sources).replace(b'"answered"', b'"well"'), time.monotonic())
    assert len(judge.faults) == 1


def test_a_page_with_a_withdrawn_sentence_or_without_the_earlier_turns_is_one(sources: Sources) -> None:
    judge = Judge(sources)
    judge.page(f"<p>{SUITE.format('<b>100</b>')}</p>", time.monotonic())
    assert not judge.faults
    sources.change()
    sources.published()
    judge.page(f"<p>{SUITE.format('<b>100</b>')}</p>", time.monotonic() + 2 * GRACE)
    judge.page(f"<p>{load_messages().say('kept.unread', turns='1 question')}</p>", time.monotonic())
    assert sorted(fault.partition(":")[0] for fault in judge.faults) == ["lost", "withdrawn"]


@pytest.mark.parametrize(
    ("status", "reply", "ago", "counted"),
    [
        (503, '{"status": "unavailable", "error": "The index cannot be searched."}', 100, "refused"),
        (429, '{"status": "too_many", "error": "Wait."}', 100, "refused"),
        (503, '{"status": "unavailable"}', 100, "faults"),
        (500, '{"status": "failed", "error": "It failed."}', 100, "faults"),
        (502, "<html>", 0, "interrupted"),
        (502, "<html>", 100, "faults"),
    ],
)
def test_a_failure_is_a_refusal_with_a_reason_or_of_the_moment_of_a_kill(
    sources: Sources, status: int, reply: str, ago: float, counted: str
) -> None:
    now = time.monotonic()
    judge = Judge(sources, kills=[Kill(now - ago)])
    judge.failed(httpx.Response(status, text=reply), now)
    found = {name for name in ("refused", "interrupted", "faults") if getattr(judge, name)}
    assert found == {counted}
