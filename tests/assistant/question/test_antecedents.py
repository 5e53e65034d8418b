from __future__ import annotations

from pathlib import Path

import pytest

from assistant.question.antecedents import EarlierTurn, FollowUpModel, candidates
from assistant.question.parsing import parse
from assistant.question.scope import Corpus
from index.errors import VocabularyError
from index.text.transcript import Metadata
from tests.fixtures.lexicons import LEXICONS

CORPUS = Corpus.of([Metadata("Westmere Police")])


def parsed(text: str):
    return parse(text, CORPUS, LEXICONS.vocabulary.stopwords)


BEFORE = [
    EarlierTurn(parsed("Does Westmere have a dog section?"), parsed("It has twelve dogs. Inspectors praised them."))
]


def test_candidates_say_something_new_and_are_no_force():
    found = [candidate.text for candidate in candidates(parsed("how old are they"), BEFORE)]
    assert found == ["a dog section", "twelve dogs"]


@pytest.mark.parametrize(
    ("question", "is_followup"),
    [("how old are they", True), ("why not", True), ("How many stations did Westmere close in the north?", False)],
)
def test_a_follow_up_is_told_from_a_complete_question(question: str, is_followup: bool):
    assert FollowUpModel.load().is_followup(parsed(question), BEFORE) is is_followup


@pytest.mark.parametrize("content", [None, "{", "{}"])
def test_a_model_that_cannot_be_read_is_an_error(tmp_path: Path, content: str | None):
    file = tmp_path / "followups.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(VocabularyError, match="follow-ups"):
        FollowUpModel.read(file)
