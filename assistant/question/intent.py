"""Reads the intent of a question: its kind, by a linear model, and the kind of answer and the names in it, by rule.

The model reads the question's vector and words. `python -m assistant.evaluation.train_intents` fitted it to the
labelled questions of `tests/training/intents.jsonl`, and wrote `data/intents.json`. Nothing is learned at run time. A
kind that is less than probable counts as `FACT`, which has no treatment of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from index.text.words import GRADE_STATED, MONTHS, SCALES, TENS, UNITS, alternatives, clean, stem


class AnswerKind(StrEnum):
    """The kind of answer a question asks for; `OTHER` when no rule applies."""

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
# Words that deny as much as "not" does; "not only" and "not just" deny nothing.
_DENIAL = re.compile(
    r"\b(fail(s|ed|ing|ure|ures)?|lack(s|ed|ing)?|unable|yet to|stopped|nobody|nothing|nowhere|hardly|rarely|seldom"
    r"|barely|few|little|insufficient\w*|inadequate\w*|too (few|little|late|slow\w*|long)|instead of|rather than)\b"
)
_NOT_DENIAL = re.compile(r"\bnot (only|just|merely|least)\b|\ba (few|little)\b|\bno (doubt|fewer|less)\b")
_TIME = re.compile(
    r"\b(seconds?|minutes?|hours?|hourly|days?|daily|nights?|mornings?|afternoons?|evenings?|weeks?|weekly|weekends?"
    r"|fortnight\w*|months?|monthly|quarters?|quarterly|terms?|years?|yearly|annual\w*|decades?"
    r"|(mon|tues|wednes|thurs|fri|satur|sun)days?|christmas|easter|new year|holidays?|spring|summer|autumn|winter"
    r"|immediate\w*|straight away|at once|soon|prompt\w*|without delay|when|whenever|once|until|by then"
    r"|too (long|slow\w*|late)|quick\w*|slow\w*|rapid\w*|always|never|rarely|seldom|often|sometimes|regularly)\b"
)
_DAY = re.compile(
    r"\b((mon|tues|wednes|thurs|fri|satur|sun)days?|christmas|easter|new year|spring|summer|autumn|winter)\b"
)
_ASKS_PAST = re.compile(r"\bwhen (did|was|were)\b")
_ASKS_TIME = re.compile(r"\bhow (long|often|soon|quick\w*|fast|frequent\w*|recent\w*|late|promptly)\b")
_ASKS_STOCK = re.compile(
    r"\bhow many\b[^?]*\b(do|does|did)\b[^?]*\b(have|employ|own)\b|\bhow many\b[^?]*\b(are|were) there\b"
)
_CHANGE_OF_NUMBER = re.compile(
    r"\b[\d,.]+ (more|extra|additional|further|fewer|new)\b|\b(more|extra|additional) than [\d,.]+\b"
)
_MONTH = alternatives(month for month in MONTHS if month != "may")  # "may" is mostly a verb
_YEAR = re.compile(rf"\b(?:[Ii]n|[Ss]ince|[Bb]y|[Ff]rom|[Uu]ntil|(?i:{_MONTH}|may)) (?:19|20)\d\d\b")
_NUMBER = re.compile(r"\d(?:[\d,.]*\d)?")
_NUMBER_WORD = re.compile(
    rf"\b({alternatives([*UNITS[1:], *TENS, *SCALES])}|dozen|half|third|quarter|several|once|twice)s?\b"
)
_DATE = re.compile(
    rf"\b(1\d{{3}}|20\d{{2}})s?\b|\bcentur\w+\b|\bdecade|\b({_MONTH})\b"
    r"|\b(in|since|by|from) may\b|\b(year|month|week)s? (later|earlier|ago|before|after)\b"
)
_GRADE_WORD = re.compile(rf"\b({_GRADE})\b|\bgrade[ds]?\b")
_FORCE = re.compile(r"\b([A-Z][\w'’-]+ (and |& |of )?)+(Police|Constabulary)\b")
_CAPITALISED_WORD = re.compile(r"(?<![.!?:]\s)(?<!^)\b[A-Z][\w'’-]+")

_FIRST_LETTERS = re.compile(r"\b([^\W\d_])[\w'’-]*")
MAX_WORDS_ALL_NAMES = 3  # words of a question that may all be names


@dataclass(frozen=True, slots=True)
class Intent:
    """What a question asks for, and the numbers and names in it, which its evidence should contain."""

    kind: AnswerKind
    negated: bool
    numbers: frozenset[str]  # in digits
    names: frozenset[str]  # stems of capitalised words inside the question


def intent_of(question: str) -> Intent:
    """The intent of a question."""
    text = question.strip().lower().replace("’", "'")
    kind = next((kind for kind, rule in _RULES if rule.search(text)), AnswerKind.OTHER)
    return Intent(kind, is_negated(text), numbers_in(question), frozenset(map(stem, names_in(question))))


def is_title_case(question: str) -> bool:
    """Whether most words of a question are capitalised, so that capitals do not mark names."""
    letters = _FIRST_LETTERS.findall(question)
    return len(letters) > MAX_WORDS_ALL_NAMES and sum(map(str.isupper, letters)) > len(letters) / 2


def is_negated(text: str) -> bool:
    """Whether a text says no, not, never, without or the like."""
    return _NEGATION.search(text.lower().replace("’", "'")) is not None


def denies(text: str) -> bool:
    """Whether a text says that something is not so, with "not" or with a word such as "fails" or "lacks"."""
    read = _NOT_DENIAL.sub(" ", text.lower().replace("’", "'"))
    return _NEGATION.search(read) is not None or _DENIAL.search(read) is not None


def gives_detail(kind: AnswerKind, sentence: str, intent: Intent, question: str) -> bool:
    """Whether a sentence can give the detail asked for, in whatever form.

    A time answers "when" and "how long" as well as a date and a number do; a change of a number is not the number.
    """
    text, asked = sentence.lower(), question.lower()
    if kind is AnswerKind.DATE and _ASKS_PAST.search(asked):  # a length of time does not say when something happened
        return contains_kind(kind, sentence, intent) is True or _DAY.search(text) is not None
    if kind is AnswerKind.DATE or (kind is AnswerKind.NUMBER and _ASKS_TIME.search(asked)):
        return contains_kind(kind, sentence, intent) is True or _TIME.search(text) is not None
    if kind is AnswerKind.NUMBER and _ASKS_STOCK.search(asked):
        sentence = _YEAR.sub(" ", _CHANGE_OF_NUMBER.sub(" ", sentence))
    return contains_kind(kind, sentence, intent) is True


def numbers_in(text: str) -> frozenset[str]:
    """The numbers written in digits."""
    return frozenset(_NUMBER.findall(text))


def names_in(text: str) -> frozenset[str]:
    """The capitalised words that do not begin a sentence, in lower case."""
    return frozenset(name.lower().replace("’", "'").removesuffix("'s") for name in _CAPITALISED_WORD.findall(text))


def contains_kind(kind: AnswerKind, sentence: str, intent: Intent) -> bool | None:
    """Whether a sentence contains the kind of thing asked for; None for kinds that cannot be seen in a sentence."""
    text = sentence.lower()
    match kind:
        case AnswerKind.NUMBER:
            return bool(numbers_in(sentence) - intent.numbers) or _NUMBER_WORD.search(text) is not None
        case AnswerKind.DATE:
            return any(match.group() not in intent.numbers for match in _DATE.finditer(text))
        case AnswerKind.GRADE:
            return _GRADE_WORD.search(text) is not None
        case AnswerKind.PERSON | AnswerKind.PLACE:
            named = names_in(_FORCE.sub(" ", sentence)) - frozenset(MONTHS)
            return bool(frozenset(map(stem, named)) - intent.names)
        case _:
            return None


MIN_PROBABILITY = 0.5  # of the likeliest kind; below it a question counts as FACT
OPENING_WORDS = 3  # words at the beginning of a question that are features of their own
_WORD = re.compile(r"[a-z]+|[0-9]+")

Floats = NDArray[np.float32]


class QuestionKind(StrEnum):
    """What a question asks for. `tests/training/README.md` says how each is told from the others."""

    FACT = "fact"
    NUMBER = "number"
    DATE = "date"
    PERSON = "person"
    WHY = "why"
    HOW = "how"
    YES_NO = "yes_no"
    JUDGEMENT = "judgement"
    LIST = "list"
    THEME = "theme"
    CHANGE = "change"
    COMPARISON = "comparison"
    DEFINITION = "definition"
    RECOMMENDATION = "recommendation"
    SPEAKER = "speaker"
    ABOUT_DOCUMENTS = "about_documents"
    OPINION = "opinion"
    OFF_TOPIC = "off_topic"


@dataclass(frozen=True, slots=True, eq=False)
class KindModel:
    """The weights of k kinds, those of `QuestionKind` in its order, for w words and d dimensions of the vector."""

    words: Mapping[str, int]  # each word feature, and its row in `word_weights`
    word_weights: Floats  # (w, k)
    vector_weights: Floats  # (d, k)
    bias: Floats  # (k,)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Returns the model that `train_intents` wrote. Raises `KeyError` or `ValueError` when it is another thing."""
        if data["kinds"] != list(QuestionKind):
            raise ValueError("its kinds are not those of QuestionKind")
        count = len(QuestionKind)
        return cls(
            {word: row for row, word in enumerate(data["words"])},
            np.array(list(data["words"].values()), dtype=np.float32).reshape(-1, count),
            np.array(data["vector"], dtype=np.float32).reshape(-1, count),
            np.array(data["bias"], dtype=np.float32).reshape(count),
        )

    def probabilities(self, question: str, vector: Floats | None) -> Floats:
        """Returns the probability of each kind: (k,). `vector` is that of the packaged model; None where it is not run.

        Without the vector the words decide alone, with less certainty.
        """
        rows = [self.words[word] for word in word_features(question) if word in self.words]
        score = self.bias + self.word_weights[rows].sum(axis=0)
        if vector is not None:
            score = score + vector @ self.vector_weights
        likelihood = np.exp(score - score.max())
        return np.asarray(likelihood / likelihood.sum(), dtype=np.float32)

    def kind(self, question: str, vector: Floats | None) -> QuestionKind:
        """Returns the likeliest kind, `FACT` where none is probable."""
        probability = self.probabilities(question, vector)
        best = int(probability.argmax())
        return list(QuestionKind)[best] if probability[best] >= MIN_PROBABILITY else QuestionKind.FACT


def word_features(question: str) -> Sequence[str]:
    """Returns the features of a question's words, each once: words, pairs, the opening words, and the question mark."""
    text = clean(question).lower().replace("’", "'")
    words = ["0" if word.isdigit() else word for word in _WORD.findall(text)]
    pairs = [f"{first} {second}" for first, second in pairwise(words)]
    opening = [f"^{word}" for word in words[:OPENING_WORDS]] + [f"^{pair}" for pair in pairs[:1]]
    mark = ["?"] if text.rstrip().endswith("?") else []
    return list(dict.fromkeys([*words, *pairs, *opening, *mark]))
