import pytest

from assistant.conversation import Turn
from assistant.desk import REMEMBERED, Conversation, Desk
from assistant.phrasebook import load_phrasebook
from tests.fictional import NORTHSHIRE, FictionalAssistant
from tests.visible import read_html

SAME = object()


@pytest.fixture
def assistant() -> FictionalAssistant:
    return FictionalAssistant()


@pytest.fixture
def desk(assistant: FictionalAssistant) -> Desk:
    return Desk(assistant, load_phrasebook(), SAME)


def last(steps: object) -> tuple[object, ...]:
    return list(steps)[-1]  # type: ignore[call-overload,no-any-return]


def test_an_answer_empties_the_box_and_is_remembered(desk: Desk) -> None:
    searching, (shown, box, after, progress) = desk.ask("How well is crime investigated?", Conversation())
    assert searching[:3] == (SAME, SAME, SAME)
    assert "Searching" in searching[3]
    assert (box, progress) == ("", "")
    assert read_html(shown).find("article")[0].attributes["id"] == "turn-1"
    found = f"{NORTHSHIRE.sentences[5].text} {NORTHSHIRE.sentences[7].text}"
    assert after == Conversation((Turn("user", "How well is crime investigated?"), Turn("assistant", found)), 1)


def test_a_follow_up_is_asked_with_what_was_said_and_remembered_as_understood(
    desk: Desk, assistant: FictionalAssistant
) -> None:
    first = last(desk.ask("How well is crime investigated?", Conversation()))[2]
    after = last(desk.ask("And Westmere?", first))[2]
    assert assistant.asked[1] == ("And Westmere?", first.turns)
    assert after.turns[2] == Turn("user", "How well does Westmere Police investigate crime?")


def test_a_refused_question_stays_in_the_box(desk: Desk) -> None:
    shown, box, after, _ = last(desk.ask("How many horses?", Conversation()))
    assert box is SAME
    assert "which are not an answer" in shown
    assert after.turns[1] == Turn("assistant", "No sentence held says anything of this.")


def test_an_error_of_ours_is_shown_with_its_advice_and_nothing_is_remembered(desk: Desk) -> None:
    shown, box, after, progress = last(desk.ask("Will you rebuild?", Conversation()))
    assert read_html(shown).find("p", class_="reason")[0].text == "The index is being rebuilt. Ask again in a minute."
    assert (box, after, progress) == (SAME, Conversation((), 1), "")


def test_an_error_nobody_foresaw_is_left_to_the_page_to_catch_and_shown_without_its_details(desk: Desk) -> None:
    with pytest.raises(ZeroDivisionError):
        list(desk.ask("It breaks", Conversation()))
    shown, box, after, progress = desk.failed("It breaks", Conversation())
    assert "Something went wrong" in shown
    assert "nobody foresaw" not in shown
    assert (box, after, progress) == (SAME, Conversation((), 1), "")


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_box_asks_nothing(desk: Desk, assistant: FictionalAssistant, question: str) -> None:
    ((*same, progress),) = desk.ask(question, Conversation())
    assert same == [SAME, SAME, SAME]
    assert "Type a question first." in progress
    assert assistant.asked == []


def test_an_example_appears_in_the_box_while_it_is_answered(desk: Desk) -> None:
    assert [step[1] for step in desk.example("How well is crime investigated?", Conversation())] == [
        "How well is crime investigated?",
        "",
    ]


def test_only_so_much_of_a_long_conversation_is_remembered(desk: Desk) -> None:
    conversation = Conversation()
    for _ in range(REMEMBERED):
        conversation = last(desk.ask("How well is crime investigated?", conversation))[2]
    assert (len(conversation.turns), conversation.asked) == (REMEMBERED, REMEMBERED)


def test_a_new_conversation_remembers_nothing(desk: Desk) -> None:
    assert desk.begin_again()[1:] == ("", Conversation(), "")
