"""The chat handler and what a page keeps: signed turns, from which any process reads the conversation."""

import json
from dataclasses import replace

import pytest

from assistant.answer import Status
from assistant.filter import EVERYTHING, Filter
from assistant.messages import load_messages
from assistant.question.conversation import Turn
from assistant.state import MAX_HISTORY_TURNS, MAX_TURN_CHARACTERS
from assistant.web.chat.conversation import (
    MAX_KEPT_TURNS,
    ChatHandler,
    Conversation,
    KeptTurn,
    PostedQuestion,
    TurnSigner,
    owner_name,
)
from tests.fixtures.fictional import NORTHSHIRE, WESTMERE, FictionalAssistant, cite, make_answer
from tests.fixtures.visible import read_html

UNCHANGED = object()
CRIME = "How well is crime investigated?"
SIGNER = TurnSigner(b"k" * 32)


@pytest.fixture
def assistant() -> FictionalAssistant:
    return FictionalAssistant()


@pytest.fixture
def handler(assistant: FictionalAssistant) -> ChatHandler:
    return ChatHandler(assistant, load_messages(), SIGNER, unchanged=UNCHANGED)


def token_of(html: object) -> str:
    [token] = read_html(str(html)).find("pre", class_="kept")
    return str(token.text)


def posted(*tokens: str, number: int = 1) -> str:
    return json.dumps({"turns": tokens, "number": number})


def kept(question: str = CRIME, history: tuple[Turn, ...] = (), within: Filter = EVERYTHING) -> KeptTurn:
    return KeptTurn.of(FictionalAssistant().ask(question, history), history, within)


def test_an_answer_empties_the_box_and_comes_with_what_the_page_keeps(handler: ChatHandler) -> None:
    html, box, alone, progress = handler.ask(PostedQuestion(CRIME, conversation=posted(number=7)))
    assert (box, alone, progress) == ("", False, "")
    assert read_html(html).find("article")[0].attributes["id"] == "turn-7"
    turn = SIGNER.read(token_of(html))
    assert turn is not None
    quotes = f"{NORTHSHIRE.sentences[5].text} {NORTHSHIRE.sentences[7].text}"
    assert (turn.question, turn.turns) == (CRIME, (Turn("user", CRIME), Turn("assistant", quotes)))


def test_a_follow_up_is_asked_with_the_history_that_the_page_brings(
    handler: ChatHandler, assistant: FictionalAssistant
) -> None:
    first = token_of(handler.ask(PostedQuestion(CRIME))[0])
    second = handler.ask(PostedQuestion("And Westmere?", conversation=posted(first)))[0]
    turn = SIGNER.read(token_of(second))
    assert turn is not None
    assert [[said.role for said in history] for _, history in assistant.asked] == [[], ["user", "assistant"]]
    assert assistant.asked[1][1][0].text == CRIME
    assert turn.turns[0] == Turn("user", "How well does Westmere Police investigate crime?")


def test_another_process_with_the_key_reads_a_follow_up_alike(
    handler: ChatHandler, assistant: FictionalAssistant
) -> None:
    first = token_of(handler.ask(PostedQuestion(CRIME))[0])
    other = FictionalAssistant()
    ChatHandler(other, load_messages(), TurnSigner(b"k" * 32)).ask(
        PostedQuestion("And Westmere?", conversation=posted(first))
    )
    handler.ask(PostedQuestion("And Westmere?", conversation=posted(first)))
    assert other.asked == assistant.asked[1:]


def test_turns_of_another_key_are_left_out_and_the_answer_says_so(
    handler: ChatHandler, assistant: FictionalAssistant
) -> None:
    foreign = TurnSigner(b"x" * 32).sign(kept())
    for question in ("And Westmere?", "How many horses?"):  # answered, and refused
        html = handler.ask(PostedQuestion(question, conversation=posted(foreign)))[0]
        assert assistant.asked[-1] == (question, ())
        [note] = [node.text for node in read_html(str(html)).find("p", class_="note") if "cannot read" in node.text]
        assert "cannot read 1 earlier question of this conversation" in note
    alone = handler.ask(PostedQuestion("And Westmere?", alone=True, conversation=posted(foreign)))[0]
    assert "cannot read" not in alone


@pytest.mark.parametrize("text", ["x", "\x00", "[]", "{}x", '{"turns": [1]}', '{"turns": [], "number": 0}'])
def test_a_malformed_conversation_is_said_not_to_be_read(handler: ChatHandler, text: str) -> None:
    assert "cannot read 1 earlier question" in handler.ask(PostedQuestion(CRIME, conversation=text))[0]


def test_a_refused_question_stays_in_the_box_and_its_reason_is_no_topic(handler: ChatHandler) -> None:
    html, box, _, _ = handler.ask(PostedQuestion("How many horses?"))
    assert box == "How many horses?"
    assert "(not an answer)" in html
    turn = SIGNER.read(token_of(html))
    assert turn is not None
    assert turn.reply == ""


def test_an_application_error_is_shown_with_its_advice_and_not_kept(handler: ChatHandler) -> None:
    html, box, _, progress = handler.ask(PostedQuestion("Will you rebuild?", conversation=posted(number=3)))
    assert read_html(html).find("p", class_="reason")[0].text == "The index is being rebuilt. Ask again in a minute."
    assert read_html(html).find("pre", class_="kept") == []
    assert read_html(html).find("article")[0].attributes["id"] == "turn-3"
    assert (box, progress) == (UNCHANGED, "")


