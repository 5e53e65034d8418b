"""What a sentence states: praise or concern, the inspectorate's own terms, and grades. By rule, no model.

The rules are strict: a sentence stands on a side only where its words put it there. "I am pleased that there are no
concerns" is praise, "It does not do this well" a concern, and "It wants to be effective" neither.

Judgements: whether a question asks for concerns or for praise, and which sentences state one.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from assistant.judgements.grades import Grade, grades_given
from index.errors import AppError
from index.text.lexicon import HIGH_GRADES, LOW_GRADES
from index.text.normalise import clean


class Side(StrEnum):
    """Which way a sentence judges; both, where it says one thing and the other."""

    PRAISE = "praise"
    CONCERN = "concern"
    BOTH = "both"


class Term(StrEnum):
    """The inspectorate's own terms, which bind those who are inspected; or that one is said to be closed."""

    CAUSE = "cause"
    AREA = "area"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Stated:
    """What one sentence states. All empty: nothing that is recognised."""

    side: Side | None = None
    term: Term | None = None
    grades: tuple[Grade, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.side or self.term or self.grades)


# The inspectorate's own terms, by the patterns of their names.
TERMS = {
    Term.CAUSE: re.compile(r"\bcauses? (?:of|for) concern\b", re.IGNORECASE),
    Term.AREA: re.compile(r"\b(?:areas? (?:for|of) improvement|AFIs?)\b", re.IGNORECASE),
}
_NOT_BEFORE = re.compile(r"(?:\bnot|n't|\bnever|\bno longer)(?: \w+){0,2} $")
_UNDONE = re.compile(
    r"\b(?:none|few|neither|not|never|yet|should|must|needs?|needed|fail\w*|unable|cannot|to be)\b|n't\b"
)
_NEGATION = re.compile(r"\b(?:not|no|never|none|neither|nor|without|cannot)\b|n't\b")
_BLANK = " ~ "  # stands for what was passed over


@dataclass(frozen=True, slots=True)
class _Rules:
    elsewhere: re.Pattern[str]
    guards: re.Pattern[str]
    denied: re.Pattern[str]
    over: re.Pattern[str]
    eased: re.Pattern[str]
    negative: re.Pattern[str]
    shortfall: re.Pattern[str]
    outright: re.Pattern[str]
    positive: re.Pattern[str]
    turning: re.Pattern[str]
    undoing: re.Pattern[str]
    wishing: re.Pattern[str]
    ends: re.Pattern[str]


def stated_in(sentence: str, heading: str = "") -> Stated:
    """What a sentence states, in its own words and under its heading."""
    cleaned = clean(sentence)
    text = cleaned.lower()
    grades = grades_given(cleaned)
    term = _term(cleaned, heading, text)
    praised, concerned = _judged(text)
    praised |= any(grade.grade in HIGH_GRADES for grade in grades)
    concerned |= any(grade.grade in LOW_GRADES for grade in grades)
    concerned |= term in (Term.CAUSE, Term.AREA) and (not praised or names_a_term(cleaned))
    side = Side.BOTH if praised and concerned else Side.PRAISE if praised else Side.CONCERN if concerned else None
    return Stated(side, term, grades)


def names_a_term(text: str) -> bool:
    """Whether a text names one of the inspectorate's terms."""
    return any(pattern.search(text) for pattern in TERMS.values())


def _term(sentence: str, heading: str, text: str) -> Term | None:
    """The term a sentence names, unless it says that there is none; else the one its heading names."""
    named = next((term for term, pattern in TERMS.items() if pattern.search(sentence)), None)
    if named is None:
        return next((term for term, pattern in TERMS.items() if pattern.search(heading)), None)
    rules = _rules()
    if names_a_term(rules.denied.sub(_BLANK, text)):
        return Term.CLOSED if not names_a_term(_without_what_is_over(text, rules)) else named
    return None if _NEGATION.search(text) else named


def _judged(text: str) -> tuple[bool, bool]:
    """Whether a text, in lower case, praises, and whether it is concerned."""
    rules = _rules()
    if rules.elsewhere.search(text):
        return False, False
    read = rules.guards.sub(_BLANK, text)
    read = _without_what_is_over(rules.denied.sub(_BLANK, read), rules)
    praised = concerned = outright = False
    for clause in rules.ends.split(read):
        good, turned, said_so = _praise_in(clause, rules)
        praised |= good
        outright |= said_so
        concerned |= turned or rules.shortfall.search(clause) is not None or _concern_in(clause, rules)
    doubtful = praised and not concerned and not outright and _NEGATION.search(read) is not None
    return praised and not doubtful, concerned


def _concern_in(clause: str, rules: _Rules) -> bool:
    return any(not _NOT_BEFORE.search(clause[: match.start()]) for match in rules.negative.finditer(clause))


def _praise_in(clause: str, rules: _Rules) -> tuple[bool, bool, bool]:
    """Whether a clause praises, whether it turns praise into its contrary, and whether it praises in so many words."""
    undone = [match.start() for match in rules.undoing.finditer(clause)]
    clause = clause[max(undone, default=0) :]
    turns = [match.start() for match in rules.turning.finditer(clause)]
    wishes = [match.start() for match in rules.wishing.finditer(clause)]
    outright = _unturned(rules.outright, clause, [*turns, *wishes])
    good = _unturned(rules.positive, clause, [*turns, *wishes]) or outright
    first_wish = min(wishes, default=len(clause))
    turned = any(
        any(turn < match.start() for turn in turns) and match.start() < first_wish
        for pattern in (rules.positive, rules.outright)
        for match in pattern.finditer(clause)
    )
    return good, turned, outright


