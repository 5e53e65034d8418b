"""What kind of answer a question asks for, read from its words by rule. No model, no guess: `OTHER` when unsure.

Questions about an assessment itself, not about what it found: who wrote it, and which force it is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from index.text.lexicon import GRADE_STATED, MONTHS, SCALES, TENS, UNITS, alternatives
from index.text.tokens import stem


class AnswerKind(StrEnum):
    """What would answer the question."""

    NUMBER = "number"
    DATE = "date"
    PERSON = "person"
    PLACE = "place"
    GRADE = "grade"
    LIST = "list"
    EXPLANATION = "explanation"
    YES_NO = "yes_no"
    DEFINITION = "definition"
    OTHER = "other"


_GRADE = rf"{GRADE_STATED}|ungraded"
_RULES: tuple[tuple[AnswerKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            AnswerKind.NUMBER,
            r"\bhow (many|much|long|old|far|often|big|large|tall|high|fast|wide|deep|heavy)\b"
            r"|\b(what|which) (percent\w*|number|proportion|share|amount|population|rate|size|total|budget|cost)\b"
            r"|\bwhat(?:'s| is| was| were| are) ([\w'-]+ ){0,5}(number|rate|percentage|proportion|population|total"
            r"|budget|cost|headcount|salary|turnover)\b",
        ),
        (
            AnswerKind.DATE,
            r"^when\b|[,;:]\s*when\b|\b(and|but|so) when\b"
            r"|\b(what|which|in what|in which) (year|date|day|month|century|decade|time)\b"
            r"|\bwhen (did|does|do|is|are|was|were|will|has|have|had|can|could)\b",
        ),
        (AnswerKind.GRADE, r"\b(grade|grades|graded|grading|rating|rated|judgement|judgment|judged|score|scored)\b"),
        (AnswerKind.GRADE, rf"\b(get|got|receiv\w+|award\w+|given|been)\b.*"
                           rf"\b({_GRADE})\b"),
        (AnswerKind.GRADE, r"\b(is|was|were|are|has|have)\b.*\b(outstanding|adequate|inadequate|ungraded)\b"),
        (AnswerKind.LIST, r"\b(all|list|every|each)\b|\b(what|which) (\w+ ){0,2}(concerns|areas|problems|issues"
                    r"|weaknesses|strengths|grades|forces|recommendations|failings|criticisms|findings|improvements"
                    r"|reasons)\b"
                    r"|\bmain (points|findings|concerns)\b|\b(overview|summar\w+)\b"),
        (AnswerKind.PERSON, r"\b(who|whom|whose)\b|\bnames? of\b"),
        (AnswerKind.PLACE, r"\bwhere\b|\b(what|which|in which|in what) (city|town|country|place|county"
                    r"|state|region)\b"),
        (
            AnswerKind.EXPLANATION,
            r"\bwhy\b|\breasons?\b|\bhow (do|does|did|is|are|was|were|can|could|should|has|have|well)\b"
            r"|\b(explain|describe|difference|compare)\b|\bwhat about\b",
        ),
        (AnswerKind.YES_NO, r"^(is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b"),
        (AnswerKind.DEFINITION, r"\b(what|which) (is|are|was|were|does|do|did)\b"),
    )
)  # fmt: skip
_NEGATION = re.compile(r"\b(not|never|no|without|neither|nor|none|cannot)\b|n't\b")
_NUMBER = re.compile(r"\d(?:[\d,.]*\d)?")
_NUMBER_WORD = re.compile(
    rf"\b({alternatives([*UNITS[1:], *TENS, *SCALES])}|dozen|half|third|quarter|several|once|twice)s?\b"
)
_MONTH = alternatives(month for month in MONTHS if month != "may")  # "may" is mostly a verb
_DATE = re.compile(
    rf"\b(1\d{{3}}|20\d{{2}})s?\b|\bcentur\w+\b|\bdecade|\b({_MONTH})\b"
    r"|\b(in|since|by|from) may\b|\b(year|month|week)s? (later|earlier|ago|before|after)\b"
)
_GRADE_WORD = re.compile(rf"\b({_GRADE})\b|\bgrade[ds]?\b")
_FORCE = re.compile(r"\b([A-Z][\w'’-]+ (and |& |of )?)+(Police|Constabulary)\b")
_CAPITALISED_WORD = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-Z][\w'’-]+")

_BEGINS = re.compile(r"\b([^\W\d_])[\w'’-]*")
FEW = 3  # words of which all may be names


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question asks for, and what its evidence must therefore bear out."""

    kind: AnswerKind
    negated: bool
    numbers: frozenset[str]
    names: frozenset[str]  # stems of capitalised words inside the question


