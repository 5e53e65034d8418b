"""Evidence: the sentences that answer a question, as many as it needs and no more.

Each candidate has a chance of being part of the answer; the set shown is the one whose expected F1 (the harmonic mean
of what is found and what of the shown is wanted, both in characters) is greatest, after Jansche (2007), "A maximum
expected utility framework for binary sequence labeling". Below the floor, nothing is evidence.

Breadth: in an answer that is not about one force, no force crowds out the others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.judgements.praise_and_concern import states, states_outright
from assistant.question.intent import AnswerKind, gives
from assistant.question.question import Question
from index.published.bm25 import stem

OF_ONE_FORCE = 3  # sentences of one force, from which the place of one more is offered to another force first
GOOD_ENOUGH = 0.5  # share of its chance that another force's sentence must have to take its place
UNNAMED = -1  # the number of no force: such sentences are never capped


def spread(places: Sequence[int], chance: NDArray[np.float32], force: NDArray[np.int64]) -> list[int]:
    """As many places as were chosen: a force's further ones give way to good ones of others, or else stay.

    `chance` and `force` are of shape (n,); `places` are chosen among the n.
    """
    first: list[int] = []
    over: list[int] = []
    counted = Counter[int]()
    for place in sorted(places, key=lambda place: (-float(chance[place]), place)):
        number = int(force[place])
        counted[number] += 1
        (over if number != UNNAMED and counted[number] > OF_ONE_FORCE else first).append(place)
    kept = Counter(int(force[place]) for place in first)
    for place in reversed(over):  # the second pass: the weakest gives way first
        others = [
            other
            for other in np.flatnonzero(chance >= GOOD_ENOUGH * chance[place]).tolist()
            if other not in first and kept[int(force[other])] < OF_ONE_FORCE and chance[other] > 0
        ]
        taken = max(others, key=lambda other: (float(chance[other]), -other), default=place)
        first.append(taken)
        kept[int(force[taken])] += 1
    return first


FLOOR = 0.22  # expected F1 under which a question is not answered; chosen on the development sets, see docs/measures.md
FLOOR_IN_PART = 0.12  # for one of several forces or periods that a question names: its place is known already
OUTRIGHT = 3  # sentences that state a judgement in so many words, from which the others are not listed with them
MOST = 8  # sentences of one answer chosen by expected F1
SURE = 0.35  # chance from which a sentence may answer although it holds nothing of the topic's words
UNHEARD = 0.65  # share of the topic, unknown to the whole collection, from which only a sure sentence answers
WHOLLY = 0.999  # the same, from which nothing answers: what was said of something else is no answer
TOPICAL = 0.3  # chance from which a sentence counts as on the topic of a list

_GRADE = re.compile(r"\b(outstanding|good|adequate|inadequate|requir\w+ improvement|not yet graded)\b")
_AREAS_ASKED = re.compile(
    r"\b(which|what)\b.*\b(areas?|aspects?|questions?|parts?|things)\b.*\b(grad\w+|rated|judged|found|was|were|is|are)\b",
    re.IGNORECASE,
)
_GRADES_ASKED = re.compile(r"\b(which|what|all|list|the) (\w+ )?(grades|ratings|gradings|judge?ments)\b")
_WHY = re.compile(r"\b(why|reasons?|what (limits|causes|caused|explains))\b", re.IGNORECASE)
_GOES_ON = re.compile(r"(this|that|these|those|it|they|because|as a result|the reason)\b", re.IGNORECASE)
_OPEN = re.compile(r"\b(\w+):? (?:is |was |were )?not yet graded")
_WHO_IS = re.compile(
    r"\bwho (is|was|are|were) (the|its|their|his|her)\b|\bnames? of\b"
    r"|\bwho (leads?|led|heads?|runs?|chairs?|commands?)\b",
    re.IGNORECASE,
)
_DETAILS = (
    AnswerKind.NUMBER,
    AnswerKind.DATE,
    AnswerKind.GRADE,
    AnswerKind.PERSON,
)  # kinds a sentence gives, or does not
_MOVED = re.compile(r"\b(?:what|which)\b.*\b(deteriorat|declin|worsen|improving|improved)")
_LISTING = (
    AnswerKind.LIST,
    AnswerKind.OTHER,
    AnswerKind.DEFINITION,
    AnswerKind.EXPLANATION,
)  # kinds in which a judgement is asked for by all
_COMPARES = re.compile(
    r"\b(since|than|from|compared (with|to)|before|after|following)\b.{0,40}"
    r"\b(last|previous|earlier|year|20\d\d|inspection)"
    r"|\b(had|has|have) (dropped|fallen|risen|improved|deteriorated|declined|got worse|got better|slipped)\b"
    r"|\bfallen back\b|\bunchanged\b"
)


@dataclass(frozen=True, slots=True)
class Pool:
    """n candidates of one part of a question, by falling chance to answer it."""

    rows: NDArray[np.int64]  # (n,)
    texts: tuple[str, ...]
    chance: NDArray[np.float32]  # (n,)
    on_topic: NDArray[np.bool_]  # (n,) the passage, or its title, holds something of the question's topic
    holds_all: NDArray[np.bool_]  # (n,) the sentence, with its title, holds the whole topic
    opens: NDArray[np.bool_]  # (n,) the sentence opens its passage
    force: NDArray[np.int64]  # (n,) number of the force the sentence is about
    unheard: float = 0.0  # share of the question's topic that no sentence held speaks of
    strange: bool = False  # the question names someone or something whose name is written nowhere in what is held
    nearness: float = 1.0  # highest cosine to the question

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which candidates answer, by their place in the pool, in reading order; and why none does."""

    places: tuple[int, ...]
    lacks: AnswerKind | None = None  # the kind of answer asked for that the best sentences do not give


