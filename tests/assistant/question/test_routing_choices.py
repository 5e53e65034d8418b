"""Names that are several forces': asked back with each written out, or settled by the filter."""

from __future__ import annotations

import pytest

from assistant.answer import Answer
from assistant.question.concepts import Lexicon
from assistant.question.narrowing import ScopeLimit
from assistant.question.question import Question, understand
from assistant.question.routing import MOST, choices_of
from assistant.question.scope import Corpus, ScopePart
from assistant.question.vocabulary import Vocabulary
from index.sources.dates import make_period
from index.text.transcript import Metadata

WESTS = ("West Mercia Police", "West Midlands Police", "West Yorkshire Police")


def held(*forces: str, years: tuple[int, ...] = (2016,)) -> Corpus:
    return Corpus.of([Metadata(force, make_period(year, year)) for force in forces for year in years])


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.of(Vocabulary.load(), {}, [])


def asked(text: str, corpus: Corpus, lexicon: Lexicon, limit: ScopeLimit | None = None) -> Question:
    return understand(text, [], corpus, lexicon, limit=limit)


def test_each_force_a_name_may_mean_is_written_out_in_its_place(lexicon: Lexicon):
    corpus = held(*WESTS)
    question = asked("How does West investigate crime?", corpus, lexicon)
    assert question.scope.ambiguous == "West"
    assert choices_of(question, corpus) == tuple(f"How does {force} investigate crime?" for force in WESTS)


def test_every_choice_is_read_as_the_force_it_names(lexicon: Lexicon):
    corpus = held(*WESTS)
    for choice, force in zip(
        choices_of(asked("How does West do on custody?", corpus, lexicon), corpus), WESTS, strict=True
    ):
        assert asked(choice, corpus, lexicon).scope.forces == (force,)


def test_a_filter_that_lets_one_of_them_through_settles_it(lexicon: Lexicon):
    corpus = held(*WESTS)
    limit = ScopeLimit(ScopePart((1,), WESTS[1]), WESTS[1])
    question = asked("How does West investigate crime?", corpus, lexicon, limit)
    assert question.scope.forces == (WESTS[1],)
    assert question.standalone == f"How does {WESTS[1]} investigate crime?"


def test_where_one_force_is_held_its_periods_are_offered(lexicon: Lexicon):
    corpus = held("West Mercia Police", years=(2016, 2018))
    question = asked("What was the overall grade?", corpus, lexicon)
    assert [choice.split("(")[1] for choice in choices_of(question, corpus)] == ["2016)", "2018)"]


def test_more_than_can_be_read_at_a_glance_are_not_offered(lexicon: Lexicon):
    corpus = held(*(f"{name} Police" for name in ("Kent", "Essex", "Sussex", "Surrey", "Norfolk", "Suffolk")[:MOST]),
                    "Durham Constabulary", "Cheshire Constabulary", "Cumbria Constabulary")  # fmt: skip
    assert choices_of(asked("What was the overall grade?", corpus, lexicon), corpus) == ()


def test_an_answered_question_cannot_have_choices():
    with pytest.raises(ValueError, match="only an ambiguous question has choices"):
        Answer.model_validate(
            {"id": "1", "question": "q", "standalone_question": "q", "status": "not_in_assessments", "reason": "r",
             "choices": ["q?"], "searched": {"transcripts": 0, "sentences": 0, "scope": ""},
             "index": {"version": "", "embedding_model": "", "digest": ""}, "mode": "extractive", "seconds": 0}
        )  # fmt: skip
