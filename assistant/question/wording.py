"""Words a stand-alone question: puts phrases, forces and periods into a question as a person would write them.

Also counts which period "the year before" or "the next inspection" means, from the period of the question before.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.question.phrases import NounPhrase
from assistant.question.scope import Corpus
from index.sources.dates import find_periods, make_period
from index.text.transcript import Period
from index.text.words import UNITS

_END = " ?.!,;:"
_ARTICLE = re.compile(
    r"^(?:a|an|the|some|any|another|this|that|these|those|its|their|his|her|our|my|your)\s+", re.IGNORECASE
)
_QUESTION_WORDS = ("why", "when", "where", "who", "how", "since", "by", "until", "what", "which")
_BODY = re.compile(r"\b(?:Police|Constabulary|Service)$")
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


def as_sentence(text: str) -> str:
    """The text with a capital at its start and a question mark at its end."""
    text = text.strip()
    ended = text if text.endswith(("?", ".", "!")) else f"{text.rstrip(_END)}?"
    return ended[:1].upper() + ended[1:]


def definite(text: str, phrase: NounPhrase) -> str:
    """A noun phrase as one that is known: "a woman" is "the woman" when she is spoken of again."""
    first = phrase.tokens[0]
    bare = _ARTICLE.sub("", text)
    if bare != text or first.tag == "CD":
        return f"the {bare}"
    return text if phrase.is_name or first.tag == "NNP" else text[:1].lower() + text[1:]


def inserted(text: str, replacements: Sequence[tuple[int, int, str]]) -> str:
    """The text with each span replaced."""
    for start, end, new in sorted(replacements, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def possessive(text: str) -> str:
    """The possessive: "Westmere's", "the officers'"."""
    return f"{text}'" if text.endswith("s") else f"{text}'s"


def joined(names: Sequence[str]) -> str:
    """The names as a list in words: "vetting, fraud and custody"."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def in_scope(forces: Sequence[str], periods: Sequence[str]) -> str:
    """The words "in Westmere in 2016", with a space before each part; empty without any."""
    where = f" {'at' if _BODY.search(forces[0]) else 'in'} {joined(forces)}" if forces else ""
    return f"{where} in {joined(periods)}" if periods else where


def with_tail(text: str, tail: str) -> str:
    """The question with some words added at its end."""
    text = text.rstrip()
    body = text.rstrip("?.! ")
    return f"{body}{tail}{text[len(body) :]}"


def exchanged(text: str, spans: Sequence[tuple[int, int]], new: str, tail: str) -> str:
    """The question with the first of some spans replaced; with a tail where there is none."""
    return inserted(text, [(*spans[0], new)]) if spans else with_tail(text, tail)


def framed(topic: str, text: str) -> str:
    """The question behind its topic: "On the front counter, why was it shut?"."""
    return f"On {topic}, {uncapitalised(text)}"


def uncapitalised(text: str) -> str:
    """The text with a small letter at its start, unless its first word is "I" or in capitals."""
    first = text.split(maxsplit=1)[0] if text.split() else ""
    return text if first == "I" or first[1:2].isupper() else text[:1].lower() + text[1:]


def coordinated(question: str, word: str) -> str:
    """Both questions as one: "How many officers left, and why?". What was so added before is left out."""
    return f"{base_of(question)}, and {word.strip(_END)}?"


def narrowed_to(question: str, limit: str) -> str:
    """The question with a limit: "What are the recommendations, only those of 2016?"."""
    return f"{base_of(question)}, {limit.strip(_END)}?"


def base_of(question: str) -> str:
    """The question without its end and without what `coordinated` added to it."""
    text = question.rstrip(_END)
    before, _, after = text.rpartition(", and ")
    return before if after.startswith(_QUESTION_WORDS) and before else text


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
