from __future__ import annotations

import pytest

from assistant.question.scope import Corpus
from assistant.question.wording import changed_periods
from index.sources.dates import make_period
from index.text.transcript import Metadata

CORPUS = Corpus.of(
    [
        Metadata("Westmere Police", make_period(first, last))
        for first, last in ((2016, 2016), (2018, 2019), (2022, 2022))
    ]
)


@pytest.mark.parametrize(
    ("question", "before", "period"),
    [
        ("the year before", "Is custody good in 2018/19?", "2017"),
        ("the inspection before", "Is custody good in 2018/19?", "2016"),
        ("the next inspection", "Is custody good in 2018/19?", "2022"),
        ("two years earlier", "Is custody good in 2018?", "2016"),
        ("a year later", "Is custody good in 2017?", "2018/19"),
        ("four years later", "Is custody good in 2018?", "2022"),
        ("the time before", "Is custody good in Westmere?", "2018/19"),
        ("the year before", "Is custody good?", ""),
        ("before the merger", "Is custody good in 2018?", ""),
    ],
)
def test_a_period_is_counted_from_that_of_the_question_before(question: str, before: str, period: str):
    assert changed_periods(question, before, CORPUS) == period
