"""The sweep: every sentence in scope held against what a question asks for all of, not the nearest few.

Each assessment is measured as if it alone were searched, so that none is far from the question for another's being
nearer. What is listed states what was asked in words of its own, or where its heading or the sentence before does, or
is a paraphrase that the relevance model is sure of; and it judges, grades or names the term as asked.

Demand: whether a question asks for all of something, and what it then wants of every sentence. By rule, no model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from assistant.judgements.praise_and_concern import TERMS, Judgement, Term, judgement_implied, judges, states_outright
from assistant.question.question import Question
from assistant.question.scope import Corpus
from assistant.retrieval.features import FEATURES, measure
from assistant.retrieval.reranker import Reranker
from assistant.retrieval.selection import grades_named, grades_of, leaves_open
from index.published.bm25 import stem, words
from index.search.full_scan import FullScan
from index.search.search import Candidates

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
class ListRequest:
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

    def by_its_term(self) -> ListRequest | None:
        """The same, met by the inspectorate's term and not by other words; None where no term is named."""
        return None if self.term is None else replace(self, in_its_words=True)

    def in_other_words(self) -> ListRequest | None:
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


def list_request_of(question: Question, holdings: Corpus) -> ListRequest | None:
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
    return ListRequest(topic, said, None if grades else judgement, grades, moved, term) or None


def lists_all(question: Question) -> bool:
    """Whether a question asks in so many words for all of a kind, and so means every force and period."""
    return _OF_THINGS.search(question.standalone) is not None


def _asks_for_all(question: Question, holdings: Corpus) -> bool:
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


STATED = 0.9  # share of the topic, weighed by rarity, from which a sentence is about it in its own words
NEARLY = 0.7  # share from which it is about it in near-synonyms, or but for a common word, if it is likely wanted too
HINTED = 0.35  # share of the topic, or cosine, from which a sentence is looked at more closely
LIKELY = 0.15  # chance to be wanted
NEAR = 0.6  # cosine from which a sentence with little of the topic's words is a paraphrase, if it is surely wanted too
SURE = 0.5  # chance
_ON_IT = re.compile(r"(this|these|such|as a result|therefore|in particular|for example)\b", re.IGNORECASE)

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ListedSentences:
    """m rows that state what was asked, in reading order, each with its chance to be wanted."""

    rows: Places  # (m,)
    chance: Floats  # (m,)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that were read: of the sentences looked at, in their order, and of headings by their rows."""

    sentences: tuple[str, ...]
    headings: Mapping[int, str]


def looked_at(surveyed: FullScan, question: Question, demand: ListRequest) -> Places:
    """Places of the sentences whose text has to be read: the others hold nothing of what was asked."""
    if not demand.topic:
        return np.arange(len(surveyed), dtype=np.int64)
    own, _ = _shares(surveyed, question, demand)
    return np.flatnonzero((own >= HINTED) | (surveyed.candidates.cosine >= HINTED)).astype(np.int64)


def sweep(surveyed: FullScan, places: Places, texts: Texts, question: Question, demand: ListRequest) -> ListedSentences:
    """The sentences at `places` that state what was asked."""
    candidates = surveyed.candidates.taken(places)
    about = _About.of(surveyed, places, texts, question, demand)
    may = about.given(np.ones(len(places), dtype=np.float32))
    may &= _named(candidates, surveyed.headings[places], texts, demand)
    may[may] = [demand.met_by(texts.sentences[place]) for place in np.flatnonzero(may).tolist()]
    listed = np.flatnonzero(may)
    weighed = np.flatnonzero(np.isin(candidates.transcript, candidates.transcript[listed]))  # no others can be listed
    chance = np.zeros(len(places), dtype=np.float32)
    chance[weighed] = _chances(candidates.taken(weighed), [texts.sentences[place] for place in weighed], question)
    listed = listed[about.given(chance)[listed]]
    return ListedSentences(candidates.rows[listed], chance[listed])


def _shares(surveyed: FullScan, question: Question, demand: ListRequest) -> tuple[Floats, Floats]:
    """Which share of the topic each sentence, with its title and heading, holds, and which its passage: (n,) each."""
    candidates = surveyed.candidates
    weights = candidates.rarity * np.array([concept.text in demand.topic for concept in question.concepts], dtype=bool)
    weights = (weights / max(float(weights.sum()), 1e-9)).astype(np.float32)
    own = np.maximum(candidates.held, surveyed.heading_held)
    around = np.maximum(own, candidates.passage_held)
    return (own @ weights).astype(np.float32), (around @ weights).astype(np.float32)


def _chances(candidates: Candidates, texts: Sequence[str], question: Question) -> Floats:
    """Each sentence's chance by the relevance model, among those of its own transcript: (n,)."""
    stems = [concept.text for concept in question.concepts]
    signals = np.zeros((len(candidates), len(FEATURES)), dtype=np.float32)
    order = np.argsort(candidates.transcript, kind="stable")
    bounds = np.flatnonzero(np.diff(candidates.transcript[order])) + 1
    for places in np.split(order, bounds) if len(order) else []:
        alone = candidates.alone(places)
        back = places[np.searchsorted(candidates.rows[places], alone.rows)]
        signals[back] = measure(question.wanted, alone, [texts[place] for place in back], stems)
    return Reranker.load().probability(signals)


@dataclass(frozen=True, slots=True)
class _About:
    """Which of n sentences are about the topic: for sure, or if they are likely, or very likely, to be wanted."""

    stated: Flags
    nearly: Flags
    paraphrased: Flags

    @classmethod
    def of(cls, surveyed: FullScan, places: Places, texts: Texts, question: Question, demand: ListRequest) -> Self:
        if not demand.topic:
            nothing = np.zeros(len(places), dtype=bool)
            return cls(~nothing, nothing, nothing)
        own, around = _shares(surveyed, question, demand)
        stated = own >= STATED
        leaning = np.array([_ON_IT.match(text) is not None for text in texts.sentences], dtype=bool)
        return cls(
            stated[places] | (leaning & _follows(surveyed, stated)[places]),
            (around[places] >= NEARLY) & (own[places] >= HINTED),
            (surveyed.candidates.cosine[places] >= NEAR) & (around[places] >= HINTED),
        )

    def given(self, chance: Floats) -> Flags:
        """Which are about the topic, given each one's chance to be wanted."""
        return self.stated | (self.nearly & (chance >= LIKELY)) | (self.paraphrased & (chance >= SURE))


def _follows(surveyed: FullScan, stated: Flags) -> Flags:
    """Which sentences come right after one, in the same passage, that states the topic: (n,)."""
    rows, passage = surveyed.candidates.rows, surveyed.candidates.passage
    after = np.zeros(len(rows), dtype=bool)
    after[1:] = stated[:-1] & (np.diff(rows) == 1) & (np.diff(passage) == 0)
    return after


def _named(candidates: Candidates, headings: Places, texts: Texts, demand: ListRequest) -> Flags:
    """Which sentences the inspectorate's term asked for applies to: they, their heading or their passage name it."""
    if demand.term is None:
        return np.ones(len(candidates), dtype=bool)
    own = np.array([demand.term.search(text) is not None for text in texts.sentences], dtype=bool)
    naming = np.unique(candidates.passage[own])
    under = np.array([demand.term.search(texts.headings.get(int(row), "")) is not None for row in headings], dtype=bool)
    named: Flags = own | under | np.isin(candidates.passage, naming)
    return named
