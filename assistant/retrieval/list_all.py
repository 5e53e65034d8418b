"""Selects every sentence that states what a question asks for all of, not only the nearest few.

Scores are normalised per transcript, so that one with a strong match cannot hide the others. A sentence is
listed when it states the request in its own words, when its heading or the sentence before it does, or when it is a
paraphrase that the reranker finds probable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from assistant.judgements.grades import grade_patterns_in, grades_of, leaves_open
from assistant.judgements.praise_and_concern import JudgementWords
from assistant.question.intent import AnswerKind
from assistant.question.list_request import ListRequest
from assistant.question.question import Question
from assistant.retrieval.evidence import Evidence, RankedCandidates
from assistant.retrieval.features import FEATURES, measure
from assistant.retrieval.reranker import Reranker
from assistant.work import checked
from index.search.candidates import Candidates
from index.search.search import FullScan

MIN_STATED_SHARE = 0.9  # share of the topic, weighted by rarity, from which a sentence is about it in its own words
MIN_NEAR_SHARE = 0.7  # share from which a probable sentence is about it in near-synonyms
MIN_READ_SHARE = 0.35  # share of the topic, or cosine, from which a sentence is read at all
MIN_NEAR_PROBABILITY = 0.15
MIN_PARAPHRASE_COSINE = 0.6  # from which a sentence with few of the topic's words may be a paraphrase
MIN_PARAPHRASE_PROBABILITY = 0.5
MIN_LISTED_PROBABILITY = 0.3  # from which a sentence counts as on the topic of a list
MIN_OUTRIGHT_JUDGEMENTS = 3  # sentences that state a judgement outright, from which only such sentences are listed

_AREAS_ASKED = re.compile(
    r"\b(which|what)\b.*\b(areas?|aspects?|questions?|parts?|things)\b.*\b(grad\w+|rated|judged|found|was|were|is|are)\b",
    re.IGNORECASE,
)
_GRADES_ASKED = re.compile(r"\b(which|what|all|list|the) (\w+ )?(grades|ratings|gradings|judge?ments)\b")
_MOVEMENT_ASKED = re.compile(r"\b(?:what|which)\b.*\b(deteriorat|declin|worsen|improving|improved)")
_JUDGEMENT_KINDS = (AnswerKind.LIST, AnswerKind.OTHER, AnswerKind.DEFINITION, AnswerKind.EXPLANATION)
_COMPARES = re.compile(
    r"\b(since|than|from|compared (with|to)|before|after|following)\b.{0,40}"
    r"\b(last|previous|earlier|year|20\d\d|inspection)"
    r"|\b(had|has|have) (dropped|fallen|risen|improved|deteriorated|declined|got worse|got better|slipped)\b"
    r"|\bfallen back\b|\bunchanged\b"
)

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Positions = NDArray[np.int64]

_REFERS_BACK = re.compile(r"(this|these|such|as a result|therefore|in particular|for example)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ScannedTexts:
    """The texts of the sentences at the positions read and their speakers, in order, and their headings by row."""

    sentences: tuple[str, ...]
    speakers: tuple[str, ...]
    headings: Mapping[int, str]


def positions_to_read(scan: FullScan, question: Question, request: ListRequest) -> Positions:
    """The positions of the sentences whose text has to be read: no other can state what was asked."""
    if not request.topic:
        return np.arange(len(scan), dtype=np.int64)
    own, _ = _shares(scan, question, request)
    return np.flatnonzero((own >= MIN_READ_SHARE) | (scan.candidates.cosine >= MIN_READ_SHARE)).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Scanned:
    """Every sentence in scope, scored, with the texts of those that may state what a list request asks for."""

    request: ListRequest
    scan: FullScan
    positions: Positions  # (m,) of the sentences read
    texts: ScannedTexts


def select_all(question: Question, scanned: Scanned, words: JudgementWords, reranker: Reranker) -> tuple[Evidence, ...]:
    """The scanned sentences that state what was asked, in reading order."""
    request, scan, positions, texts = scanned.request, scanned.scan, scanned.positions, scanned.texts
    candidates = scan.candidates.taken(positions)
    about = _About.of(scan, positions, texts, question, request)
    possible = about.given(np.ones(len(positions), dtype=np.float32))
    possible &= _under_term(candidates, scan.headings[positions], texts, request)
    possible[possible] = [
        request.met_by(texts.sentences[position], words) for position in checked(np.flatnonzero(possible).tolist())
    ]
    listed = np.flatnonzero(possible)
    scored = np.flatnonzero(np.isin(candidates.transcript, candidates.transcript[listed]))
    probability = np.zeros(len(positions), dtype=np.float32)
    said = [(texts.sentences[position], texts.speakers[position]) for position in scored]
    probability[scored] = _probabilities(candidates.taken(scored), said, question, reranker)
    listed = listed[about.given(probability)[listed]]
    return tuple(
        Evidence(int(candidates.rows[position]), texts.sentences[position], float(probability[position]))
        for position in listed.tolist()
    )


def _shares(scan: FullScan, question: Question, request: ListRequest) -> tuple[Floats, Floats]:
    """The share of the topic in each sentence with its title and heading, and in its passage: (n,) each."""
    candidates = scan.candidates
    weights = candidates.rarity * np.array([concept.text in request.topic for concept in question.concepts], dtype=bool)
    weights = (weights / max(float(weights.sum()), 1e-9)).astype(np.float32)
    own = np.maximum(candidates.coverage, scan.heading_coverage)
    around = np.maximum(own, candidates.passage_coverage)
    return (own @ weights).astype(np.float32), (around @ weights).astype(np.float32)


def _probabilities(
    candidates: Candidates, said: Sequence[tuple[str, str]], question: Question, reranker: Reranker
) -> Floats:
    """The probability of each sentence, given as text and speaker, among those of its own transcript: (n,)."""
    stems = [concept.text for concept in question.concepts]
    features = np.zeros((len(candidates), len(FEATURES)), dtype=np.float32)
    order = np.argsort(candidates.transcript, kind="stable")
    bounds = np.flatnonzero(np.diff(candidates.transcript[order])) + 1
    for positions in checked(np.split(order, bounds) if len(order) else []):
        by_score = positions[np.lexsort((candidates.rows[positions], -candidates.score[positions]))]
        alone = candidates.taken(by_score)
        texts, speakers = zip(*(said[position] for position in by_score), strict=True)
        features[by_score] = measure(question.intent, alone, texts, stems, speakers)
    return reranker.probability(features)


@dataclass(frozen=True, slots=True)
class _About:
    """Which of n sentences are about the topic: outright, or only if they are probable enough."""

    stated: Flags
    nearly: Flags
    paraphrased: Flags

    @classmethod
    def of(
        cls, scan: FullScan, positions: Positions, texts: ScannedTexts, question: Question, request: ListRequest
    ) -> Self:
        if not request.topic:
            nothing = np.zeros(len(positions), dtype=bool)
            return cls(~nothing, nothing, nothing)
        own, around = _shares(scan, question, request)
        stated = own >= MIN_STATED_SHARE
        refers_back = np.array([_REFERS_BACK.match(text) is not None for text in texts.sentences], dtype=bool)
        return cls(
            stated[positions] | (refers_back & _follows(scan, stated)[positions]),
            (around[positions] >= MIN_NEAR_SHARE) & (own[positions] >= MIN_READ_SHARE),
            (scan.candidates.cosine[positions] >= MIN_PARAPHRASE_COSINE) & (around[positions] >= MIN_READ_SHARE),
        )

    def given(self, probability: Floats) -> Flags:
        """Which are about the topic, given the probability (n,) of each to be wanted."""
        near = self.nearly & (probability >= MIN_NEAR_PROBABILITY)
        return self.stated | near | (self.paraphrased & (probability >= MIN_PARAPHRASE_PROBABILITY))


def _follows(scan: FullScan, stated: Flags) -> Flags:
    """Which sentences come right after one, in the same passage, that states the topic: (n,)."""
    rows, passage = scan.candidates.rows, scan.candidates.passage
    after = np.zeros(len(rows), dtype=bool)
    after[1:] = stated[:-1] & (np.diff(rows) == 1) & (np.diff(passage) == 0)
    return after


def _under_term(candidates: Candidates, headings: Positions, texts: ScannedTexts, request: ListRequest) -> Flags:
    """Which sentences the term asked for applies to: the sentence, its heading or its passage contains it."""
    if request.term is None:
        return np.ones(len(candidates), dtype=bool)
    own = np.array([request.term.search(text) is not None for text in texts.sentences], dtype=bool)
    naming = np.unique(candidates.passage[own])
    under = np.array(
        [request.term.search(texts.headings.get(int(row), "")) is not None for row in headings], dtype=bool
    )
    named: Flags = own | under | np.isin(candidates.passage, naming)
    return named


class _Listing(NamedTuple):
    """What a listing rule reads: the question, the candidates, their texts in lower case, and which are on topic."""

    question: Question
    ranked: RankedCandidates
    words: JudgementWords
    texts: list[str]
    topical: NDArray[np.bool_]

    def where(self, test: Callable[[str], bool]) -> list[int]:
        """The positions of the texts that pass a test."""
        return [position for position, text in enumerate(self.texts) if test(text)]


def all_of_a_kind(question: Question, ranked: RankedCandidates, words: JudgementWords) -> list[int]:
    """For a question that asks for all of something recognisable: the positions of every such sentence. Else none."""
    topical = np.ones(len(ranked), dtype=bool)
    if question.has_topic:
        topical = ranked.on_topic | (ranked.probability >= MIN_LISTED_PROBABILITY)
    listing = _Listing(question, ranked, words, [text.lower() for text in ranked.texts], topical)
    for rule in _LISTING_RULES:
        found = rule(listing)
        if found is not None:
            return found
    return []


def _list_movement(listing: _Listing) -> list[int] | None:
    """What improved, or deteriorated."""
    asked = _MOVEMENT_ASKED.search(listing.question.standalone.lower())
    if asked is None:
        return None
    return [
        position for position in listing.where(lambda text: asked.group(1)[:6] in text) if listing.topical[position]
    ]


def _list_overview(listing: _Listing) -> list[int] | None:
    """The first sentence of each passage, for a summary of everything."""
    if not listing.question.asks_for_overview or listing.question.has_topic:
        return None
    return np.flatnonzero(listing.ranked.opens_passage).tolist()


def _list_changes(listing: _Listing) -> list[int] | None:
    """The sentences that compare with another inspection, for a question about change in general."""
    if not listing.question.about_change or listing.question.has_topic:
        return None
    return listing.where(lambda text: len(grades_of(text)) > 1 or _COMPARES.search(text) is not None)


def _list_graded_areas(listing: _Listing) -> list[int] | None:
    """The sentences that give a grade the question names, for "which areas were graded…"."""
    grades = grade_patterns_in(listing.question.standalone)
    if not grades or not _AREAS_ASKED.search(listing.question.standalone):
        return None
    return listing.where(lambda text: any(re.search(grade, text) for grade in grades))


def _list_grades(listing: _Listing) -> list[int] | None:
    """The sentences that give any grade, for "which grades…"."""
    if listing.question.has_topic or not _GRADES_ASKED.search(listing.question.standalone.lower()):
        return None
    return listing.where(lambda text: bool(grades_of(text)) and not leaves_open(text))


def _list_judgements(listing: _Listing) -> list[int] | None:
    """The sentences that praise, or that state a concern, as the question asks."""
    judgement = listing.question.judgement
    if judgement is None or listing.question.intent.kind not in _JUDGEMENT_KINDS:
        return None
    judging = listing.where(lambda text: len(grades_of(text)) < 2 and listing.words.states(judgement, text))
    stated = [position for position in judging if listing.topical[position]]
    outright = [position for position in stated if listing.words.states_outright(judgement, listing.texts[position])]
    return outright if len(outright) >= MIN_OUTRIGHT_JUDGEMENTS else stated


_LISTING_RULES: tuple[Callable[[_Listing], list[int] | None], ...] = (
    _list_movement,
    _list_overview,
    _list_changes,
    _list_graded_areas,
    _list_grades,
    _list_judgements,
)
