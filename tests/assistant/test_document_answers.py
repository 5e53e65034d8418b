"""What is said of the documents: from their text where it states it, else with the place it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answer import Answer, Status
from assistant.chain import Chain, open_chain
from index.build import ensure_index
from index.embedding.embedder import HashedWordEmbedder

SOURCES = {
    "northshire.txt": "HMI Ada Marlowe's assessment of Northshire Constabulary – PEEL 2018/19\n\nAll is well.\n",
    "westmere-notes.txt": "the cells are cold, and nobody was surprised to hear that they are.\n",
    "catalogue.toml": '["westmere-notes.txt"]\nforce = "Westmere Police"\nperiod = "2021/22"\ninspector = "Bo Fenn"\n',
}


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    sources = tmp_path_factory.mktemp("sources")
    for name, text in SOURCES.items():
        Path(sources / name).write_text(text, encoding="utf-8")
    index = ensure_index(sources, tmp_path_factory.mktemp("index"), HashedWordEmbedder())
    yield open_chain(index, HashedWordEmbedder(), length=200)
    index.close()


def quotes(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


def test_what_a_text_states_is_cited_and_what_the_catalogue_gives_is_said_to_come_from_there(chain: Chain):
    answer = chain.answer("Who are the inspectors?")
    assert answer.status is Status.ANSWERED
    assert "2 inspectors: Ada Marlowe (Northshire Constabulary 2018/19), Bo Fenn (Westmere Police 2021/22)" in (
        answer.reason
    )
    assert quotes(answer) == ["HMI Ada Marlowe's assessment of Northshire Constabulary – PEEL 2018/19"]
    assert "The inspector comes from the catalogue, not from the text, for: westmere-notes.txt." in answer.reason


def test_what_only_the_catalogue_gives_is_an_answer_without_quotations(chain: Chain):
    answer = chain.answer("Who inspected Westmere?")
    assert (answer.status, answer.citations, answer.about_documents) == (Status.ANSWERED, (), True)
    assert "Bo Fenn" in answer.reason
    assert "comes from the catalogue" in answer.reason


def test_a_title_made_from_a_file_name_is_said_to_be_one(chain: Chain):
    answer = chain.answer("What documents do you have?")
    assert answer.reason.startswith("The collection has 2 documents: Northshire Constabulary (2018/19)")
    assert "file names are used: westmere-notes.txt" in answer.reason


def test_the_documents_in_scope_are_the_denominator(chain: Chain):
    answer = chain.answer("Which years are there for Westmere?")
    assert "2021/22" in answer.reason
    assert "2018/19" not in answer.reason


def test_a_date_that_no_document_gives_is_searched_for_in_the_text(chain: Chain):
    answer = chain.answer("When was the report on Northshire published?")
    assert not answer.status.answered
    assert not answer.about_documents


@pytest.mark.parametrize("question", ["Do you have a report on Kent?", "When was Kent last inspected?"])
def test_a_force_without_a_document_is_denied(chain: Chain, question: str):
    assert chain.answer(question).status is Status.FORCE_NOT_HELD
