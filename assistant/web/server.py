"""The web application put together, and served: the gate, the interface, the pages, and the chat page mounted last.

What a server of many threads holds of memory that it has freed.

The C library of most Linux systems (glibc) gives threads arenas to take memory from, up to eight for each core, and
what is freed in one is of no use to the others: a service that takes up a new index in now this thread, now that, holds
the room for it many times. Two arenas are enough where one thread at a time runs Python.
"""

from __future__ import annotations

import ctypes
import logging
import socket
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import Scope

from assistant.errors import SettingsError
from assistant.export.formats import EXPORTS
from assistant.export.spreadsheet import TABLES
from assistant.messages import Messages, load_messages
from assistant.settings import Settings
from assistant.web.api.docs import docs_routes
from assistant.web.api.routes import api_routes
from assistant.web.asker import Asker
from assistant.web.chat.exports import ChatExports
from assistant.web.chat.gradio_lockdown import asking_of_event
from assistant.web.chat.gradio_sessions import GradioSessions
from assistant.web.chat.page_html import ChatPageHtml, shell_parts
from assistant.web.chat.ui import mount_page
from assistant.web.pages.ask import ask_routes
from assistant.web.pages.embed import embed_routes
from assistant.web.pages.overview import overview_routes
from assistant.web.pages.register import register_routes
from assistant.web.pages.routes import source_routes, static_routes
from assistant.web.security.allowlist import AllowList, check_prefix, known_route
from assistant.web.security.audit_log import AuditedAssistant, AuditLog
from assistant.web.security.headers import SecurityHeaders
from assistant.web.security.hosts import check_exposure, known_hosts
from assistant.web.security.identity import ASKING, Identity, identity_of
from assistant.web.security.kill_switch import KillSwitch
from assistant.web.security.proxies import Forwarded, Prefixed, Proxies
from assistant.web.security.rate_limit import (
    HELD_BACK,
    REQUESTS,
    REQUESTS_AT_ONCE,
    Buckets,
    ConcurrencyLimit,
    RateLimit,
    anything,
)
from assistant.web.security.responses import Refuse, add_fault_replies
from assistant.web.security.slow_clients import SlowClientProtocol

AT_ONCE = 800  # connections: an open page holds one, an answer under way another; most systems give 1,024 files
AT_ONCE_EACH = AT_ONCE // 4  # requests of one identity that may be open together
KEPT_OPEN = 10  # seconds an idle connection is kept: longer than a reader's next click, and few are held in vain
LARGEST_HEAD = 64 * 1024  # bytes of a request's head: a Kerberos ticket that a proxy passes on can take most of it
GRACE = 1  # seconds that open pages, which hold a stream each, are waited for when stopping


def create_app(assistant: Asker, settings: Settings, journal: AuditLog | None = None) -> FastAPI:
    """The web application. The chat page is at `/`: mounted last, so that every route above it is found first.

    What is asked and what is refused goes to `journal`, if there is one.

    Raises `SettingsError` when the settings would open it to others by accident, or an environment variable Gradio.
    """
    check_exposure(settings)
    check_prefix(settings.prefix)
    words = load_messages()
    if journal is not None:
        assistant = AuditedAssistant(assistant, journal, lambda: asking_of_event() or ASKING.get())
    # The interactive documentation that FastAPI offers loads its files from another host.
    app = FastAPI(title=words.say("page.product"), docs_url=None, redoc_url=None, openapi_url=None)
    app.user_middleware.extend(_layers(settings, journal, words))
    described = api_routes(assistant)
    for router in (
        described,
        docs_routes(described),
        ask_routes(assistant),
        register_routes(assistant),
        overview_routes(assistant),
        source_routes(assistant),
        static_routes(),
        embed_routes(settings, words),
    ):
        app.include_router(router)
    add_fault_replies(app)
    takeaway = ChatExports({**EXPORTS, **TABLES}, settings.cases, words, lambda: datetime.now(UTC))
    mount_page(app, assistant, "/", words, takeaway, settings.chat_model)
    return app


