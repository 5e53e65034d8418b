"""Where clauses and predicates meet."""

from __future__ import annotations

import pytest

from assistant.faithfulness.clauses import ParsedSentence
from assistant.faithfulness.parse import parse_text
from tests.fixtures.statements import FORCES, compression_check


def parsed(text: str) -> ParsedSentence:
    check = compression_check()
    return ParsedSentence(parse_text(text, FORCES[0], check.gazetteer), check.lexicon)


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("The force is slow and victims are unhappy.", 2),
        ("The force is slow; victims are unhappy.", 2),
        ("The quality of investigations and supervision is poor.", 1),
        ("The force supports victims and witnesses who attend court.", 1),
        ("If funding ends and the hub closes, victims will wait.", 1),
        ("The force is slow and has no plan.", 1),
    ],
)
def test_the_clauses_next_to_each_other_are_counted(text: str, clauses: int):
    assert len(parsed(text).breaks) + 1 == clauses


def test_two_predicates_of_one_subject_are_joined_by_and():
    sentence = parsed("The force is slow and has no plan for custody and vetting.")
    joints = [place for place, word in enumerate(sentence.words) if word.key == "and"]
    assert [sentence.joins_predicates(place) for place in joints] == [True, False]
