"""Answers with a chat model through `langchain-openai` and a real HTTP server, with every kind of failure."""

from __future__ import annotations

import json
import logging
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from assistant.answer import Answer, Ending, ModelFault, Status
from assistant.chain import Chain
from assistant.chat_model.calls import MAX_CONSECUTIVE_FAILURES, ModelCaller
from assistant.chat_model.chain import AssistedChain
from assistant.chat_model.prompts import load_prompts
from assistant.chat_model.provider import open_chat_model
from assistant.question.conversation import Turn
from assistant.settings import Settings
from tests.fixtures.model_failures import EMPTY_REPLY, FAILURES, NEVER_ENDING
from tests.fixtures.model_server import (
    KEY,
    OpenAIServer,
    Reply,
    echo,
    is_followup,
    question_in,
    sentences_in,
    statements,
    summary_of,
)

QUESTION = "What concerns does the inspector have about Northshire in 2018/19?"
TIMEOUT_SECONDS = 0.5


def assisted(chain: Chain, url: str, *, timeout: float = 10, key: str = KEY) -> AssistedChain:
    settings = Settings(
        chat_model="openai:llama3", chat_model_url=url, chat_model_timeout=timeout, chat_model_key=SecretStr(key)
    )
    model = open_chat_model(settings)
    assert model is not None
    return AssistedChain(chain, ModelCaller(model), load_prompts())


def without_model(answer: Answer) -> Answer:
    """An answer without its time and without what it says about the model."""
    notes = tuple(note for note in answer.notes if "language model" not in note)
    return answer.model_copy(update={"seconds": 0.0, "model": None, "notes": notes})


def test_a_summary_is_followed_by_the_quotations_it_does_not_cite(chain: Chain, server: OpenAIServer):
    plain = chain.answer(QUESTION)

    def first_only(request):
        return Reply(statements(summary_of(sentences_in(request)[0])))

    server.script = first_only
    answer = assisted(chain, server.url).answer(QUESTION)
    assert answer.model is not None
    assert (answer.mode, answer.model.ending, answer.model.name) == ("summarised", Ending.SUMMARISED, "openai:llama3")
    assert answer.model.prompts == load_prompts().version
    kinds = [statement.kind for statement in answer.statements]
    assert kinds == ["summary", *["quotation"] * (len(plain.statements) - 1)]
    assert len(plain.statements) > 1
    assert {citation.quote for citation in answer.citations} == {citation.quote for citation in plain.citations}
    assert answer.status is plain.status


def test_the_request_asks_for_streamed_json_and_contains_only_the_cited_sentences(chain: Chain, server: OpenAIServer):
    plain = chain.answer(QUESTION)
    assisted(chain, server.url).answer(QUESTION)
    [request] = server.requests
    assert request["stream"] is True
    assert request["response_format"] == {"type": "json_object"}
    assert "tools" not in request
    sent = [sentence["text"] for sentence in sentences_in(request)]
    assert sent == [citation.quote for citation in plain.citations if not citation.context]
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert server.keys == [f"Bearer {KEY}"]


def test_labels_are_new_for_each_question_and_occur_in_no_sentence(chain: Chain, server: OpenAIServer):
    model = assisted(chain, server.url)
    model.answer(QUESTION)
    model.answer(QUESTION)
    first, second = ({sentence["label"] for sentence in sentences_in(request)} for request in server.requests)
    assert not first & second
    texts = " ".join(sentence["text"] for sentence in sentences_in(server.requests[0]))
    assert not [label for label in first if label in texts]


@pytest.mark.parametrize("question", ["How many zeppelins does Westmere have?", "", "x" * 501, "What about Kent?"])
def test_a_refusal_is_unchanged_and_the_model_is_not_called(chain: Chain, server: OpenAIServer, question: str):
    answer = assisted(chain, server.url).answer(question)
    assert server.requests == []
    assert not answer.status.answered
    assert without_model(answer) == without_model(chain.answer(question))
    assert answer.model is not None
    assert answer.model.ending is Ending.NOT_ASKED


