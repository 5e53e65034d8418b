"""Records that a sentence states outside a section: in speech, in letters, in summaries."""

from __future__ import annotations

import pytest

from index.records.record import RecordKind, RecordStatus
from tests.fixtures.transcripts import heading, records_of

CAUSE, AREA = RecordKind.CAUSE_OF_CONCERN, RecordKind.AREA_FOR_IMPROVEMENT


@pytest.mark.parametrize(
    ("sentence", "kind", "status"),
    [
        ("Custody is a cause of concern.", CAUSE, RecordStatus.MADE),
        ("I have two causes of concern.", CAUSE, RecordStatus.MADE),
        ("I've issued a cause of concern about crime recording.", CAUSE, RecordStatus.MADE),
        ("The oversight of custody is an area for improvement.", AREA, RecordStatus.MADE),
        ("A cause of concern was raised about vetting.", CAUSE, RecordStatus.MADE),
        ("The cause of concern that I raised in 2016 has been closed.", CAUSE, RecordStatus.CLOSED),
        ("I have decided to close the cause of concern about missing children.", CAUSE, RecordStatus.CLOSED),
        ("The force should, within six months, vet its staff, we recommended.", None, None),
        ("We recommended that the force should vet its staff.", RecordKind.RECOMMENDATION, RecordStatus.MADE),
        ("By 31 March 2023 the force should vet its staff.", RecordKind.RECOMMENDATION, RecordStatus.MADE),
        ("There is cause for concern about the canteen.", None, None),
        ("We found no causes of concern.", None, None),
        ("A cause of concern is a serious shortcoming.", None, None),
        ("How long does it take to close a cause of concern?", None, None),
        ("We will see whether the cause of concern has been dealt with.", None, None),
        ("Closing a cause of concern doesn't mean that the work is done.", None, None),
        ("The force should keep up the work.", None, None),
        ("I am concerned about custody.", None, None),
    ],
)
def test_a_sentence_states_a_record_only_if_it_says_that_there_is_one(
    sentence: str, kind: RecordKind | None, status: RecordStatus | None
) -> None:
    found = [(record.kind, record.status) for record, _ in records_of(sentence)]
    assert found == ([] if kind is None else [(kind, status)])


def test_what_goes_on_from_an_announcement_is_a_record_with_it() -> None:
    found = records_of("There are two causes of concern. The first is slavery. The second is vetting. Both are old.")
    assert [lines for _, lines in found] == [
        ["There are two causes of concern.", "The first is slavery."],
        ["There are two causes of concern.", "The second is vetting."],
    ]


def test_a_summary_of_what_has_a_section_of_its_own_is_no_further_record() -> None:
    found = records_of(
        "We have one cause of concern, set out below.", heading("Cause of concern"), "The force does not vet its staff."
    )
    assert [lines for _, lines in found] == [["The force does not vet its staff."]]


def test_a_recommendation_in_prose_keeps_its_list() -> None:
    [(record, lines)] = records_of("We recommended that the force should at once:", "vet its staff; and", "say so.")
    assert record.kind is RecordKind.RECOMMENDATION
    assert lines == ["We recommended that the force should at once:", "vet its staff; and", "say so."]
