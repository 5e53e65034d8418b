"""Dates as sources word them: `2019-05-02`, `2 May 2019`, `02/05/2019` (day first), `May 2019`."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
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
    month = int(parts.get("month") or 0) or _MONTHS.get((parts.get("name") or "")[:3].lower(), 0)
    year, day = int(parts["year"] or 0), parts["day"]
    try:
        if day:
            one = date(year, month, int(day))
            return Days(one, one)
        return Days(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    except ValueError:  # the 31st of April, a thirteenth month, the year 0
        return None
