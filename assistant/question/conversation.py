"""The turns of a conversation, and the rules that rewrite a follow-up question so that it stands alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.question.intent import AnswerKind, asks_about_documents, intent_of
from assistant.question.scope import Corpus, asks_which_force
from index.sources.dates import PeriodMention, find_periods, make_period
from index.text.tokens import words


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn of the conversation."""

    role: Literal["user", "assistant"]
    text: str


_GREETING = re.compile(
    r"^\W*(?:hello|hi|hey|hiya|greetings|good (?:morning|afternoon|evening|day)|dear (?:sir|madam|all|team))"
    r"(?: (?:there|all|everyone|team|again))?(?:\s*[,.:;!]| [–—-])\s*(?=\w)",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"(?<=[\w?.!)”\"'’])[\s,.;:!–—-]*\b(?:many thanks|thanks|thank you|ta|cheers|please|kind regards|best wishes)"
    r"(?: (?:very|so) much| a lot| in advance)?\W*$",
    re.IGNORECASE,
)
_CONTRACTED_IS = re.compile(r"\b(who|what|how|where|when|why)['’]?s\b", re.IGNORECASE)


def plain_question(question: str) -> str:
    """The question without greetings and thanks, unless there is nothing else."""
    without_courtesies = _THANKS.sub("", _GREETING.sub("", question)) or question
    return _CONTRACTED_IS.sub(r"\1 is", without_courtesies)


Span = tuple[int, int]

