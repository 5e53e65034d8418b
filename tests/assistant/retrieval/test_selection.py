from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.question.intent import AnswerKind
from assistant.question.question import Question
from assistant.question.scope import Corpus
from assistant.retrieval.evidence import RankedCandidates
from assistant.retrieval.selection import Selector, best_set
from index.text.transcript import Metadata
from tests.fixtures.lexicons import LEXICONS, understand

CORPUS = Corpus.of([Metadata("Northshire Constabulary")])
SELECTOR = Selector(CORPUS, LEXICONS.judgement_words, LEXICONS.statement_rules)


def asked(question: str) -> Question:
    return understand(question, CORPUS)


def pool(*texts_and_chances: tuple[str, float], on_topic: bool = True) -> RankedCandidates:
    ranked = sorted(texts_and_chances, key=lambda pair: -pair[1])
    texts = tuple(text for text, _ in ranked)
    rows = np.array([[text for text, _ in texts_and_chances].index(text) for text in texts])
    on_topics = np.full(len(texts), on_topic)
    chances = np.array([chance for _, chance in ranked], dtype=np.float32)
    return RankedCandidates(
        rows,
        texts,
        chances,
        on_topics,
        opens_passage=rows == 0,
        places=np.zeros(len(texts), dtype=np.int64),
        forces=("Northshire Constabulary",) * len(texts),
        days=np.zeros(len(texts), dtype=np.int64),
        speakers=("",) * len(texts),
        vectors=np.eye(len(texts), dtype=np.float32),
    )


def chosen(question: str, candidates: RankedCandidates) -> list[str]:
    return [item.text for item in SELECTOR.select(asked(question), candidates).evidence]


CHANCES = st.lists(st.tuples(st.floats(0, 1, width=32), st.integers(10, 300)), min_size=1, max_size=7)


@given(CHANCES)
def test_the_set_is_the_best_of_all_prefixes_by_expected_f1(pairs: list[tuple[float, int]]):
    chance = np.array([pair[0] for pair in pairs], dtype=np.float32)
    lengths = np.array([pair[1] for pair in pairs], dtype=np.float32)
    places, expected = best_set(chance, lengths)
    wanted = float((chance * lengths).sum())

    def value(subset: tuple[int, ...]) -> float:
        found = sum(float(chance[place] * lengths[place]) for place in subset)
        shown = sum(float(lengths[place]) for place in subset)
        return 2 * found / (shown + max(wanted, found)) if shown + wanted else 0.0

    order = sorted(range(len(pairs)), key=lambda place: (-float(chance[place]), place))
    prefixes = [tuple(order[: size + 1]) for size in range(len(pairs))]
    assert expected == pytest.approx(max(map(value, prefixes)), abs=1e-4)
    assert value(tuple(places)) == pytest.approx(expected, abs=1e-4)


@given(CHANCES)
def test_a_sentence_is_never_left_out_for_a_less_probable_one(pairs: list[tuple[float, int]]):
    chance = np.array([pair[0] for pair in pairs], dtype=np.float32)
    places, _ = best_set(chance, np.array([pair[1] for pair in pairs], dtype=np.float32))
    left = set(range(len(pairs))) - set(places)
    assert all(chance[inside] >= chance[outside] for inside, outside in itertools.product(places, left))


def test_one_probable_sentence_is_selected_alone():
    candidates = pool(("The force manages custody well.", 0.95), ("It has cells.", 0.05), ("It is large.", 0.03))
    assert chosen("How does it manage custody?", candidates) == ["The force manages custody well."]


def test_several_probable_sentences_are_selected_in_reading_order():
    candidates = pool(("First, custody is safe.", 0.8), ("Then, custody is checked.", 0.9), ("Unrelated.", 0.01))
    assert chosen("How does it manage custody?", candidates) == ["First, custody is safe.", "Then, custody is checked."]


def test_below_the_threshold_nothing_is_selected():
    candidates = pool(("The force is large.", 0.05), ("It has cells.", 0.04))
    assert SELECTOR.select(asked("How does it manage custody?"), candidates).evidence == ()


def test_a_number_asked_for_is_not_answered_without_one():
    candidates = pool(("The force values its officers.", 0.9), ("Officers are trained.", 0.5))
    selection = SELECTOR.select(asked("How many officers are there?"), candidates)
    assert (selection.evidence, selection.missing_detail) == ((), AnswerKind.NUMBER)


