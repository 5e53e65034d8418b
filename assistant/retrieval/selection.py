"""Selects, from the ranked candidates, the sentences that answer: as many as the question needs and no more.

The set shown is the one with the greatest expected F1 (the harmonic mean of the share of wanted characters that are
shown and the share of shown characters that are wanted), after Jansche (2007), "A maximum expected utility framework
for binary sequence labeling". Below the threshold nothing is selected.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.judgements.grades import GRADE_LEFT_OPEN, grade_patterns_in
from assistant.judgements.praise_and_concern import Judgement, JudgementWords, StatementRules
from assistant.question.intent import AnswerKind, denies, gives_detail
from assistant.question.periods import years_asked
from assistant.question.question import Question
from assistant.question.scope import Corpus, ScopePart
from assistant.retrieval.evidence import PartEvidence, RankedCandidates, Selection
from assistant.retrieval.list_all import all_of_a_kind
from assistant.retrieval.recency import beside, newest_first, of_newest, other_side
from index.text.words import stem

# Thresholds chosen on the development sets, see docs/measures.md.
MIN_EXPECTED_F1 = 0.16  # below it a question is not answered
MIN_EXPECTED_F1_IN_PART = 0.12  # for one of several forces or periods named: the place is known already
MIN_OFF_TOPIC_PROBABILITY = 0.25  # for a sentence with none of the topic's words
MAX_UNKNOWN_SHARE = 0.5  # share of the topic that occurs nowhere, from which only a probable sentence answers
ALL_UNKNOWN_SHARE = 0.999  # the same, from which nothing answers
MIN_LIKELY = 3  # the most probable candidates, which a refusal may show, are likely
MIN_LIKELY_SHARE = 0.5  # of the greatest probability, from which a candidate is likely
MAX_SENTENCES = 8  # chosen by expected F1

_WHY = re.compile(r"\b(why|reasons?|what (limits|causes|caused|explains))\b", re.IGNORECASE)
# "which complaints are not answered", but not "why was it not", "what should you do if it is not"
_ASKS_WHAT_IS_NOT = re.compile(
    r"\W*(?:which|what|who)(?: (?!if\b|that\b|who\b|by\b|when\b)[\w’'-]+){0,8}?(?:n['’]t| not| never| no longer)\b",
    re.IGNORECASE,
)
_WHO_IS = re.compile(
    r"\bwho (is|was|are|were) (the|its|their|his|her)\b|\bnames? of\b"
    r"|\bwho (leads?|led|heads?|runs?|chairs?|commands?)\b",
    re.IGNORECASE,
)
_DETAILS = (AnswerKind.NUMBER, AnswerKind.DATE, AnswerKind.GRADE, AnswerKind.PERSON)  # a sentence gives one or not


@dataclass(frozen=True, slots=True)
class Selector:
    """Selects what answers questions about one collection. Immutable; safe to use from several threads."""

    corpus: Corpus
    words: JudgementWords
    rules: StatementRules

    def part_of(self, question: Question, part: ScopePart | None, ranked: RankedCandidates) -> PartEvidence:
        """What answers one part of a question, within the force and the years it names."""
        others = _naming_another(question, ranked, self.corpus)
        several = len(question.scope.parts) > 1 or others is not None
        threshold = MIN_EXPECTED_F1_IN_PART if several else MIN_EXPECTED_F1
        selection = self.select(question, ranked, threshold, others=others)
        scope = question.scope
        if scope.missing_forces and not (scope.forces or scope.is_of_naming or question.which_force):
            selection = _mentions(question, ranked, selection, self.corpus)
        if scope.missing_periods and not (part is not None and (part.period or part.year)):
            selection = _within_years(question, selection)
        return PartEvidence(part, ranked, selection)

    def select(
        self,
        question: Question,
        ranked: RankedCandidates,
        threshold: float = MIN_EXPECTED_F1,
        *,
        others: NDArray[np.bool_] | None = None,
    ) -> Selection:
        """The candidates that answer the question, or one part of it; of `others`, (n,), only those that are true."""
        if not len(ranked):
            return Selection()
        elsewhere = bool(ranked.unknown_names) or (question.has_topic and ranked.unknown_share >= ALL_UNKNOWN_SHARE)
        listed = [] if elsewhere else all_of_a_kind(question, ranked, self.words)
        if listed:
            return Selection(ranked.evidence_in_order(newest_first(ranked, self._current(question, ranked, listed))))
        able = self._able(question, ranked, others)
        lengths = np.array([len(text) for text in ranked.texts], dtype=np.float32)
        off_topic = _off_topic(question, ranked) if others is None else np.zeros(len(ranked), dtype=bool)
        eligible = able & ~off_topic & (not elsewhere)
        probability = np.where(eligible, ranked.probability, 0.0).astype(np.float32)
        if _is_narrowed(question, ranked):
            threshold = min(threshold, MIN_EXPECTED_F1_IN_PART)
        if question.asks_for_latest:
            probability = of_newest(question, ranked, probability)
        positions, expected = best_set(probability, lengths)
        if positions and expected >= threshold:
            comparable = probability if question.asks_for_latest else np.where(able, ranked.probability, 0.0)
            return Selection(ranked.evidence_in_order(self._completed(question, ranked, comparable, positions)))
        would_answer = best_set(ranked.probability, lengths)[1] >= threshold
        return Selection((), _missing_detail(question, ranked, able, would_answer=would_answer))

    def _able(
        self, question: Question, ranked: RankedCandidates, others: NDArray[np.bool_] | None
    ) -> NDArray[np.bool_]:
        """Which candidates can be the answer at all, by what they say: (n,)."""
        able = np.array([_can_answer(question, text) for text in ranked.texts], dtype=bool)
        if _ASKS_WHAT_IS_NOT.match(question.standalone):
            able &= np.array([_says_not(question, text, self.words) for text in ranked.texts], dtype=bool)
        return able if others is None else able & others

    def _current(self, question: Question, ranked: RankedCandidates, listed: list[int]) -> list[int]:
        """The listed positions; for a question about how things are now, those of the newest document of each force."""
        if not question.asks_for_latest:
            return listed
        stated = np.zeros(len(ranked), dtype=np.float32)
        stated[listed] = 1.0
        return np.flatnonzero(of_newest(question, ranked, stated)).tolist()

    def _completed(
        self, question: Question, ranked: RankedCandidates, probability: NDArray[np.float32], chosen: list[int]
    ) -> list[int]:
        """The chosen positions with the same thing at other times and the other side of it, the newest first."""
        chosen = chosen + beside(question, ranked, probability, chosen, self.rules.read)
        chosen += other_side(question, ranked, probability, chosen, self.rules.read)
        return newest_first(ranked, chosen)


def _is_narrowed(question: Question, ranked: RankedCandidates) -> bool:
    """Whether the place is known already: by the year, the speaker or the newest document named, or the last answer."""
    of_speaker = question.speaker is not None and len(set(ranked.speakers)) == 1 and bool(ranked.speakers[0])
    return of_speaker or question.asks_for_latest or bool(question.follows or years_asked(question.standalone))


def _naming_another(question: Question, ranked: RankedCandidates, corpus: Corpus) -> NDArray[np.bool_] | None:
    """Which candidates name a force besides those that the question names, where it asks which forces: (n,)."""
    named = set(question.scope.forces)
    if not (question.which_force and named):
        return None
    return np.array(
        [any(set(mention.forces) - named for mention in corpus.gazetteer.find(text)) for text in ranked.texts],
        dtype=bool,
    )


def _says_not(question: Question, text: str, words: JudgementWords) -> bool:
    """Whether a sentence says that something is not so; of what is not good, also that it is a concern."""
    return denies(text) or (question.judgement is not None and words.judges(Judgement.CONCERN, text))


def _mentions(question: Question, ranked: RankedCandidates, selection: Selection, corpus: Corpus) -> Selection:
    """What other forces' assessments say of a force without one of its own: only sentences that name it."""
    asked = set(question.scope.missing_forces)
    chosen = {item.row for item in selection.evidence}
    naming = [
        position
        for position, text in enumerate(ranked.texts)
        if (int(ranked.rows[position]) in chosen or not question.has_topic)
        and asked & {force for mention in corpus.gazetteer.find(text) for force in mention.forces}
    ]
    return Selection(ranked.evidence(naming), selection.missing_detail)