@pytest.mark.parametrize(
    "question",
    ["Which forces have weaknesses in supervision?", "Compare supervision in Northshire in 2016 and 2018/19"],
)
def test_a_list_and_a_table_are_not_summarised(chain: Chain, server: OpenAIServer, question: str):
    answer = assisted(chain, server.url).answer(question)
    assert answer.table or answer.coverage
    assert without_model(answer) == without_model(chain.answer(question))
    assert server.requests == []


@pytest.mark.parametrize("name", FAILURES)
def test_after_any_failure_the_answer_is_the_one_without_a_model(chain: Chain, server: OpenAIServer, name: str):
    reply, ending = FAILURES[name]
    server.script = lambda _request: reply
    answer = assisted(chain, server.url, timeout=60).answer(QUESTION)
    assert answer.model is not None
    assert answer.model.ending is ending
    assert without_model(answer) == without_model(chain.answer(QUESTION))
    assert [note for note in answer.notes if "Answered without the language model openai:llama3" in note]


@pytest.mark.parametrize("name", NEVER_ENDING)
def test_a_server_that_never_ends_is_abandoned_at_the_time_out(chain: Chain, server: OpenAIServer, name: str):
    """The server does not end before the test does, so a call that waited for it would not return."""
    assisted(chain, server.url).answer(QUESTION)  # so that imports at first use do not count
    server.requests.clear()
    server.script = lambda _request: NEVER_ENDING[name]
    answer = assisted(chain, server.url, timeout=TIMEOUT_SECONDS).answer(QUESTION)
    assert answer.model is not None
    assert answer.model.ending is Ending.TIMED_OUT
    assert without_model(answer) == without_model(chain.answer(QUESTION))
    assert server.requests


def test_a_wrong_key_is_denied_and_not_logged(chain: Chain, server: OpenAIServer, caplog: pytest.LogCaptureFixture):
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


