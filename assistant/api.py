"""Our own web application: the JSON interface, the source pages, our files, and the chat page mounted last."""

from __future__ import annotations

import logging
import socket
import sys
from contextlib import suppress
from importlib import resources
from typing import Literal, Protocol

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from assistant.answer import Answer
from assistant.conversation import Turn
from assistant.desk import Asker
from assistant.errors import AssistantError, SettingsError
from assistant.gate import Gate
from assistant.pages import contents_html, message_html, transcript_html
from assistant.phrasebook import load_phrasebook
from assistant.ui import mount_page
from index.errors import IndexingError

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
OUR_FILES = {"page.css": "text/css", "chat.css": "text/css", "chat.js": "text/javascript"}
LONGEST_QUESTION = 10_000  # characters let in; the assistant's own limit is lower and is an answer, not an error
LONGEST_HISTORY = 50  # turns
GRACE = 1  # seconds that open pages, which hold a stream each, are waited for when stopping


class Serving(Protocol):
    """The settings the web application reads."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...


class Said(BaseModel):
    """One earlier turn of the conversation."""

    model_config = ConfigDict(extra="forbid")

    role: Literal["user", "assistant"]
    text: str = Field(max_length=LONGEST_QUESTION)


class Asked(BaseModel):
    """A question put to the JSON interface."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(max_length=LONGEST_QUESTION)
    history: list[Said] = Field(default_factory=list, max_length=LONGEST_HISTORY)


def create_app(assistant: Asker, settings: Serving) -> FastAPI:
    """The web application. The chat page is at `/`: mounted last, so that every route above it is found first.

    Raises `SettingsError` when an environment variable is set that would open Gradio up.
    """
    # The interactive documentation that FastAPI offers loads its files from another host.
    app = FastAPI(title=load_phrasebook().say("page.product"), docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(CORSMiddleware, allow_origins=[])  # Gradio reflects every origin unless its parent has one
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, settings.host], www_redirect=False)
    app.add_middleware(Gate)
    _add_interface(app, assistant)
    _add_source_pages(app, assistant)
    _add_our_files(app)
    _add_error_replies(app)
    mount_page(app, assistant, "/")
    return app


def _add_interface(app: FastAPI, assistant: Asker) -> None:
    @app.post("/api/v1/ask")
    def ask(asked: Asked) -> Answer:
        return assistant.ask(asked.question, [Turn(said.role, said.text) for said in asked.history])

    @app.get("/health")
    def health() -> dict[str, str | int]:
        return {"status": "ok", "transcripts": len(assistant.sources.held())}


def _add_source_pages(app: FastAPI, assistant: Asker) -> None:
    @app.get("/sources")
    def contents() -> HTMLResponse:
        return HTMLResponse(contents_html(assistant.sources.held()))

    @app.get("/sources/{transcript_id:path}")
    def source(transcript_id: str) -> HTMLResponse:
        page = assistant.sources.transcript_page(transcript_id)
        if page is None:
            words = load_phrasebook()
            message = message_html(words.say("problem.not_found_heading"), words.say("problem.no_transcript"))
            return HTMLResponse(message, status_code=404)
        return HTMLResponse(transcript_html(page))


def _add_our_files(app: FastAPI) -> None:
    folder = resources.files("assistant") / "static"
    files = {name: (folder / name).read_bytes() for name in OUR_FILES}

    @app.get("/site/{name}")
    def site(name: str) -> Response:
        if name not in files:
            return Response(status_code=404)
        return Response(files[name], media_type=OUR_FILES[name])


def _add_error_replies(app: FastAPI) -> None:
    def unavailable(request: Request, error: Exception) -> Response:
        if request.url.path.startswith("/sources"):
            return HTMLResponse(message_html(load_phrasebook().say("problem.heading"), str(error)), status_code=503)
        return JSONResponse({"status": "unavailable", "error": str(error)}, status_code=503)

    def malformed(_request: Request, error: Exception) -> Response:
        # What was sent is not echoed: it may be a question, and replies are logged by proxies.
        problems = error.errors() if isinstance(error, RequestValidationError) else []
        said = [{"at": ".".join(map(str, one["loc"])), "problem": one["msg"]} for one in problems]
        return JSONResponse({"status": "malformed", "problems": said}, status_code=422)

    app.add_exception_handler(AssistantError, unavailable)
    app.add_exception_handler(IndexingError, unavailable)
    app.add_exception_handler(RequestValidationError, malformed)


def serve(assistant: Asker, settings: Serving) -> None:
    """Serve until interrupted, one process, nothing about questions in the log. The address goes to standard error.

    Raises `SettingsError` when the address cannot be listened on.
    """
    import uvicorn

    listener = listen(settings.host, settings.port)
    app = create_app(assistant, settings)
    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    sys.stderr.write(f"Serving on http://{host}:{port}/ (Ctrl-C stops)\n")
    sys.stderr.flush()
    server = uvicorn.Server(config)
    # The streams of open pages are cut off when stopping: uvicorn would report each as a fault.
    logging.getLogger("uvicorn.error").addFilter(lambda _record: not server.should_exit)
    with listener, suppress(KeyboardInterrupt):  # uvicorn raises it again once it has stopped
        server.run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket listening on `host` and `port`; port 0 takes a free one. Raises `SettingsError` when there is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Port {port} on {host} cannot be listened on: {error.strerror}.",
            advice="Another program may be using it: stop that one, or choose another with the setting `port`.",
        ) from error
    listener.listen()
    return listener
