"""What may be left out of a sentence. Each case marks one stretch in double square brackets."""

from __future__ import annotations

import pytest

from assistant.faithfulness.clauses import Span
from assistant.faithfulness.constituents import droppable
from assistant.faithfulness.parse import parse_text
from tests.fixtures.statements import FORCES, compression_check


def marked(text: str) -> tuple[frozenset[Span], Span]:
    """What may be left out of a text, and the stretch that is marked in it."""
    check = compression_check()
    before, inside, _ = text.replace("]]", "[[").split("[[")
    words = [
        parse_text(part, FORCES[0], check.gazetteer)
        for part in (before, before + inside, text.replace("[[", "").replace("]]", ""))
    ]
    return droppable(words[2], check.lexicon), (len(words[0]), len(words[1]))


@pytest.mark.parametrize(
    "text",
    [
        "[[However]], the force has cleared its backlog.",
        "[[We found that]] officers treat victims with respect.",
        "The control room[[, which opened in the town hall]], refers callers to the hub.",
        "The hub [[(MASH)]] shares information well.",
        "The force has moved officers into response[[, leading to delays]].",
        "The force works with the council [[to reduce disorder]].",
        "The force refers vulnerable victims to the hub [[by a secure system]].",
        "The force has opened a hub [[in the town centre]].",
        "The force investigates crime well, [[and its supervisors review each file]].",
        "The force understands its demand [[and has a plan to meet it]].",
        "The force [[understands its demand and]] has a plan to meet it.",
    ],
)
def test_a_whole_part_that_does_not_change_the_claim_may_be_left_out(text: str):
    spans, stretch = marked(text)
    assert stretch in spans


@pytest.mark.parametrize(
    "text",
    [
        "The force has [[not]] cleared its backlog.",
        "[[Some]] officers lack training.",
        "Officers [[who lack training]] are supervised.",
        "Children [[who are exploited by gangs]] are protected.",
        "Children who are exploited [[by gangs]] are protected.",
        "The force has no backlog of calls [[from the coast]].",
        "Supervision is poor [[in the burglary team]].",
        "Officers lack cameras [[in custody]].",
        "The hub[[, which has not been tested]], is open.",
        "The force meets its own standard[[, which is lower than that of its neighbours]].",
        "The force meets its targets[[, except in custody]].",
        "[[If funding ends]], the hub will close.",
        "[[The force told us that]] waiting times have fallen.",
        "The force trains its detectives[[, its sergeants]] and its call handlers.",
        "The plan belongs to the force [[and the council]].",
        "The force does not leave files open [[because they are long]].",
        "The unit was closed [[and its staff left in 2016]].",
        "[[In 2016 the unit was closed and]] its staff left.",
        "The council funds [[the force and]] the hub.",
        "The force has 20 officers [[to investigate fraud]].",
    ],
)
def test_a_part_that_changes_the_claim_may_not_be_left_out(text: str):
    spans, stretch = marked(text)
    assert stretch not in spans


def test_a_sentence_is_never_left_out_as_a_whole():
    spans, _ = marked("[[However]]")
    assert spans == frozenset()
