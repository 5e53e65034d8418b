"""Reads from a question whether it asks for all of something, and what each listed sentence must then state."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.judgements.grades import grade_patterns_in, grades_of, leaves_open
from assistant.judgements.praise_and_concern import Judgement, JudgementWords
from assistant.question.intent import denies
from assistant.question.question import Question
from assistant.question.scope import Corpus, Scope
from index.records.record import TERMS, RecordKind
from index.text.words import stem, words

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
# The inspectorate's terms. A list by term contains the sentences that name it, or whose heading or passage does.
_CAUSE = TERMS[RecordKind.CAUSE_OF_CONCERN]
_TERMS = (_CAUSE, TERMS[RecordKind.AREA_FOR_IMPROVEMENT], re.compile(r"\brecommend(ations?|ed|s)?\b", re.IGNORECASE))
# How a question asks which way things went, and how a sentence says so.
_MOVEMENTS = (
    (re.compile(r"deteriorat|declin|worse"), re.compile(r"deteriorat|declin|wors|\bfell\b|\bfallen\b|\bdropped\b")),
    (
        re.compile(r"\bimprov(?:e|ed|ing)\b|better|progress"),
        re.compile(r"improv(ed|ing)|(?<!require )(?<!requires )(?<!required )(?<!for )improvement|better|progress"),
    ),
)
_CLAUSE = re.compile(r"[;,:]|\band\b|\bbut\b")
# Words that ask for all of something, and verbs that do not say what they are about.
_NO_TOPIC = frozenset(
    (
        *("list", "name", "show", "compar", "differ", "number", "count", "not", "no", "enough", "mention", "concern"),
        *("way", "deal", "handl", "manag", "tackl", "approach", "use", "need", "make", "togeth", "order", "problem"),
    )
)


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What every listed sentence must state. An empty field requires nothing.

    `topic` are stems of the question's concepts; of the patterns in `grades` one must match; `moved` matches a
    sentence that says which way things went, `term` one that contains the inspectorate's term.
    """

    topic: frozenset[str]
    wordings: frozenset[str]  # stems of every wording of the topic
    judgement: Judgement | None
    grades: tuple[str, ...]
    moved: re.Pattern[str] | None
    term: re.Pattern[str] | None
    outright: bool = False  # the judgement must be stated outright
    term_only: bool = False  # other words for the term do not count
    negated: bool = False  # the question asks of what it is not so

    def __bool__(self) -> bool:
        return bool(self.topic or self.judgement or self.grades or self.moved or self.term)

    def met_by(self, text: str, words: JudgementWords) -> bool:
        """Whether a sentence judges and grades as asked. The caller checks topic and term."""
        if self.grades:
            return (
                self._judges(text, words) and self._grades(text.lower()) is not self.negated and self._is_graded(text)
            )
        moved = self.moved is None or self.moved.search(text.lower()) is not None
        return (
            self._judges(text, words) and moved and (self.judgement is not None or self._denied(text) is self.negated)
        )

    def _is_graded(self, text: str) -> bool:
        """Whether a text gives any grade."""
        return bool(grades_of(text.lower())) and not leaves_open(text.lower())

    def _denied(self, text: str) -> bool:
        """Whether a text says that what is asked about is not so: in the clauses about it, if there are any."""
        clauses = [clause for clause in _CLAUSE.split(text) if self._is_about(clause)]
        return any(map(denies, clauses)) if clauses else denies(text)

    def _is_about(self, clause: str) -> bool:
        if self.moved is not None and self.moved.search(clause.lower()):
            return True
        return not self.wordings.isdisjoint(map(stem, words(clause)))

    def by_term_only(self) -> ListRequest | None:
        """The same request met by the inspectorate's term only; None where the question names no term."""
        return None if self.term is None else replace(self, term_only=True)

    def in_other_words(self) -> ListRequest | None:
        """The same request without the term, for when no sentence contains it; None if nothing can replace the term."""
        if self.term is None or self.judgement is None or self.term_only:
            return None
        return replace(self, term=None, outright=self.term is _CAUSE)

    def _judges(self, text: str, words: JudgementWords) -> bool:
        if self.judgement is None:
            return True
        outright = not self.outright or words.states_outright(self.judgement, text)
        return outright and words.judges(self.judgement, text)

    def _grades(self, text: str) -> bool:
        """Whether a text gives the topic one of the grades; of several grades, only those in its clause count."""
        if leaves_open(text):
            return False
        clauses = _CLAUSE.split(text) if self.wordings and len(grades_of(text)) > 1 else [text]
        about = [clause for clause in clauses if len(clauses) == 1 or self.wordings & set(map(stem, words(clause)))]
        return any(re.search(grade, clause) for grade in self.grades for clause in about)


