"""The whole path, through `langchain-openai` and a real HTTP server, with every way a server can fail."""

from __future__ import annotations

import json
import logging
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant.answer import Answer, Ending, ModelFault, Status
from assistant.chain import Chain
from assistant.chat_model.calls import FAILURES, ModelCaller
from assistant.chat_model.chain import AssistedChain
from assistant.chat_model.prompts import load_prompts
from assistant.chat_model.provider import open_chat_model
from assistant.question.conversation import Turn
from assistant.settings import Settings
from tests.fixtures.model_failures import ENDLESS, FAILING, GOOD
from tests.fixtures.model_server import (
    KEY,
    OpenAIServer,
    Reply,
    asked,
    echoing,
    is_followup,
    material,
    statements,
    third_person,
)

QUESTION = "What concerns does the inspector have about Northshire in 2018/19?"
TIMEOUT = 0.5


def assisted(chain: Chain, url: str, *, timeout: float = 10, key: str = KEY) -> AssistedChain:
    settings = Settings(
        chat_model="openai:llama3", chat_model_url=url, chat_model_timeout=timeout, chat_model_key=SecretStr(key)
    )
    model = open_chat_model(settings)
    assert model is not None
    return AssistedChain(chain, ModelCaller(model), load_prompts())


def bare(answer: Answer) -> Answer:
    """An answer without what tells of a model."""
    notes = tuple(note for note in answer.notes if "language model" not in note)
    return answer.model_copy(update={"seconds": 0.0, "model": None, "notes": notes})


def test_a_summary_stands_with_its_quotations_and_the_rest_is_there_too(chain: Chain, server: OpenAIServer):
    plain = chain.answer(QUESTION)

    def first_only(request):
        one = material(request)[0]
        return Reply(statements((third_person(one["text"]), [one["label"]])))

    server.script = first_only
    answer = assisted(chain, server.url).answer(QUESTION)
    assert answer.model is not None
    assert (answer.mode, answer.model.ending, answer.model.name) == ("summarised", Ending.SUMMARISED, "openai:llama3")
    assert answer.model.prompts == load_prompts().version
    kinds = [statement.kind for statement in answer.statements]
    assert kinds == ["summary", *["quotation"] * (len(plain.statements) - 1)]
    assert len(plain.statements) > 1
    assert {one.quote for one in answer.citations} == {one.quote for one in plain.citations}
    assert answer.status is plain.status


def test_the_request_streams_asks_for_json_and_holds_only_what_was_found(chain: Chain, server: OpenAIServer):
    plain = chain.answer(QUESTION)
    assisted(chain, server.url).answer(QUESTION)
    [request] = server.requests
    assert request["stream"] is True
    assert request["response_format"] == {"type": "json_object"}
    assert "tools" not in request
    shown = material(request)
    assert [one["text"] for one in shown] == [one.quote for one in plain.citations if not one.context]
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert server.keys == [f"Bearer {KEY}"]


def test_labels_are_drawn_anew_and_stand_in_no_text(chain: Chain, server: OpenAIServer):
    model = assisted(chain, server.url)
    model.answer(QUESTION)
    model.answer(QUESTION)
    first, second = ({one["label"] for one in material(request)} for request in server.requests)
    assert not first & second
    texts = " ".join(one["text"] for one in material(server.requests[0]))
    assert not [label for label in first if label in texts]


@pytest.mark.parametrize("question", ["How many zeppelins does Westmere have?", "", "x" * 501, "What about Kent?"])
def test_a_refusal_stays_and_the_model_is_not_asked(chain: Chain, server: OpenAIServer, question: str):
    answer = assisted(chain, server.url).answer(question)
    assert server.requests == []
    assert not answer.status.answered
    assert bare(answer) == bare(chain.answer(question))
    assert answer.model is not None
    assert answer.model.ending is Ending.NOT_ASKED


@pytest.mark.parametrize(
    "question",
    ["Which forces have weaknesses in supervision?", "Compare supervision in Northshire in 2016 and 2018/19"],
)
def test_a_list_of_everything_and_a_table_are_left_as_they_are(chain: Chain, server: OpenAIServer, question: str):
    answer = assisted(chain, server.url).answer(question)
    assert answer.table or answer.coverage
    assert bare(answer) == bare(chain.answer(question))
    assert server.requests == []


