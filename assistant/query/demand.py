"""Demand: whether a question asks for all of something, and what it then wants of every sentence. By rule, no model."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.evidence import grades_named, grades_of, leaves_open
from assistant.query.judgement import Judgement, judgement_implied, judges, states_outright
from assistant.query.question import Question
from assistant.query.scope import Holdings
from assistant.query.stated import TERMS, Term
from index.words import stem, words

_BODIES = r"(forces|constabularies|assessments|inspections|reports)"
_THINGS = (
    r"(concerns|areas for improvement|causes of concern|recommendations|weaknesses|strengths|problems|failings"
    r"|criticisms|praise|mentions|shortcomings)"
)
_OF_FORCES = re.compile(
    rf"\b(which|how many|all|any|every|each|list|name|most|other)( of)?( the)?( \w+){{0,2}} {_BODIES}\b"
    r"|\bwhat ((other|police|english|welsh) )?(forces|constabularies)\b"
    r"|\b(every|each|any) (police )?(force|constabulary|assessment|inspection)\b"
    r"|\b(across|compare)( all)?( the)? (police )?(forces|constabularies)\b"
    r"|\bhow (do|did)( the)? (police )?(forces|constabularies)\b",
    re.IGNORECASE,
)
_OF_THINGS = re.compile(rf"\b(all|every|each|list|how many)( of)?( the)?( \w+){{0,2}} {_THINGS}\b", re.IGNORECASE)
_WHAT_THINGS = re.compile(rf"\b(which|what)( (are|were))?( the| other)? {_THINGS}\b", re.IGNORECASE)
_GRADED = re.compile(r"\b(grad|rat|judg|assess|scor)(e|ed|es|ing)\b", re.IGNORECASE)
# The inspectorate's own terms. Only a sentence that names one, or stands under or beside its name, has one.
_TERMS = (*TERMS.values(), re.compile(r"\brecommend(ations?|ed|s)?\b", re.IGNORECASE))
# How a question asks which way things went, and how a sentence says so.
_MOVED = (
    (re.compile(r"deteriorat|declin|worse"), re.compile(r"deteriorat|declin|wors|\bfell\b|\bfallen\b|\bdropped\b")),
    (re.compile(r"improved|improving|better|progress"), re.compile(r"improv(ed|ing|ement)|better|progress")),
)
_CLAUSE = re.compile(r"[;,:]|\band\b|\bbut\b")
# Words of asking for all, and verbs that say nothing of what they are about.
_NO_TOPIC = frozenset(
    (
        *("list", "name", "show", "compar", "differ", "number", "count", "not", "no", "enough", "mention", "concern"),
        *("way", "deal", "handl", "manag", "tackl", "approach", "use", "need", "make", "togeth", "order", "problem"),
    )
)


@dataclass(frozen=True, slots=True)
class Demand:
    """What every listed sentence has to state. An empty part asks for nothing.

    `topic` are stems of concepts of the question, `grades` patterns of which one has to be there, `moved` how a
    sentence says which way things went, `term` the pattern of one of the inspectorate's terms.
    """

    topic: frozenset[str]
    said: frozenset[str]  # stems of every wording of the topic
    judgement: Judgement | None
    grades: tuple[str, ...]
    moved: re.Pattern[str] | None
    term: re.Pattern[str] | None
    outright: bool = False  # the judgement has to be stated in so many words
    in_its_words: bool = False  # nothing but the term will do

    def __bool__(self) -> bool:
        return bool(self.topic or self.judgement or self.grades or self.moved or self.term)

    def met_by(self, text: str) -> bool:
        """Whether a sentence judges, or grades, as asked. Its topic and the term are for who knows its place."""
        judged = self.judgement is None or judges(self.judgement, text)
        if self.outright and self.judgement is not None:
            judged = judged and states_outright(self.judgement, text)
        moved = self.moved is None or self.moved.search(text.lower()) is not None
        return judged and moved and (not self.grades or self._grades(text.lower()))

    def by_its_term(self) -> Demand | None:
        """The same, met by the inspectorate's term and not by other words; None where no term is named."""
        return None if self.term is None else replace(self, in_its_words=True)

    def in_other_words(self) -> Demand | None:
        """The same asked without the term, for where no sentence names it; None where nothing else stands for it."""
        if self.term is None or self.judgement is None or self.in_its_words:
            return None
        return replace(self, term=None, outright=self.term is TERMS[Term.CAUSE])

    def _grades(self, text: str) -> bool:
        """Whether a grade asked for is given to what was asked: in one clause with it, where several are given."""
        if leaves_open(text):
            return False
        clauses = _CLAUSE.split(text) if self.said and len(grades_of(text)) > 1 else [text]
        about = [clause for clause in clauses if len(clauses) == 1 or self.said & set(map(stem, words(clause)))]
        return any(re.search(grade, clause) for grade in self.grades for clause in about)


def demand_of(question: Question, holdings: Holdings) -> Demand | None:
    """What a question that asks for all wants; None for one that does not, or that is about one assessment only."""
    if not _asks_for_all(question, holdings):
        return None
    text = question.standalone
    judgement, implying = judgement_implied(text) if question.judgement is None else (question.judgement, "")
    grades = tuple(grades_named(text)) if judgement is None or _GRADED.search(text) else ()
    named = " ".join([*grades_of(text.lower()), implying]) if grades or implying else ""
    topic = question.topic - _NO_TOPIC - {stem(word) for word in words(named)}
    wordings = [wording for concept in question.concepts if concept.text in topic for wording in concept.wordings]
    said = frozenset(stem for wording in wordings for stem in wording.stems)
    term = next((term for term in _TERMS if term.search(text)), None)
    moved = None if judgement else next((stated for asked, stated in _MOVED if asked.search(text.lower())), None)
    return Demand(topic, said, None if grades else judgement, grades, moved, term) or None


def lists_all(question: Question) -> bool:
    """Whether a question asks in so many words for all of a kind, and so means every force and period."""
    return _OF_THINGS.search(question.standalone) is not None


def _asks_for_all(question: Question, holdings: Holdings) -> bool:
    scope, text = question.scope, question.standalone
    if question.about_itself or scope.missing_forces or scope.missing_periods or scope.outside:
        return False
    places = scope.places or range(len(holdings.transcripts))
    held = ((holdings.transcripts[place].force, holdings.transcripts[place].period) for place in places)
    first = next(held, None)
    if not holdings.by_force or all(other == first for other in held):  # ends at the second, among a thousand
        return False
    if scope.forces:
        return len(scope.parts) == 1 and lists_all(question)
    return any(asked.search(text) for asked in (_OF_FORCES, _OF_THINGS, _WHAT_THINGS))
