"""Recognises praise and concern: what a sentence states, and which of the two a question asks for. By rule, no model.

The rules for a sentence are strict: its own words must put it on a side. "I am pleased that there are no concerns" is
praise, "It does not do this well" is a concern, and "It wants to be effective" is neither.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator

from assistant.answer_layout import Frozen
from index.records.grades import Grade, grades_given
from index.records.record import RecordKind
from index.text.words import HIGH_GRADES, LOW_GRADES, clean

Patterns = tuple[str, ...]


class Side(StrEnum):
    """Which way a sentence judges. `BOTH` is for one that praises one thing and criticises another."""

    PRAISE = "praise"
    CONCERN = "concern"
    BOTH = "both"


class Judgement(StrEnum):
    """Which way an inspector judges."""

    CONCERN = "concern"
    PRAISE = "praise"


@dataclass(frozen=True, slots=True)
class StatedJudgement:
    """What one sentence states. False when it states nothing that the rules recognise."""

    side: Side | None = None
    term: RecordKind | None = None
    grades: tuple[Grade, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.side or self.term or self.grades)


CONCERNS = (RecordKind.CAUSE_OF_CONCERN, RecordKind.AREA_FOR_IMPROVEMENT)
_NOT_BEFORE = re.compile(r"(?:\bnot|n't|\bnever|\bno longer)(?: \w+){0,2} $")
_UNDONE = re.compile(
    r"\b(?:none|few|neither|not|never|yet|should|must|needs?|needed|fail\w*|unable|cannot|to be)\b|n't\b"
)
_TERM_NAMED = re.compile(r"\b(?:causes? (?:of|for) concern|areas? (?:for|of) improvement|afis?)\b", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:not|no|never|none|neither|nor|without|cannot)\b|n't\b")
_BLANK = " ~ "  # replaces the words that a rule excludes
_CONTEXT_CHARACTERS = 30  # before a match, in which a negation counts

_NO_CONCERN = re.compile(
    r"\b(no|without|nor any|not a) (\w+ ){0,2}(concerns?|causes? of concern|areas? for improvement)\b", re.IGNORECASE
)
_WORD_END = re.compile(r"\w*")


class StatementRulesFile(Frozen):
    """`statement_rules.toml`: regular expressions that match in lower-case sentences. The file explains each."""

    guards: Patterns
    things: Patterns
    between: str
    none: Patterns
    over: Patterns
    easing: Patterns
    negative: Patterns
    shortfall: Patterns
    outright: Patterns
    positive: Patterns
    elsewhere: Patterns
    turning: Patterns
    undoing: Patterns
    wishing: Patterns
    ends: Patterns


@dataclass(frozen=True, slots=True)
class StatementRules:
    """The rules that say what a sentence states, as compiled patterns for lower-case text."""

    elsewhere: re.Pattern[str]  # a sentence that judges nothing here
    guards: re.Pattern[str]  # words that only seem to judge
    denied: re.Pattern[str]  # a concern said to be absent
    over: re.Pattern[str]  # a concern said to be put right
    eased: re.Pattern[str]
    negative: re.Pattern[str]  # a concern, unless "not" comes before it
    shortfall: re.Pattern[str]  # a concern whatever comes before it
    outright: re.Pattern[str]  # praise in so many words
    positive: re.Pattern[str]  # praise, unless the clause turns it
    turning: re.Pattern[str]  # before praise, makes it a concern
    undoing: re.Pattern[str]  # after praise, says that the thing is missing
    wishing: re.Pattern[str]  # makes praise a wish or a question
    ends: re.Pattern[str]  # where clauses end

    @classmethod
    def of(cls, file: StatementRulesFile) -> Self:
        """The rules of a data file. Raises `re.error` when an entry is no regular expression."""
        things, over = _any_of(file.things), _any_of(file.over)
        return cls(
            elsewhere=_whole_words(_any_of(file.elsewhere)),
            guards=_whole_words(_any_of(file.guards)),
            denied=_whole_words(rf"{_any_of(file.none)}(?: {file.between})*(?: (?:concerned|worried)| {things})"),
            over=_whole_words(
                rf"{things}(?: [\w']+){{0,10}} (?:is|are|was|were|has|have|had|been)(?: \w+){{0,3}} {over}"
            ),
            eased=_whole_words(rf"{_any_of(file.easing)}(?: [\w']+){{0,5}} {things}"),
            negative=_whole_words(_any_of(file.negative)),
            shortfall=_whole_words(_any_of(file.shortfall)),
            outright=_whole_words(_any_of(file.outright)),
            positive=_whole_words(_any_of(file.positive)),
            turning=_whole_words(_any_of(file.turning)),
            undoing=_whole_words(_any_of(file.undoing)),
            wishing=_whole_words(_any_of(file.wishing)),
            ends=re.compile(_any_of(file.ends)),
        )

    def read(self, sentence: str, term: RecordKind | None = None, grades: tuple[Grade, ...] = ()) -> StatedJudgement:
        """What a sentence states in its own words, as part of a formal record of kind `term` and of these grades."""
        cleaned = clean(sentence)
        grades = grades or grades_given(cleaned)
        praises, criticises = self._judges(cleaned.lower())
        praises |= any(grade.grade in HIGH_GRADES for grade in grades)
        criticises |= any(grade.grade in LOW_GRADES for grade in grades)
        criticises |= term in CONCERNS and (not praises or _TERM_NAMED.search(cleaned) is not None)
        criticises |= self._names_a_term(cleaned)
        return StatedJudgement(_side_of(praises=praises, criticises=criticises), term, grades)

    def _names_a_term(self, sentence: str) -> bool:
        """Whether a sentence names a cause of concern or an area for improvement that it neither denies nor closes."""
        text = sentence.lower()
        if not _TERM_NAMED.search(self.denied.sub(_BLANK, text)):
            return False
        return _TERM_NAMED.search(self._without_closed_concerns(text)) is not None

    def _judges(self, text: str) -> tuple[bool, bool]:
        """Whether a text, in lower case, praises, and whether it states a concern."""
        if self.elsewhere.search(text):
            return False, False
        read = self.guards.sub(_BLANK, text)
        read = self._without_closed_concerns(self.denied.sub(_BLANK, read))
        praises = criticises = outright = False
        for clause in self.ends.split(read):
            good, turned, in_so_many_words = self._praise_in(clause)
            praises |= good
            outright |= in_so_many_words
            criticises |= turned or self._states_concern(clause)
        doubtful = praises and not criticises and not outright and _NEGATION.search(read) is not None
        return praises and not doubtful, criticises

    def _states_concern(self, clause: str) -> bool:
        if self.shortfall.search(clause):
            return True
        return any(not _NOT_BEFORE.search(clause[: match.start()]) for match in self.negative.finditer(clause))

    def _praise_in(self, clause: str) -> tuple[bool, bool, bool]:
        """Whether a clause praises, whether it turns praise into criticism, and whether it praises outright."""
        undone = [match.start() for match in self.undoing.finditer(clause)]
        clause = clause[max(undone, default=0) :]
        turns = [match.start() for match in self.turning.finditer(clause)]
        wishes = [match.start() for match in self.wishing.finditer(clause)]
        first_turn, first_wish = min(turns, default=len(clause)), min(wishes, default=len(clause))
        outright = [match.start() for match in self.outright.finditer(clause)]
        praise = [*outright, *(match.start() for match in self.positive.finditer(clause))]
        turned = any(first_turn < start < first_wish for start in praise)
        last = min(first_turn, first_wish)  # praise that begins after it is turned or only wished for
        return min(praise, default=last + 1) <= last, turned, min(outright, default=last + 1) <= last

    def _without_closed_concerns(self, text: str) -> str:
        """The text without the concerns that it says are closed or put right."""
        for pattern in (self.over, self.eased):
            text = pattern.sub(lambda match: match.group() if _is_undone(match) else _BLANK, text)
        return text


def _side_of(*, praises: bool, criticises: bool) -> Side | None:
    if praises and criticises:
        return Side.BOTH
    if praises:
        return Side.PRAISE
    return Side.CONCERN if criticises else None


def _is_undone(match: re.Match[str]) -> bool:
    """Whether a text says that what it calls put right is not."""
    before = match.string[max(0, match.start() - _CONTEXT_CHARACTERS) : match.start()].rpartition(";")[2]
    return _UNDONE.search(before + match.group()) is not None


def _any_of(patterns: Iterable[str]) -> str:
    """A pattern that matches any of the patterns, without their capturing groups."""
    return "(?:" + "|".join(re.sub(r"\((?!\?)", "(?:", pattern) for pattern in patterns) + ")"


def _whole_words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})(?!\w)")


def _alternatives(patterns: list[str]) -> re.Pattern[str]:
    """Matches any of the patterns where a word begins: "recommend" does not commend, "ineffective" is not effective."""
    return re.compile("|".join(rf"\b(?:{pattern})" for pattern in patterns))


Alternatives = Annotated[re.Pattern[str], BeforeValidator(_alternatives)]


class JudgementPatterns(Frozen):
    """One table of `judgements.toml`: patterns for lower-case text. The file explains each."""

    asked: Alternatives
    outright: Alternatives
    stated: Alternatives
    implied: Alternatives


class JudgementWords(Frozen):
    """`judgements.toml`: the words by which questions ask for praise or concern, and sentences state it.

    They are wider than `StatementRules`: they find what may answer a question.
    """

    concern: JudgementPatterns
    praise: JudgementPatterns

    def asked(self, question: str) -> Judgement | None:
        """Which judgements a question asks for: "what concerns…", "what is the inspector pleased with"."""
        text = question.lower()
        return next((judgement for judgement in Judgement if self._patterns(judgement).asked.search(text)), None)

    def implied(self, question: str) -> tuple[Judgement | None, str]:
        """Which judgement a question about many forces implies ("which forces lack…"), and the words that imply it."""
        text = question.lower().replace("’", "'")
        for judgement in Judgement:
            found = self._patterns(judgement).implied.findall(text)
            if found:
                return judgement, " ".join(found)
        return None, ""

    def states(self, judgement: Judgement, sentence: str) -> bool:
        """Whether a sentence states a concern, or praise."""
        return self._patterns(judgement).stated.search(sentence.lower()) is not None

    def states_outright(self, judgement: Judgement, sentence: str) -> bool:
        """Whether a sentence says in so many words that the inspector is concerned, or pleased."""
        return self._patterns(judgement).outright.search(sentence.lower()) is not None

    def judges(self, judgement: Judgement, sentence: str) -> bool:
        """Whether a sentence judges this way and does not, in so many words, judge the other way.

        "I am pleased that there is no backlog" is no concern, and "It does not do this well" is no praise.
        """
        text = _NO_CONCERN.sub(" ", sentence)
        other = Judgement.PRAISE if judgement is Judgement.CONCERN else Judgement.CONCERN
        against = self.states_outright if judgement is Judgement.CONCERN else self.states
        return self.states(judgement, text) and (self.states_outright(judgement, text) or not against(other, text))

    def spans_asking(self, judgement: Judgement, question: str) -> tuple[tuple[int, int], ...]:
        """Where a question says which judgement it asks for, as (start, end): these words are not its topic."""
        text = question.lower()
        return tuple(
            (match.start(), _end_of_word(text, match.end())) for match in self._patterns(judgement).asked.finditer(text)
        )

    def _patterns(self, judgement: Judgement) -> JudgementPatterns:
        return self.concern if judgement is Judgement.CONCERN else self.praise


def _end_of_word(text: str, position: int) -> int:
    match = _WORD_END.match(text, position)
    return match.end() if match else position
