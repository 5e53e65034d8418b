"""Pages of another site that embed the chat, served as an intranet's web server would."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from assistant.settings import Settings
from assistant.web.server import create_app, listen
from tests.fixtures.fictional import FictionalAssistant

LAUNCHER = '<script src="{at}/embed.js" defer data-theme="light"></script>'
PAGES = {
    "launcher": LAUNCHER,
    "options": '<script src="{at}/embed.js" defer data-force="Northshire Constabulary" data-period="2018/19" '
    'data-theme="dark" data-question="What about fraud?" data-label="Read the assessments"></script>',
    "inline": '<div data-assessment-assistant data-height="auto"><a href="{at}/">Ask the assessments</a></div>'
    '<script src="{at}/embed.js" defer></script>',
    "frame": '<iframe src="{at}/embed" title="Assessment assistant" width="600" height="640"></iframe>',
    "neighbours": '<iframe src="/empty" title="One"></iframe><iframe src="{at}/sources" title="Two"></iframe>'
    + LAUNCHER,
    "empty": "",
}
# The strictest policy that still allows the chat: nothing inline, and only the assistant's script and frame.
STRICT = "default-src 'none'; style-src 'self'; script-src {at}; frame-src 'self' {at}"


@dataclass
class Intranet:
    """The host pages, under an origin that the assistant lists and under one that it does not; and the assistant."""

    listed: str
    unlisted: str
    at: str
    assistant: FictionalAssistant


def host_page(name: str, at: str) -> str:
    body = PAGES[name].format(at=at)
    return (
        '<!doctype html><html lang="en"><head><title>Intranet</title>'
        '<meta name="viewport" content="width=device-width"></head><body>'
        f'<main><h1>Intranet</h1><p><a href="#news">News</a></p>{body}</main></body></html>'
    )


@contextmanager
def intranet(more: Mapping[str, str], prefix: str = "", hosts: str = "") -> Iterator[Intranet]:
    """Serves the host pages as `localhost` and as `127.0.0.1`, and an assistant that lists the first of the two.

    To a browser these are different sites. `more` has further pages by name, in which `{at}` is the URL of the
    assistant. `prefix` is its path prefix, and `hosts` are further host names that it answers to.
    """
    pages_listener, assistants = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    port, at = pages_listener.getsockname()[1], f"http://127.0.0.1:{assistants.getsockname()[1]}{prefix}"
    served = Intranet(f"http://localhost:{port}", f"http://127.0.0.1:{port}", at, FictionalAssistant())

    def page(request: Request) -> Response:
        name = request.path_params["name"]
        if name in more:
            return HTMLResponse(more[name].replace("{at}", at))
        if name not in PAGES:
            return Response(status_code=204)  # the favicon
        return HTMLResponse(host_page(name, at), headers={"Content-Security-Policy": STRICT.format(at=at)})

    settings = Settings(
        port=0, prefix=prefix, hosts=hosts, embed_origins=(served.listed,), questions_per_minute=100_000
    )
    pages = Starlette(routes=[Route("/{name}", page)])
    with serving(pages, pages_listener), serving(create_app(served.assistant, settings), assistants):
        yield served


@contextmanager
def serving(app: ASGIApp, listener: object) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, proxy_headers=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    yield
    server.should_exit = True
    thread.join(timeout=20)