def _within_years(question: Question, selection: Selection) -> Selection:
    """Where a year asked for is no period of the sources, only sentences that contain the year."""
    years = [label[:4] for label in question.scope.missing_periods]
    naming = tuple(item for item in selection.evidence if any(year in item.text for year in years))
    return Selection(naming, selection.missing_detail)


def _off_topic(question: Question, ranked: RankedCandidates) -> NDArray[np.bool_]:
    """Which candidates share no word with the topic and are not probable enough to answer all the same: (n,)."""
    known = ranked.unknown_share < MAX_UNKNOWN_SHARE
    doubtful = ~ranked.on_topic if known else np.ones(len(ranked), dtype=bool)
    return np.asarray(question.has_topic & doubtful & (ranked.probability < MIN_OFF_TOPIC_PROBABILITY), dtype=bool)


def _missing_detail(
    question: Question, ranked: RankedCandidates, able: NDArray[np.bool_], *, would_answer: bool
) -> AnswerKind | None:
    """The detail asked for, where the candidates fail to answer because they do not give it; else None."""
    kind = question.intent.kind
    likely = max(MIN_LIKELY, int((ranked.probability >= MIN_LIKELY_SHARE * ranked.probability[0]).sum()))
    if kind not in _DETAILS or able[:likely].any():  # a likely sentence gives it, but does not answer
        return None
    asked_for = ranked.unknown_share < MAX_UNKNOWN_SHARE
    return kind if not able.any() or asked_for or would_answer else None


