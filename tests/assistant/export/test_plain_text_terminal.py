"""An answer for a terminal: numbered quotations, and then the sources."""

from assistant.answer import Status
from assistant.export.plain_text import counted, terminal_text
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, cite, make_answer

SOURCE = NORTHSHIRE.transcript.source


def test_an_answer_is_its_numbered_sentences_and_then_the_sources() -> None:
    first, second = NORTHSHIRE.sentences[5], NORTHSHIRE.sentences[6]
    answer = make_answer("?", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 6, 2, context=True)])
    title = "HMI Ada Marlowe's assessment of Northshire Constabulary – Transcript, 2018/19"
    assert terminal_text(answer).splitlines() == [
        f"{first.text} [1]",
        f"{second.text} [2]",
        "",
        "Sources",
        f"[1] {title}",
        f"    {SOURCE}, characters {first.start} to {first.end}",
        f"[2] {title} (context)",
        f"    {SOURCE}, characters {second.start} to {second.end}",
    ]


def test_a_refusal_gives_the_reason_the_search_and_the_nearest_sentences() -> None:
    nearest = WESTMERE.sentences[1]
    answer = make_answer("?", nearest=[cite(WESTMERE, 1, 1)], reason="No sentence says it.")
    assert terminal_text(answer).splitlines() == [
        "Not answered: No sentence says it.",
        "Searched: 3 transcripts, 22 sentences (every force and period)",
        "",
        "Closest sentences (not an answer):",
        f"- {nearest.text}",
        f"    Westmere Police: effectiveness, 2021/22; {WESTMERE.transcript.source}, "
        f"characters {nearest.start} to {nearest.end}",
    ]


def test_a_follow_up_shows_how_it_was_understood_and_a_partial_answer_what_is_missing() -> None:
    answer = make_answer(
        "And fraud?", Status.PARTLY_ANSWERED, [cite(WESTMERE, 1, 1)],
        standalone_question="What of fraud in Westmere?", reason="Northshire says nothing.",
    )  # fmt: skip
    assert terminal_text(answer).splitlines()[:4] == [
        "Understood as: What of fraud in Westmere?",
        "",
        "Answered in part: Northshire says nothing.",
        "",
    ]


def test_a_number_is_followed_by_a_noun_that_agrees() -> None:
    assert [counted(number, "file") for number in (0, 1, 1234)] == ["0 files", "1 file", "1,234 files"]
