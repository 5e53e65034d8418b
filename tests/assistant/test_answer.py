from __future__ import annotations

import pytest
from pydantic import ValidationError

from assistant.answer import Answer, Citation, IndexInfo, Searched, Statement, Status


def cited(number: int, *, context: bool = False) -> Citation:
    return Citation(
        number=number, source="a.txt", transcript_id="a", title="", force="", period="", sentence="0" * 15,
        start=0, end=3, quote="It.", sha256="", context=context,
    )  # fmt: skip


def build(status: Status, *citations: Citation, nearest: tuple[Citation, ...] = ()) -> Answer:
    return Answer(
        id="1", question="?", standalone_question="?", status=status, reason="", nearest=nearest, citations=citations,
        statements=tuple(Statement(text="It.", citations=(one.number,)) for one in citations), mode="extractive",
        searched=Searched(transcripts=1, sentences=1, scope=""), seconds=0.0,
        index=IndexInfo(version="", embedding_model="", digest=""),
    )  # fmt: skip


ANSWERED = [Status.ANSWERED, Status.PARTLY_ANSWERED]
REFUSED = [status for status in Status if status not in ANSWERED]


@pytest.mark.parametrize("status", ANSWERED)
def test_answered_means_cited(status: Status):
    assert build(status, cited(1), cited(2)).status is status
    with pytest.raises(ValidationError, match="answered means cited"):
        build(status)


@pytest.mark.parametrize("status", ANSWERED)
def test_context_alone_is_no_citation(status: Status):
    with pytest.raises(ValidationError, match="answered means cited"):
        build(status, cited(1, context=True))


@pytest.mark.parametrize("status", REFUSED)
def test_a_refusal_cites_nothing_and_may_show_the_nearest(status: Status):
    assert build(status, nearest=(cited(1),)).nearest
    with pytest.raises(ValidationError, match="answered means cited"):
        build(status, cited(1))


def test_an_answer_has_no_nearest_sentences():
    with pytest.raises(ValidationError, match="no nearest"):
        build(Status.ANSWERED, cited(1), nearest=(cited(1),))


def test_citations_are_numbered_from_one_without_a_gap():
    with pytest.raises(ValidationError, match="numbered from 1"):
        build(Status.ANSWERED, cited(1), cited(3))


def test_a_citation_without_a_statement_is_refused():
    good = build(Status.ANSWERED, cited(1)).model_dump()
    with pytest.raises(ValidationError, match="belongs to a statement"):
        Answer(**{**good, "statements": [{"text": "It.", "citations": [2]}]})


def test_a_misspelt_field_is_an_error():
    good = build(Status.ANSWERED, cited(1)).model_dump()
    with pytest.raises(ValidationError, match="Extra inputs"):
        Answer(**good, reson="because")


def test_an_answer_survives_the_journey_through_json():
    answer = build(Status.ANSWERED, cited(1), cited(2))
    assert Answer.model_validate_json(answer.model_dump_json()) == answer
