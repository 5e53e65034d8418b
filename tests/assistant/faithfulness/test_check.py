"""The guards, on labelled statements and case by case."""

from __future__ import annotations

from collections import Counter

import pytest

from assistant.answer import ModelFault
from assistant.faithfulness.check import MAX_STATEMENT_CHARACTERS, is_well_formed
from tests.fixtures.statements import SEEN, UNSEEN, citation, guards, labelled_statements, score

SCORES = {name: score(labelled_statements(name)) for name in (SEEN, UNSEEN)}
MAX_FALSE_REJECTION_RATE = 0.05


def test_the_sets_are_large_enough_and_have_no_duplicates():
    assert SCORES[SEEN].true_count >= 200
    assert SCORES[UNSEEN].true_count >= 60
    kinds = Counter(statement.falsehood for statement in labelled_statements(SEEN) if statement.falsehood)
    assert min(kinds[kind] for kind in ("number", "negation", "grade")) >= 20
    assert kinds["name"] + kinds["force"] >= 20
    for name in SCORES:
        statements = labelled_statements(name)
        known = [(statement.text, statement.cited[0].quote, statement.falsehood) for statement in statements]
        assert len(set(known)) == len(known)


@pytest.mark.parametrize("name", SCORES)
def test_few_true_statements_are_rejected(name: str):
    rejected = [statement.text for statement, _ in SCORES[name].rejected]
    assert SCORES[name].false_rejection_rate <= MAX_FALSE_REJECTION_RATE, rejected


@pytest.mark.parametrize("name", SCORES)
def test_every_false_statement_is_rejected(name: str):
    assert [(statement.falsehood, statement.text) for statement in SCORES[name].accepted] == []


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
def test_anything_but_plain_sentences_is_rejected(text: str):
    assert not is_well_formed(text)
    assert guards().faults(text, [citation("The force is good.")]) == (ModelFault.FORM,)


@pytest.mark.parametrize(
    "text", ["The force is good.", "Zoë Billingham is pleased (again); 80% said so.", "x" * MAX_STATEMENT_CHARACTERS]
)
def test_a_plain_sentence_is_well_formed(text: str):
    assert is_well_formed(text)


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
def test_the_same_fact_written_differently_is_supported(text: str, quote: str):
    assert guards().faults(text, [citation(quote)]) == ()


def test_a_force_and_period_are_supported_by_the_metadata_of_the_sentence():
    known = citation("Supervision remains inconsistent.", force="Westmere Police", period="2021/22")
    assert guards().faults("In 2021/22 supervision at Westmere Police remained inconsistent.", [known]) == ()
    assert ModelFault.FORCE in guards().faults("Supervision at Eastvale Police remains inconsistent.", [known])
    assert ModelFault.NUMBER in guards().faults("In 2018/19 supervision remains inconsistent.", [known])


def test_outside_knowledge_is_rejected():
    known = [citation("Supervision of investigations remains inconsistent.")]
    for text in (
        "The chief constable resigned after a scandal.",
        "Police in England answer to elected commissioners.",
        "Supervision means oversight by a senior colleague of somebody else.",
    ):
        assert ModelFault.WORDS in guards().faults(text, known)
