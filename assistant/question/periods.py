"""Finds which of the available inspection periods a question names: "in 2016", "since 2018/19", "from 2015 to 2017"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.sources.dates import PeriodMention
from index.text.transcript import Metadata, Period

_EVER_SINCE = re.compile(r"\b(since|after|from)\s*(the\s+)?(peel\s+)?$", re.IGNORECASE)
_EVER_BEFORE = re.compile(r"\b(before|until|prior to)\s*(the\s+)?(peel\s+)?$", re.IGNORECASE)
_JOINS_YEARS = re.compile(r"^\W*(and|to|through|until|till|up to|and then)\W*(the\s+)?(peel\s+)?$", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_STARTS_SPAN = re.compile(r"\b(between|from)\s*(the\s+)?(peel\s+)?$", re.IGNORECASE)


def periods_named(
    question: str, named: Sequence[PeriodMention], available: Sequence[Period]
) -> tuple[list[Period], list[str]]:
    """The available periods a question names, in order of time, and the labels of those it names that are not."""
    spanned = _span_of_years(question, named)
    if spanned is not None:
        first, last = spanned
        inside = [period for period in available if period.last >= first and period.first <= last]
        return inside, [] if inside else [mention.period.label for mention in named]
    chosen: list[Period] = []
    absent: list[str] = []
    for mention in named:
        match = _closest(mention.period, available)
        if match is None:
            absent.append(mention.period.label)
        elif match not in chosen:
            chosen.append(match)
    return sorted(chosen, key=lambda period: period.first), absent


def _closest(asked: Period, available: Sequence[Period]) -> Period | None:
    """The period of that label, else the first that the years asked for fall in."""
    same = [period for period in available if period.label == asked.label]
    inside = [period for period in available if period.covers(asked.first) and period.covers(asked.last)]
    return next(iter([*same, *inside]), None)


def _span_of_years(question: str, named: Sequence[PeriodMention]) -> tuple[int, int] | None:
    """First and last year of "between 2015 and 2018/19", "from 2015 through 2017", "after 2016", "before 2016"."""
    if not named:
        return None
    before = question[: named[0].start]
    if len(named) == 2:
        joined = question[named[0].end : named[1].start]
        if _JOINS_YEARS.match(joined) and (_STARTS_SPAN.search(before) or " and" not in joined.lower()):
            return named[0].period.first, named[1].period.last
    if len(named) == 1 and _EVER_SINCE.search(before):
        return named[0].period.first, 9999
    if len(named) == 1 and _EVER_BEFORE.search(before):
        return 0, named[0].period.last
    return None


def may_be_of(metadata: Metadata, period: Period) -> bool:
    """Whether a transcript is of an inspection period, or may be: its period is not known, nor its date far off."""
    if metadata.period is not None:
        return metadata.period == period
    years = [int(year) for year in _YEAR.findall(metadata.published)]
    return not years or any(period.first <= year <= period.last + 1 for year in years)