def choose(question: Question, pool: Pool, *, floor: float = FLOOR) -> Choice:
    """The candidates that answer the question, or part of one."""
    if not len(pool):
        return Choice(())
    elsewhere = pool.strange or (question.has_topic and pool.unheard >= WHOLLY)
    listed = [] if elsewhere else _all_of_a_kind(question, pool)
    if listed:
        return Choice(tuple(sorted(listed, key=lambda place: int(pool.rows[place]))))
    able = np.array([_able(question, text) for text in pool.texts], dtype=bool)
    lengths = np.array([len(text) for text in pool.texts], dtype=np.float32)
    doubtful = ~pool.on_topic if pool.unheard < UNHEARD else np.ones(len(pool), dtype=bool)
    compared = len(question.scope.parts) > 1 and not question.scope.over_time
    unsure = pool.chance < (np.inf if compared else SURE)  # beside another force's, one beside the point misleads
    astray = question.has_topic & doubtful & unsure
    weighed = np.where(able & ~astray & (not elsewhere), pool.chance, 0.0).astype(np.float32)
    places, expected = best_set(weighed, lengths)
    if places and expected >= floor:
        places = spread(places, weighed, pool.force)
        places += _as_good(question, pool, places) + _reasons_after(question, pool, places)
        return Choice(tuple(sorted(places, key=lambda place: int(pool.rows[place]))))
    asked_for = question.wanted.kind in _DETAILS and pool.unheard < UNHEARD
    if not able.any() or (not able.all() and (asked_for or best_set(pool.chance, lengths)[1] >= floor)):
        return Choice((), lacks=question.wanted.kind if question.wanted.kind in _DETAILS else None)
    return Choice(())


def best_set(chance: NDArray[np.float32], lengths: NDArray[np.float32]) -> tuple[list[int], float]:
    """Places of the set with the greatest expected F1, and that value: `chance` and `lengths` of shape (n,)."""
    order = np.argsort(-chance, kind="stable")[:MOST]
    wanted = float((chance * lengths).sum())
    found = np.cumsum((chance * lengths)[order])
    shown = np.cumsum(lengths[order])
    expected = 2 * found / np.maximum(shown + np.maximum(wanted, found), 1e-9)
    best = int(np.argmax(expected))
    if expected[best] <= 0:
        return [], 0.0
    return order[: best + 1].tolist(), float(expected[best])


