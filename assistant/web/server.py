"""Assembles the web application from its middleware, routes and chat page, and serves it."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, closing, suppress
from dataclasses import dataclass
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import BaseRoute
from starlette.types import Scope

from assistant.chat_model.calls import MAX_CONCURRENT_CALLS as MAX_MODEL_CALLS
from assistant.errors import SettingsError, naming_extra
from assistant.export.formats import EXPORTS
from assistant.export.spreadsheet import TABLES
from assistant.messages import Messages, load_messages
from assistant.settings import Settings
from assistant.web.api.docs import docs_routes
from assistant.web.api.metrics import MeasuredAssistant, Measurements, metrics_routes
from assistant.web.api.routes import api_routes
from assistant.web.asker import Asker
from assistant.web.chat.conversation import ChatHandler, TurnSigner, owner_name, person_finder
from assistant.web.chat.gradio_lockdown import identity_of_event
from assistant.web.chat.gradio_sessions import GradioSessionsMiddleware
from assistant.web.chat.kept_turns import EarlierAnswers, KeptTurnPages, kept_turn_routes
from assistant.web.chat.offers import OfferedQuestions
from assistant.web.chat.page_html import ChatPageMiddleware, Keeping
from assistant.web.chat.ui import mount_page
from assistant.web.layout import LanguageMiddleware
from assistant.web.pages.ask import ask_routes, suggestion_routes
from assistant.web.pages.embed import embed_routes
from assistant.web.pages.overview import overview_routes
from assistant.web.pages.register import register_routes
from assistant.web.pages.routes import accessibility_routes, source_routes, static_routes
from assistant.web.security.allowlist import INFO_PATH, MCP_PATH, AllowListMiddleware, allowed_route, check_prefix
from assistant.web.security.audit_log import AuditedAssistant, AuditLog, load_key
from assistant.web.security.headers import SecurityHeadersMiddleware
from assistant.web.security.hosts import check_exposure, known_hosts, listen
from assistant.web.security.identity import REQUEST_IDENTITY, IdentityMiddleware, client_of
from assistant.web.security.kill_switch import KillSwitchMiddleware, OpenRequests, StopMiddleware
from assistant.web.security.proxies import ForwardedHeadersMiddleware, PathPrefixMiddleware, TrustedProxies
from assistant.web.security.rate_limit import (
    MAX_REQUEST_BURST,
    REJECTION_DELAY_SECONDS,
    REQUESTS_PER_QUESTION,
    ConcurrencyLimitMiddleware,
    RateLimitMiddleware,
    RejectionDelay,
    TokenBuckets,
    is_not_health_check,
)
from assistant.web.security.responses import JSON_PREFIXES, RequestRejecter, add_error_handlers
from assistant.web.security.slow_clients import RepeatedWarnings, limited_protocol
from assistant.web.security.workload import MAX_SECONDS_BURST, Workload, WorkloadMiddleware

MAX_CONNECTIONS = 800  # an open page takes one, an answer under way another; most systems allow 1,024 open files
MAX_OPEN_REQUESTS = MAX_CONNECTIONS // 4  # of one client
MAX_REJECTIONS_PER_MINUTE = 300  # of one address; then each is held back
KEEP_ALIVE_SECONDS = 10  # for an idle connection: longer than a reader takes to the next click
MAX_HEAD_BYTES = 64 * 1024  # of a request: a Kerberos ticket that a proxy passes on can take most of it
REFUSAL_SECONDS = 2.0  # to send refusals, when the time for answers is over


def create_app(
    assistant: Asker, settings: Settings, audit_log: AuditLog | None = None, key: bytes | None = None
) -> FastAPI:
    """Returns the web application. The chat page at `/` is mounted last, so all other routes take precedence.

    `audit_log` records questions and rejected requests. `key` signs conversations; without it they end with this.
    Raises `SettingsError` when the settings would expose the assistant by accident, or an environment variable would
    undo the restrictions on Gradio.
    """
    check_exposure(settings)
    check_prefix(settings.prefix)
    messages = load_messages()
    offered = OfferedQuestions(assistant, messages)  # its questions are nobody's, and not audited
    audited, measurements = None, Measurements(settings) if settings.metrics else None
    if measurements is not None:
        assistant = MeasuredAssistant(assistant, measurements)
    if audit_log is not None:
        audited = AuditedAssistant(assistant, audit_log, lambda: identity_of_event() or REQUEST_IDENTITY.get())
        assistant = audited
    open_requests = OpenRequests()
    event_inputs: dict[int, tuple[str, ...]] = {}
    signer, person_of = TurnSigner(key), person_finder(settings.identity)
    on_rejection = _on_rejection(audit_log, measurements)
    keeping = Keeping(settings.conversations, lambda scope: owner_name(person_of(scope)))
    pages = {"keeping": keeping, "known_examples": offered.known_examples}
    mcp, lifespan = _mcp(assistant) if settings.mcp else ([], None)
    # FastAPI's own interactive documentation loads its files from another host.
    app = FastAPI(
        title=messages.say("page.product"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        middleware=_middleware(settings, on_rejection, messages, open_requests, event_inputs, pages),
    )
    app.state.stopping = Stopping(open_requests, settings.stop_seconds, audited)
    api = api_routes(assistant)
    earlier, exports = EarlierAnswers(assistant, messages), {**EXPORTS, **TABLES}
    judge_of: Callable[[str, str], str] = audit_log.judge if audit_log is not None else lambda _client, _answer: ""
    kept_turns = KeptTurnPages(assistant, earlier, exports, settings.cases, messages, judge_of=judge_of)
    for router in (
        api,
        docs_routes(api),
        metrics_routes(measurements),
        ask_routes(assistant),
        suggestion_routes(offered.after),
        register_routes(assistant),
        overview_routes(assistant),
        source_routes(assistant),
        accessibility_routes(settings.contact),
        static_routes(),
        embed_routes(settings, messages),
        kept_turn_routes(kept_turns, signer, person_of),
    ):
        app.include_router(router)
    app.router.routes.extend(mcp)
    add_error_handlers(app)
    handler = ChatHandler(assistant, messages, signer, earlier.remember, person_of)
    event_inputs.update(mount_page(app, handler, "/", exports, offered, settings))
    return app


def _mcp(assistant: Asker) -> tuple[list[BaseRoute], Callable[[object], AbstractAsyncContextManager[None]]]:
    """Returns `mcp_routes`. Raises `SettingsError` when the SDK is not installed."""
    with naming_extra("mcp"):
        from assistant.web.api.mcp import mcp_routes
    return mcp_routes(assistant)


@dataclass(frozen=True, slots=True)
class Stopping:
    """What is needed in order to stop: the open requests, the time they get, and the questions under way."""

    requests: OpenRequests
    grace: float  # seconds
    audited: AuditedAssistant | None

    def record(self) -> None:
        """Writes the audit line of every question that is still under way."""
        if self.audited is not None:
            self.audited.record_stopped()


def _middleware(
    settings: Settings,
    on_rejection: Callable[[Scope, int], None],
    messages: Messages,
    open_requests: OpenRequests,
    event_inputs: Mapping[int, Sequence[str]],
    pages: Mapping[str, Any],
) -> list[Middleware]:
    """The middleware of every route, the outermost first.

    Identity comes before the allow-list, so that an unidentified client cannot learn which routes exist. The limits on
    all requests come before the allow-list too, so that they bound the number of rejections. CORS comes before the
    limit on questions, so that a page that may read responses can read its 429.
    """
    origins, hosts = settings.embed_origins, known_hosts(settings)
    closed = [*([] if settings.gradio_client else [INFO_PATH]), *([] if settings.mcp else [MCP_PATH])]
    rejections = TokenBuckets(MAX_REJECTIONS_PER_MINUTE, burst=MAX_REJECTIONS_PER_MINUTE)
    reject = RequestRejecter(on_rejection, rejections.take)
    user_header = settings.user_header if settings.identity == "header" else None
    question_buckets = TokenBuckets(settings.questions_per_minute)
    request_buckets = TokenBuckets(REQUESTS_PER_QUESTION * settings.questions_per_minute, burst=MAX_REQUEST_BURST)
    delay = RejectionDelay(REJECTION_DELAY_SECONDS)
    timeout = settings.question_timeout + (settings.chat_model_timeout if settings.chat_model else 0)
    waiting = MAX_MODEL_CALLS if settings.chat_model else 0
    workload = Workload(TokenBuckets(settings.seconds_per_minute, burst=MAX_SECONDS_BURST), timeout, waiting)
    return [
        *([Middleware(PathPrefixMiddleware, prefix=settings.prefix)] if settings.prefix else ()),
        Middleware(LanguageMiddleware, languages=settings.languages, programs=JSON_PREFIXES),
        Middleware(SecurityHeadersMiddleware, origins=origins),
        Middleware(KillSwitchMiddleware, file=settings.closed_file, reject=reject),
        Middleware(ForwardedHeadersMiddleware, proxies=TrustedProxies(settings.proxies), hosts=hosts, reject=reject),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(IdentityMiddleware, reject=reject, header=user_header),
        Middleware(StopMiddleware, reject=reject, requests=open_requests),
        Middleware(ConcurrencyLimitMiddleware, reject=reject, limit=MAX_OPEN_REQUESTS),
        Middleware(
            RateLimitMiddleware,
            buckets=request_buckets,
            reject=reject,
            counts=is_not_health_check,
            delay=delay,
        ),
        Middleware(AllowListMiddleware, reject=reject, origins=origins, hosts=settings.hosts, closed=closed),
        # without it Gradio allows any origin to read its responses
        Middleware(
            CORSMiddleware, allow_origins=origins, allow_methods=("GET", "POST"), allow_headers=("Content-Type",)
        ),
        Middleware(GradioSessionsMiddleware, reject=reject, inputs=event_inputs),
        Middleware(RateLimitMiddleware, buckets=question_buckets, reject=reject, delay=delay),
        Middleware(WorkloadMiddleware, workload=workload, reject=reject, delay=delay),
        Middleware(ChatPageMiddleware, messages=messages, origins=origins, **pages),
    ]


def _on_rejection(audit_log: AuditLog | None, measurements: Measurements | None) -> Callable[[Scope, int], None]:
    """Records rejections by allow-list entry, not by path: the rest of a path may be a question or a token."""

    def record(scope: Scope, code: int) -> None:
        if audit_log is not None:
            audit_log.record_rejection(client_of(scope), allowed_route(scope["path"]), code)
        if measurements is not None:
            measurements.count_refusal(code)

    return record


def serve(assistant: Asker, settings: Settings) -> None:
    """Serves in this process until interrupted, and writes the audit log. Prints the URL on standard error.

    Raises `SettingsError` when the settings would expose the assistant by accident, or the port cannot be opened.
    """
    check_exposure(settings)
    listener = listen(settings.host, settings.port)
    with listener, closing(_open_audit_log(settings)) as audit_log:
        key = load_key(settings.conversation_key_file, _report_key)
        _run(create_app(assistant, settings, audit_log, key), settings, listener)


def _open_audit_log(settings: Settings) -> AuditLog:
    file = settings.audit_key_file
    key = load_key(file, _refuse_key) if file else None
    to_stdout = settings.audit_output == "stdout"
    return AuditLog(settings.audit_log, questions=settings.audit_questions, to_stdout=to_stdout, key=key)


def _report_key(error: BaseException) -> None:
    sys.stderr.write(f"Conversations will not outlast this process: {error}.\n")


def _refuse_key(error: BaseException) -> None:
    """A key of this process alone would make hashes that no other replica has."""
    raise SettingsError(f"audit_key_file has no key that can be used: {error}.", advice="Check the file.") from error


class StoppingServer(uvicorn.Server):
    """uvicorn's server, which gives answers under way a grace when it is told to stop, and then refuses them."""

    def __init__(self, config: uvicorn.Config, stopping: Stopping) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Accepts nothing more, waits for the answers under way, and writes the audit lines of those not given."""
        ending = asyncio.create_task(self._stopping.requests.end(self._stopping.grace))
        try:
            await super().shutdown(sockets)
        finally:
            ending.cancel()
            self._stopping.record()


def make_server(app: FastAPI, settings: Settings) -> StoppingServer:
    """Returns the server of an application that `create_app` made."""
    config = uvicorn.Config(
        app,
        log_config=None,  # the program's own, see assistant/cli/common.py
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds + REFUSAL_SECONDS),
        # based on h11, the only one that limits the size of a request's head
        http=limited_protocol(TrustedProxies(settings.proxies).include),
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
    )
    return StoppingServer(config, app.state.stopping)


def _run(app: FastAPI, settings: Settings, listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    sys.stderr.write(f"Serving on http://{host}:{port}/ (Ctrl-C stops)\n")
    sys.stderr.flush()
    server = make_server(app, settings)
    # When it stops, uvicorn cuts off the streams of open pages and would log an error for each.
    for log_filter in (lambda _record: not server.should_exit, RepeatedWarnings()):
        logging.getLogger("uvicorn.error").addFilter(log_filter)
    with suppress(KeyboardInterrupt):  # uvicorn raises it again once it has stopped
        server.run(sockets=[listener])
