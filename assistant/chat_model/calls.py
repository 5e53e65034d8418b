"""Calls of a chat model. A thread of its own streams each reply, and the caller waits no longer than a deadline.

Every failure becomes a `CallFailedError` that says how the call ended. The provider's own message is neither passed on
nor logged, because it may repeat the key or the question.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from langchain_core.messages import HumanMessage, SystemMessage

from assistant.answer import Ending
from assistant.chat_model.provider import ChatModel, http_client
from assistant.work import Deadline

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage, BaseMessageChunk

MAX_CONCURRENT_CALLS = 8  # an abandoned call counts until its thread ends
MAX_REPLY_CHARACTERS = 20_000
MAX_REPLY_BYTES = 16 * 1024 * 1024  # read from the server, whatever they are
MAX_CONSECUTIVE_FAILURES = 3  # then the model is not called for a while
SUSPENSION_SECONDS = 30.0
PROBE_SYSTEM = "Reply with one JSON object and nothing else."
PROBE_USER = 'Reply with {"statements": []} and nothing else.'

_log = logging.getLogger(__name__)
_INTERRUPTIONS = frozenset(
    {"RemoteProtocolError", "ReadError", "LengthFinishReasonError", "ContentFilterFinishReasonError"}
)
_STOPPED: ContextVar[threading.Event | None] = ContextVar("stopped", default=None)  # of the call in this thread


class CallFailedError(Exception):
    """A call of the model failed. This package catches it and records its `ending` in the Answer."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.value)
        self.ending = ending


class ReplyCutError(Exception):
    """A reply is not read any further, for the reason that `ending` gives. Only the thread of a call raises it."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.value)
        self.ending = ending


class ModelCaller:
    """Calls one chat model. Safe to use from several threads.

    After `MAX_CONSECUTIVE_FAILURES` failures the model is not called for `SUSPENSION_SECONDS`, so that nobody waits
    for a model that does not reply.
    """

    def __init__(self, chat: ChatModel) -> None:
        self.chat = chat
        self._slots = threading.BoundedSemaphore(MAX_CONCURRENT_CALLS)
        self._lock = threading.Lock()
        self._consecutive_failures = 0
        self._suspended_until = 0.0
        self._json_mode = bool(chat.provider.json_options)
        _limit_replies(http_client(chat.model))

    def stream_chunks(self, messages: Sequence[BaseMessage], deadline: Deadline) -> Iterator[BaseMessageChunk]:
        """Yields the chunks of the reply as they arrive. Raises `CallFailedError`."""
        if self._is_suspended() or not self._slots.acquire(blocking=False):
            raise CallFailedError(Ending.BUSY)
        call = _Call(self, messages, json_mode=self._json_mode)
        threading.Thread(target=call.run, name="chat-model", daemon=True).start()
        try:
            yield from call.receive(deadline)
        except CallFailedError as failed:
            self._record(failed.ending)
            raise
        else:
            self._record(Ending.SUMMARISED)
        finally:
            call.stop()

    def stream_text(self, messages: Sequence[BaseMessage], deadline: Deadline) -> Iterator[str]:
        """Yields the text of the reply as it arrives. A server that rejects JSON mode is called again without it.

        Raises `CallFailedError`.
        """
        started = False
        try:
            for chunk in self.stream_chunks(messages, deadline):
                started = True
                yield str(chunk.text)
        except CallFailedError as failed:
            if started or not self._json_mode or failed.ending is not Ending.DENIED:
                raise
            self._json_mode = False
            for chunk in self.stream_chunks(messages, deadline):
                yield str(chunk.text)

    def release_slot(self) -> None:
        """Called when the thread of a call has ended."""
        self._slots.release()

    def _is_suspended(self) -> bool:
        with self._lock:
            failing = self._consecutive_failures >= MAX_CONSECUTIVE_FAILURES
            return failing and time.monotonic() < self._suspended_until

    def _record(self, ending: Ending) -> None:
        with self._lock:
            if ending in (Ending.TIMED_OUT, Ending.UNREACHABLE):
                self._consecutive_failures += 1
                self._suspended_until = time.monotonic() + SUSPENSION_SECONDS
            else:
                self._consecutive_failures = 0


class _Call:
    """One call: a thread that reads the reply, and a queue of the chunks read and not yet received."""

    def __init__(self, caller: ModelCaller, messages: Sequence[BaseMessage], *, json_mode: bool) -> None:
        self._caller = caller
        self._messages = list(messages)
        self._options: dict[str, Any] = dict(caller.chat.provider.json_options) if json_mode else {}
        self._queue: queue.SimpleQueue[BaseMessageChunk | Exception | None] = queue.SimpleQueue()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Makes the thread end after the bytes that it is waiting for."""
        self._stopped.set()

    def run(self) -> None:
        """The thread: reads to the end, to an error, or until stopped. LangSmith's tracing is off."""
        from langsmith import tracing_context

        _STOPPED.set(self._stopped)
        try:
            with tracing_context(enabled=False):
                self._read()
            self._queue.put(None)
        except Exception as error:  # noqa: BLE001  # passed to the waiting thread, which classifies it
            self._queue.put(error)
        finally:
            self._caller.release_slot()

    def receive(self, deadline: Deadline) -> Iterator[BaseMessageChunk]:
        """Yields the chunks. Raises `CallFailedError` for an error, at the deadline, and for a reply too long."""
        size = 0
        while True:
            try:
                chunk = self._queue.get(timeout=deadline.seconds_left)
            except queue.Empty:
                raise self._failure(Ending.TIMED_OUT) from None
            if chunk is None:
                return
            if isinstance(chunk, Exception):
                raise self._failure(_ending_of(chunk), chunk) from None
            size += len(str(chunk.content))
            if size > MAX_REPLY_CHARACTERS:
                raise self._failure(Ending.TOO_LONG)
            if not deadline.seconds_left:
                raise self._failure(Ending.TIMED_OUT)
            yield chunk

    def _read(self) -> None:
        stream = self._caller.chat.model.stream(self._messages, config={"callbacks": []}, **self._options)
        for chunk in stream:
            if self._stopped.is_set():
                if isinstance(stream, Generator):
                    stream.close()
                return
            self._queue.put(chunk)

    def _failure(self, ending: Ending, error: Exception | None = None) -> CallFailedError:
        error_class = f" ({type(error).__name__})" if error else ""
        _log.warning("chat model %s: %s%s", self._caller.chat.name, ending.value, error_class)
        return CallFailedError(ending)


