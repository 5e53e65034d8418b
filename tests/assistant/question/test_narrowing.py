"""A filter: nothing outside it is looked at, and what it leaves out is said."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.answer import Status
from assistant.chain import Chain, open_chain
from assistant.errors import FilterError
from assistant.filter import EVERYTHING, Filter
from assistant.question.conversation import Turn
from index.embedding.embedder import HashedWordEmbedder
from index.published.open_index import OpenIndex
from tests.assistant.test_chain import QUESTIONS


@pytest.fixture(scope="module")
def chain(northshire: OpenIndex) -> Chain:
    return open_chain(northshire, HashedWordEmbedder(), length=200)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), text=QUESTIONS, before=st.lists(QUESTIONS, max_size=1))
def test_no_sentence_from_outside_the_filter_is_ever_shown_or_counted(
    northshire: OpenIndex, chain: Chain, data: st.DataObject, text: str, before: list[str]
) -> None:
    held = northshire.generation.transcripts
    chosen = data.draw(st.sampled_from(held))
    period = chosen.metadata.period.label if chosen.metadata.period else ""
    within = Filter(
        data.draw(st.sampled_from([(), (chosen.metadata.force,)])) if chosen.metadata.force else (),
        data.draw(st.sampled_from([(), (period,)])) if period else (),
        data.draw(st.sampled_from([(), (chosen.id,)])),
    )
    answer = chain.answer(text, [Turn("user", said) for said in before], within=within)
    through = {
        held_one.id: held_one.row_count
        for held_one in held
        if (not within.forces or held_one.metadata.force in within.forces)
        and (not within.periods or (held_one.metadata.period and held_one.metadata.period.label in within.periods))
        and (not within.transcripts or held_one.id in within.transcripts)
    }
    assert {citation.transcript_id for citation in (*answer.citations, *answer.nearest)} <= set(through)
    assert answer.searched.transcripts <= len(through)
    assert answer.searched.sentences <= sum(through.values())
    assert {found.transcript_id for found in chain.search(text, 20, within)} <= set(through)


def test_an_empty_filter_changes_nothing(chain: Chain) -> None:
    plain, within = (chain.answer("How is custody?", within=chosen) for chosen in (EVERYTHING, Filter()))
    assert plain.model_copy(update={"seconds": 0.0}) == within.model_copy(update={"seconds": 0.0})


def test_a_force_outside_the_filter_is_reported_as_outside_and_not_as_missing(chain: Chain) -> None:
    answer = chain.answer("How safe is custody in Westmere?", within=Filter(forces=("Northshire Constabulary",)))
    assert answer.status is Status.OUTSIDE_FILTER
    assert "Westmere Police" in answer.reason
    assert "limited to Northshire Constabulary" in answer.reason
    assert {citation.force for citation in answer.nearest} <= {"Northshire Constabulary"}


def test_the_scope_in_words_names_the_filter(chain: Chain) -> None:
    answer = chain.answer("Is custody safe?", within=Filter(forces=("Northshire Constabulary",)))
    assert answer.searched.scope == "Northshire Constabulary"
    named = chain.answer("Is custody safe in Northshire?", within=Filter(periods=("2018/19",)))
    assert named.searched.scope == "Northshire Constabulary, limited to 2018/19"


def test_a_filter_by_force_makes_a_question_without_a_force_answerable(chain: Chain) -> None:
    assert chain.answer("What was the grade?").status is Status.AMBIGUOUS
    within = Filter(forces=("Northshire Constabulary",))
    assert chain.answer("What was the grade?", within=within).status is not Status.AMBIGUOUS


@pytest.mark.parametrize(
    ("within", "named"),
    [
        (Filter(forces=("Eastmoor Police",)), "Eastmoor Police"),
        (Filter(periods=("1999",)), "1999"),
        (Filter(transcripts=("nothing",)), "nothing"),
    ],
)
def test_a_filter_by_an_unknown_name_is_an_error(chain: Chain, within: Filter, named: str) -> None:
    with pytest.raises(FilterError, match=named):
        chain.answer("Is custody safe?", within=within)
    with pytest.raises(FilterError, match=named):
        chain.search("custody", 5, within)


def test_a_filter_that_allows_nothing_is_an_error(northshire: OpenIndex, chain: Chain) -> None:
    first = northshire.generation.transcripts[0]
    other = next(
        transcript
        for transcript in northshire.generation.transcripts
        if transcript.metadata.force != first.metadata.force
    )
    with pytest.raises(FilterError, match="all of these filters"):
        chain.answer("Is custody safe?", within=Filter(forces=(first.metadata.force,), transcripts=(other.id,)))