def best_set(probability: NDArray[np.float32], lengths: NDArray[np.float32]) -> tuple[list[int], float]:
    """Positions of the set with the greatest expected F1, and that value; both arguments are of shape (n,)."""
    order = np.argsort(-probability, kind="stable")[:MAX_SENTENCES]
    wanted = float((probability * lengths).sum())
    found = np.cumsum((probability * lengths)[order])
    shown = np.cumsum(lengths[order])
    expected = 2 * found / np.maximum(shown + np.maximum(wanted, found), 1e-9)
    best = int(np.argmax(expected))
    if expected[best] <= 0:
        return [], 0.0
    return order[: best + 1].tolist(), float(expected[best])


def _can_answer(question: Question, text: str) -> bool:
    """Whether a sentence can be the answer at all: "how many" needs a number, "when" a date."""
    kind = question.intent.kind
    presupposed = _presupposed_grades(question.standalone)
    if presupposed:  # "why was it rated inadequate" presupposes that it was
        return all(re.search(grade, text.lower()) for grade in presupposed)
    if kind is AnswerKind.GRADE and _leaves_grade_open(question, text):
        return False
    if kind is AnswerKind.PERSON and not _WHO_IS.search(question.standalone):
        return True  # "who is informed?" may be answered without a name
    return kind not in _DETAILS or gives_detail(kind, text, question.intent, question.standalone)


def _leaves_grade_open(question: Question, text: str) -> bool:
    """Whether a sentence says "not yet graded" of what the question asks the grade of."""
    asked = {concept.text for concept in question.concepts}
    return any(stem(match.group(1)) in asked for match in GRADE_LEFT_OPEN.finditer(text.lower()))


def _presupposed_grades(question: str) -> list[str]:
    if not _WHY.search(question):
        return []
    return [grade for grade in grade_patterns_in(question) if "good" not in grade]
