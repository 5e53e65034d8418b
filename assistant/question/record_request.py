"""Reads from a question which formal records it asks for: of which kind, about what, for whom and by when."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.judgements.grades import grade_patterns_in
from assistant.question.intent import AnswerKind
from assistant.question.question import Question
from index.records.record import DEADLINE, RecordKind
from index.sources.dates import DayRange, parse_date
from index.text.words import MONTHS, NUMBERS_BELOW_100, alternatives, clean, stem, words

_TERMS = {
    RecordKind.CAUSE_OF_CONCERN: r"causes? of concerns?|cocs?",
    RecordKind.AREA_FOR_IMPROVEMENT: r"areas? (?:for|of) improvements?|afis?",
    RecordKind.RECOMMENDATION: r"recommendations?",
    RecordKind.INNOVATIVE_PRACTICE: r"(?:innovative|promising|notable) practices?",
}
_TERM = "(?:" + "|".join(_TERMS.values()) + ")"
_BETWEEN = r"(?:(?!is\b|are\b|was\b|were\b|do\b|does\b|did\b|has\b|have\b|had\b)[\w'’/.,-]+ ){0,7}"
_VERB = re.compile(
    r"\b(?:what|which|who|why|when|where|how|is|are|was|were|do|does|did|has|have|had|can|could|should|would|will|must)\b"
)
_COUNT = re.compile(rf"\bhow many (?:\w[\w'’/-]* ){{0,4}}{_TERM}\b|\bnumber of (?:\w+ ){{0,2}}{_TERM}\b")
_EXISTS = re.compile(
    r"^(?:and |so |but )?(?:does|do|did|has|have|had|is|are|was|were)\b"
    r".*?\b(?:an?|any|no|some|the|under|with|there|its|their|get|got)"
    rf" (?:\w+ ){{0,2}}{_TERM}\b"
)
# What the question asks for is the thing itself: "what are the…", "list the…", "what … was raised", a bare phrase.
_ASKS = (
    _COUNT,
    _EXISTS,
    re.compile(rf"\b(?:what|which)(?:'s| is| are| was| were)? {_BETWEEN}{_TERM}\b"),
    re.compile(
        r"^(?:please |kindly |can you |could you |just |now )*(?:list|show|give|name|set out|tell|find"
        rf"|state|summari[sz]e|provide|get|all|every|everything|each|any|the|only)\b.*?\b{_TERM}\b"
    ),
    re.compile(r"\b(?:what|everything|all)\b[^?]*\brecommend(?:s|ed)?\b"),
)
_JOINED = re.compile(r"\W*(?:and|or)?\W*(?:(?:the|any|all|its|their) )?(?:other )?")
_RECOMMENDS = re.compile(r"\brecommend(?:s|ed)?\b")
# Words by which a question asks something else about a record: what became of it, why it was made, what the term means.
_SOMETHING_ELSE = re.compile(
    r"\b(?:clos(?:e|ed|ing|ure)|shut|lifted|discharged|sign(?:ed)? off|remov(?:e|ed)|met|meet|achieved"
    r"|accept(?:s|ed)?|reject(?:s|ed)?|done|complet(?:e|ed|ing)|implement\w*|dealt with|fix(?:ed)?|sort(?:ed)? out"
    r"|progress\w*|respon(?:d|ded|se) to|reopen\w*|why|who|whom|difference|differ\w*|mean(?:s|t)?|definition|define"
    r"|automatic\w*|compar\w*|chang\w*|since then|leads? to"
    r"|happen(?:s|ed)?|act(?:ed|ing)? on|follow(?:ed)? up|decid\w*)\b"
    r"|\bwhen\b|\bhow (?!many\b)|\bwhat(?:'s| is| are) (?:an? )?" + _TERM + r"\W*$"
)
_SHOULD = re.compile(
    r"^(?:and |so |but )?what (?:else )?(?:should|must"
    r"|(?:is|are|was|were) (?=.{2,60} (?:asked|told|required|recommended) to do))"
    r" ?(?P<who>.{2,60}?) (?:have to |(?:asked|told|required|recommended) to )?do\b(?P<rest>.*)"
)
_GRADES = re.compile(r"\b(?:grade[sd]?|gradings?|ratings?|rated|judge?ments?|judged)\b")
_GRADED = re.compile(
    r"\b(?:what|which)\b.*\b(?:areas?|aspects?|questions?|parts?|pillars?)\b.*\b"
    r"(?:is|are|was|were|requires?|required|needs?|needed|graded|rated|judged)\b"
)
_GRADE_NOUN = r"(?:grade[sd]?|gradings?|ratings?|rated|judge?ments?|judged)"
_LOWEST = r"(?:worst|lowest|poorest|weakest)"
_HIGHEST = r"(?:best|highest|top)"
_EXTREMES = {
    extreme: re.compile(rf"\b{words_for}(?: [\w'’-]+)? {_GRADE_NOUN}\b|\b{_GRADE_NOUN} (?:as )?(?:the )?{words_for}\b")
    for extreme, words_for in (("lowest", _LOWEST), ("highest", _HIGHEST))
}
_NOT_GRADES = re.compile(
    r"\b(?:why|who|when|how many|reasons?|drove|drives?|caused?|behind|explain\w*"
    r"|mean(?:s|t)?|compar\w*|chang\w*|since|improved|better|worse)\b"
)
_ASKED_STEMS = frozenset(
    stem(word)
    for word in words(
        "cause concern area improvement afi coc recommendation recommend recommended innovative promising notable"
        " practice"
        " list show give name set out tell find state summarise provide get all every everything each any only other"
        " raised issued identified made given found recorded receive received inspector inspectors inspectorate hmi"
        " hmicfrs"
        " report reports assessment assessments inspection inspections document documents collection full please"
        " kindly many number pls incl including deadline deadlines formally timescale timescales time allowed not"
        " latest last most recent newest current worst lowest poorest weakest best highest top"
        " grade grades graded grading rating rated judgement judgment judged way formal main date dates with due fall"
        " force forces constabulary police should must do asked told required"
    )
) | {stem(word) for word in (*NUMBERS_BELOW_100, *MONTHS)}
_FULL_DATE = re.compile(
    rf"\b[0-9]{{1,2}}(?:st|nd|rd|th)? (?:{alternatives(MONTHS)}) [0-9]{{4}}\b|\b[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}}\b"
)
_YEAR = re.compile(r"\b20[0-9]{2}\b")
_LATEST = re.compile(r"\b(?:latest|newest|most recent|current|last (?:inspection|assessment|report))\b")
_WHETHER = re.compile(r"(?:is|are|was|were|has|have|had|did|does)\b")
_AT_ONCE = re.compile(r"\b(?:immediate\w*|straight away|at once|without delay|as soon as|urgent\w*)\b")
_NUMBERS = {word: str(value) for word, value in NUMBERS_BELOW_100.items()} | {"a": "1", "an": "1"}


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """Which formal records a question asks for. An empty field requires nothing.

    `topic` are stems of the question's concepts; `addressee` stems of whom it names; `days` or `deadline` by when;
    `grades` are patterns, of which a grade's must match one, and `extreme` is "lowest" or "highest" where only those
    grades are asked for. `is_named` says that the question names the kind, so that "none" is an answer;
    `asks_existence` that it asks whether, or how many, there are.
    """

    kinds: tuple[RecordKind, ...]
    topic: frozenset[str] = frozenset()
    addressee: frozenset[str] = frozenset()
    deadline: str = ""
    days: DayRange | None = None
    grades: tuple[str, ...] = ()
    extreme: str = ""
    years: tuple[str, ...] = ()  # of grades in a table
    is_latest: bool = False  # of each force, only the newest inspection
    is_named: bool = True
    asks_existence: bool = False

    @property
    def is_limited(self) -> bool:
        """Whether it asks only for some records of its kinds."""
        return bool(self.topic or self.addressee or self.deadline or self.days or self.grades or self.extreme)


def record_request_of(question: Question) -> RecordRequest | None:
    """The formal records that a question asks for; None for a question that asks for anything else."""
    text = clean(question.standalone).lower()
    should = _SHOULD.match(text)
    if should is not None:
        return _direction_asked(question, text, should)
    kinds = _kinds_in(text)
    if kinds and _asks_for_records(text):
        limits = _limits(text)
        topic = _topic_of(question, text)
        is_existence = _COUNT.search(text) is not None or _EXISTS.search(text) is not None
        return RecordRequest(
            *(kinds, topic),
            deadline=limits[0],
            days=limits[1],
            is_latest=_LATEST.search(text) is not None,
            asks_existence=is_existence,
        )
    return None if kinds else _grades_asked(question, text)


def _asks_for_records(text: str) -> bool:
    if _SOMETHING_ELSE.search(text):
        return False
    return any(asked.search(text) for asked in _ASKS) or not _VERB.search(text)


def _kinds_in(text: str) -> tuple[RecordKind, ...]:
    """The kind that a question names first, and those it joins to it by "and" or "or"."""
    text = re.sub(rf"\(?\b(?:not|rather than|other than|except) (?:the )?{_TERM}\)?", " ", text)
    found = sorted(
        (match.start(), match.end(), kind)
        for kind, pattern in _TERMS.items()
        for match in re.finditer(rf"\b(?:{pattern})\b", text)
    )
    if _RECOMMENDS.search(text):
        return (RecordKind.RECOMMENDATION,)
    kinds: list[RecordKind] = []
    end = 0
    for start, stop, kind in found:
        if not kinds or re.fullmatch(
            r"\W*(?:and|or|&|,|/)?\W*(?:(?:the|any|all|its|their) )?(?:other )?", text[end:start]
        ):
            kinds.append(kind)
            end = stop
    return tuple(dict.fromkeys(kinds))


def _direction_asked(question: Question, text: str, should: re.Match[str]) -> RecordRequest | None:
    """What somebody should do, or should do by a date: recommendations by their addressee and deadline."""
    deadline, days = _limits(text)
    who = should["who"]
    named = frozenset(map(stem, words(who))) - {"the", "all", "ani", "everi"}
    own = {stem(word) for force in question.scope.forces for word in words(force)} | {"forc", "constabulari", "polic"}
    addressee = frozenset() if named <= own else named
    if not (deadline or days or addressee):
        return None
    rest = DEADLINE.sub(" ", should["rest"])
    asked = {stem(word) for word in words(rest)}
    topic = (_topic_of(question, text) & asked) - addressee
    return RecordRequest((RecordKind.RECOMMENDATION,), topic, addressee, deadline, days, is_named=False)


def _grades_asked(question: Question, text: str) -> RecordRequest | None:
    """Grades: all, those of a topic, or the areas that were given one that the question names."""
    is_whether = _WHETHER.match(text) is not None  # "was it rated good?" is answered by the grade that it has
    grades = () if is_whether else tuple(grade_patterns_in(text))
    extreme = next((extreme for extreme, rule in _EXTREMES.items() if rule.search(text)), "")
    by_area = bool(grades) and _GRADED.search(text) is not None
    asked = question.intent.kind is AnswerKind.GRADE and _GRADES.search(text) is not None
    if not (by_area or asked or extreme) or _NOT_GRADES.search(text) or question.about_change:
        return None
    graded = {
        stem(word)
        for grade in ("outstanding good adequate inadequate", "requires improvement")
        for word in words(grade)
    }
    topic = _topic_of(question, text) - graded
    years = tuple(_YEAR.findall(text))
    is_latest = _LATEST.search(text) is not None
    return RecordRequest(
        *((RecordKind.GRADE,), topic),
        grades=grades,
        extreme=extreme,
        years=years,
        is_latest=is_latest,
        is_named=False,
    )


def _topic_of(question: Question, text: str) -> frozenset[str]:
    """The stems of what the records must be about: the question's topic without dates and words that ask for them."""
    dated = {stem(word) for match in DEADLINE.finditer(text) for word in words(match.group())}
    dated |= {stem(word) for match in _FULL_DATE.finditer(text) for word in words(match.group())}
    named = {stem(word) for force in (*question.scope.forces, *question.scope.missing_forces) for word in words(force)}
    stems = {concept.text for concept in question.concepts} & (question.topic | _own_topic(question))
    return frozenset(text for text in stems - _ASKED_STEMS - dated - named if not text.isdigit())


def _own_topic(question: Question) -> frozenset[str]:
    """The stems that are left out of the topic only because they belong to a judgement: "areas for improvement"."""
    if question.judgement is None:
        return frozenset()
    return frozenset(concept.text for concept in question.concepts)


def _limits(text: str) -> tuple[str, DayRange | None]:
    """The deadline that a question names: in words, or as the days it may mean."""
    dated = _FULL_DATE.search(text)
    if dated:
        return "", parse_date(re.sub(r"(?<=[0-9])(?:st|nd|rd|th)", "", dated.group()))
    found = DEADLINE.search(text)
    if found is None:
        return "", None
    if found["date"]:
        return "", parse_date(found["date"])
    return plain_deadline(found.group()), None


def plain_deadline(deadline: str) -> str:
    """A deadline in one form: "within six months" and "Within 6 months" alike, "immediately" for all that say so."""
    text = clean(deadline).lower()
    if _AT_ONCE.search(text):
        return "immediately"
    read = [_NUMBERS.get(word, word) for word in text.split()]
    return " ".join(word for word in read[:4] if word not in ("the", "next", "of")).rstrip("s")
