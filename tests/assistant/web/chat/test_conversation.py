"""The chat handler: what each event returns to the page, and what the conversation remembers."""

import pytest

from assistant.filter import Filter
from assistant.messages import load_messages
from assistant.question.conversation import Turn
from assistant.state import MAX_HISTORY_TURNS
from assistant.web.chat.conversation import MAX_EXCHANGES, ChatHandler, Conversation, PostedQuestion
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant
from tests.fixtures.visible import read_html

UNCHANGED = object()


@pytest.fixture
def assistant() -> FictionalAssistant:
    return FictionalAssistant()


@pytest.fixture
def handler(assistant: FictionalAssistant) -> ChatHandler:
    return ChatHandler(assistant, load_messages(), UNCHANGED)


def test_an_answer_empties_the_box_and_is_remembered(handler: ChatHandler) -> None:
    html, box, alone, after, progress = handler.ask(PostedQuestion("How well is crime investigated?"), Conversation())
    assert (box, alone, progress) == ("", False, "")
    assert read_html(html).find("article")[0].attributes["id"] == "turn-1"
    quotes = f"{NORTHSHIRE.sentences[5].text} {NORTHSHIRE.sentences[7].text}"
    assert after.turns == (Turn("user", "How well is crime investigated?"), Turn("assistant", quotes))
    assert (after.questions, [exchange.turn for exchange in after.exchanges]) == (1, [1])
    assert after.exchanges[0].answer.question == "How well is crime investigated?"


def test_a_follow_up_is_asked_with_the_history_and_remembered_as_understood(
    handler: ChatHandler, assistant: FictionalAssistant
) -> None:
    first = handler.ask(PostedQuestion("How well is crime investigated?"), Conversation())[3]
    after = handler.ask(PostedQuestion("And Westmere?"), first)[3]
    assert assistant.asked[1] == ("And Westmere?", first.turns)
    assert after.turns[2] == Turn("user", "How well does Westmere Police investigate crime?")


def test_a_refused_question_stays_in_the_box(handler: ChatHandler) -> None:
    html, box, _, after, _ = handler.ask(PostedQuestion("How many horses?"), Conversation())
    assert box == "How many horses?"
    assert "(not an answer)" in html
    assert after.turns[1] == Turn(
        "assistant", "A search of every force and period found no sentence that answers this question."
    )


def test_an_application_error_is_shown_with_its_advice_and_not_remembered(handler: ChatHandler) -> None:
    html, box, _, after, progress = handler.ask(PostedQuestion("Will you rebuild?"), Conversation())
    assert read_html(html).find("p", class_="reason")[0].text == "The index is being rebuilt. Ask again in a minute."
    assert (box, after, progress) == (UNCHANGED, Conversation((), 1), "")


def test_an_unexpected_error_is_raised_and_shown_without_its_details(handler: ChatHandler) -> None:
    with pytest.raises(ZeroDivisionError):
        handler.ask(PostedQuestion("It breaks"), Conversation())
    html, box, _, after, progress = handler.show_unexpected_error("It breaks", Conversation())
    assert "Something went wrong" in html
    assert "nobody foresaw" not in html
    assert (box, after, progress) == (UNCHANGED, Conversation((), 1), "")


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_box_asks_nothing(handler: ChatHandler, assistant: FictionalAssistant, question: str) -> None:
    *same, progress = handler.ask(PostedQuestion(question), Conversation())
    assert same == [UNCHANGED, UNCHANGED, UNCHANGED, UNCHANGED]
    assert "Type a question first." in progress
    assert assistant.asked == []


def test_the_history_of_a_long_conversation_is_bounded(handler: ChatHandler) -> None:
    conversation = Conversation()
    for _ in range(MAX_HISTORY_TURNS):
        conversation = handler.ask(PostedQuestion("How well is crime investigated?"), conversation)[3]
    assert (len(conversation.turns), conversation.questions) == (MAX_HISTORY_TURNS, MAX_HISTORY_TURNS)


def test_a_new_conversation_remembers_nothing(handler: ChatHandler) -> None:
    assert handler.start_new()[1:] == ("", False, Conversation(), "")


def test_a_question_read_on_its_own_is_asked_without_history(
    handler: ChatHandler, assistant: FictionalAssistant
) -> None:
    first = handler.ask(PostedQuestion("How well is crime investigated?"), Conversation())[3]
    _, _, alone, after, _ = handler.ask(PostedQuestion("And Westmere?", alone=True), first)
    assert assistant.asked[-1] == ("And Westmere?", ())
    assert alone is False
    assert after.exchange(2).history == ()


def test_the_filter_is_passed_on_and_an_unknown_name_in_it_is_reported(
    handler: ChatHandler, assistant: FictionalAssistant
) -> None:
    within = Filter(forces=("Westmere Police",))
    after = handler.ask(PostedQuestion("Is fraud investigated?", within=within), Conversation())[3]
    assert (assistant.within, after.exchange(1).within) == ([within], within)
    html = handler.ask(PostedQuestion("Is fraud investigated?", within=Filter(forces=("Eastmoor",))), Conversation())[0]
    reason = read_html(html).find("p", class_="reason")[0].text
    assert reason.startswith("The collection has no assessment of Eastmoor.")


def test_the_number_of_exchanges_is_bounded_and_each_keeps_its_turn_number(handler: ChatHandler) -> None:
    conversation = Conversation()
    for _ in range(MAX_EXCHANGES + 5):
        conversation = handler.ask(PostedQuestion("How well is crime investigated?"), conversation)[3]
    conversation = conversation.with_error()
    assert len(conversation.exchanges) == MAX_EXCHANGES
    assert conversation.exchange(5) is None
    assert conversation.exchange(MAX_EXCHANGES + 5) is conversation.exchanges[-1]
    assert conversation.exchange(MAX_EXCHANGES + 6) is None


def test_the_text_for_the_clipboard_links_to_the_reader_s_origin(handler: ChatHandler) -> None:
    site = "https://assistant.example.org"
    html = handler.ask(PostedQuestion("How well is crime investigated?", site=site), Conversation())[0]
    copied = [node.text for node in read_html(html).find("pre", class_="as-text")]
    assert len(copied) == 4  # three quotations and the whole answer
    assert all(f"{site}/sources/northshire-2018?" in text for text in copied)
    assert NORTHSHIRE.sentences[6].text in copied[1]
