"""An answer for the clipboard: the question, the quotations and their references."""

import pytest

from assistant.answer import Statement, Status
from assistant.export.plain_text import clipboard_text
from assistant.export.reference import attribution, reference
from assistant.messages import load_messages
from tests.fixtures.fictional import HOSTILE, HOSTILE_SENTENCES, NORTHSHIRE, WESTMERE, cite, make_answer

ATTRIBUTION = attribution(load_messages())
SEARCHED = "Searched: 3 transcripts, 22 sentences (every force and period)"


def test_an_answer_is_its_quotations_and_then_their_full_references() -> None:
    cited = [cite(NORTHSHIRE, 5, 1, context=True), cite(NORTHSHIRE, 6, 2)]
    answer = make_answer("And supervision?", Status.ANSWERED, cited, standalone_question="What of supervision?")
    assert clipboard_text(answer).splitlines() == [
        "Question: And supervision?",
        "Understood as: What of supervision?",
        "",
        f"Shown for context: “{NORTHSHIRE.sentences[5].text}” [1]",
        f"“{NORTHSHIRE.sentences[6].text}” [2]",
        "",
        "References",
        f"[1] {reference(cited[0])}",
        f"[2] {reference(cited[1])}",
        "",
        SEARCHED,
        "",
        ATTRIBUTION,
    ]


def test_a_partial_answer_says_what_is_missing() -> None:
    answer = make_answer("?", Status.PARTLY_ANSWERED, [cite(WESTMERE, 1, 1)], reason="Nothing on Northshire.")
    assert "\n\nAnswered in part: Nothing on Northshire.\n\n“Westmere Police has" in clipboard_text(answer)


def test_a_claim_is_outside_the_quotation_marks() -> None:
    stated = (Statement(text="There is a plan.", citations=(1,)),)
    answer = make_answer("?", Status.ANSWERED, [cite(WESTMERE, 1, 1)], statements=stated)
    assert f"\nThere is a plan. [1]\n“{WESTMERE.sentences[1].text}” [1]\n" in clipboard_text(answer)


def test_a_refusal_gives_the_reason_and_the_nearest_sentences() -> None:
    nearest = cite(WESTMERE, 1, 1)
    answer = make_answer("How many?", nearest=[nearest], reason="No sentence says it.")
    assert clipboard_text(answer).splitlines() == [
        "Question: How many?",
        "",
        "Not answered: No sentence says it.",
        SEARCHED,
        "",
        "Closest sentences (not an answer):",
        f"- “{WESTMERE.sentences[1].text}”",
        f"  {reference(nearest)}",
        "",
        ATTRIBUTION,
    ]


def test_a_refusal_without_quotations_has_no_attribution() -> None:
    assert clipboard_text(make_answer("?", reason="No.")) == f"Question: ?\n\nNot answered: No.\n{SEARCHED}"


@pytest.mark.parametrize("ordinal", range(len(HOSTILE_SENTENCES)))
def test_quotations_are_character_for_character(ordinal: int) -> None:
    sentence = HOSTILE_SENTENCES[ordinal]
    text = clipboard_text(make_answer(sentence, Status.ANSWERED, [cite(HOSTILE, ordinal, 1)]))
    assert text.startswith(f"Question: {sentence}\n\n“{sentence}” [1]\n\nReferences\n")
    assert "Control characters" not in text


def test_replaced_control_characters_are_mentioned() -> None:
    citation = cite(NORTHSHIRE, 5, 1).model_copy(update={"quote": "a\x1b[31mb\r\nc\x00"})
    text = clipboard_text(make_answer("?", Status.ANSWERED, [citation]))
    assert "“a\ufffd[31mb\r\nc\ufffd” [1]" in text
    assert text.endswith("\n\nControl characters in the source are shown as \ufffd.")


def test_every_permalink_begins_with_the_site() -> None:
    answer = make_answer("?", nearest=[cite(WESTMERE, 1, 1)])
    assert " https://assistant.example/sources/westmere" in clipboard_text(answer, site="https://assistant.example")
