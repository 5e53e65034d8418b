"""The measures, on examples calculated by hand from their definitions."""

from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from assistant.answer import Answer, Status
from assistant.evaluation.metrics import GoldQuestion, evaluate, mean_scores, score_answer
from assistant.filter import EVERYTHING, Filter
from assistant.question.conversation import Turn
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, cite, make_answer

NORTH, WEST = NORTHSHIRE.transcript.source, WESTMERE.transcript.source


def gold(
    *facts: Sequence[tuple[str, str]], answerable: bool = True, kind: str = "all", name: str = "1"
) -> GoldQuestion:
    evidence = [[{"source": source, "quote": quote} for source, quote in fact] for fact in facts]
    line = {"id": name, "question": "?", "answerable": answerable, "evidence": evidence, "type": kind}
    return GoldQuestion.model_validate(line)


def quoted(ordinal: int) -> tuple[str, str]:
    return NORTH, NORTHSHIRE.sentences[ordinal].text


def answered(*ordinals: int) -> Answer:
    cited = [cite(NORTHSHIRE, ordinal, number) for number, ordinal in enumerate(ordinals, start=1)]
    return make_answer("?", Status.ANSWERED, cited)


REFUSED = make_answer("?")


def test_the_right_sentence_alone_is_perfect() -> None:
    outcome = score_answer(gold([quoted(5)]), answered(5))
    assert (outcome.recall, outcome.precision, outcome.evidence_f1, outcome.cited) == (1, 1, 1, 1)


def test_a_fact_is_found_by_any_one_of_its_quotations() -> None:
    assert score_answer(gold([quoted(5), quoted(6)]), answered(6)).recall == 1


def test_half_of_the_facts_is_half_of_the_recall() -> None:
    outcome = score_answer(gold([quoted(5)], [quoted(6)]), answered(5))
    assert (outcome.recall, outcome.precision) == (0.5, 1)
    assert outcome.evidence_f1 == pytest.approx(2 * 0.5 * 1 / 1.5)


def test_a_useless_citation_counts_by_its_characters() -> None:
    useful, useless = (len(NORTHSHIRE.sentences[ordinal].text) for ordinal in (5, 6))
    outcome = score_answer(gold([quoted(5)]), answered(5, 6))
    share = useful / (useful + useless)
    assert (outcome.recall, outcome.precision) == (1, 0.5)
    assert outcome.evidence_f1 == pytest.approx(2 * share / (share + 1))
    assert outcome.characters == useful + useless


def test_white_space_is_normalised() -> None:
    source, quote = quoted(5)
    assert score_answer(gold([(source, quote.replace(" ", "\n  "))]), answered(5)).evidence_f1 == 1


def test_the_same_words_in_another_source_do_not_match() -> None:
    assert score_answer(gold([(WEST, quoted(5)[1])]), answered(5)).recall == 0


@pytest.mark.parametrize(("characters", "found"), [(0.5, 1), (0.4, 0)])
def test_a_part_of_the_gold_quotation_matches_from_half_its_length(characters: float, found: int) -> None:
    source, quote = quoted(5)
    longer = quote + "x" * round(len(quote) / characters - len(quote))
    assert score_answer(gold([(source, longer)]), answered(5)).recall == found


def test_a_longer_citation_matches_the_gold_quotation_in_it() -> None:
    source, quote = quoted(5)
    outcome = score_answer(gold([(source, quote[:20])]), answered(5))
    share = len(quote[:20].strip()) / len(quote)
    assert outcome.recall == 1
    assert outcome.evidence_f1 == pytest.approx(2 * share / (share + 1))


def test_refusing_an_answerable_question_scores_nothing() -> None:
    outcome = score_answer(gold([quoted(5)]), REFUSED)
    assert (outcome.recall, outcome.precision, outcome.evidence_f1) == (0, None, 0)


