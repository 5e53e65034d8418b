from __future__ import annotations

import pytest

from assistant.answer import Status
from assistant.outcome import Outcome, reason, scope_in_words
from assistant.question.scope import Corpus
from index.text.transcript import Metadata
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
