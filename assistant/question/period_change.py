"""Reads the period that "the year before" or "the next inspection" means, counted from a question's period."""

from __future__ import annotations

import re

from assistant.question.scope import Corpus
from index.sources.dates import find_periods, make_period
from index.text.lexicon import UNITS
from index.text.transcript import Period

_NUMBERS = {word: number for number, word in enumerate(UNITS)} | {"a": 1, "the": 1}
_INSPECTION = re.compile(
    r"\b(?P<back>(?:inspection|time|report|assessment|period|one) before|(?:previous|last) (?:inspection|time|report"
    r"|assessment|period|one)|before that)\b|\b(?P<on>(?:next|following) (?:inspection|time|report|assessment|period"
    r"|one)|(?:inspection|time|report|assessment|period|one) after)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"\b(?:(?P<count>\w+) )?(?P<years>years?) (?P<way>before|earlier|previously|after|later|on)\b"
    r"|\b(?P<near>previous|last|next|following) year\b",
    re.IGNORECASE,
)
_BACK = frozenset({"before", "earlier", "previously", "previous", "last"})


def changed_periods(question: str, before: str, corpus: Corpus) -> str:
    """The label of the period that a question means, counted from that of the question before; empty if none."""
    periods = _periods_held(before, corpus)
    named = [mention.period for mention in find_periods(before)]
    start = named or list(periods[-1:])
    if not start:
        return ""
    inspection = _INSPECTION.search(question)
    if inspection:
        return _neighbour(start, periods, back=inspection["back"] is not None)
    year = _YEAR.search(question)
    if not year or not named:
        return ""
    back = (year["way"] or year["near"]).lower() in _BACK
    count = _NUMBERS.get((year["count"] or "the").lower(), 1)
    return _label(start[0].first - count if back else start[-1].last + count, periods)


def _periods_held(before: str, corpus: Corpus) -> tuple[Period, ...]:
    """The periods of the transcripts of the force that a question names."""
    named = find_periods(before)
    text = before
    for mention in reversed(named):
        text = text[: mention.start] + text[mention.end :]
    return corpus.periods_of(corpus.resolve(text).places or range(len(corpus.transcripts)))


def _neighbour(start: list[Period], periods: tuple[Period, ...], *, back: bool) -> str:
    """The period held next before or after; the year before or after if none is held."""
    if back:
        earlier = [period for period in periods if period.last < start[0].first]
        return earlier[-1].label if earlier else _label(start[0].first - 1, periods)
    later = [period for period in periods if period.first > start[-1].last]
    return later[0].label if later else _label(start[-1].last + 1, periods)


def _label(year: int, periods: tuple[Period, ...]) -> str:
    covering = [period for period in periods if period.covers(year)]
    return covering[0].label if covering else make_period(year, year).label
