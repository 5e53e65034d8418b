"""The JSON interface: the requests and replies of each address, and their description.

The client in this file checks every reply against the OpenAPI document.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from starlette.testclient import TestClient

from assistant.answer import Answer
from assistant.filter import Filter
from assistant.question.conversation import Turn
from assistant.settings import Settings
from assistant.web.api.docs import FILES
from assistant.web.security.allowlist import MAX_BODY_BYTES
from assistant.web.server import create_app
from tests.fixtures.fictional import HOSTILE, NORTHSHIRE, PAGES, FictionalAssistant, cite
from tests.fixtures.visible import read_html

ADDRESS = "http://127.0.0.1:7860"
ROOT = Path(__file__).parents[4]
QUESTION = "How is crime investigated?"


@dataclass
class Described:
    """A client that checks every reply against the description of its address."""

    client: TestClient
    schema: dict[str, Any]

    def get(self, path: str, **more: Any) -> Any:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> Any:
        return self.request("POST", path, **more)

    def request(self, method: str, path: str, **more: Any) -> Any:
        reply = self.client.request(method, path, **more)
        documented = self._path(path)[method.lower()]["responses"]
        assert str(reply.status_code) in documented, f"{method} {path} gives {reply.status_code}"
        content = documented[str(reply.status_code)]["content"]
        kind = reply.headers["content-type"].split(";")[0]
        schema = {"$ref": "#/schema", "schema": content[kind]["schema"], "components": self.schema["components"]}
        Draft202012Validator(schema).validate(reply.json() if kind == "application/json" else reply.text)
        return reply

    def _path(self, path: str) -> dict[str, Any]:
        bare = path.partition("?")[0]
        patterns = {template: re.sub(r"\{\w+\}", ".+", template) for template in self.schema["paths"]}
        return next(self.schema["paths"][name] for name, like in patterns.items() if re.fullmatch(like, bare))


@pytest.fixture(scope="module")
def assistant() -> FictionalAssistant:
    return FictionalAssistant()


@pytest.fixture(scope="module")
def client(assistant):
    app = create_app(assistant, Settings(questions_per_minute=60_000))
    with TestClient(app, base_url=ADDRESS, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def described(client) -> Described:
    return Described(client, client.get("/api/v1/openapi.json").json())


# Asking ---------------------------------------------------------------------------------------------------------------


def test_an_answer_matches_the_command_line_and_the_published_schema(described, assistant):
    reply = described.post("/api/v1/ask", json={"question": QUESTION})
    assert reply.json() == assistant.ask(QUESTION).model_dump(mode="json")
    published = json.loads((ROOT / "docs" / "answer.schema.json").read_text())
    Draft202012Validator(published).validate(reply.json())


def test_a_question_without_an_answer_is_not_an_error(described):
    reply = described.post("/api/v1/ask", json={"question": "How many horses?"})
    assert (reply.status_code, reply.json()["status"]) == (200, "not_in_assessments")


def test_history_and_filter_reach_the_assistant(described, assistant):
    limits = {"forces": ["Westmere Police"], "periods": ["2021/22"], "transcripts": ["westmere 2021/£"]}
    history = [{"role": "user", "text": "Before"}, {"role": "assistant", "text": "Found"}]
    described.post("/api/v1/ask", json={"question": QUESTION, "history": history, **limits})
    assert assistant.asked[-1] == (QUESTION, (Turn("user", "Before"), Turn("assistant", "Found")))
    assert assistant.within[-1] == Filter(("Westmere Police",), ("2021/22",), ("westmere 2021/£",))


@pytest.mark.parametrize(
    ("body", "at"),
    [
        ({}, "body.question"),
        ({"question": "x", "force": ["y"]}, "body.force"),
        ({"question": "x", "forces": "y"}, "body.forces"),
        ({"question": "x", "forces": [""]}, "body.forces.0"),
        ({"question": "x", "forces": ["y"] * 101}, "body.forces"),
        ({"question": "x", "periods": [2018]}, "body.periods.0"),
        ({"question": "x", "transcripts": ["y" * 301]}, "body.transcripts.0"),
    ],
)
def test_the_reply_to_a_malformed_request_names_the_field(described, body, at):
    reply = described.post("/api/v1/ask", json=body)
    assert (reply.status_code, reply.json()["status"]) == (422, "malformed")
    assert reply.json()["problems"][0]["at"] == at
    assert at in reply.json()["error"]


def test_a_body_that_is_not_json_is_malformed(described):
    reply = described.post("/api/v1/ask", content=b"{", headers={"content-type": "application/json"})
    assert (reply.status_code, reply.json()["status"]) == (422, "malformed")


@pytest.mark.parametrize(
    "body", [b"[" * 50_000 + b"]" * 50_000, b'{"n": 1' + b"0" * 5_000 + b"}", b'{"question": "\xff"}']
)
@pytest.mark.parametrize("address", ["/api/v1/ask", "/conversation/turns"])
def test_a_body_that_cannot_be_read_says_so(client, address, body):
    reply = client.post(address, content=body, headers={"content-type": "application/json"})
    assert reply.status_code in (400, 422)
    assert reply.json()["status"] == "malformed"
    assert "no page" not in reply.json()["error"]


def test_an_unknown_force_is_named(described):
    reply = described.post("/api/v1/ask", json={"question": "x", "forces": ["Eastmarch Police"]})
    assert (reply.status_code, reply.json()["status"]) == (422, "not_held")
    assert "Eastmarch Police" in reply.json()["error"]


def test_an_unavailable_index_is_503(described):
    reply = described.post("/api/v1/ask", json={"question": "Will you rebuild?"})
    assert (reply.status_code, reply.json()["status"]) == (503, "unavailable")


def test_an_unexpected_error_hides_its_details_and_has_the_usual_headers(described):
    reply = described.post("/api/v1/ask", json={"question": "What breaks?"})
    assert (reply.status_code, reply.json()["status"]) == (500, "fault")
    assert "foresaw" not in reply.text
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    assert (reply.headers["x-content-type-options"], reply.headers["cache-control"]) == ("nosniff", "no-store")


# Searching ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_nearest_sentences_are_citations(described, method):
    sent = {"q": "investigat", "count": 2}
    how = {"params": sent} if method == "GET" else {"json": sent}
    reply = described.request(method, "/api/v1/search", **how)
    wanted = [cite(NORTHSHIRE, 4, 1), cite(NORTHSHIRE, 5, 2)]  # a heading is a sentence too
    assert reply.json() == {"query": "investigat", "results": [citation.model_dump(mode="json") for citation in wanted]}


def test_a_search_is_filtered_by_repeated_parameters(described):
    forces = ["Westmere Police", "Northshire Constabulary"]
    reply = described.get("/api/v1/search", params={"q": "investigat", "forces": forces[:1]})
    assert {result["force"] for result in reply.json()["results"]} == {"Westmere Police"}
    both = described.get("/api/v1/search", params={"q": "investigat", "forces": forces})
    assert {result["force"] for result in both.json()["results"]} == set(forces)


@pytest.mark.parametrize(
    "sent",
    [{}, {"q": ""}, {"q": "x", "count": 0}, {"q": "x", "count": 51}, {"q": "x", "count": "y"}, {"q": "x", "cuont": 1}],
)
def test_a_malformed_search_is_rejected_by_both_methods(described, sent):
    assert described.get("/api/v1/search", params=sent).json()["status"] == "malformed"
    assert described.post("/api/v1/search", json=sent).json()["status"] == "malformed"


# Transcripts and health -----------------------------------------------------------------------------------------------


def test_the_transcripts_are_listed_with_their_addresses(described, client):
    listed = described.get("/api/v1/transcripts").json()["transcripts"]
    assert [transcript["id"] for transcript in listed] == list(PAGES)
    assert listed[1] == {
        "id": "westmere 2021/£",
        "source": "westmere 2021/£.txt",
        "title": "Westmere Police: effectiveness",
        "force": "Westmere Police",
        "period": "2021/22",
        "sentences": 3,
        "address": "/sources/westmere%202021%2F%C2%A3",
        "superseded_by": "",
    }
    for transcript in listed:
        assert read_html(client.get(transcript["address"]).text).find("h1")[0].text == transcript["title"]


@pytest.mark.parametrize("address", ["northshire-2018", "westmere%202021%2F%C2%A3", "westmere 2021/£", "hostile"])
def test_a_transcript_has_its_whole_text_and_its_sentences_are_slices_of_it(described, address):
    whole = described.get(f"/api/v1/transcripts/{address}").json()
    page = PAGES[whole["id"]]
    assert (whole["text"], whole["sha256"]) == (page.transcript.text, page.transcript.sha256)
    assert [span["id"] for span in whole["spans"]] == [sentence.id for sentence in page.sentences]
    assert [whole["text"][span["start"] : span["end"]] for span in whole["spans"]] == [
        span["text"] for span in whole["spans"]
    ]
    assert {span["role"] for span in whole["spans"]} == {sentence.role.value for sentence in page.sentences}


def test_the_metadata_has_what_the_transcript_states_and_nothing_else(described):
    said = described.get("/api/v1/transcripts/northshire-2018").json()["metadata"]
    assert (said["period"], said["first_year"], said["last_year"]) == ("2018/19", 2018, 2019)
    assert (said["inspector"], said["updated"]) == ("Ada Marlowe", "")
    unsaid = described.get("/api/v1/transcripts/hostile").json()["metadata"]
    assert {name: value for name, value in unsaid.items() if value} == {}
    assert unsaid["first_year"] is None


def test_an_unknown_transcript_is_not_found(described):
    reply = described.get("/api/v1/transcripts/nothing")
    assert (reply.status_code, reply.json()["status"]) == (404, "not_found")


def test_health_has_two_addresses(described, client):
    assert described.get("/api/v1/health").json() == {"status": "ok", "transcripts": 3}
    assert client.get("/health").json() == {"status": "ok", "transcripts": 3}


def test_a_service_that_can_answer_is_alive_and_ready(client):
    assert (client.get("/health/live").status_code, client.get("/health/live").json()) == (200, {"status": "ok"})
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok", "transcripts": 3})


def test_a_hostile_text_is_returned_unchanged(described):
    results = described.post("/api/v1/search", json={"q": "<", "count": 50}).json()["results"]
    sentences = {sentence.text for sentence in HOSTILE.sentences}
    assert results
    assert {result["quote"] for result in results} <= sentences


# Error replies --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "more", "code", "status"),
    [
        ("POST", "/api/v1/ask", {"content": b"x" * (MAX_BODY_BYTES + 1)}, 413, "too_large"),
        ("POST", "/api/v1/ask", {"content": iter([b"{}"])}, 411, "length_required"),
        (
            "POST",
            "/api/v1/search",
            {"json": {"q": "x"}, "headers": {"origin": "https://evil.invalid"}},
            403,
            "forbidden",
        ),
        ("GET", "/api/v1/search", {"params": {"q": "x" * 9_000}}, 414, "address_too_long"),
    ],
)
def test_rejected_requests_are_documented(described, method, path, more, code, status):
    reply = described.request(method, path, **more)
    assert (reply.status_code, reply.json()["status"]) == (code, status)
    assert reply.json()["error"]


def test_an_unknown_host_name_is_documented(described):
    assert described.get("/api/v1/health", headers={"host": "evil.invalid"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/api/v1/ask", 405),
        ("DELETE", "/api/v1/transcripts", 405),
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/api/v2/ask", 404),
        ("GET", "/api/v1/docs/nothing.js", 404),
    ],
)
def test_an_unknown_address_or_method_has_the_same_reply(client, method, path, code):
    reply = client.request(method, path)
    assert reply.status_code == code
    assert set(reply.json()) == {"status", "error"}


def test_the_rate_limit_is_documented():
    app = create_app(FictionalAssistant(), Settings(questions_per_minute=1))
    with TestClient(app, base_url=ADDRESS) as client:
        described = Described(client, client.get("/api/v1/openapi.json").json())
        codes = [described.get("/api/v1/search", params={"q": "x"}).status_code for _ in range(2)]
    assert codes == [200, 429]


def test_closure_and_missing_identity_are_documented(tmp_path):
    closed = tmp_path / "closed"
    settings = Settings(identity="header", proxies=("127.0.0.1",), closed_file=closed)
    with TestClient(create_app(FictionalAssistant(), settings), base_url=ADDRESS) as client:
        schema = client.get("/api/v1/openapi.json")
        assert schema.status_code == 401
        described = Described(client, _schema())
        assert described.get("/api/v1/transcripts").json()["status"] == "unauthenticated"
        closed.touch()
        assert described.get("/api/v1/transcripts").status_code == 503
        assert described.get("/api/v1/health").json()["status"] == "closed"


def _schema() -> dict[str, Any]:
    from assistant.web.api.docs import openapi_document
    from assistant.web.api.routes import api_routes

    return openapi_document(api_routes(FictionalAssistant()))


# Description ----------------------------------------------------------------------------------------------------------


def test_the_description_is_valid_openapi(described):
    OpenAPIV31SpecValidator(described.schema).validate()
    assert described.schema["openapi"].startswith("3.1.")


def test_each_operation_documents_its_purpose_and_its_errors(described):
    for path, operations in described.schema["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (method, path)
            assert {"200", "401", "500", "503"} <= set(operation["responses"]), (method, path)
            for code, reply in operation["responses"].items():
                assert reply["description"], (method, path, code)
                assert reply["description"] != "Successful Response" or method == "get", (method, path)


def test_only_the_interface_is_documented(described):
    assert sorted(described.schema["paths"]) == [
        "/api/v1/ask",
        "/api/v1/health",
        "/api/v1/search",
        "/api/v1/transcripts",
        "/api/v1/transcripts/{transcript_id}",
    ]
    known = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described.schema)))
    assert known == set(described.schema["components"]["schemas"])


def test_the_examples_are_valid(described):
    examples = described.schema["paths"]["/api/v1/ask"]["post"]["responses"]["200"]["content"]["application/json"]
    answers = {name: Answer.model_validate(example["value"]) for name, example in examples["examples"].items()}
    assert {name: answer.status.answered for name, answer in answers.items()} == {"answered": True, "refused": False}
    questions = described.schema["paths"]["/api/v1/ask"]["post"]["requestBody"]["content"]["application/json"]
    for example in questions["examples"].values():
        assert described.post("/api/v1/ask", json=example["value"]).status_code == 200


def test_the_documentation_page_loads_only_our_files(client):
    reply = client.get("/api/v1/docs")
    page = read_html(reply.text)
    policy = reply.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    loaded = [node.attributes["src"] for node in page.find("script")] + [
        n.attributes["href"] for n in page.find("link")
    ]
    assert {address.rpartition("/")[2] for address in loaded if address} == set(FILES)
    assert [node.text for node in page.find("script")] == ["", ""]
    for address in loaded:
        assert client.get(address).status_code == 200
    assert page.find("a", href="/api/v1/openapi.json")
