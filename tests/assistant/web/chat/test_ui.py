"""The layout of the chat page in Gradio's own terms: the names of its components, and its theme."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import assistant
from assistant.settings import Settings
from assistant.web.server import create_app
from tests.fixtures.fictional import FictionalAssistant

STYLES = Path(assistant.__file__).parent / "web" / "static" / "page.css"
VARIABLE = re.compile(r"--([a-z0-9-]+):\s*([^;]+);")
UNSTYLED = {"column", "row", "form", "accordion", "markdown"}  # hold others, or are a heading


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(FictionalAssistant(), Settings()), base_url="http://127.0.0.1:7860") as client:
        yield client


@pytest.fixture(scope="module")
def themes(client) -> tuple[dict[str, str], dict[str, str]]:
    """The variables of Gradio's theme, in light and in dark."""
    sheet = client.get("/theme.css").text
    light, dark = re.findall(r"\{(.*?)\}", sheet, re.DOTALL)[:2]
    return dict(VARIABLE.findall(light)), dict(VARIABLE.findall(dark))


def test_every_component_of_an_event_has_a_name_of_its_own(client):
    config = client.get("/config").json()
    of_events = {number for event in config["dependencies"] for number in (*event["inputs"], *event["outputs"])}
    names = {one["id"]: one["props"].get("elem_id") for one in config["components"]}
    named = [names[number] for number in of_events]
    assert all(named)
    assert len(set(named)) == len(named)
    assert {"question", "latest", "limit-forces", "example-1", "example-5"} <= set(named)
    others = [one for one in config["components"] if one["type"] not in UNSTYLED and not one["props"].get("elem_id")]
    assert others == []


def test_the_theme_takes_its_colours_from_the_other_pages_in_light_and_in_dark(themes):
    light, dark = themes
    own = dict(VARIABLE.findall(STYLES.read_text(encoding="utf-8")))
    for name in ("body-background-fill", "body-text-color", "button-primary-background-fill", "input-border-color"):
        used = re.fullmatch(r"var\(--([a-z-]+)\)", light[name])
        assert used, (name, light[name])
        assert used[1] in own, name
        assert (light | dark)[name] == light[name]


def test_no_corner_is_round_and_nothing_has_a_shadow(themes):
    light, dark = themes
    for variables in (light, light | dark):
        for name in ("block-radius", "input-radius", "button-large-radius", "checkbox-border-radius"):
            assert variables[name] == "0px", name
        for name in ("block-shadow", "input-shadow", "button-primary-shadow", "shadow-drop-lg"):
            assert variables[name] == "none", name


def test_the_theme_loads_nothing(client):
    sheet = client.get("/theme.css").text
    assert re.findall(r"@import|url\((?!.?data:)", sheet) == []