def test_the_http_libraries_log_nothing(chain: Chain, server: OpenAIServer, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    model = assisted(chain, server.url)
    caplog.clear()
    model.answer(QUESTION)
    assert server.requests
    assert [record.name for record in caplog.records if record.name != "asyncio"] == []


def test_an_address_without_a_server_is_unreachable(chain: Chain):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/v1"
        answer = assisted(chain, url, timeout=60).answer(QUESTION)
    assert answer.model is not None
    assert answer.model.ending is Ending.UNREACHABLE
    assert without_model(answer) == without_model(chain.answer(QUESTION))


def test_a_slow_server_is_disconnected(chain: Chain, server: OpenAIServer):
    server.script = lambda _request: Reply(EMPTY_REPLY * 400, piece_size=1, pause=0.02)
    assisted(chain, server.url, timeout=0.3).answer(QUESTION)
    assert server.dropped.wait(5)


def test_a_server_that_rejects_json_mode_is_called_again_without_it(chain: Chain, server: OpenAIServer):
    server.script = lambda request: Reply(status=400) if "response_format" in request else echo(request)
    model = assisted(chain, server.url)
    first, second = model.answer(QUESTION), model.answer(QUESTION)
    assert first.mode == second.mode == "summarised"
    assert ["response_format" in request for request in server.requests] == [True, False, False]


def test_a_model_that_keeps_failing_is_not_called_for_a_while(chain: Chain, server: OpenAIServer):
    server.script = lambda _request: Reply(status=500)
    model = assisted(chain, server.url)
    endings = [model.answer(QUESTION).model.ending for _ in range(MAX_CONSECUTIVE_FAILURES + 2)]  # type: ignore[union-attr]
    assert endings == [Ending.UNREACHABLE] * MAX_CONSECUTIVE_FAILURES + [Ending.BUSY] * 2
    assert len(server.requests) == MAX_CONSECUTIVE_FAILURES


def test_reasoning_code_fences_and_an_introduction_are_skipped(chain: Chain, server: OpenAIServer):
    def thinking(request):
        reply = echo(request).text
        return Reply(f'<think>Perhaps {{"statements": [{{"text": "It is bad."}}]}}</think>Here:\n```json\n{reply}\n```')

    server.script = thinking
    answer = assisted(chain, server.url).answer(QUESTION)
    assert answer.mode == "summarised"
    assert answer.model is not None
    assert answer.model.left_out == ()


def test_each_statement_is_streamed_as_soon_as_it_is_checked(chain: Chain, server: OpenAIServer):
    """The first statement is streamed before the server has sent the second, which is false and never shown."""
    streamed = []

    def slowly(request):
        first, second, *_ = sentences_in(request)
        text = statements(summary_of(first), ("The force has 9,999 staff.", [second["label"]]))
        return Reply(text, piece_size=30, hold_after=text.index("}") // 30 + 2)

    server.script = slowly
    for item in assisted(chain, server.url, timeout=60).stream(QUESTION):
        streamed.append(item)
        server.released.set()  # only now does the server send the end
    *early, answer = streamed
    assert [checked.statement for checked in early] == [answer.statements[0]]
    assert early[0].citations == answer.citations[: len(early[0].citations)]
    assert answer.model is not None
    assert [(entry.fault, entry.count) for entry in answer.model.left_out] == [(ModelFault.WORDS, 1)]


def test_a_follow_up_is_rewritten_by_the_model_and_shown(chain: Chain, server: OpenAIServer):
    def script(request):
        if is_followup(request):
            assert question_in(request) == "And how is custody there?"
            return Reply(json.dumps({"question": "How is custody in Westmere?"}))
        return echo(request)

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
def test_a_rewritten_question_that_adds_anything_is_rejected(chain: Chain, server: OpenAIServer, rewritten: str):
    server.script = lambda request: Reply(json.dumps({"question": rewritten})) if is_followup(request) else Reply("")
    history = [Turn("user", "How is custody in Westmere?"), Turn("assistant", "Custody is safe.")]
    answer = assisted(chain, server.url).answer("And vetting?", history)
    assert answer.standalone_question == chain.answer("And vetting?", history).standalone_question
    assert answer.model is not None
    assert not answer.model.rewritten


def test_a_model_that_hangs_on_a_follow_up_is_not_called_again_for_the_summary(chain: Chain, server: OpenAIServer):
    server.script = lambda _request: NEVER_ENDING["no answer"]
    history = [Turn("user", QUESTION), Turn("assistant", "Found.")]
    answer = assisted(chain, server.url, timeout=TIMEOUT_SECONDS).answer("And in 2016?", history)
    assert len(server.requests) == 1
    assert answer.model is not None
    assert answer.model.ending is Ending.TIMED_OUT
    assert without_model(answer) == without_model(chain.answer("And in 2016?", history))


def test_invisible_characters_are_not_sent(chain: Chain, server: OpenAIServer):
    question = QUESTION.replace("concerns", "con\u200bcerns\u202e\U000e0041\x07")
    assisted(chain, server.url).answer(question)
    sent = json.dumps(server.requests, ensure_ascii=False)
    assert not [character for character in "\u200b\u202e\U000e0041\x07" if character in sent]
    assert question_in(server.requests[0]) == QUESTION


def test_the_status_is_always_the_chains(chain: Chain, server: OpenAIServer):
    for question in (QUESTION, "Who wrote the assessment of Northshire in 2016?", "What about zeppelins in Westmere?"):
        answer = assisted(chain, server.url).answer(question)
        assert answer.status is chain.answer(question).status
    assert chain.answer(QUESTION).status is Status.ANSWERED


def test_a_key_in_a_file_is_sent_and_not_shown(chain: Chain, server: OpenAIServer, tmp_path: Path):
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n", encoding="utf-8")
    settings = Settings(chat_model="openai:llama3", chat_model_url=server.url, chat_model_key_file=file)
    model = open_chat_model(settings)
    assert model is not None
    assert KEY not in repr(model) + str(model)
    AssistedChain(chain, ModelCaller(model), load_prompts()).answer(QUESTION)
    assert server.keys == [f"Bearer {KEY}"]


def test_a_key_in_the_environment_is_not_sent_to_another_host(
    chain: Chain, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-meant-for-another-host")
    assisted(chain, server.url, key="").answer(QUESTION)
    assert server.keys
    assert "sk-meant-for-another-host" not in " ".join(server.keys)