def test_a_sentence_without_the_number_gives_way_to_one_with_it():
    candidates = pool(("The force values its officers.", 0.9), ("There are 1,200 officers.", 0.6))
    assert chosen("How many officers are there?", candidates) == ["There are 1,200 officers."]


def test_a_presupposed_grade_must_be_in_the_sentence():
    candidates = pool(("Efficiency was outstanding.", 0.9))
    assert chosen("Why was efficiency rated inadequate?", candidates) == []
    assert chosen("Why was efficiency rated outstanding?", candidates) == ["Efficiency was outstanding."]


def test_not_yet_graded_does_not_answer_what_the_grade_was():
    candidates = pool(("Effectiveness not yet graded.", 0.9), ("Effectiveness was good.", 0.7))
    assert chosen("How was effectiveness graded?", candidates) == ["Effectiveness was good."]


def test_all_concerns_are_listed_and_no_praise():
    candidates = pool(
        ("I have concerns about custody.", 0.9),
        ("I am pleased with its care of victims.", 0.3),
        ("There were weaknesses in supervision.", 0.01),
        ("The area has two rivers.", 0.2),
    )
    assert chosen("What concerns did the inspector have?", candidates) == [
        "I have concerns about custody.",
        "There were weaknesses in supervision.",
    ]


def test_a_sentence_off_topic_needs_a_higher_probability():
    assert chosen("How does it manage custody?", pool(("It is large.", 0.2), on_topic=False)) == []
    assert chosen("How does it manage custody?", pool(("Cells are safe.", 0.6), on_topic=False)) == ["Cells are safe."]


def test_an_overview_is_the_opening_of_each_passage():
    candidates = pool(("I am satisfied.", 0.1), ("There is more to say.", 0.4))
    assert chosen("Summarise the assessment", candidates) == ["I am satisfied."]


def test_without_candidates_nothing_is_selected():
    assert SELECTOR.select(asked("Anything?"), pool()).evidence == ()


def test_a_comparison_needs_no_more_than_any_question_of_a_sentence_off_topic():
    corpus = Corpus.of([Metadata("Northshire Constabulary"), Metadata("Westmere Police")])
    question = understand("Compare Northshire and Westmere on knife crime", corpus)
    doubtful = pool(("Burglary is tackled well.", 0.2), on_topic=False)
    assert SELECTOR.select(question, doubtful).evidence == ()
    in_other_words = pool(("Blades are taken off the streets.", 0.9), on_topic=False)
    assert [item.row for item in SELECTOR.select(question, in_other_words).evidence] == [0]


@pytest.mark.parametrize("unanswerable", [{"unknown_names": ("Ashdown",)}, {"unknown_share": 1.0}])
def test_with_an_unknown_name_or_topic_nothing_is_selected(unanswerable: dict[str, object]):
    candidates = pool(("The force is good at custody.", 0.9))
    assert [item.row for item in SELECTOR.select(asked("How good is it at custody?"), candidates).evidence] == [0]
    assert SELECTOR.select(asked("How good is it at custody?"), replace(candidates, **unanswerable)).evidence == ()


def test_a_number_is_denied_only_where_no_likely_sentence_gives_one():
    likely = pool(("Horses are fed daily.", 0.1), ("There are 12 stables.", 0.09), ("Hay is dear.", 0.01))
    assert SELECTOR.select(asked("How many horses are there?"), likely).missing_detail is None
    unlikely = pool(*[(f"Horses are fed {word}.", 0.1) for word in ("hay", "oats", "bran")], ("It has 12 vans.", 0.01))
    assert SELECTOR.select(asked("How many horses are there?"), unlikely).missing_detail is AnswerKind.NUMBER


def test_what_is_asked_not_to_be_so_is_not_answered_by_what_is():
    candidates = pool(("Horses are fed daily.", 0.9), ("Dogs are not fed daily.", 0.6))
    assert chosen("Which animals are not fed daily?", candidates) == ["Dogs are not fed daily."]


def test_which_forces_one_works_with_is_answered_by_sentences_that_name_another():
    corpus = Corpus.of([Metadata("Northshire Constabulary"), Metadata("Westmere Police")])
    question = understand("Which forces does Northshire work with?", corpus)
    candidates = pool(("It works well with schools.", 0.9), ("It shares a dog section with Westmere Police.", 0.3))
    part = replace(SELECTOR, corpus=corpus).part_of(question, question.scope.parts[0], candidates)
    assert [item.text for item in part.selection.evidence] == ["It shares a dog section with Westmere Police."]
