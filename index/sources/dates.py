"""Dates as sources word them: `2019-05-02`, `2 May 2019`, `02/05/2019` (day first), `May 2019`.

Inspection periods as they are written: `2016`, `2018/19`, `2018–2019`, `2023-25`.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

from index.text.lexicon import MONTH_NUMBERS
from index.text.transcript import Period

_ISO = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_NUMERIC = re.compile(r"(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})")
_WORDED = re.compile(r"(?:(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?\s+)?(?P<name>[A-Za-z]{3,9})\s+(?P<year>[0-9]{4})")


@dataclass(frozen=True, slots=True)
class Days:
    """The days a worded date may mean, first and last: one day, or those of a month."""

    first: date
    last: date

    def before(self, other: Days) -> bool:
        """Whether every day of it comes before every day of the other."""
        return self.last < other.first


def days_of(text: str) -> Days | None:
    """The days a text that is nothing but a date may mean; None for one that is no date."""
    for pattern in (_ISO, _NUMERIC, _WORDED):
        found = pattern.fullmatch(text.strip())
        if found:
            return _days(found.groupdict())
    return None


def _days(parts: dict[str, str | None]) -> Days | None:
    month = int(parts.get("month") or 0) or MONTH_NUMBERS.get((parts.get("name") or "").lower(), 0)
    year, day = int(parts["year"] or 0), parts["day"]
    try:
        if day:
            one = date(year, month, int(day))
            return Days(one, one)
        return Days(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    except ValueError:  # the 31st of April, a thirteenth month, the year 0
        return None


EARLIEST, LATEST = 1990, 2099
LONGEST = 10  # years; a wider range is a span of history, not an inspection period

_YEARS = re.compile(
    r"(?<![\w£$€#@])(?<![0-9][./–—‐‑-])(?P<first>(?:19|20)[0-9]{2})"
    r"(?:(?:[/–—‐‑-]|\s[/–—-]\s(?=[0-9]{4}))(?P<second>(?:19|20)?[0-9]{2})(?!\w|[/–—‐‑-][0-9]))?"
    r"(?!\w|\.[0-9])"
)
# What makes a number that looks like a year something else: money, a place in a document, a quantity.
_NOT_AFTER = re.compile(r"(?:[£$€]|\b(?:GBP|pages?|pp?\.?|para(?:graph)?s?\.?|sections?))\s*$", re.IGNORECASE)
_NOT_BEFORE = re.compile(r"\s*(?:%|(?:per\s?cent|pounds?|hours?|hrs|million|billion|bn)\b)", re.IGNORECASE)
_LOOK_BACK = 16  # characters; longer than any word in _NOT_AFTER


@dataclass(frozen=True, slots=True)
class PeriodMention:
    """`text[start:end]` (characters) names `period`."""

    start: int
    end: int
    period: Period


def find_periods(text: str) -> tuple[PeriodMention, ...]:
    """Every plausible year or run of years (1990 to 2099) in `text`, in order; sums of money, page and paragraph
    numbers, quantities and years within longer numbers are left out.
    """
    mentions = []
    for match in _YEARS.finditer(text):
        period, end = _period(match)
        before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
        if period is not None and not _NOT_AFTER.search(before) and not _NOT_BEFORE.match(text, match.end()):
            mentions.append(PeriodMention(match.start(), end, period))
    return tuple(mentions)


def make_period(first: int, last: int) -> Period:
    """The period from one year to another (inclusive): two years are joined by a slash, more by a hyphen."""
    if first == last:
        return Period(str(first), first, last)
    tail = f"{last % 100:02}" if first // 100 == last // 100 else str(last)
    return Period(f"{first}{'/' if last == first + 1 else '-'}{tail}", first, last)


def _period(match: re.Match[str]) -> tuple[Period | None, int]:
    """The period a match stands for, and where its words end: a second number that cannot follow is left out."""
    first = int(match["first"])
    if not EARLIEST <= first <= LATEST:
        return None, match.end()
    second = match["second"]
    last = _second_year(first, second) if second else first
    if first < last <= min(LATEST, first + LONGEST):
        return make_period(first, last), match.end()
    return make_period(first, first), match.end("first")


def _second_year(first: int, digits: str) -> int:
    if len(digits) == 4:
        return int(digits)
    century = first - first % 100
    return century + int(digits) + (100 if century + int(digits) < first else 0)
