"""Computes the features of each candidate sentence from which the reranker predicts that it is part of the answer.

No feature depends on the size of the collection: they are cosines, shares, differences from the best candidate, and
yes or no.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from assistant.question.intent import AnswerKind, Intent, contains_kind, is_negated, numbers_in
from assistant.work import checked
from index.text.words import stem, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.search.candidates import Candidates

    Floats = NDArray[np.float32]

FEATURES = (
    "score",  # by late interaction, of the sentence with its context
    "score_gap",  # to the highest among the candidates
    "own",  # the same of the sentence alone
    "own_gap",
    "context_gain",  # the score less that of the sentence alone
    "asked",  # of the question that it answers, in an interview
    "heading",
    "weakest",  # of the question's token that matches worst
    "before",  # of the sentence before
    "after",
    "passage_best",  # the highest score of another candidate in its passage
    "rank",  # log of its place by score
    "cosine",
    "cosine_gap",
    "lexical_share",  # BM25 over the highest BM25
    "coverage",  # share of the question, weighted by rarity, that the sentence and its title contain
    "coverage_gap",
    "passage_coverage",
    "transcript_coverage",
    "transcript_coverage_gap",
    "same_passage",  # as the first candidate
    "same_transcript",
    "distance",  # after the first candidate, in fifths of a sentence from -5 to 5; 2 in another transcript
    "length",  # log of characters over 150
    "refers_back",  # the sentence begins with a word such as "this" or "they"
    "is_question",
    "introduces",  # the sentence ends in a colon
    "negation_missing",  # the question says not, the sentence does not
    "negation_added",
    "rarest_missing",  # rarity of the rarest concept that the passage lacks
    "rarest_missing_in_transcript",
    "missing",  # share of the question that the passage lacks and the collection contains
    "unknown",  # share of the question that the collection lacks
    "number_missing",  # a number in the question that neither the sentence nor its passage contains
    "name_missing",  # a name in the question that the sentence lacks
    "name_missing_in_passage",
    "speaker_named",  # the question contains a word of the speaker's name or office
    "other_speaker_named",  # it contains one of another candidate's speaker, and none of this one's
    "kind_given",  # the sentence contains a date for "when", a number for "how many", …
    "kind_missing",
    "lead",  # score of the first candidate over the best of another passage
    "second",  # score of the first candidate over the second
    "spread",  # score of the first candidate over the tenth
    "top_score",
    "top_own",
    "top_weakest",
    "top_cosine",
    "top_coverage",
    "top_passage_coverage",
    "concepts",
    *(f"asks_{kind.value}" for kind in AnswerKind),
)
_REFERS_BACK = re.compile(
    r"(?:this|that|these|those|it|its|they|their|he|his|she|her|such|both|neither)\b", re.IGNORECASE
)


def measure(
    intent: Intent,
    candidates: Candidates,
    texts: Sequence[str],
    concepts: Sequence[str],
    speakers: Sequence[str] | None = None,
) -> Floats:
    """The features of n candidates: shape (n, len(FEATURES)), columns in the order of `FEATURES`.

    `texts` are the candidates' sentences, `concepts` the stems of the question's concepts as they were asked, and
    `speakers` the labels of who says each sentence, empty where the source names nobody.
    """
    shared = _pool_features(intent, candidates, concepts)
    columns = [*_search_features(candidates), *_text_features(intent, candidates, texts, concepts)]
    columns[-2:-2] = _speaker_features(speakers or [""] * len(texts), concepts)
    columns += [np.full(len(candidates), value, dtype=np.float32) for value in shared]
    return np.stack(columns, axis=1).astype(np.float32)


def _search_features(candidates: Candidates) -> list[Floats]:
    """The features that the search measured: n values each."""
    weights = candidates.rarity / max(float(candidates.rarity.sum()), 1e-9)
    coverage = candidates.coverage @ weights
    in_transcript = candidates.transcript_coverage @ weights
    near = candidates.transcript == candidates.transcript[0]
    away = np.clip(candidates.rows - candidates.rows[0], -5, 5) / 5.0
    top_lexical = max(float(candidates.bm25.max(initial=0.0)), 1e-9)
    return [
        candidates.score,
        candidates.score - candidates.score[0],
        candidates.own,
        candidates.own - candidates.own.max(),
        candidates.score - candidates.own,
        candidates.asked,
        candidates.heading,
        candidates.weakest,
        candidates.before,
        candidates.after,
        _best_of_others(candidates),
        np.log1p(np.arange(len(candidates))),
        candidates.cosine,
        candidates.cosine - candidates.cosine.max(),
        candidates.bm25 / top_lexical,
        coverage,
        coverage - coverage.max(),
        candidates.passage_coverage @ weights,
        in_transcript,
        in_transcript - in_transcript.max(),
        candidates.passage == candidates.passage[0],
        near,
        np.where(near, away, 2.0),
    ]


def _best_of_others(candidates: Candidates) -> Floats:
    """The highest score of another candidate in each candidate's passage, -1 where there is none: (n,)."""
    best = np.full(len(candidates), -1.0, dtype=np.float32)
    first_of: dict[int, int] = {}  # candidates are in the order of their scores
    for position, passage in enumerate(candidates.passage.tolist()):
        first = first_of.setdefault(passage, position)
        if first != position:
            best[position] = candidates.score[first]
            best[first] = max(best[first], candidates.score[position])
    return best