def _able(question: Question, text: str) -> bool:
    """Whether a sentence can be the answer at all: a how-many needs a number, a when a date, a grade a grade."""
    kind = question.wanted.kind
    presupposed = _presupposed(question.standalone)
    if presupposed:  # "why was it rated inadequate" takes for granted that it was
        return all(re.search(grade, text.lower()) for grade in presupposed)
    if kind is AnswerKind.GRADE and _leaves_open(question, text):
        return False
    if kind is AnswerKind.PERSON and not _WHO_IS.search(question.standalone):
        return True  # "who is told" may be answered without a name
    return kind not in _DETAILS or gives(kind, text, question.wanted) is True


def _leaves_open(question: Question, text: str) -> bool:
    """Whether a sentence says "not yet graded" of what the question asks the grade of."""
    asked = {concept.text for concept in question.concepts}
    return any(stem(match.group(1)) in asked for match in _OPEN.finditer(text.lower()))


def _presupposed(question: str) -> list[str]:
    if not _WHY.search(question):
        return []
    return [grade for grade in grades_named(question) if "good" not in grade]


def grades_named(question: str) -> list[str]:
    """The grades a question names, as patterns."""
    found = [match.group() for match in _GRADE.finditer(question.lower())]
    return [r"requir\w+ improvement" if grade.startswith("requir") else rf"\b{grade}\b" for grade in found]


def _as_good(question: Question, pool: Pool, places: Sequence[int]) -> list[int]:
    """For "which forces…": what else holds the whole topic, as the best sentence does."""
    if not (question.which_forces and question.has_topic and any(pool.holds_all[place] for place in places)):
        return []
    return [place for place in np.flatnonzero(pool.holds_all).tolist() if place not in places]


def _reasons_after(question: Question, pool: Pool, places: Sequence[int]) -> list[int]:
    """For "why…": the sentence after a chosen one that goes on about it ("This is limited by…")."""
    if not _WHY.search(question.standalone):
        return []
    rows = {int(row): place for place, row in enumerate(pool.rows)}
    after = [rows.get(int(pool.rows[place]) + 1) for place in places]
    return [
        place
        for place in after
        if place is not None and place not in places and not pool.opens[place] and _GOES_ON.match(pool.texts[place])
    ]


def _all_of_a_kind(question: Question, pool: Pool) -> list[int]:
    """For a question that asks for all of something recognisable: every such sentence. Else none."""
    topical = pool.on_topic | (pool.chance >= TOPICAL) if question.has_topic else np.ones(len(pool), dtype=bool)
    texts = [text.lower() for text in pool.texts]
    moved = _MOVED.search(question.standalone.lower())
    if moved:
        return [place for place, text in enumerate(texts) if moved.group(1)[:6] in text and topical[place]]
    if question.asks_for_overview and not question.has_topic:
        return np.flatnonzero(pool.opens).tolist()
    if question.about_change and not question.has_topic:
        return [place for place, text in enumerate(texts) if len(grades_of(text)) > 1 or _COMPARES.search(text)]
    if _AREAS_ASKED.search(question.standalone) and grades_named(question.standalone):
        asked = grades_named(question.standalone)
        return [place for place, text in enumerate(texts) if any(re.search(grade, text) for grade in asked)]
    if _GRADES_ASKED.search(question.standalone.lower()) and not question.has_topic:
        return [place for place, text in enumerate(texts) if grades_of(text) and not leaves_open(text)]
    if question.judgement is not None and question.wanted.kind in _LISTING:
        stated = [
            place
            for place, text in enumerate(texts)
            if topical[place] and len(grades_of(text)) < 2 and states(question.judgement, text)
        ]
        outright = [place for place in stated if states_outright(question.judgement, texts[place])]
        return outright if len(outright) >= OUTRIGHT else stated
    return []


def grades_of(text: str) -> list[str]:
    """The grades a text, in lower case, names, each as often as it does."""
    return _GRADE.findall(text)


def leaves_open(text: str) -> bool:
    """Whether a text, in lower case, says of something that it is not yet graded."""
    return _OPEN.search(text) is not None