def test_the_means() -> None:
    unanswerable = gold(answerable=False)
    outcomes = [
        score_answer(gold([quoted(5)], kind="one"), answered(5)),
        score_answer(gold([quoted(5)], [quoted(6)], kind="all"), answered(5)),
        score_answer(gold([quoted(5)], kind="one"), REFUSED),
        score_answer(gold([quoted(5)], kind="one"), answered(7)),
        score_answer(unanswerable, REFUSED),
        score_answer(unanswerable, REFUSED),
        score_answer(unanswerable, answered(7)),
    ]
    scores = mean_scores(outcomes)
    assert (scores.answerable, scores.unanswerable) == (4, 3)
    assert scores.fact_recall == pytest.approx((1 + 0.5 + 0 + 0) / 4)
    assert scores.complete == pytest.approx(1 / 4)
    assert scores.precision == pytest.approx((1 + 1 + 0) / 3)
    assert scores.evidence_f1 == pytest.approx((1 + 2 / 3) / 4)
    assert scores.cited == 1
    assert scores.refused_rightly == pytest.approx(2 / 3)
    assert scores.refused_wrongly == pytest.approx(1 / 4)
    assert scores.balanced == pytest.approx((2 / 3 + 3 / 4) / 2)
    assert scores.by_type == pytest.approx({"one": 1 / 3, "all": 2 / 3})


def test_the_mean_of_nothing_is_none() -> None:
    scores = mean_scores([])
    assert scores.fact_recall is scores.balanced is scores.verbatim is scores.median_seconds is None


class Scripted:
    """Returns the given answers in turn and records the questions."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, tuple[Turn, ...], str | None]] = []
        self.within: list[Filter] = []

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
    ) -> Answer:
        self.asked.append((question, tuple(history), id))
        self.within.append(within)
        return self.answers.pop(0)


def test_questions_are_asked_with_their_history_and_citations_are_looked_up() -> None:
    line = {"id": "7", "question": "Why?", "history": [{"role": "user", "text": "Is it good?"}], "answerable": False}
    assistant = Scripted(answered(5), answered(6))
    moved: list[None] = []
    texts = {NORTH: NORTHSHIRE.transcript.text.replace(NORTHSHIRE.sentences[6].text, "")}
    scores = evaluate(
        assistant, [gold([quoted(5)]), GoldQuestion.model_validate(line)], texts.__getitem__, lambda: moved.append(None)
    )
    assert assistant.asked == [("?", (), "1"), ("Why?", (Turn("user", "Is it good?"),), "7")]
    assert (scores.verbatim, len(moved)) == (0.5, 2)


@pytest.mark.parametrize("line", [{"answerable": True}, {"answerable": True, "evidence": [[]]},
                                  {"answerable": False, "evidence": [[{"source": "a", "quote": "b"}]]}])  # fmt: skip
def test_a_contradictory_gold_question_is_refused(line: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="evidence"):
        GoldQuestion.model_validate({"id": "1", "question": "?"} | line)


def test_an_open_case_is_listed_and_neither_asked_nor_scored() -> None:
    undecided = GoldQuestion.model_validate({"id": "8", "question": "Why?", "answerable": None})
    assistant = Scripted(answered(5))
    moved: list[None] = []
    texts = {NORTH: NORTHSHIRE.transcript.text}
    both = evaluate(assistant, [undecided, gold([quoted(5)])], texts.__getitem__, lambda: moved.append(None))
    alone = evaluate(Scripted(answered(5)), [gold([quoted(5)])], texts.__getitem__, lambda: None)
    assert (both.open_cases, alone.open_cases) == (("8",), ())
    assert both.model_copy(update={"open_cases": ()}) == alone
    assert [identity for _, _, identity in assistant.asked] == ["1"]
    assert len(moved) == 2


def test_a_question_is_asked_with_its_filter() -> None:
    line = {"id": "9", "question": "?", "within": {"forces": ["Westmere Police"]}, "answerable": False}
    assistant = Scripted(REFUSED, REFUSED)
    evaluate(assistant, [GoldQuestion.model_validate(line), gold(answerable=False)], str, lambda: None)
    assert assistant.within == [Filter(forces=("Westmere Police",)), EVERYTHING]


def test_evidence_needs_answerable_to_be_true_and_answerable_is_required() -> None:
    line = {"id": "1", "question": "?", "evidence": [[{"source": "a", "quote": "b"}]]}
    with pytest.raises(ValidationError, match="set it to true"):
        GoldQuestion.model_validate(line | {"answerable": None})
    with pytest.raises(ValidationError, match="answerable"):
        GoldQuestion.model_validate(line)