def _unturned(pattern: re.Pattern[str], clause: str, turns: list[int]) -> bool:
    first = min(turns, default=len(clause))
    return any(match.start() <= first for match in pattern.finditer(clause))


def _without_what_is_over(text: str, rules: _Rules) -> str:
    """The text without the concerns it says are closed or put right, unless it says that they are not."""
    for pattern in (rules.over, rules.eased):
        text = pattern.sub(lambda match: match.group() if _is_undone(match) else _BLANK, text)
    return text


def _is_undone(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 30) : match.start()].rpartition(";")[2]
    return _UNDONE.search(before + match.group()) is not None


@cache
def _rules() -> _Rules:
    text = (resources.files("assistant") / "data" / "stated.toml").read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
        return _compiled(data)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise AppError(f"assistant/data/stated.toml is malformed: {error}.", advice="Restore the file.") from error


def _compiled(data: dict[str, Any]) -> _Rules:
    things, between = _any(data["things"]), data["between"]
    return _Rules(
        elsewhere=_words(_any(data["elsewhere"])),
        guards=_words(_any(data["guards"])),
        denied=_words(rf"{_any(data['none'])}(?: {between})*(?: (?:concerned|worried)| {things})"),
        over=_words(
            rf"{things}(?: [\w']+){{0,10}} (?:is|are|was|were|has|have|had|been)(?: \w+){{0,3}} {_any(data['over'])}"
        ),
        eased=_words(rf"{_any(data['easing'])}(?: [\w']+){{0,5}} {things}"),
        negative=_words(_any(data["negative"])),
        shortfall=_words(_any(data["shortfall"])),
        outright=_words(_any(data["outright"])),
        positive=_words(_any(data["positive"])),
        turning=_words(_any(data["turning"])),
        undoing=_words(_any(data["undoing"])),
        wishing=_words(_any(data["wishing"])),
        ends=re.compile(_any(_captured_nowhere(data["ends"]))),
    )


def _any(patterns: list[str]) -> str:
    return "(?:" + "|".join(_captured_nowhere(patterns)) + ")"


def _captured_nowhere(patterns: list[str]) -> list[str]:
    return [re.sub(r"\((?!\?)", "(?:", pattern) for pattern in patterns]


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})(?!\w)")


class Judgement(StrEnum):
    """Which way an inspector judges."""

    CONCERN = "concern"
    PRAISE = "praise"


_DENIED = re.compile(
    r"\b(no|without|nor any|not a) (\w+ ){0,2}(concerns?|causes? of concern|areas? for improvement)\b", re.IGNORECASE
)
_WORD_END = re.compile(r"\w*")


@dataclass(frozen=True, slots=True)
class _Wording:
    asked: re.Pattern[str]
    outright: re.Pattern[str]
    stated: re.Pattern[str]
    implied: re.Pattern[str]


def judgement_asked(question: str) -> Judgement | None:
    """Which judgements a question asks for all of: "what concerns…", "what is the inspector pleased with"."""
    text = question.lower()
    return next((judgement for judgement, wording in _wordings().items() if wording.asked.search(text)), None)


def judgement_implied(question: str) -> tuple[Judgement | None, str]:
    """Which judgement a question about many forces implies ("which forces lack…"), and the words that do."""
    text = question.lower().replace("’", "'")
    for judgement, wording in _wordings().items():
        if found := wording.implied.findall(text):
            return judgement, " ".join(found)
    return None, ""


def states(judgement: Judgement, sentence: str) -> bool:
    """Whether a sentence states a concern, or praise."""
    return _wordings()[judgement].stated.search(sentence.lower()) is not None


def states_outright(judgement: Judgement, sentence: str) -> bool:
    """Whether a sentence says in so many words that the inspector is concerned, or pleased."""
    return _wordings()[judgement].outright.search(sentence.lower()) is not None


def judges(judgement: Judgement, sentence: str) -> bool:
    """Whether a sentence judges one way and not, in so many words, the other: what a list over many forces needs.

    "I am pleased that there is no backlog" is no concern, and "It does not do this well" no praise.
    """
    text = _DENIED.sub(" ", sentence)
    other = Judgement.PRAISE if judgement is Judgement.CONCERN else Judgement.CONCERN
    against = states_outright if judgement is Judgement.CONCERN else states
    return states(judgement, text) and (states_outright(judgement, text) or not against(other, text))


def asking_words(judgement: Judgement, question: str) -> tuple[tuple[int, int], ...]:
    """Where the question says which judgement it asks for: those words are not its topic."""
    text = question.lower()
    found = _wordings()[judgement].asked.finditer(text)
    return tuple((match.start(), _WORD_END.match(text, match.end()).end()) for match in found)  # type: ignore[union-attr]


@cache
def _wordings() -> dict[Judgement, _Wording]:
    text = (resources.files("assistant") / "data" / "judgements.toml").read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
        return {judgement: _compiled_wordings(data[judgement.value]) for judgement in Judgement}
    except (tomllib.TOMLDecodeError, KeyError, re.error) as error:
        raise AppError(f"assistant/data/judgements.toml is malformed: {error}.", advice="Restore the file.") from error


def _compiled_wordings(table: dict[str, list[str]]) -> _Wording:
    names = ("asked", "outright", "stated", "implied")
    return _Wording(*(re.compile("|".join(rf"(?:{pattern})" for pattern in table[name])) for name in names))