@pytest.mark.parametrize("name", FAILING)
def test_whatever_fails_the_answer_is_the_one_without_a_model(chain: Chain, server: OpenAIServer, name: str):
    reply, ending = FAILING[name]
    server.script = lambda _request: reply
    answer = assisted(chain, server.url, timeout=60).answer(QUESTION)
    assert answer.model is not None
    assert answer.model.ending is ending
    assert bare(answer) == bare(chain.answer(QUESTION))
    assert [note for note in answer.notes if "Answered without the language model openai:llama3" in note]


@pytest.mark.parametrize("name", ENDLESS)
def test_a_server_that_never_ends_is_waited_for_until_the_time_out(chain: Chain, server: OpenAIServer, name: str):
    """The server goes on until the answer has been read: were it waited for, this would never end."""
    assisted(chain, server.url).answer(QUESTION)  # what is imported at first use is imported now
    server.requests.clear()
    server.script = lambda _request: ENDLESS[name]
    answer = assisted(chain, server.url, timeout=TIMEOUT).answer(QUESTION)
    assert answer.model is not None
    assert answer.model.ending is Ending.TIMED_OUT
    assert bare(answer) == bare(chain.answer(QUESTION))
    assert server.requests


def test_a_wrong_key_is_denied_and_shown_nowhere(chain: Chain, server: OpenAIServer, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    answer = assisted(chain, server.url, key="sk-wrong-998877").answer(QUESTION)
    assert answer.model is not None
    assert answer.model.ending is Ending.DENIED
    assert "998877" not in caplog.text + answer.model_dump_json()
    assert "denied" in caplog.text


def test_neither_key_nor_question_is_logged(chain: Chain, server: OpenAIServer, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    assisted(chain, server.url).answer(QUESTION)
    assert server.requests
    assert KEY not in caplog.text
    assert QUESTION not in caplog.text


def test_nobody_at_that_address(chain: Chain):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        answer = assisted(chain, url, timeout=60).answer(QUESTION)
    assert answer.model is not None
    assert answer.model.ending is Ending.UNREACHABLE
    assert bare(answer) == bare(chain.answer(QUESTION))


def test_a_dripping_server_is_let_go(chain: Chain, server: OpenAIServer):
    server.script = lambda _request: Reply(GOOD * 400, size=1, pause=0.02)
    assisted(chain, server.url, timeout=0.3).answer(QUESTION)
    assert server.dropped.wait(5)


def test_a_server_without_json_mode_is_asked_again_without(chain: Chain, server: OpenAIServer):
    server.script = lambda request: Reply(status=400) if "response_format" in request else echoing(request)
    model = assisted(chain, server.url)
    first, second = model.answer(QUESTION), model.answer(QUESTION)
    assert first.mode == second.mode == "summarised"
    assert ["response_format" in request for request in server.requests] == [True, False, False]


def test_a_model_that_keeps_failing_is_left_alone(chain: Chain, server: OpenAIServer):
    server.script = lambda _request: Reply(status=500)
    model = assisted(chain, server.url)
    endings = [model.answer(QUESTION).model.ending for _ in range(FAILURES + 2)]  # type: ignore[union-attr]
    assert endings == [Ending.UNREACHABLE] * FAILURES + [Ending.BUSY] * 2
    assert len(server.requests) == FAILURES


def test_reasoning_fences_and_a_preamble_are_passed_over(chain: Chain, server: OpenAIServer):
    def thinking(request):
        said = echoing(request).text
        return Reply(f'<think>Perhaps {{"statements": [{{"text": "It is bad."}}]}}</think>Here:\n```json\n{said}\n```')

    server.script = thinking
    answer = assisted(chain, server.url).answer(QUESTION)
    assert answer.mode == "summarised"
    assert answer.model is not None
    assert answer.model.left_out == ()


def test_statements_are_shown_as_soon_as_they_are_checked(chain: Chain, server: OpenAIServer):
    """The second statement is false: it is never shown. The first is shown before the server has sent all."""
    shown = []

    def slowly(request):
        one, two, *_ = material(request)
        text = statements((third_person(one["text"]), [one["label"]]), ("The force has 9,999 staff.", [two["label"]]))
        return Reply(text, size=30, hold=text.index("}") // 30 + 2)

    server.script = slowly
    for one in assisted(chain, server.url, timeout=60).stream(QUESTION):
        shown.append(one)
        server.released.set()  # only now does the server send the end
    *early, answer = shown
    assert [one.statement for one in early] == [answer.statements[0]]
    assert early[0].citations == answer.citations[: len(early[0].citations)]
    assert answer.model is not None
    assert [(one.fault, one.count) for one in answer.model.left_out] == [(ModelFault.NUMBER, 1)]


def test_a_follow_up_is_rewritten_by_the_model_and_shown(chain: Chain, server: OpenAIServer):
    def script(request):
        if is_followup(request):
            assert asked(request) == "And how is custody there?"
            return Reply(json.dumps({"question": "How is custody in Westmere?"}))
        return echoing(request)

    server.script = script
    history = [Turn("user", "How safe are detainees in Westmere?"), Turn("assistant", "Nothing found.")]
    answer = assisted(chain, server.url).answer("And how is custody there?", history)
    assert answer.standalone_question == "How is custody in Westmere?"
    assert answer.question == "And how is custody there?"
    assert answer.model is not None
    assert answer.model.rewritten


@pytest.mark.parametrize(
    "rewritten",
    [
        "How many officers died in custody in Westmere?",
        "How is custody in Eastvale?",
        "How is custody in Westmere in 2016?",
        "How is custody not in Westmere?",
        "",
        "<b>How is custody in Westmere?</b> http://outside.invalid/",
        "custody " * 100,
    ],
)
def test_a_rewriting_that_adds_anything_is_not_taken(chain: Chain, server: OpenAIServer, rewritten: str):
    server.script = lambda request: Reply(json.dumps({"question": rewritten})) if is_followup(request) else Reply("")
    history = [Turn("user", "How is custody in Westmere?"), Turn("assistant", "Custody is safe.")]
    answer = assisted(chain, server.url).answer("And vetting?", history)
    assert answer.standalone_question == chain.answer("And vetting?", history).standalone_question
    assert answer.model is not None
    assert not answer.model.rewritten


def test_a_model_that_hangs_on_a_follow_up_is_not_waited_for_twice(chain: Chain, server: OpenAIServer):
    server.script = lambda _request: ENDLESS["no answer"]
    history = [Turn("user", QUESTION), Turn("assistant", "Found.")]
    answer = assisted(chain, server.url, timeout=TIMEOUT).answer("And in 2016?", history)
    assert len(server.requests) == 1
    assert answer.model is not None
    assert answer.model.ending is Ending.TIMED_OUT
    assert bare(answer) == bare(chain.answer("And in 2016?", history))


def test_what_nobody_sees_is_not_sent(chain: Chain, server: OpenAIServer):
    question = QUESTION.replace("concerns", "con\u200bcerns\u202e\U000e0041\x07")
    assisted(chain, server.url).answer(question)
    sent = json.dumps(server.requests, ensure_ascii=False)
    assert not [one for one in "\u200b\u202e\U000e0041\x07" if one in sent]
    assert asked(server.requests[0]) == QUESTION


def test_a_status_is_never_the_models(chain: Chain, server: OpenAIServer):
    for question in (QUESTION, "Who wrote the assessment of Northshire in 2016?", "What about zeppelins in Westmere?"):
        answer = assisted(chain, server.url).answer(question)
        assert answer.status is chain.answer(question).status
    assert chain.answer(QUESTION).status is Status.ANSWERED


def test_a_key_in_a_file(chain: Chain, server: OpenAIServer, tmp_path: Path):
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n", encoding="utf-8")
    settings = Settings(chat_model="openai:llama3", chat_model_url=server.url, chat_model_key_file=file)
    model = open_chat_model(settings)
    assert model is not None
    assert KEY not in repr(model) + str(model)
    AssistedChain(chain, ModelCaller(model), load_prompts()).answer(QUESTION)
    assert server.keys == [f"Bearer {KEY}"]


def test_a_key_of_the_environment_is_not_sent_to_another_host(
    chain: Chain, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-meant-for-another-host")
    assisted(chain, server.url, key="").answer(QUESTION)
    assert server.keys
    assert "sk-meant-for-another-host" not in " ".join(server.keys)
