"""The web application put together, and served: the gate, the interface, the pages, and the chat page mounted last."""

from __future__ import annotations

import logging
import socket
import sys
from contextlib import suppress

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from assistant.api import interface
from assistant.desk import Asker
from assistant.errors import SettingsError
from assistant.faults import add_fault_replies
from assistant.gate import Gate
from assistant.headers import SecurityHeaders
from assistant.phrasebook import load_phrasebook
from assistant.settings import Settings
from assistant.shell import Shell
from assistant.site import our_files, pages
from assistant.ui import mount_page, shell_parts

LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")
GRACE = 1  # seconds that open pages, which hold a stream each, are waited for when stopping


def create_app(assistant: Asker, settings: Settings) -> FastAPI:
    """The web application. The chat page is at `/`: mounted last, so that every route above it is found first.

    Raises `SettingsError` when an environment variable is set that would open Gradio up.
    """
    words = load_phrasebook()
    # The interactive documentation that FastAPI offers loads its files from another host.
    app = FastAPI(title=words.say("page.product"), docs_url=None, redoc_url=None, openapi_url=None)
    # The one added last sees a request first.
    app.add_middleware(Shell, parts=shell_parts(words), origins=settings.embed_origins)
    app.add_middleware(CORSMiddleware, allow_origins=settings.embed_origins)  # without it Gradio reflects any origin
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, settings.host], www_redirect=False)
    app.add_middleware(Gate)
    app.add_middleware(SecurityHeaders, origins=settings.embed_origins)
    for router in (interface(assistant), pages(assistant), our_files()):
        app.include_router(router)
    add_fault_replies(app)
    mount_page(app, assistant, "/", words)
    return app


def serve(assistant: Asker, settings: Settings) -> None:
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