def wanted(question: str) -> Wanted:
    """Read a question."""
    text = question.strip().lower().replace("’", "'")
    kind = next((kind for kind, rule in _RULES if rule.search(text)), AnswerKind.OTHER)
    return Wanted(kind, is_negated(text), numbers_in(question), frozenset(map(stem, names_in(question))))


def is_titled(question: str) -> bool:
    """Whether so many words of a question have capitals that these tell no names."""
    begins = _BEGINS.findall(question)
    return len(begins) > FEW and sum(map(str.isupper, begins)) > len(begins) / 2


def is_negated(text: str) -> bool:
    """Whether a text says no, not, never, without or the like."""
    return _NEGATION.search(text.lower().replace("’", "'")) is not None


def numbers_in(text: str) -> frozenset[str]:
    """The numbers written in digits."""
    return frozenset(_NUMBER.findall(text))


def names_in(text: str) -> frozenset[str]:
    """Capitalised words, in lower case, that do not merely begin a sentence."""
    return frozenset(name.lower().replace("’", "'").removesuffix("'s") for name in _CAPITALISED_WORD.findall(text))


def gives(kind: AnswerKind, sentence: str, question: Wanted) -> bool | None:
    """Whether a sentence holds the kind of thing asked for; None for kinds that leave no mark on a sentence."""
    text = sentence.lower()
    match kind:
        case AnswerKind.NUMBER:
            return bool(numbers_in(sentence) - question.numbers) or _NUMBER_WORD.search(text) is not None
        case AnswerKind.DATE:
            return any(match.group() not in question.numbers for match in _DATE.finditer(text))
        case AnswerKind.GRADE:
            return _GRADE_WORD.search(text) is not None
        case AnswerKind.PERSON | AnswerKind.PLACE:
            named = names_in(_FORCE.sub(" ", sentence)) - frozenset(MONTHS)
            return bool(frozenset(map(stem, named)) - question.names)
        case _:
            return None


_ITSELF = r"(this|it|the) ?(assessment|report|transcript|document|inspection|text|source|page)?"
_ABOUT_ITSELF = re.compile(
    rf"\bwho (wrote|made|gave|delivered|produced|authored|is speaking in|is the author of) {_ITSELF}\W*$"
    rf"|\bwho (is|was) the (author|inspector|hmi|speaker)( here| of {_ITSELF}| responsible)?\W*$"
    rf"|\bwhose (assessment|report|words|views?) (is|are) (this|these|it)\b"
    rf"|\b(which|what) (police )?(force|constabulary) (is|was|does) {_ITSELF} ?(about|for|on|of|cover|assess)?\W*$"
    rf"|\b(which|what) (police )?(force|constabulary) (is|was) (being )?(assessed|inspected)( here)?\W*$"
    rf"|\bwhat('s| is) {_ITSELF}( about| called)?\W*$"
    rf"|\b(title|name) of {_ITSELF}\W*$|\bname of the (hmi|inspector|author)\W*$"
    r"|\bwho (inspected|assessed)\b|\bwho (is|was) the (hmi|inspector)\b",
    re.IGNORECASE,
)


def asks_about_itself(question: str) -> bool:
    """Whether a question asks who wrote an assessment, which force it is about, or what it is called."""
    return _ABOUT_ITSELF.search(question) is not None
