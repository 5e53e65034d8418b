"""The check of summaries, on labelled statements and case by case."""

from __future__ import annotations

from collections import Counter

import pytest

from assistant.answer import ModelFault
from assistant.faithfulness.check import MAX_STATEMENT_CHARACTERS, is_well_formed
from tests.fixtures.statements import (
    DEVELOPMENT,
    DISTORTED,
    FALSE_PARAPHRASES,
    TRUE,
    citation,
    compression_check,
    false_paraphrases,
    labelled_statements,
    wrongly_judged,
)

MAX_TRUE_REMOVED = 62  # of 171 true compressions: the floor that was reached


def test_the_development_set_is_large_enough_and_has_no_duplicates():
    statements = labelled_statements(DEVELOPMENT)
    assert Counter(statement.is_true for statement in statements).most_common()[-1][1] >= 50
    known = [(statement.text, statement.cited[0].quote) for statement in statements]
    assert len(set(known)) == len(known)


def test_every_statement_of_the_development_set_is_judged_rightly():
    wrong = [(statement.kind, statement.text) for statement, _ in wrongly_judged(labelled_statements(DEVELOPMENT))]
    assert wrong == []


def test_no_distortion_is_shown():
    assert [(statement.kind, statement.text) for statement, _ in wrongly_judged(labelled_statements(DISTORTED))] == []


def test_no_more_true_compressions_are_removed_than_before():
    statements = tuple(statement for statement in labelled_statements(TRUE) if not statement.is_paraphrase)
    removed = [(statement.kind, statement.text) for statement, _ in wrongly_judged(statements)]
    assert len(removed) <= MAX_TRUE_REMOVED, removed


@pytest.mark.parametrize("name", FALSE_PARAPHRASES)
def test_no_false_paraphrase_is_shown(name: str):
    statements = false_paraphrases(name)
    assert len(statements) >= 60
    assert [(statement.kind, statement.text) for statement, _ in wrongly_judged(statements)] == []


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
        "The force is good " * 40,
        "1 2 3 4 5 6 7 8 9",
        "The force is \uff47\uff4f\uff4f\uff44.",
        "🚓 The force is good.",
    ],
)
def test_anything_but_plain_sentences_is_rejected(text: str):
    assert not is_well_formed(text)
    assert compression_check().fault(text, [citation("The force is good.")]) is ModelFault.FORM


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
        ("The force hasn't finished its review.", "The force has not finished its review."),
        ("The constabulary can't be sure.", "The constabulary cannot be sure."),
        ("The inspector is pleased that the inspector's concerns were met.", "I am pleased that my concerns were met."),
        ("Northshire Constabulary's plan is clear.", "The force's plan is clear."),
    ],
)
def test_the_same_words_written_differently_are_the_same(text: str, quote: str):
    assert compression_check().fault(text, [citation(quote)]) is None


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Eighty calls are answered.", "80% calls are answered."),
        ("The force saved £4.2 billion.", "The force saved £4.2m."),
        ("A few officers knew.", "Few officers knew."),
        ("The victims' hub is open.", "The victims' hub was open."),
        ("Northshire Constabulary is good.", "Westmere Police is good."),
    ],
)
def test_another_number_tense_or_force_is_not_the_same(text: str, quote: str):
    assert compression_check().fault(text, [citation(quote)]) is ModelFault.WORDS


def test_the_force_is_the_one_that_the_quotation_is_about():
    known = citation("The force is good at preventing crime.", force="Westmere Police", period="2021/22")
    assert compression_check().fault("Westmere Police is good at preventing crime.", [known]) is None
    other = compression_check().fault("Northshire Constabulary is good at preventing crime.", [known])
    assert other is ModelFault.WORDS


def test_a_statement_shortens_one_quotation_and_does_not_join_two():
    cited = [citation("Custody is safe."), citation("Supervision is weak.", 2)]
    assert compression_check().fault("Supervision is weak.", cited) is None
    assert compression_check().fault("Custody is weak.", cited) is ModelFault.WORDS
    assert compression_check().fault("Custody is safe. Supervision is weak.", cited) is ModelFault.WORDS


def test_a_protected_word_that_is_left_out_is_told_from_a_word_that_is_added():
    cited = [citation("The force may not review all files.")]
    assert compression_check().fault("The force may review all files.", cited) is ModelFault.SHORTENED
    assert compression_check().fault("The force may not review most files.", cited) is ModelFault.WORDS


def test_outside_knowledge_is_rejected():
    known = [citation("Supervision of investigations remains inconsistent.")]
    for text in (
        "The chief constable resigned after a scandal.",
        "Police in England answer to elected commissioners.",
        "Supervision means oversight by a senior colleague of somebody else.",
    ):
        assert compression_check().fault(text, known) is ModelFault.WORDS
