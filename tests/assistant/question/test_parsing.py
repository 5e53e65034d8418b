from __future__ import annotations

import pytest

from assistant.question.parsing import parse, without_connectives
from assistant.question.scope import Corpus


@pytest.mark.parametrize(
    ("turn", "asked"),
    [
        ("and Westmere?", "Westmere?"), ("no, I meant vetting", "vetting"), ("ok so what about fraud", "fraud"),
        ("back to custody", "custody"), ("going back to custody, who runs it", "On custody, who runs it"),
        ("Which officers?", "Which officers?"), ("and", "and"),
    ],
)  # fmt: skip
def test_words_that_only_join_are_taken_off(turn: str, asked: str):
    assert without_connectives(parse(turn, Corpus.of([]), frozenset())) == asked