def prompt_messages(system: str, user: str | list[str | dict[str, object]]) -> list[BaseMessage]:
    """The system message and the user's message of one prompt."""
    return [SystemMessage(system), HumanMessage(user)]


def probe_model(caller: ModelCaller) -> Ending:
    """Calls the model with a fixed text, which has nothing of a question or a source in it.

    Returns how the call failed, or `NOT_ASKED` when the model replied within its time-out.
    """
    try:
        chunks = caller.stream_text(prompt_messages(PROBE_SYSTEM, PROBE_USER), Deadline(caller.chat.timeout))
        reply = "".join(chunks)
    except CallFailedError as failed:
        return failed.ending
    return Ending.NOT_ASKED if reply.strip() else Ending.DECLINED


def _ending_of(error: Exception) -> Ending:
    """How a call ended, by the error and its causes.

    The integrations share no error classes, so this goes by the HTTP status and by the names of the classes.
    """
    errors = _with_causes(error)
    cut = next((cause for cause in errors if isinstance(cause, ReplyCutError)), None)
    if cut is not None:
        return cut.ending
    class_names = {base.__name__ for cause in errors for base in type(cause).__mro__}
    if any("Timeout" in name for name in class_names):
        return Ending.TIMED_OUT
    status = _http_status(errors)
    if status is not None:
        return Ending.DENIED if _denies(status) else Ending.UNREACHABLE
    unreadable = any(isinstance(cause, ValueError) for cause in errors) or _INTERRUPTIONS & class_names
    return Ending.UNREADABLE if unreadable else Ending.UNREACHABLE


def _with_causes(error: BaseException) -> list[BaseException]:
    """An error, the error that caused it, and so on."""
    errors = [error]
    while (cause := errors[-1].__cause__ or errors[-1].__context__) is not None and cause not in errors:
        errors.append(cause)
    return errors


def _denies(status: int) -> bool:
    """Whether an HTTP status rejects the request itself, and not only its timing."""
    return 400 <= status < 500 and status not in (408, 429)


def _http_status(errors: Sequence[BaseException]) -> int | None:
    """The first HTTP status that any of the errors carries."""
    statuses = (getattr(error, "status_code", None) for error in errors)
    return next((status for status in statuses if isinstance(status, int)), None)


def _limit_replies(client: Any) -> None:  # noqa: ANN401  # an HTTP client of httpx or httpx2, which share no types
    """Makes an HTTP client read no more than `MAX_REPLY_BYTES` of a reply, and nothing once its call has stopped.

    A client without a limit keeps an endless line in memory until it ends, and it does not look at the time meanwhile.
    """
    if client is None:
        return
    hooks = client.event_hooks
    for event, hook in (("request", _ask_for_plain_bytes), ("response", _limit_reply)):
        if hook not in hooks[event]:  # integrations share a client between models
            hooks[event].append(hook)
    client.event_hooks = hooks


def _ask_for_plain_bytes(request: Any) -> None:  # noqa: ANN401  # see `_limit_replies`
    request.headers["Accept-Encoding"] = "identity"


def _limit_reply(response: Any) -> None:  # noqa: ANN401  # see `_limit_replies`
    """Limits what is read of a reply. Raises `ReplyCutError` for a compressed one: a few bytes may become gigabytes."""
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise ReplyCutError(Ending.UNREADABLE)
    response.stream = _limited_class(response.stream)(response.stream)


class _LimitedBytes:
    """The bytes of a reply, up to the limit."""

    def __init__(self, stream: Any) -> None:  # noqa: ANN401  # see `_limit_replies`
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        size, stopped = 0, _STOPPED.get()
        for piece in self._stream:
            size += len(piece)
            if size > MAX_REPLY_BYTES:
                raise ReplyCutError(Ending.TOO_LONG)
            if stopped is not None and stopped.is_set():
                raise ReplyCutError(Ending.TIMED_OUT)
            yield piece

    def close(self) -> None:
        """Closes the connection, or gives it back."""
        self._stream.close()


def _limited_class(stream: object) -> type[_LimitedBytes]:
    """Returns `_LimitedBytes` as a stream of the library that `stream` is of, which accepts no other."""
    base = next(base for base in type(stream).__mro__ if base.__name__ == "SyncByteStream")
    return type("LimitedBytes", (_LimitedBytes, base), {})
