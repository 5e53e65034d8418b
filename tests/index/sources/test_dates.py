from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given

from index.sources.dates import find_periods, make_period, recency
from index.text.transcript import Metadata, Period
from tests.fixtures.texts import texts


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ("2016", Period("2016", 2016, 2016)),
        ("PEEL 2014", Period("2014", 2014, 2014)),
        ("2018/19", Period("2018/19", 2018, 2019)),
        ("2018-19", Period("2018/19", 2018, 2019)),
        ("2018–2019", Period("2018/19", 2018, 2019)),
        ("2018 – 2019", Period("2018/19", 2018, 2019)),
        ("2021/22", Period("2021/22", 2021, 2022)),
        ("2021/2022", Period("2021/22", 2021, 2022)),
        ("2023-25", Period("2023-25", 2023, 2025)),
        ("2023–2025", Period("2023-25", 2023, 2025)),
        ("1999/00", Period("1999/2000", 1999, 2000)),
        ("1998-2001", Period("1998-2001", 1998, 2001)),
        ("the force's 2016 grade", Period("2016", 2016, 2016)),
        ("(2016)", Period("2016", 2016, 2016)),
        ("in 2016.", Period("2016", 2016, 2016)),
        ("2016's", Period("2016", 2016, 2016)),
        ("2016-11-03", Period("2016", 2016, 2016)),
        ("last updated on 3 November 2016", Period("2016", 2016, 2016)),
        ("PEEL 2018/19 – 25 stations", Period("2018/19", 2018, 2019)),
    ],
)
def test_a_period_is_read_as_published(written, period):
    assert [mention.period for mention in find_periods(written)] == [period]


@pytest.mark.parametrize(
    "written",
    [
        "£2016", "£ 2016", "$2016", "2,016 officers", "page 2016", "p. 2016", "pp. 2016–2018", "paragraph 2016",
        "2016 per cent", "2016%", "2016 pounds", "2016.5", "20161", "12016", "1066", "2150", "1985–2016", "A2016",
        "2016b", "2016 hours", "#2016", "",
    ],
)  # fmt: skip
def test_other_numbers_are_not_periods(written):
    assert find_periods(written) == ()


def test_periods_are_found_in_order_with_their_positions():
    text = "From PEEL 2014, through 2015 and 2018/19, to 2023–25."
    found = find_periods(text)
    assert [text[mention.start : mention.end] for mention in found] == ["2014", "2015", "2018/19", "2023–25"]


@pytest.mark.parametrize(("written", "label"), [("2017-2016", "2017"), ("2010-2030", "2010"), ("2018/19/20", "2018")])
def test_a_second_number_that_cannot_be_the_last_year_is_left_out(written, label):
    assert [mention.period.label for mention in find_periods(written)] == [label]


@pytest.mark.parametrize(
    ("years", "label"), [((2016, 2016), "2016"), ((2018, 2019), "2018/19"), ((2023, 2025), "2023-25")]
)
def test_two_years_are_joined_by_a_slash_and_more_by_a_hyphen(years, label):
    assert make_period(*years).label == label


@given(texts)
def test_periods_in_any_text_are_at_their_positions(text):
    for mention in find_periods(text):
        assert str(mention.period.first) in text[mention.start : mention.end]
        assert 1990 <= mention.period.first <= mention.period.last <= 2099


@pytest.mark.parametrize(
    ("metadata", "day"),
    [
        (Metadata(published="14 July 2022", period=make_period(2021, 2022)), date(2022, 7, 14)),
        (Metadata(published="2022-07-14", dated="3 March 2023"), date(2022, 7, 14)),
        (Metadata(dated="february 2026"), date(2026, 2, 28)),
        (Metadata(period=make_period(2023, 2025)), date(2025, 12, 31)),
        (Metadata(updated="January 2024"), date(2024, 1, 31)),
        (Metadata(published="soon", period=make_period(2016, 2016)), date(2016, 12, 31)),
        (Metadata(), None),
    ],
)
def test_sources_are_ordered_by_their_dates_and_else_by_their_periods(metadata, day):
    assert recency(metadata) == day
