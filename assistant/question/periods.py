"""Finds which inspections a question names by their years: "in 2016", "since 2018/19", "the latest inspection".

A year may also be part of what happened ("How many officers left in 2022?"): then it names no inspection.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from index.sources.dates import PeriodMention, find_periods_asked
from index.text.transcript import Metadata, Period

_EVER_SINCE = re.compile(r"\b(since|after|from)\s*(the\s+)?(peel\s+)?$", re.IGNORECASE)
_EVER_BEFORE = re.compile(r"\b(before|until|prior to)\s*(the\s+)?(peel\s+)?$", re.IGNORECASE)
_JOINS_YEARS = re.compile(r"^\W*(and|to|through|until|till|up to|and then)\W*(the\s+)?(peel\s+)?$", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)[0-9]{2}\b")
_STARTS_SPAN = re.compile(r"\b(between|from)\s*(the\s+)?(peel\s+)?$", re.IGNORECASE)
_INSPECTION_BESIDE = re.compile(
    r"\b(peel|inspect\w*|assess\w*|reports?|reviews?|gradings?|judge?ments?)\b", re.IGNORECASE
)
_BESIDE_CHARACTERS = 30  # on either side of a year, in which such a word makes it that of an inspection
_ABOUT_ASSESSMENT = re.compile(
    r"\b(good|well|better|worse|best|worst|bad|badly|poor|poorly|strong|weak|adequate|inadequate|outstanding|grad\w+"
    r"|rated|ratings?|scor\w+|judg\w+|assess\w*|inspect\w*|hmi|hmicfrs|report\w*|find|found|findings?|conclu\w+"
    r"|concern\w*|worr\w+|criticis\w+|prais\w+|pleased|impress\w+|commend\w*|recommend\w*|improv\w+|strengths?"
    r"|weakness\w*|problems?|failings?|effective\w*|efficien\w+|perform\w*|compar\w+|chang\w+|differ\w*|progress\w*"
    r"|how (?:is|are|was|were|has|have|had|do|does|did)"
    r"|deteriorat\w+|declin\w+|summar\w+|overview|said|say|says|stated?|published"
    r"|main points)\b",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"\b(?:in|during|throughout|for|of)(?: the (?:year|whole of))? $", re.IGNORECASE)
_CHANGE = re.compile(
    r"\b(chang\w+|improv(e|ed|es|ing)|better|worse|deteriorat\w+|declin\w+|progress\w*|mov(e|ed|ing)|fix(ed)?"
    r"|over time|over the years|trend|track record|how has|how have|how did \w+ (go|do|fare))\b",
    re.IGNORECASE,
)
_LATEST = re.compile(
    r"\b(latest|newest|most recent(ly)?|recent(ly)? inspect\w+|current(ly)?|now(adays)?(?! that)|still|today|these days"
    r"|any ?(more|longer)|at present|up to date|since then|last (inspection|assessment|report|time|visit|inspected))\b",
    re.IGNORECASE,
)


def inspections_asked(question: str) -> tuple[PeriodMention, ...]:
    """The years of a question that name an inspection, and are no detail of what happened.

    All do where one is a range or stands beside "inspection" or the like, and in a question about a judgement.
    """
    named = find_periods_asked(question)
    is_about = _ABOUT_ASSESSMENT.search(question) is not None
    return named if is_about or any(_names_inspection(question, mention) for mention in named) else ()


def _names_inspection(question: str, mention: PeriodMention) -> bool:
    around = question[max(0, mention.start - _BESIDE_CHARACTERS) : mention.end + _BESIDE_CHARACTERS]
    return mention.period.last > mention.period.first or _INSPECTION_BESIDE.search(around) is not None


def years_asked(question: str) -> tuple[PeriodMention, ...]:
    """The years in which something happened that a question asks about: "How many officers left in 2022?".

    None where it also asks about another time: "by 2023", "since", "now".
    """
    named = () if inspections_asked(question) or asks_for_latest(question) else find_periods_asked(question)
    return named if all(_WITHIN.search(question, 0, mention.start) for mention in named) else ()


def asks_for_latest(question: str) -> bool:
    """Whether a question asks how things are now, so that the newest document that speaks of them answers."""
    return _LATEST.search(question) is not None


def asks_about_change(question: str) -> bool:
    """Whether a question asks how something changed."""
    return _CHANGE.search(question) is not None


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
    """The period of that label, else the first that the years asked for fall in, else the year in which they end."""
    same = [period for period in available if period.label == asked.label]
    inside = [period for period in available if period.covers(asked.first) and period.covers(asked.last)]
    ending = [period for period in available if period.first == period.last == asked.last]
    return next(iter([*same, *inside, *ending]), None)


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


def dated_in(
    transcripts: Sequence[Metadata], days: NDArray[np.int64], places: Sequence[int], period: Period
) -> tuple[int, ...]:
    """The places of transcripts of no known period whose own date is in the years of a period.

    `days` has the ordinal of each transcript's date, 0 where it bears none.
    """
    dated = [place for place in places if transcripts[place].period is None and days[place]]
    return tuple(place for place in dated if period.covers(date.fromordinal(int(days[place])).year))
