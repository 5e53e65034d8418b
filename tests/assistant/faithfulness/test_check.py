"""The guards against statements whose truth is known."""

from __future__ import annotations

from collections import Counter

import pytest

from assistant.answer import ModelFault
from assistant.faithfulness.check import LONGEST, well_formed
from tests.fixtures.statements import SEEN, UNSEEN, citation, guards, labelled, score

FOUND = {name: score(labelled(name)) for name in (SEEN, UNSEEN)}
ALLOWED = 0.05


def test_the_sets_are_as_large_as_they_are_said_to_be():
    assert FOUND[SEEN].true >= 200
    assert FOUND[UNSEEN].true >= 60
    kinds = Counter(one.false for one in labelled(SEEN) if one.false)
    assert min(kinds[kind] for kind in ("number", "negation", "grade")) >= 20
    assert kinds["name"] + kinds["force"] >= 20
    for name in FOUND:
        known = [(one.text, one.cited[0].quote, one.false) for one in labelled(name)]
        assert len(set(known)) == len(known)


@pytest.mark.parametrize("name", FOUND)
def test_few_true_statements_are_removed(name: str):
    assert FOUND[name].wrongly_removed <= ALLOWED, [one.text for one, _ in FOUND[name].removed]


@pytest.mark.parametrize("name", FOUND)
def test_every_planted_falsehood_is_caught(name: str):
    assert [(one.false, one.text) for one in FOUND[name].missed] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The force is good. See http://outside.invalid/ for more.",
        "The force is good, see www.outside.com for more.",
        "<b>The force is good.</b>",
        "**The force** is good.",
        "[The force](x) is good.",
        "The force is good {{x}}.",
        "The force is good.\nIt is fine.",
        "The f\u043erce is good.",  # a Cyrillic letter
        "The force is \u202egood.",
        "The force is go\u200bod.",
        "The force  is good.",
        "The force is good. It is fine. It is well. It is done.",
        "The force is good " * 40,
        "1 2 3 4 5 6 7 8 9",
        "The force is \uff47\uff4f\uff4f\uff44.",
        "🚓 The force is good.",
    ],
)
def test_what_is_no_plain_sentence_is_not_shown(text: str):
    assert not well_formed(text)
    assert guards().faults(text, [citation("The force is good.")]) == (ModelFault.FORM,)


@pytest.mark.parametrize(
    "text", ["The force is good.", "Zoë Billingham is pleased (again); 80% said so.", "x" * LONGEST]
)
def test_a_plain_sentence_is_well_formed(text: str):
    assert well_formed(text)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Eighty per cent of calls are answered.", "80% of calls are answered."),
        ("The force saved £4.2 million.", "The force saved £4.2m."),
        ("There were 1204 warrants.", "There were 1,204 warrants."),
        ("Two hundred and six cases were late.", "206 cases were late."),
        ("The visit was in May 2018.", "The visit took place in May 2018."),
        ("The force may close in May.", "In May the force may close."),
        ("The force hasn't finished its review.", "The force has not finished its review."),
        ("The constabulary can't be sure.", "The constabulary cannot be sure."),
        ("Untrained officers investigate.", "Officers who have not been trained investigate."),
    ],
)
def test_the_same_in_other_writing_is_borne_out(text: str, quote: str):
    assert guards().faults(text, [citation(quote)]) == ()


def test_a_force_and_period_are_borne_out_by_what_is_known_of_the_sentence():
    known = citation("Supervision remains inconsistent.", force="Westmere Police", period="2021/22")
    assert guards().faults("In 2021/22 supervision at Westmere Police remained inconsistent.", [known]) == ()
    assert ModelFault.FORCE in guards().faults("Supervision at Eastvale Police remains inconsistent.", [known])
    assert ModelFault.NUMBER in guards().faults("In 2018/19 supervision remains inconsistent.", [known])


def test_knowledge_from_elsewhere_is_not_borne_out():
    known = [citation("Supervision of investigations remains inconsistent.")]
    for text in (
        "The chief constable resigned after a scandal.",
        "Police in England answer to elected commissioners.",
        "Supervision means oversight by a senior colleague of somebody else.",
    ):
        assert ModelFault.WORDS in guards().faults(text, known)