_LEAD = re.compile(
    r"^\W*((and|so|but|ok|okay|then|also|or)\b\W*)*(((what|how) about|what of|tell me about|same for)\b\W*)?",
    re.IGNORECASE,
)
_INTRODUCES_TOPIC = re.compile(
    r"^\W*((and|but|or|so)\b|(((and|but|so)\b\W*)?(what|how) about|same for)\b)", re.IGNORECASE
)
_QUESTION_WORD_ONLY = re.compile(
    r"^\W*(and\W+)?(but\W+)?(why|how|how so|who|when|where|why not|in what way|how come)\W*$", re.IGNORECASE
)
_REFERS_BACK = re.compile(
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
_FILLERS = frozenset({"peel", "year", "about", "inspection"})
MAX_DEPENDENT_WORDS = 3  # content words up to which a question depends on an earlier one


def standalone(question: str, history: Sequence[Turn], corpus: Corpus, stopwords: Collection[str]) -> str:
    """The question with what it takes from the conversation written out; unchanged when it takes nothing."""
    before = ""
    for turn in history:
        if turn.role == "user" and turn.text.strip():
            earlier = _rewritten(plain_question(turn.text.strip()), before, corpus, stopwords)
            scope = corpus.resolve(earlier)
            if scope.forces or not scope.missing_forces:  # a question about a force without transcripts is skipped
                before = earlier
    return _rewritten(question, before, corpus, stopwords)


def _rewritten(question: str, before: str, corpus: Corpus, stopwords: Collection[str]) -> str:
    """The question made to stand alone after the question `before`, if there is one."""
    if not before:
        return question
    if _QUESTION_WORD_ONLY.match(question):
        return f"{question} ({before})"
    adjacent = _adjacent_period(question, before, corpus)
    if adjacent:
        return _replaced(before, _periods_in(before), [adjacent])
    forces, periods = _forces_in(question, corpus), _periods_in(question)
    content = _content(question, [*forces, *periods], stopwords)
    if (forces or periods) and not content:
        return _with_other_scope(question, before, corpus)
    return _with_missing_context(question, before, corpus, content)


def _with_other_scope(question: str, before: str, corpus: Corpus) -> str:
    """The earlier question about the force and period of this one: "and Westmere?"."""
    forces, periods = _forces_in(question, corpus), _periods_in(question)
    replaced = _replaced(before, _forces_to_replace(question, forces, before, corpus), _texts(question, forces))
    return _replaced(replaced, _periods_in(replaced), _texts(question, periods))


def _with_missing_context(question: str, before: str, corpus: Corpus, content: Sequence[str]) -> str:
    """The question with the earlier one, or only its force and period, in brackets; unchanged if it needs neither."""
    has_period = bool(_periods_in(question))
    if _forces_in(question, corpus) or asks_which_force(question):
        return question
    if asks_about_documents(question):
        return _with_earlier_scope(question, before, corpus, keep_period=has_period)
    is_short = len(content) <= MAX_DEPENDENT_WORDS and len(corpus.transcripts) > 1
    if (is_short and not _INTRODUCES_TOPIC.match(question)) or _REFERS_BACK.search(question):
        return f"{question} ({before})"
    return _with_earlier_scope(question, before, corpus, keep_period=has_period)


def _forces_to_replace(question: str, forces: Sequence[Span], before: str, corpus: Corpus) -> list[Span]:
    """The forces that the earlier question names, first those that are like the new one in having transcripts."""
    have_transcripts = [bool(corpus.resolve(question[start:end]).forces) for start, end in forces]

    def differs(span: Span) -> bool:
        start, end = span
        return [bool(corpus.resolve(before[start:end]).forces)] != have_transcripts[:1]

    return sorted(_forces_in(before, corpus), key=differs)


def _with_earlier_scope(question: str, before: str, corpus: Corpus, *, keep_period: bool) -> str:
    """A new topic, with the earlier question's force and, unless `keep_period`, its period."""
    named = _texts(before, _forces_in(before, corpus))
    named += [] if keep_period else _texts(before, _periods_in(before))
    if not named:
        return question
    topic = _LEAD.sub("", question).rstrip(" ?.!")
    if _INTRODUCES_TOPIC.match(question) and topic and intent_of(before).kind is AnswerKind.GRADE:
        return f"How was {topic} graded? ({', '.join(named)})"
    return f"{question} ({', '.join(named)})"


def _adjacent_period(question: str, before: str, corpus: Corpus) -> str:
    """The label of the period that "the year before" or "the next inspection" means; empty if it names neither."""
    named = find_periods(before)
    if not named or find_periods(question):
        return ""
    year = _adjacent_year(question, named)
    if year is None:
        return ""
    places = corpus.resolve(before[: named[0].start]).places or range(len(corpus.transcripts))
    covering = [period for period in corpus.periods_of(places) if period.covers(year)]
    return covering[0].label if covering else make_period(year, year).label


def _adjacent_year(question: str, named: Sequence[PeriodMention]) -> int | None:
    """The year before the first period named, or after the last, as the question asks; None if it asks for neither."""
    if _YEAR_BEFORE.search(question):
        return named[0].period.first - 1
    return named[-1].period.last + 1 if _YEAR_AFTER.search(question) else None


def _forces_in(text: str, corpus: Corpus) -> list[Span]:
    return [(mention.start, mention.end) for mention in corpus.gazetteer.find(text)]


def _periods_in(text: str) -> list[Span]:
    return [(mention.start, mention.end) for mention in find_periods(text)]


def _texts(text: str, spans: Sequence[Span]) -> list[str]:
    return [text[start:end] for start, end in spans]


def _content(question: str, spans: Sequence[Span], stopwords: Collection[str]) -> list[str]:
    """The words that say what is asked: no force, no year, no connective, no function word."""
    rest = question
    for start, end in sorted(spans, reverse=True):
        rest = rest[:start] + " " + rest[end:]
    return [word for word in words(_LEAD.sub("", rest)) if word not in stopwords and word not in _FILLERS]


def _replaced(text: str, spans: Sequence[Span], new: Sequence[str]) -> str:
    """The text with its first span replaced by the new texts; without spans, with these appended in brackets."""
    if not new:
        return text
    if not spans:
        return f"{text} ({', '.join(new)})"
    start, end = spans[0]
    return text[:start] + " and ".join(new) + text[end:]