def _layers(settings: Settings, journal: AuditLog | None, words: Messages) -> list[Middleware]:
    """What stands around every route, the outermost first.

    Identity stands before the list of addresses: whoever is not known learns nothing of what is here. Then comes what
    one identity may send at all, so that refusals are not to be had without end either. Cross-origin headers (CORS)
    stand before what limits questions, so that a page that may read replies can read that too.
    """
    origins, hosts = settings.embed_origins, known_hosts(settings)
    refuse = Refuse(_noted_in(journal) if journal is not None else None)
    header = settings.user_header if settings.identity == "header" else None
    methods, fields = ("GET", "POST"), ("Content-Type",)
    questions = Buckets(settings.questions_per_minute)
    requests = Buckets(REQUESTS * settings.questions_per_minute, burst=REQUESTS_AT_ONCE)
    return [
        *([Middleware(Prefixed, prefix=settings.prefix)] if settings.prefix else ()),
        Middleware(SecurityHeaders, origins=origins),
        Middleware(KillSwitch, file=settings.closed_file, refuse=refuse),
        Middleware(Forwarded, proxies=Proxies(settings.proxies), hosts=hosts, refuse=refuse),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(Identity, refuse=refuse, header=header),
        Middleware(ConcurrencyLimit, refuse=refuse, most=AT_ONCE_EACH),
        Middleware(RateLimit, buckets=requests, refuse=refuse, counts=anything, held_back=HELD_BACK),
        Middleware(AllowList, refuse=refuse, origins=origins, names=settings.hosts),
        # without it Gradio reflects any origin
        Middleware(CORSMiddleware, allow_origins=origins, allow_methods=methods, allow_headers=fields),
        Middleware(GradioSessions, refuse=refuse),
        Middleware(RateLimit, buckets=questions, refuse=refuse, held_back=HELD_BACK),
        Middleware(ChatPageHtml, parts=shell_parts(words, origins), origins=origins),
    ]


def _noted_in(journal: AuditLog) -> Callable[[Scope, int], None]:
    """Notes refusals, with no more of the address than our own name for it: the rest may hold a question or a token."""

    def note(scope: Scope, code: int) -> None:
        journal.refused(identity_of(scope), known_route(scope["path"]), code)

    return note


def serve(assistant: Asker, settings: Settings) -> None:
    """Serve until interrupted, one process, its audit log beside it. The address goes to standard error.

    Raises `SettingsError` when the settings would open it to others by accident, or the address cannot be listened on.
    """
    check_exposure(settings)
    listener = listen(settings.host, settings.port)
    with listener, closing(AuditLog(settings.audit_log, questions=settings.audit_questions)) as journal:
        _serve(create_app(assistant, settings, journal), settings, listener)


def _serve(app: FastAPI, settings: Settings, listener: socket.socket) -> None:
    import uvicorn

    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        http=SlowClientProtocol,  # over h11, the only one that limits the head of a request
        limit_concurrency=AT_ONCE,
        timeout_keep_alive=KEPT_OPEN,
        h11_max_incomplete_event_size=LARGEST_HEAD,
    )
    sys.stderr.write(f"Serving on http://{host}:{port}/ (Ctrl-C stops)\n")
    sys.stderr.flush()
    server = uvicorn.Server(config)
    # The streams of open pages are cut off when stopping: uvicorn would report each as a fault.
    logging.getLogger("uvicorn.error").addFilter(lambda _record: not server.should_exit)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again once it has stopped
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


ARENAS = 2
_M_ARENA_MAX = -8  # malloc.h; see mallopt(3)


def share_arenas() -> bool:
    """Limit this process to `ARENAS`, before its threads begin; False where the C library knows no such limit."""
    if sys.platform != "linux":
        return False
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    return set_option is not None and bool(set_option(_M_ARENA_MAX, ARENAS))
