"""The internals of Gradio and uvicorn that the web application relies on.

Any release of theirs may change these, so pyproject.toml allows only the versions they were checked with. If a test
here fails after an upgrade, its message names the module to adapt before the bound is raised.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Iterator
from contextvars import ContextVar
from importlib import resources
from importlib.metadata import version
from pathlib import Path

import pytest
import uvicorn
from packaging.requirements import Requirement
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from assistant.settings import Settings
from assistant.web.chat.gradio_lockdown import FORBIDDEN_VARIABLES, LOCKDOWN_VARIABLES
from assistant.web.chat.gradio_sessions import CANCEL_PATH, HEARTBEAT_PREFIX, JOIN_PATH, STREAM_PATH
from assistant.web.chat.page_html import BODY_TAG, HEAD_END, REMOVED_MARKUP, ROOT_TAG
from assistant.web.security.slow_clients import ClientTimeoutProtocol
from assistant.web.server import create_app
from tests.assistant.web.test_server import routes_of
from tests.fixtures.fictional import FictionalAssistant
from tests.fixtures.loops import apart

ROOT = Path(__file__).parents[3]
BOUNDED = ("fastapi", "gradio", "starlette", "uvicorn")
H11_ATTRIBUTES = {"conn", "cycle", "loop", "transport"}
H11_METHODS = {
    *("connection_made", "connection_lost", "data_received", "on_response_complete"),
    *("pause_writing", "resume_writing"),
}
GRADIO_VARIABLES = [name for name in (*LOCKDOWN_VARIABLES, *FORBIDDEN_VARIABLES) if name.startswith("GRADIO_")]


@pytest.mark.parametrize("package", BOUNDED)
def test_the_package_has_an_upper_bound_that_allows_the_installed_version(package: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    requirements = {found.name: found for found in map(Requirement, project["dependencies"])}
    specifier = requirements[package].specifier
    assert any(bound.operator in ("<", "<=", "==", "~=") for bound in specifier), f"{package} has no upper bound"
    assert version(package) in specifier, f"{package} {version(package)} is installed, pyproject.toml wants {specifier}"


# uvicorn ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def protocol() -> Iterator[H11Protocol]:
    """A protocol of uvicorn's before its first connection."""

    async def app(scope: object, receive: object, send: object) -> None:
        raise AssertionError("no request is sent")

    loop = asyncio.new_event_loop()
    yield H11Protocol(uvicorn.Config(app), ServerState(), {}, loop)
    loop.close()


def test_uvicorn_s_protocol_has_the_methods_and_attributes_that_the_time_limits_use(protocol: H11Protocol) -> None:
    missing = {name for name in H11_METHODS | H11_ATTRIBUTES if not hasattr(protocol, name)}
    assert not missing, f"uvicorn's H11Protocol no longer has {missing}: adapt web/security/slow_clients.py"
    message = "uvicorn's H11Protocol no longer starts without a request: adapt web/security/slow_clients.py"
    assert protocol.cycle is None, message


def test_the_time_limits_override_only_the_methods_they_mean_to(protocol: H11Protocol) -> None:
    own = {name for name in vars(ClientTimeoutProtocol) if not name.startswith("__")}
    overridden = own & {*dir(H11Protocol), *vars(protocol)}
    message = (
        f"uvicorn's H11Protocol now has {overridden - H11_METHODS} too: rename them in web/security/slow_clients.py"
    )
    assert overridden == H11_METHODS, message


# Gradio -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def page() -> bytes:
    """The template of Gradio's page."""
    return (resources.files("gradio") / "templates" / "frontend" / "index.html").read_bytes()


@pytest.mark.parametrize("markup", REMOVED_MARKUP, ids=["previews", "manifest", "scrolling", "frame resizer"])
def test_gradio_s_page_has_the_markup_that_is_removed(page, markup) -> None:
    message = (
        f"Gradio's page no longer matches {markup.pattern!r}: see what took its place, adapt web/chat/page_html.py"
    )
    assert markup.search(page), message


def test_gradio_s_page_has_the_tags_at_which_ours_are_inserted(page) -> None:
    counts = {"html": page.count(ROOT_TAG), "head": page.count(HEAD_END), "body": len(BODY_TAG.findall(page))}
    message = "Gradio's page no longer has each of these tags once: adapt web/chat/page_html.py"
    assert counts == {"html": 1, "head": 1, "body": 1}, message


def test_gradio_s_queue_has_the_routes_that_are_bound_to_a_client() -> None:
    bound = {("POST", JOIN_PATH), ("POST", CANCEL_PATH), ("GET", STREAM_PATH), ("GET", f"{HEARTBEAT_PREFIX}{{}}")}
    missing = bound - routes_of(create_app(FictionalAssistant(), Settings()))
    assert not missing, f"Gradio no longer has {missing}: adapt web/chat/gradio_sessions.py and the allow-list"


def test_gradio_sets_the_request_of_an_event_in_a_context_variable() -> None:
    from gradio.context import LocalContext

    message = "Gradio's LocalContext.request has changed: adapt web/chat/gradio_lockdown.py"
    assert isinstance(LocalContext.request, ContextVar), message


def test_gradio_has_the_attribute_that_limits_the_open_pages() -> None:
    import gradio as gr

    async def has_attribute() -> bool:  # within an event loop, or Gradio makes one and never closes it
        return hasattr(gr.Blocks(analytics_enabled=False), "state_session_capacity")

    message = "Gradio's Blocks.state_session_capacity is gone: adapt web/chat/ui.py"
    assert apart(has_attribute()), message


@pytest.mark.parametrize("name", GRADIO_VARIABLES)
def test_gradio_still_reads_the_environment_variable(name: str) -> None:
    files = Path(str(resources.files("gradio"))).rglob("*.py")
    is_read = any(name in file.read_text(encoding="utf-8") for file in files)
    assert is_read, f"Gradio no longer reads {name}: find what took its place, adapt web/chat/gradio_lockdown.py"