def test_an_unexpected_error_is_raised_and_shown_without_its_details(handler: ChatHandler) -> None:
    with pytest.raises(ZeroDivisionError):
        handler.ask(PostedQuestion("It breaks"))
    html, box, _, progress = handler.show_unexpected_error("It breaks", posted(number=4))
    assert "Something went wrong" in html
    assert "nobody foresaw" not in html
    assert 'id="turn-4"' in html
    assert (box, progress) == (UNCHANGED, "")


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_box_asks_nothing(handler: ChatHandler, assistant: FictionalAssistant, question: str) -> None:
    *same, progress = handler.ask(PostedQuestion(question))
    assert same == [UNCHANGED, UNCHANGED, UNCHANGED]
    assert "Type a question first." in progress
    assert assistant.asked == []


def test_the_history_is_bounded(handler: ChatHandler, assistant: FictionalAssistant) -> None:
    tokens = [SIGNER.sign(kept(f"{CRIME} {number}")) for number in range(MAX_HISTORY_TURNS)]
    handler.ask(PostedQuestion(CRIME, conversation=posted(*tokens)))
    history = assistant.asked[-1][1]
    assert (len(history), history[-2].text) == (MAX_HISTORY_TURNS, f"{CRIME} {MAX_HISTORY_TURNS - 1}")
    too_many = posted(*([tokens[0]] * (MAX_KEPT_TURNS + 1)))
    assert Conversation.parse(too_many, SIGNER, "") == Conversation((None,))


def test_a_question_read_on_its_own_is_asked_without_history(
    handler: ChatHandler, assistant: FictionalAssistant
) -> None:
    first = token_of(handler.ask(PostedQuestion(CRIME))[0])
    html, _, alone, _ = handler.ask(PostedQuestion("And Westmere?", alone=True, conversation=posted(first)))
    assert assistant.asked[-1] == ("And Westmere?", ())
    turn = SIGNER.read(token_of(html))
    assert turn is not None
    assert (alone, turn.history) == (False, "")


def test_the_filter_is_passed_on_and_kept_and_an_unknown_name_in_it_is_reported(
    handler: ChatHandler, assistant: FictionalAssistant
) -> None:
    within = Filter(forces=("Westmere Police",))
    html = handler.ask(PostedQuestion("Is fraud investigated?", within=within))[0]
    turn = SIGNER.read(token_of(html))
    assert turn is not None
    assert (assistant.within, turn.within) == ([within], within)
    html = handler.ask(PostedQuestion("Is fraud investigated?", within=Filter(forces=("Eastmoor",))))[0]
    reason = read_html(html).find("p", class_="reason")[0].text
    assert reason.startswith("The collection has no assessment of Eastmoor.")


def test_the_text_for_the_clipboard_links_to_the_reader_s_origin(handler: ChatHandler) -> None:
    site = "https://assistant.example.org"
    html = handler.ask(PostedQuestion(CRIME, site=site))[0]
    copied = [node.text for node in read_html(html).find("pre", class_="as-text")]
    assert len(copied) == 4  # three quotations and the whole answer
    assert all(f"{site}/sources/northshire-2018?" in text for text in copied)
    assert NORTHSHIRE.sentences[6].text in copied[1]


def test_a_token_is_read_as_it_was_signed_and_by_its_person_only() -> None:
    turn = kept("Who said “£5 é”?", (Turn("user", "x"),), Filter(("Westmere Police",), ("2021/22",), ("a/b",)))
    turn = replace(turn, unread=2)
    token = SIGNER.sign(turn, "ada")
    assert SIGNER.read(token, "ada") == turn
    assert SIGNER.read(token, "grace") is None
    assert SIGNER.read(token) is None


def test_the_conversations_of_people_known_by_name_are_kept_apart() -> None:
    assert len({owner_name(person) for person in ("", "ada", "grace")}) == 3


@pytest.mark.parametrize("forged", ["", ".", "x", "x.y", "é.é", "\ud800.x", "AAAA.AAAA", "a" * 100_000])
def test_what_was_not_signed_is_not_read(forged: str) -> None:
    assert SIGNER.read(forged) is None


def test_no_change_of_a_token_is_read() -> None:
    token = SIGNER.sign(kept())
    packed, _, signature = token.partition(".")
    other = SIGNER.sign(kept("How well is fraud investigated?")).partition(".")[0]
    changed = [token[:-1], token[1:], f"{packed}.", f"{other}.{signature}", token[:5] + token[6:]]
    assert [SIGNER.read(text) for text in changed] == [None] * len(changed)


def test_a_long_reply_is_cut_and_the_token_of_a_long_answer_is_small() -> None:
    words = "".join(chr(ord("a") + number * 7919 % 26) for number in range(3_000))
    cited = [cite(NORTHSHIRE, 5, number) for number in range(1, 301)]
    long = make_answer(CRIME, Status.ANSWERED, cited).model_copy(update={"reason": words})
    turn = KeptTurn.of(long, (), EVERYTHING)
    assert len(turn.reply) == MAX_TURN_CHARACTERS
    assert len(SIGNER.sign(turn)) < 4_000


def test_whether_an_answer_has_changed_is_seen_by_what_it_says() -> None:
    first = make_answer(CRIME, Status.ANSWERED, [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 7, 2)])
    turn = KeptTurn.of(first, (), EVERYTHING)
    moved = [cite(NORTHSHIRE, 5, 1).model_copy(update={"start": 1, "end": 99}), cite(NORTHSHIRE, 7, 2)]
    assert turn.is_answer(make_answer(CRIME, Status.ANSWERED, moved).model_copy(update={"id": "other"}))
    fewer = make_answer(CRIME, Status.ANSWERED, [cite(NORTHSHIRE, 5, 1), cite(WESTMERE, 1, 2)])
    assert (turn.is_answer(fewer), turn.missing_from(fewer)) == (False, 1)
    assert not turn.is_answer(make_answer(CRIME))
