from __future__ import annotations

import pytest

from assistant.answer import Citation, Status
from assistant.outcome import Outcome, answer_line, reason, scope_in_words
from assistant.question.scope import Corpus
from index.text.transcript import Metadata, Period
from tests.fixtures.fictional import NORTHSHIRE as FICTIONAL
from tests.fixtures.fictional import cite
from tests.fixtures.lexicons import understand

NORTHSHIRE = Metadata("Northshire Constabulary")
MANY_FORCES = Metadata(forces_discussed=("Eastmarch Police", "Kent Police"))


def reason_for(question: str, status: Status, *transcripts: Metadata) -> str:
    corpus = Corpus.of(transcripts)
    return reason(Outcome(status), understand(question, corpus), corpus, 1_000)


def test_a_force_is_denied_only_where_every_document_is_known():
    words = reason_for("How quick is Kent?", Status.FORCE_NOT_HELD, NORTHSHIRE)
    assert words == "The collection has no assessment of Kent Police. It has assessments of: Northshire Constabulary."


@pytest.mark.parametrize(("unknown", "documents"), [(1, "1 document"), (2, "2 documents")])
def test_a_refusal_says_of_how_many_documents_the_force_is_not_known(unknown: int, documents: str):
    words = reason_for("How quick is Kent?", Status.FORCE_NOT_HELD, NORTHSHIRE, *[Metadata()] * unknown)
    assert words.endswith(f"The force of {documents} in the collection is not known.")
    words = reason_for("Is Northshire quick?", Status.NOT_IN_ASSESSMENTS, NORTHSHIRE, *[Metadata()] * unknown)
    assert words.endswith(f"The force of {documents} in the collection is not known, so they were not searched.")


def test_a_force_that_documents_name_is_not_denied():
    for status in (Status.FORCE_NOT_HELD, Status.PARTLY_ANSWERED):
        words = reason_for("How quick is Kent?", status, NORTHSHIRE, MANY_FORCES)
        assert words.startswith("No document in the collection is known to be an assessment of Kent Police.")
        assert "has no assessment" not in words


def test_the_scope_of_such_a_search_is_the_documents_that_name_the_force():
    corpus = Corpus.of([NORTHSHIRE, MANY_FORCES])
    assert scope_in_words(understand("How quick is Kent?", corpus).scope, corpus) == "documents that name Kent Police"


def of_period(force: str, label: str, first: int) -> Metadata:
    return Metadata(force, Period(label, first, first))


FORCE = "Northshire Constabulary"
PERIODS = (of_period(FORCE, "2016", 2016), of_period(FORCE, "2018/19", 2018), of_period(FORCE, "2021/22", 2021))


def quoted(number: int, force: str, period: str, *, context: bool = False) -> Citation:
    changes = {"force": force, "period": period, "number": number, "context": context}
    return cite(FICTIONAL, 5, number).model_copy(update=changes)


def line_for(question: str, *citations: Citation, others: tuple[str, ...] = ()) -> str:
    corpus = Corpus.of(PERIODS)
    outcome = Outcome(Status.ANSWERED, citations=citations, other_periods=others)
    assert reason(outcome, understand(question, corpus), corpus, 1_000) == answer_line(
        outcome, understand(question, corpus), corpus
    )
    return answer_line(outcome, understand(question, corpus), corpus)


def test_an_answer_says_how_many_sentences_of_which_forces_and_periods_and_the_newest():
    line = line_for(
        "How is crime investigated?",
        quoted(1, FORCE, "2018/19"),
        quoted(2, FORCE, "2021/22", context=True),
        quoted(3, FORCE, "2021/22"),
        quoted(4, "Westmere Police", ""),
        quoted(5, "", ""),
    )
    assert line == (
        "4 sentences, and 1 shown for context, from Northshire Constabulary (2018/19, 2021/22), Westmere Police, "
        "documents of no stated force. The newest is for 2021/22."
    )


def test_an_answer_says_what_later_and_earlier_assessments_may_speak_of_it():
    line = line_for("How is crime investigated?", quoted(1, FORCE, "2018/19"), others=("2016", "2021/22"))
    assert line == (
        "1 sentence from Northshire Constabulary (2018/19). A later assessment may also speak of this: 2021/22. "
        "An earlier assessment may also speak of this: 2016."
    )


def test_an_answer_for_an_older_period_says_that_later_ones_were_not_searched():
    line = line_for("How did Northshire investigate crime in 2016?", quoted(1, FORCE, "2016"))
    assert line.endswith(
        "There are later assessments of Northshire Constabulary that were not searched: 2018/19, 2021/22."
    )
    newest = line_for("How did Northshire investigate crime in 2021/22?", quoted(1, FORCE, "2021/22"))
    assert newest == "1 sentence from Northshire Constabulary (2021/22)."
