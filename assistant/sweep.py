"""The sweep: every sentence in scope held against what a question asks for all of, not the nearest few.

Each assessment is measured as if it alone were searched, so that none is far from the question for another's being
nearer. What is listed states what was asked in words of its own, or where its heading or the sentence before does, or
is a paraphrase that the relevance model is sure of; and it judges, grades or names the term as asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from assistant.query.demand import Demand
from assistant.query.question import Question
from assistant.relevance import Relevance
from assistant.signals import SIGNALS, measure
from index.search import Candidates
from index.survey import Survey

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
class Swept:
    """m rows that state what was asked, in reading order, each with its chance to be wanted."""

    rows: Places  # (m,)
    chance: Floats  # (m,)


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that were read: of the sentences looked at, in their order, and of headings by their rows."""

    sentences: tuple[str, ...]
    headings: Mapping[int, str]


def looked_at(surveyed: Survey, question: Question, demand: Demand) -> Places:
    """Places of the sentences whose text has to be read: the others hold nothing of what was asked."""
    if not demand.topic:
        return np.arange(len(surveyed), dtype=np.int64)
    own, _ = _shares(surveyed, question, demand)
    return np.flatnonzero((own >= HINTED) | (surveyed.candidates.cosine >= HINTED)).astype(np.int64)


def sweep(surveyed: Survey, places: Places, texts: Texts, question: Question, demand: Demand) -> Swept:
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
    return Swept(candidates.rows[listed], chance[listed])


def _shares(surveyed: Survey, question: Question, demand: Demand) -> tuple[Floats, Floats]:
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
    signals = np.zeros((len(candidates), len(SIGNALS)), dtype=np.float32)
    order = np.argsort(candidates.transcript, kind="stable")
    bounds = np.flatnonzero(np.diff(candidates.transcript[order])) + 1
    for places in np.split(order, bounds) if len(order) else []:
        alone = candidates.alone(places)
        back = places[np.searchsorted(candidates.rows[places], alone.rows)]
        signals[back] = measure(question.wanted, alone, [texts[place] for place in back], stems)
    return Relevance.load().probability(signals)


@dataclass(frozen=True, slots=True)
class _About:
    """Which of n sentences are about the topic: for sure, or if they are likely, or very likely, to be wanted."""

    stated: Flags
    nearly: Flags
    paraphrased: Flags

    @classmethod
    def of(cls, surveyed: Survey, places: Places, texts: Texts, question: Question, demand: Demand) -> Self:
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


def _follows(surveyed: Survey, stated: Flags) -> Flags:
    """Which sentences come right after one, in the same passage, that states the topic: (n,)."""
    rows, passage = surveyed.candidates.rows, surveyed.candidates.passage
    after = np.zeros(len(rows), dtype=bool)
    after[1:] = stated[:-1] & (np.diff(rows) == 1) & (np.diff(passage) == 0)
    return after


def _named(candidates: Candidates, headings: Places, texts: Texts, demand: Demand) -> Flags:
    """Which sentences the inspectorate's term asked for applies to: they, their heading or their passage name it."""
    if demand.term is None:
        return np.ones(len(candidates), dtype=bool)
    own = np.array([demand.term.search(text) is not None for text in texts.sentences], dtype=bool)
    naming = np.unique(candidates.passage[own])
    under = np.array([demand.term.search(texts.headings.get(int(row), "")) is not None for row in headings], dtype=bool)
    named: Flags = own | under | np.isin(candidates.passage, naming)
    return named
