from __future__ import annotations

import pytest

from assistant.answer import Citation
from assistant.coverage import coverage_of, in_words
from assistant.question.scope import Corpus, Scope
from index.sources.dates import make_period
from index.text.transcript import Metadata

NORTHSHIRE, WESTMERE = "Northshire Constabulary", "Westmere Police"
P2018 = make_period(2018, 2019)


def cited(number: int, transcript: str, force: str = "", period: str = "") -> Citation:
    return Citation(
        number=number, source=f"{transcript}.txt", transcript_id=transcript, title="A", force=force, period=period,
        sentence="0", locator="", start=0, end=4, quote="Good", sha256="0", url="", licence="", context=False,
    )  # fmt: skip


def words_of(corpus: Corpus, *citations: Citation) -> str:
    return in_words(coverage_of(citations, Scope(), corpus), Scope(), 0)


def test_documents_of_unknown_force_are_counted_by_themselves():
    known = [Metadata(NORTHSHIRE, P2018), Metadata(WESTMERE, P2018)]
    corpus = Corpus.of([*known, Metadata(), Metadata(period=P2018)])
    words = words_of(corpus, cited(1, "c"), cited(2, "a", NORTHSHIRE, "2018/19"))
    assert "Found in the assessments of 1 of the 2 forces" in words
    assert "Nothing found for 1: Westmere Police." in words
    assert "The force of 2 documents searched is not known; something was found in 1 of these." in words


@pytest.mark.parametrize("other", [Metadata(), Metadata(period=P2018)])
def test_no_name_is_empty(other: Metadata):
    corpus = Corpus.of([Metadata(NORTHSHIRE, P2018), Metadata(NORTHSHIRE), other])
    words = words_of(corpus, cited(1, "a", NORTHSHIRE, "2018/19"))
    assert "Found in 1 of the 2 assessments searched. Nothing found for 1: Northshire Constabulary." in words
    assert "The force of 1 document searched is not known; something was found in 0 of these." in words


def test_where_no_force_is_known_only_the_documents_are_counted():
    words = words_of(Corpus.of([Metadata(), Metadata(), Metadata()]), cited(1, "a"), cited(2, "c"))
    assert words == "The force of 3 documents searched is not known; something was found in 2 of these."


def test_a_force_that_a_document_of_unknown_force_discusses_is_not_said_to_be_missing():
    corpus = Corpus.of([Metadata("Kent Police"), Metadata(forces_discussed=("Essex Police",))])
    coverage = coverage_of([cited(1, "a", "Kent Police")], Scope(), corpus)
    assert len(coverage.not_held) == 41
    assert not {"Essex Police", "Kent Police"} & set(coverage.not_held)
