"""The templates of the pages: escaping stays on in all of them, and no HTML is written anywhere else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes
from starlette.testclient import TestClient

import assistant
from assistant.settings import Settings
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.visible import read_html

CODE = Path(assistant.__file__).parent
TEMPLATES = sorted(CODE.glob("*/templates/*.html"))
PAGE_MODULES = [
    *(CODE / "web" / "pages").glob("*.py"),
    *(CODE / "web" / "api").glob("*.py"),
    CODE / "web" / "layout.py",
]
TAG = re.compile(r"</?[a-z!]")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_turns_escaping_off(path: Path) -> None:
    template = jinja2.Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    assert {node.name for node in template.find_all(nodes.Filter)} & {"safe", "xmlattr", "urlize", "tojson"} == set()
    assert list(template.find_all((nodes.EvalContextModifier, nodes.MarkSafe))) == []


@pytest.mark.parametrize("path", PAGE_MODULES, ids=lambda path: path.name)
def test_no_page_module_writes_html(path: Path) -> None:
    strings = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
    assert [text for text in strings if isinstance(text, str) and TAG.search(text)] == []


# Languages ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bilingual():
    settings = Settings(languages=("en", "cy"))
    with TestClient(create_app(FictionalAssistant(), settings), base_url="http://127.0.0.1:7860") as client:
        yield client


def language_and_button(reply):
    page = read_html(reply.text)
    return page.find("html")[0].attributes["lang"], page.find("button")[0].text


@pytest.mark.parametrize(
    ("path", "accepted", "expected"),
    [
        ("/ask", "en-GB", ("en", "Ask")),
        ("/ask", "cy-GB,cy;q=0.9,en;q=0.8", ("cy", "Gofyn")),
        ("/ask?lang=cy", "en", ("cy", "Gofyn")),
        ("/ask?lang=en", "cy", ("en", "Ask")),
        ("/ask?lang=fr", "en", ("en", "Ask")),
    ],
)
def test_a_page_is_in_the_language_of_its_address_or_of_the_browser(bilingual, path, accepted, expected):
    reply = bilingual.get(path, headers={"accept-language": accepted})
    assert language_and_button(reply) == expected


def test_an_answer_and_an_error_page_are_in_the_language_too(bilingual):
    page = read_html(bilingual.get("/ask?q=How+many+horses+are+there%3F&lang=cy").text)
    assert "Ni chafwyd ateb yn yr asesiadau" in page.text
    missing = read_html(bilingual.get("/sources/nothing?lang=cy").text)
    assert (missing.find("html")[0].attributes["lang"], missing.find("h1")[0].text) == (
        "cy",
        "Heb ddod o hyd i'r dudalen",
    )


def test_programs_get_one_language_whatever_they_accept(bilingual):
    replies = [
        bilingual.get("/api/v1/transcripts/nothing", headers={"accept-language": accepted}).json()["error"]
        for accepted in ("en", "cy")
    ]
    assert replies[0] == replies[1]


def test_a_language_that_is_not_offered_is_not_shown():
    with TestClient(create_app(FictionalAssistant(), Settings()), base_url="http://127.0.0.1:7860") as client:
        reply = client.get("/ask?lang=cy", headers={"accept-language": "cy"})
    assert language_and_button(reply) == ("en", "Ask")
