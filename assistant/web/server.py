"""The web application put together, and served: the gate, the interface, the pages, and the chat page mounted last."""

from __future__ import annotations

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
from assistant.export.table import TABLES
from assistant.phrasebook import Phrasebook, load_phrasebook
from assistant.settings import Settings
from assistant.web.api import interface
from assistant.web.api_docs import documentation
from assistant.web.asking_site import asking
from assistant.web.at_once import AtOnce
from assistant.web.closing import KillSwitch
from assistant.web.desk import Asker
from assistant.web.embed import embedding
from assistant.web.exposure import check_exposure, known_hosts
from assistant.web.faults import add_fault_replies
from assistant.web.gate import Gate, check_prefix, known_route
from assistant.web.gradio_event import asking_of_event
from assistant.web.headers import SecurityHeaders
from assistant.web.identity import ASKING, Identity, identity_of
from assistant.web.journal import Journal
from assistant.web.journalled import Journalled
from assistant.web.overview_site import overviews
from assistant.web.patience import Patient
from assistant.web.prefix import Prefixed
from assistant.web.proxies import Forwarded, Proxies
from assistant.web.rate import HELD_BACK, REQUESTS, REQUESTS_AT_ONCE, Buckets, RateLimit, anything
from assistant.web.refusal import Refuse
from assistant.web.register_site import registering
from assistant.web.scripts import shell_parts
from assistant.web.shell import Shell
from assistant.web.site import our_files, pages
from assistant.web.streams import Streams
from assistant.web.takeaway import Takeaway
from assistant.web.ui import mount_page

AT_ONCE = 800  # connections: an open page holds one, an answer under way another; most systems give 1,024 files
AT_ONCE_EACH = AT_ONCE // 4  # requests of one identity that may be open together
KEPT_OPEN = 10  # seconds an idle connection is kept: longer than a reader's next click, and few are held in vain
LARGEST_HEAD = 64 * 1024  # bytes of a request's head: a Kerberos ticket that a proxy passes on can take most of it
GRACE = 1  # seconds that open pages, which hold a stream each, are waited for when stopping


def create_app(assistant: Asker, settings: Settings, journal: Journal | None = None) -> FastAPI:
    """The web application. The chat page is at `/`: mounted last, so that every route above it is found first.

    What is asked and what is refused goes to `journal`, if there is one.

    Raises `SettingsError` when the settings would open it to others by accident, or an environment variable Gradio.
    """
    check_exposure(settings)
    check_prefix(settings.prefix)
    words = load_phrasebook()
    if journal is not None:
        assistant = Journalled(assistant, journal, lambda: asking_of_event() or ASKING.get())
    # The interactive documentation that FastAPI offers loads its files from another host.
    app = FastAPI(title=words.say("page.product"), docs_url=None, redoc_url=None, openapi_url=None)
    app.user_middleware.extend(_layers(settings, journal, words))
    described = interface(assistant)
    for router in (
        described,
        documentation(described),
        asking(assistant),
        registering(assistant),
        overviews(assistant),
        pages(assistant),
        our_files(),
        embedding(settings, words),
    ):
        app.include_router(router)
    add_fault_replies(app)
    takeaway = Takeaway({**EXPORTS, **TABLES}, settings.cases, words, lambda: datetime.now(UTC))
    mount_page(app, assistant, "/", words, takeaway, settings.chat_model)
    return app


def _layers(settings: Settings, journal: Journal | None, words: Phrasebook) -> list[Middleware]:
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
        Middleware(AtOnce, refuse=refuse, most=AT_ONCE_EACH),
        Middleware(RateLimit, buckets=requests, refuse=refuse, counts=anything, held_back=HELD_BACK),
        Middleware(Gate, refuse=refuse, origins=origins, names=settings.hosts),
        # without it Gradio reflects any origin
        Middleware(CORSMiddleware, allow_origins=origins, allow_methods=methods, allow_headers=fields),
        Middleware(Streams, refuse=refuse),
        Middleware(RateLimit, buckets=questions, refuse=refuse, held_back=HELD_BACK),
        Middleware(Shell, parts=shell_parts(words, origins), origins=origins),
    ]


def _noted_in(journal: Journal) -> Callable[[Scope, int], None]:
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
    with listener, closing(Journal(settings.audit_log, questions=settings.audit_questions)) as journal:
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
        http=Patient,  # over h11, the only one that limits the head of a request
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
