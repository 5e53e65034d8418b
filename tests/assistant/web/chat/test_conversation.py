import pytest

from assistant.filter import Filter
from assistant.messages import load_messages
from assistant.question.conversation import Turn
from assistant.web.chat.conversation import KEPT, REMEMBERED, ChatHandler, Conversation, PostedQuestion
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant
from tests.fixtures.visible import read_html

SAME = object()


@pytest.fixture
def assistant() -> FictionalAssistant:
    return FictionalAssistant()


@pytest.fixture
def desk(assistant: FictionalAssistant) -> ChatHandler:
    return ChatHandler(assistant, load_messages(), SAME)


def test_an_answer_empties_the_box_and_is_remembered(desk: ChatHandler) -> None:
    shown, box, alone, after, progress = desk.ask(PostedQuestion("How well is crime investigated?"), Conversation())
    assert (box, alone, progress) == ("", False, "")
    assert read_html(shown).find("article")[0].attributes["id"] == "turn-1"
    found = f"{NORTHSHIRE.sentences[5].text} {NORTHSHIRE.sentences[7].text}"
    assert after.turns == (Turn("user", "How well is crime investigated?"), Turn("assistant", found))
    assert (after.asked, [exchange.turn for exchange in after.exchanges]) == (1, [1])
    assert after.exchanges[0].answer.question == "How well is crime investigated?"


def test_a_follow_up_is_asked_with_what_was_said_and_remembered_as_understood(
    desk: ChatHandler, assistant: FictionalAssistant
) -> None:
    first = desk.ask(PostedQuestion("How well is crime investigated?"), Conversation())[3]
    after = desk.ask(PostedQuestion("And Westmere?"), first)[3]
    assert assistant.asked[1] == ("And Westmere?", first.turns)
    assert after.turns[2] == Turn("user", "How well does Westmere Police investigate crime?")


def test_a_refused_question_stays_in_the_box(desk: ChatHandler) -> None:
    shown, box, _, after, _ = desk.ask(PostedQuestion("How many horses?"), Conversation())
    assert box == "How many horses?"
    assert "(not an answer)" in shown
    assert after.turns[1] == Turn(
        "assistant", "A search of every force and period found no sentence that answers this question."
    )


def test_an_error_of_ours_is_shown_with_its_advice_and_nothing_is_remembered(desk: ChatHandler) -> None:
    shown, box, _, after, progress = desk.ask(PostedQuestion("Will you rebuild?"), Conversation())
    assert read_html(shown).find("p", class_="reason")[0].text == "The index is being rebuilt. Ask again in a minute."
    assert (box, after, progress) == (SAME, Conversation((), 1), "")


def test_an_error_nobody_foresaw_is_left_to_the_page_to_catch_and_shown_without_its_details(desk: ChatHandler) -> None:
    with pytest.raises(ZeroDivisionError):
        desk.ask(PostedQuestion("It breaks"), Conversation())
    shown, box, _, after, progress = desk.failed("It breaks", Conversation())
    assert "Something went wrong" in shown
    assert "nobody foresaw" not in shown
    assert (box, after, progress) == (SAME, Conversation((), 1), "")


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_box_asks_nothing(desk: ChatHandler, assistant: FictionalAssistant, question: str) -> None:
    *same, progress = desk.ask(PostedQuestion(question), Conversation())
    assert same == [SAME, SAME, SAME, SAME]
    assert "Type a question first." in progress
    assert assistant.asked == []


def test_only_so_much_of_a_long_conversation_is_remembered(desk: ChatHandler) -> None:
    conversation = Conversation()
    for _ in range(REMEMBERED):
        conversation = desk.ask(PostedQuestion("How well is crime investigated?"), conversation)[3]
    assert (len(conversation.turns), conversation.asked) == (REMEMBERED, REMEMBERED)


def test_a_new_conversation_remembers_nothing(desk: ChatHandler) -> None:
    assert desk.begin_again()[1:] == ("", False, Conversation(), "")


def test_a_question_read_on_its_own_is_asked_without_what_was_said(
    desk: ChatHandler, assistant: FictionalAssistant
) -> None:
    first = desk.ask(PostedQuestion("How well is crime investigated?"), Conversation())[3]
    _, _, alone, after, _ = desk.ask(PostedQuestion("And Westmere?", alone=True), first)
    assert assistant.asked[-1] == ("And Westmere?", ())
    assert alone is False
    assert after.exchange(2).history == ()


def test_a_filter_goes_with_the_question_and_one_of_what_is_not_held_is_said(
    desk: ChatHandler, assistant: FictionalAssistant
) -> None:
    within = Filter(forces=("Westmere Police",))
    after = desk.ask(PostedQuestion("Is fraud investigated?", within=within), Conversation())[3]
    assert (assistant.within, after.exchange(1).within) == ([within], within)
    shown = desk.ask(PostedQuestion("Is fraud investigated?", within=Filter(forces=("Eastmoor",))), Conversation())[0]
    reason = read_html(shown).find("p", class_="reason")[0].text
    assert reason.startswith("The collection has no assessment of Eastmoor.")


def test_only_so_many_answers_are_kept_each_under_the_number_of_its_turn(desk: ChatHandler) -> None:
    conversation = Conversation()
    for _ in range(KEPT + 5):
        conversation = desk.ask(PostedQuestion("How well is crime investigated?"), conversation)[3]
    conversation = conversation.after_problem()
    assert len(conversation.exchanges) == KEPT
    assert conversation.exchange(5) is None
    assert conversation.exchange(KEPT + 5) is conversation.exchanges[-1]
    assert conversation.exchange(KEPT + 6) is None


def test_what_is_copied_leads_to_the_site_the_reader_knows(desk: ChatHandler) -> None:
    site = "https://assistant.example.org"
    shown = desk.ask(PostedQuestion("How well is crime investigated?", site=site), Conversation())[0]
    copied = [node.text for node in read_html(shown).find("pre", class_="as-text")]
    assert len(copied) == 4  # three quotations and the whole answer
    assert all(f"{site}/sources/northshire-2018?" in text for text in copied)
    assert NORTHSHIRE.sentences[6].text in copied[1]
