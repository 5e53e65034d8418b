"""Follow-ups: a question that leans on the one before, made to stand alone by rule. The result is shown to the user."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from assistant.question.conversation import Turn, plainly
from assistant.question.intent import AnswerKind, asks_about_itself, wanted
from assistant.question.scope import Corpus, asks_which_force
from index.sources.dates import find_periods, make_period
from index.text.tokens import words

_LEAD = re.compile(
    r"^\W*((and|so|but|ok|okay|then|also|or)\b\W*)*(((what|how) about|what of|tell me about|same for)\b\W*)?",
    re.IGNORECASE,
)
_INTRODUCES = re.compile(r"^\W*((and|but|or|so)\b|(((and|but|so)\b\W*)?(what|how) about|same for)\b)", re.IGNORECASE)
_BARE = re.compile(
    r"^\W*(and\W+)?(but\W+)?(why|how|how so|who|when|where|why not|in what way|how come)\W*$", re.IGNORECASE
)
_LEANS = re.compile(
    r"\b(it|its|they|them|their|theirs|this|that|these|those|he|she|his|her|him|the same|such)\b", re.IGNORECASE
)
_YEAR_BEFORE = re.compile(
    r"\b(the )?(year|inspection|time|period) before\b|\b(the )?previous (year|inspection)\b"
    r"|\b(last year|before that)\b",
    re.IGNORECASE,
)
_YEAR_AFTER = re.compile(
    r"\b(the )?(year|inspection|period) after\b|\b(the )?(next|following) (year|inspection|period)\b|\bafter that\b",
    re.IGNORECASE,
)
SHORT = 3  # content words up to which a question cannot stand alone beside an earlier one


def standalone(question: str, history: Sequence[Turn], corpus: Corpus, stopwords: Collection[str]) -> str:
    """The question with what it leaves to the conversation put in; unchanged when it leaves nothing."""
    before = ""
    for turn in history:
        if turn.role == "user" and turn.text.strip():
            earlier = _rewrite(plainly(turn.text.strip()), before, corpus, stopwords)
            scope = corpus.resolve(earlier)
            if scope.forces or not scope.missing_forces:  # nothing follows from a question about a force not held
                before = earlier
    return _rewrite(question, before, corpus, stopwords)


def _rewrite(question: str, before: str, corpus: Corpus, stopwords: Collection[str]) -> str:
    if not before:
        return question
    if _BARE.match(question):
        return f"{question} ({before})"
    earlier = _year_beside(question, before, corpus)
    if earlier:
        return _swap(before, _periods_in(before), [earlier])
    forces, periods = _forces_in(question, corpus), _periods_in(question)
    content = _content(question, [*forces, *periods], stopwords)
    if (forces or periods) and not content:
        swapped = _swap(before, _like(question, forces, before, corpus), _texts(question, forces))
        return _swap(swapped, _periods_in(swapped), _texts(question, periods))
    if forces or asks_which_force(question):
        return question
    if asks_about_itself(question):
        return _with_scope(question, before, corpus, keep_period=bool(periods))
    short = len(content) <= SHORT and not _INTRODUCES.match(question) and len(corpus.transcripts) > 1
    if short or _LEANS.search(question):
        return f"{question} ({before})"
    return _with_scope(question, before, corpus, keep_period=bool(periods))


def _like(question: str, forces: Sequence[tuple[int, int]], before: str, corpus: Corpus) -> list[tuple[int, int]]:
    """The forces the earlier question names, that of the same standing first: one held for one held, or neither."""
    held = [bool(corpus.resolve(question[start:end]).forces) for start, end in forces]
    earlier = _forces_in(before, corpus)
    return sorted(earlier, key=lambda span: [bool(corpus.resolve(before[slice(*span)]).forces)] != held[:1])


def _with_scope(question: str, before: str, corpus: Corpus, *, keep_period: bool) -> str:
    """A new topic within the earlier question's force and period."""
    named = _texts(before, _forces_in(before, corpus))
    named += [] if keep_period else _texts(before, _periods_in(before))
    if not named:
        return question
    topic = _LEAD.sub("", question).rstrip(" ?.!")
    if _INTRODUCES.match(question) and topic and wanted(before).kind is AnswerKind.GRADE:
        return f"How was {topic} graded? ({', '.join(named)})"
    return f"{question} ({', '.join(named)})"


def _year_beside(question: str, before: str, corpus: Corpus) -> str:
    """The period that "the year before" or "the next inspection" means, or nothing."""
    step = -1 if _YEAR_BEFORE.search(question) else 1 if _YEAR_AFTER.search(question) else 0
    named = find_periods(before)
    if not step or not named or find_periods(question):
        return ""
    year = named[0].period.first - 1 if step < 0 else named[-1].period.last + 1
    places = corpus.resolve(before[: named[0].start]).places or range(len(corpus.transcripts))
    held = [period for period in corpus.periods_of(places) if period.covers(year)]
    return held[0].label if held else make_period(year, year).label


def _forces_in(text: str, corpus: Corpus) -> list[tuple[int, int]]:
    return [(mention.start, mention.end) for mention in corpus.gazetteer.find(text)]


def _periods_in(text: str) -> list[tuple[int, int]]:
    return [(mention.start, mention.end) for mention in find_periods(text)]


def _texts(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    return [text[start:end] for start, end in spans]


def _content(question: str, spans: Sequence[tuple[int, int]], stopwords: Collection[str]) -> list[str]:
    """The words that say what is asked: no force, no year, no connective, no function word."""
    rest = question
    for start, end in sorted(spans, reverse=True):
        rest = rest[:start] + " " + rest[end:]
    fillers = {"peel", "year", "about", "inspection"}
    return [word for word in words(_LEAD.sub("", rest)) if word not in stopwords and word not in fillers]


def _swap(text: str, spans: Sequence[tuple[int, int]], new: Sequence[str]) -> str:
    """The text with its first span put in other words and the rest of the spans left; appended when it has none."""
    if not new:
        return text
    if not spans:
        return f"{text} ({', '.join(new)})"
    start, end = spans[0]
    return text[:start] + " and ".join(new) + text[end:]
