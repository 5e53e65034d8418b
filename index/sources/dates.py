"""Reads dates and inspection periods.

Dates are written `2019-05-02`, `2 May 2019`, `02/05/2019` with the day first, `May 2, 2019` or `May 2019`, and periods
`2016`, `2018/19`, `2018–2019` or `2023-25`.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from index.text.transcript import Metadata, Period
from index.text.words import MONTH_NUMBERS, MONTHS, alternatives

_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_NUMERIC = re.compile(r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})")
_WORDED = re.compile(r"(?:(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?\s+)?(?P<name>[A-Za-z]{3,9})\s+(?P<year>[0-9]{4})")
_MONTH_FIRST = re.compile(r"(?P<name>[A-Za-z]{3,9})\s+(?P<day>[0-9]{1,2}),?\s+(?P<year>[0-9]{4})")

EARLIEST_YEAR, LATEST_YEAR = 1990, 2099
MAX_PERIOD_YEARS = 10  # a wider range is a stretch of history, not an inspection period
_YEARS = re.compile(
    r"(?<![\w£$€#@])(?<![0-9][./–—‐‑-])(?P<first>(?:19|20)[0-9]{2})"
    r"(?:(?:[/–—‐‑-]|\s[/–—-]\s(?=[0-9]{4}))(?P<second>(?:19|20)?[0-9]{2})(?!\w|[/–—‐‑-][0-9]))?"
    r"(?!\w|\.[0-9])"
)
# Beside one of these, a number that looks like a year is money, a place in a document or a quantity.
_NOT_AFTER = re.compile(r"(?:[£$€]|\b(?:GBP|pages?|pp?\.?|para(?:graph)?s?\.?|sections?))\s*$", re.IGNORECASE)
_NOT_BEFORE = re.compile(r"\s*(?:%|(?:per\s?cent|pounds?|hours?|hrs|million|billion|bn)\b)", re.IGNORECASE)
_MONTH = alternatives(MONTHS)
_DATE_ASKED = re.compile(
    rf"\b(?:[0-9]{{1,2}}(?:st|nd|rd|th)? |(?:by|before|due(?: by| on)?|no later than) (?:the end of )?)(?:{_MONTH})"
    r" [0-9]{4}\b",
    re.IGNORECASE,
)
_LOOK_BACK_CHARACTERS = 16  # more than any word in _NOT_AFTER


@dataclass(frozen=True, slots=True)
class DayRange:
    """The days that a written date may mean, first to last: a single day, or those of a month."""

    first: date
    last: date

    def before(self, other: DayRange) -> bool:
        """Whether every day of this range is earlier than every day of the other."""
        return self.last < other.first


@dataclass(frozen=True, slots=True)
class PeriodMention:
    """`text[start:end]` (characters) names `period`."""

    start: int
    end: int
    period: Period


def parse_date(text: str) -> DayRange | None:
    """Returns the days that a text may mean, or None unless the whole text is one date."""
    for pattern in (_ISO, _NUMERIC, _WORDED, _MONTH_FIRST):
        found = pattern.fullmatch(text.strip())
        if found:
            return _day_range(found.groupdict())
    return None


def _day_range(parts: dict[str, str | None]) -> DayRange | None:
    month = int(parts.get("month") or 0) or MONTH_NUMBERS.get((parts.get("name") or "").lower(), 0)
    year, day = int(parts["year"] or 0), parts["day"]
    try:
        if day:
            only = date(year, month, int(day))
            return DayRange(only, only)
        return DayRange(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    except ValueError:  # the 31st of April, a thirteenth month, the year 0
        return None


def recency(metadata: Metadata) -> date | None:
    """Returns the day by which a source is newer or older than others about the same force; None if it bears no date.

    It is the last day that its date of publication may mean, else that of another date it bears, else the last day of
    its inspection period, else that of its last update. A letter or a revisit has no period and is newer than the
    report it follows; a report without a date is placed at the end of its period, and never before its inspection.
    """
    for days in (parse_date(metadata.published), parse_date(metadata.dated)):
        if days is not None:
            return days.last
    if metadata.period is not None:
        return date(metadata.period.last, 12, 31)
    updated = parse_date(metadata.updated)
    return updated.last if updated else None


def find_periods(text: str) -> tuple[PeriodMention, ...]:
    """Returns every plausible year or range of years (1990 to 2099) in a text, in order.

    Sums of money, page and paragraph numbers, quantities, and years within longer numbers are left out.
    """
    mentions = []
    for match in _YEARS.finditer(text):
        period, end = _period(match)
        before = text[max(0, match.start() - _LOOK_BACK_CHARACTERS) : match.start()]
        if period is not None and not _NOT_AFTER.search(before) and not _NOT_BEFORE.match(text, match.end()):
            mentions.append(PeriodMention(match.start(), end, period))
    return tuple(mentions)


def find_periods_asked(question: str) -> tuple[PeriodMention, ...]:
    """Returns the periods in a question. The year of a date is none: "by 30 June 2023", "due by March 2024"."""
    dates = [(match.start(), match.end()) for match in _DATE_ASKED.finditer(question)]
    return tuple(
        mention
        for mention in find_periods(question)
        if not any(start <= mention.start and mention.end <= end for start, end in dates)
    )


def make_period(first: int, last: int) -> Period:
    """Returns the period from one year to another (inclusive): `2018/19` for two years, `2023-25` for more."""
    if first == last:
        return Period(str(first), first, last)
    ending = f"{last % 100:02}" if first // 100 == last // 100 else str(last)
    return Period(f"{first}{'/' if last == first + 1 else '-'}{ending}", first, last)


def _period(match: re.Match[str]) -> tuple[Period | None, int]:
    """Returns the period of a match and its end, without a second number that cannot be the period's last year."""
    first = int(match["first"])
    if not EARLIEST_YEAR <= first <= LATEST_YEAR:
        return None, match.end()
    second = match["second"]
    last = _second_year(first, second) if second else first
    if first < last <= min(LATEST_YEAR, first + MAX_PERIOD_YEARS):
        return make_period(first, last), match.end()
    return make_period(first, first), match.end("first")


def _second_year(first: int, digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    century = first - first % 100
    return century + int(digits) + (100 if century + int(digits) < first else 0)