def list_request_of(question: Question, corpus: Corpus, judgement_words: JudgementWords) -> ListRequest | None:
    """What the listed sentences must state; None for a question that does not ask for all, or about one assessment."""
    if not _asks_for_all(question, corpus):
        return None
    text = question.standalone
    judgement, implying = _judgement_of(question, judgement_words)
    negated = question.intent.negated
    if negated and question.judgement is not None and not grade_patterns_in(text):  # "not praised" asks for concerns
        judgement, negated = _opposite(question.judgement), False
    elif negated:  # "not" is no concern of the inspector's: "which forces do not use drones"
        judgement, implying = None, ""
    grades = tuple(grade_patterns_in(text)) if judgement is None or _GRADED.search(text) else ()
    topic = question.topic - _NO_TOPIC
    if grades or implying:
        topic -= {stem(word) for word in words(" ".join([*grades_of(text.lower()), implying]))}
    request = ListRequest(
        topic=topic,
        wordings=_wording_stems(question, topic),
        judgement=None if grades else judgement,
        grades=grades,
        moved=None if judgement else _movement_in(text.lower()),
        term=_term_in(text),
        negated=negated,
    )
    return request or None


def _opposite(judgement: Judgement) -> Judgement:
    return Judgement.CONCERN if judgement is Judgement.PRAISE else Judgement.PRAISE


def _judgement_of(question: Question, words: JudgementWords) -> tuple[Judgement | None, str]:
    """The judgement a question asks for or implies, and the words that imply it; empty where it asks for it."""
    return words.implied(question.standalone) if question.judgement is None else (question.judgement, "")


def _term_in(text: str) -> re.Pattern[str] | None:
    """The pattern of the inspectorate's term that a question names."""
    return next((term for term in _TERMS if term.search(text)), None)


def _wording_stems(question: Question, topic: frozenset[str]) -> frozenset[str]:
    """The stems of every wording of the topic's concepts."""
    concepts = (concept for concept in question.concepts if concept.text in topic)
    return frozenset(stem for concept in concepts for wording in concept.wordings for stem in wording.stems)


def _movement_in(text: str) -> re.Pattern[str] | None:
    """The pattern of sentences that say which way things went, for a question in lower case that asks for it."""
    return next((stated for asked, stated in _MOVEMENTS if asked.search(text)), None)


def lists_all(question: Question) -> bool:
    """Whether a question asks outright for all things of a kind, and so means every force and period."""
    return _OF_THINGS.search(question.standalone) is not None


def _asks_for_all(question: Question, corpus: Corpus) -> bool:
    scope = question.scope
    if question.about_documents or scope.is_partly_unavailable or _is_one_assessment(scope, corpus):
        return False
    if scope.forces:
        return len(scope.parts) == 1 and lists_all(question)
    return any(asked.search(question.standalone) for asked in (_OF_FORCES, _OF_THINGS, _WHAT_THINGS))


def _is_one_assessment(scope: Scope, corpus: Corpus) -> bool:
    """Whether everything in scope is of one force and period, or no force is known at all."""
    places = scope.places or range(len(corpus.transcripts))
    kinds = ((corpus.transcripts[place].force, corpus.transcripts[place].period) for place in places)
    first = next(kinds, None)
    return not corpus.by_force or all(other == first for other in kinds)  # stops at the second kind