def _text_features(
    intent: Intent, candidates: Candidates, texts: Sequence[str], concepts: Sequence[str]
) -> list[Floats]:
    """The features that depend on the sentences' texts: n values each."""
    total = max(float(candidates.rarity.sum()), 1e-9)
    known = candidates.rarity < 1.0
    lacking = candidates.passage_coverage == 0
    is_name = np.array([concept in intent.names for concept in concepts], dtype=bool)
    negated = np.array([is_negated(text) for text in texts], dtype=bool)
    given = [contains_kind(intent.kind, text, intent) for text in checked(texts)]
    return [
        np.log(np.array([max(len(text), 1) for text in texts]) / 150.0),
        np.array([_REFERS_BACK.match(text) is not None for text in texts]),
        np.array([text.rstrip().endswith("?") for text in texts]),
        np.array([text.rstrip().endswith(":") for text in texts]),
        ~negated & intent.negated,
        negated & (not intent.negated),
        np.where(lacking, candidates.rarity, 0.0).max(axis=1, initial=0.0),
        np.where(candidates.transcript_coverage == 0, candidates.rarity, 0.0).max(axis=1, initial=0.0),
        (lacking & known) @ candidates.rarity / total,
        np.full(len(texts), float(candidates.rarity[~known].sum()) / total),
        _numbers_missing(intent, candidates, texts),
        ((candidates.coverage == 0) & is_name).any(axis=1),
        (lacking & is_name).any(axis=1),
        np.array([answer is True for answer in given]),
        np.array([answer is False for answer in given]),
    ]


def _speaker_features(speakers: Sequence[str], concepts: Sequence[str]) -> list[Floats]:
    """Whether the question names the speaker of each sentence, and whether it names another one instead: (n,) each."""
    asked = frozenset(concepts)
    names = {speaker for speaker in speakers if any(stem(word) in asked for word in words(speaker))}
    named = np.array([speaker in names for speaker in speakers], dtype=np.float32)
    return [named, np.where(named > 0, 0.0, float(bool(names))).astype(np.float32)]


def _numbers_missing(intent: Intent, candidates: Candidates, texts: Sequence[str]) -> Floats:
    """1 where a number of the question is in no candidate of the sentence's passage, else 0: (n,)."""
    if not intent.numbers:
        return np.zeros(len(texts), dtype=np.float32)
    in_passage: dict[int, set[str]] = {}
    for passage, text in zip(candidates.passage.tolist(), texts, strict=True):
        in_passage.setdefault(passage, set()).update(numbers_in(text))
    missing = [bool(intent.numbers - in_passage[passage]) for passage in candidates.passage.tolist()]
    return np.array(missing, dtype=np.float32)


def _pool_features(intent: Intent, candidates: Candidates, concepts: Sequence[str]) -> list[float]:
    """The features that all candidates share."""
    weights = candidates.rarity / max(float(candidates.rarity.sum()), 1e-9)
    first = float(candidates.score[0])
    others = candidates.score[candidates.passage != candidates.passage[0]]
    return [
        first - float(others.max(initial=0.0)),
        first - float(candidates.score[min(1, len(candidates) - 1)]),
        first - float(candidates.score[min(9, len(candidates) - 1)]),
        first,
        float(candidates.own.max()),
        float(candidates.weakest.max()),
        float(candidates.cosine.max()),
        float((candidates.coverage @ weights).max()),
        float((candidates.passage_coverage @ weights).max()),
        len(concepts) / 8.0,
        *(float(intent.kind is kind) for kind in AnswerKind),
    ]
