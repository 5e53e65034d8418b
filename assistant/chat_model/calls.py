"""One call of a chat model: read as a stream in a thread of its own, within a deadline and within a size.

Whatever goes wrong becomes a `CallFailedError` that names how the call ended. The provider's own words are neither
passed on nor logged: they may repeat the key or the question.

A trial call: whether a model answers at all. Nothing of a question or of a source goes with it.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.messages import HumanMessage, SystemMessage

from assistant.answer import Ending
from assistant.chat_model.provider import ChatModel

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage, BaseMessageChunk


AT_ONCE = 8  # calls under way; while an abandoned one lives on, it counts
LARGEST_REPLY = 20_000  # characters
FAILURES = 3  # calls in a row that came to nothing, after which the model is left alone for a while
REST = 30.0  # seconds

_log = logging.getLogger(__name__)
_BROKEN_OFF = frozenset(
    {"RemoteProtocolError", "ReadError", "LengthFinishReasonError", "ContentFilterFinishReasonError"}
)


class CallFailedError(Exception):
    """A call came to nothing. It never leaves this package: it becomes the model's part in an Answer."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.value)
        self.ending = ending


class Deadline:
    """A moment that does not move. Seconds, by a clock that never goes back."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._end - time.monotonic())


class ModelCaller:
    """The way to one model. Safe to use from several threads.

    A model that failed several times in a row is not asked for a while, so that nobody waits for it in vain.
    """

    def __init__(self, chat: ChatModel) -> None:
        self.chat = chat
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._failures = 0
        self._asked_again = 0.0
        self._json = bool(chat.provider.json)

    def pieces(self, messages: Sequence[BaseMessage], deadline: Deadline) -> Iterator[BaseMessageChunk]:
        """The reply, piece by piece, as it comes. Raises `CallFailedError`."""
        if self._resting() or not self._places.acquire(blocking=False):
            raise CallFailedError(Ending.BUSY)
        call = _Call(self, messages, as_json=self._json)
        threading.Thread(target=call.run, name="chat-model", daemon=True).start()
        try:
            yield from call.received(deadline)
        except CallFailedError as failed:
            self._note(failed.ending)
            raise
        else:
            self._note(Ending.SUMMARISED)
        finally:
            call.stop()

    def text(self, messages: Sequence[BaseMessage], deadline: Deadline) -> Iterator[str]:
        """The reply's text, piece by piece; a server that knows no JSON mode is asked again without.

        Raises `CallFailedError`.
        """
        began = False
        try:
            for piece in self.pieces(messages, deadline):
                began = True
                yield str(piece.text)
        except CallFailedError as failed:
            if began or not self._json or failed.ending is not Ending.DENIED:
                raise
            self._json = False
            for piece in self.pieces(messages, deadline):
                yield str(piece.text)

    def release(self) -> None:
        """A call's thread has ended."""
        self._places.release()

    def _resting(self) -> bool:
        with self._lock:
            return self._failures >= FAILURES and time.monotonic() < self._asked_again

    def _note(self, ending: Ending) -> None:
        with self._lock:
            if ending in (Ending.TIMED_OUT, Ending.UNREACHABLE):
                self._failures += 1
                self._asked_again = time.monotonic() + REST
            else:
                self._failures = 0


class _Call:
    """One call under way: a thread that reads, and what it has read and nobody has taken."""

    def __init__(self, line: ModelCaller, messages: Sequence[BaseMessage], *, as_json: bool) -> None:
        self._line = line
        self._messages = list(messages)
        self._options: dict[str, Any] = dict(line.chat.provider.json) if as_json else {}
        self._waiting: queue.SimpleQueue[BaseMessageChunk | Exception | None] = queue.SimpleQueue()
        self._stopped = threading.Event()

    def stop(self) -> None:
        """Read no further than the piece that is awaited."""
        self._stopped.set()

    def run(self) -> None:
        """The thread: reads until the end, an error, or until nobody listens. No tracing, whatever the environment."""
        from langsmith import tracing_context

        try:
            with tracing_context(enabled=False):
                self._read()
            self._waiting.put(None)
        except Exception as error:  # noqa: BLE001  # it is handed to the thread that waits, and told apart there
            self._waiting.put(error)
        finally:
            self._line.release()

    def received(self, deadline: Deadline) -> Iterator[BaseMessageChunk]:
        """What was read. Raises `CallFailedError` for an error, at the deadline, and for a reply that is too long."""
        size = 0
        while True:
            try:
                piece = self._waiting.get(timeout=deadline.left)
            except queue.Empty:
                raise CallFailedError(self._noted(Ending.TIMED_OUT)) from None
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise CallFailedError(self._noted(_ending_of(piece), piece)) from None
            size += len(str(piece.content))
            if size > LARGEST_REPLY:
                raise CallFailedError(self._noted(Ending.TOO_LONG))
            if not deadline.left:
                raise CallFailedError(self._noted(Ending.TIMED_OUT))
            yield piece

    def _read(self) -> None:
        stream: Any = self._line.chat.model.stream(self._messages, config={"callbacks": []}, **self._options)
        for piece in stream:
            if self._stopped.is_set():
                stream.close()
                return
            self._waiting.put(piece)

    def _noted(self, ending: Ending, error: Exception | None = None) -> Ending:
        kind = f" ({type(error).__name__})" if error else ""
        _log.warning("chat model %s: %s%s", self._line.chat.name, ending.value, kind)
        return ending


def _ending_of(error: BaseException) -> Ending:
    """How a call ended, by the error and what caused it; integrations share no error classes, so by status and name."""
    chain = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and cause not in chain:
        chain.append(cause)
    status = next((code for one in chain if isinstance(code := getattr(one, "status_code", None), int)), None)
    names = [kind.__name__ for one in chain for kind in type(one).__mro__]
    if any("Timeout" in name for name in names):
        return Ending.TIMED_OUT
    if status is not None:
        return Ending.DENIED if 400 <= status < 500 and status not in (408, 429) else Ending.UNREACHABLE
    unreadable = any(isinstance(one, ValueError) for one in chain) or _BROKEN_OFF & set(names)
    return Ending.UNREADABLE if unreadable else Ending.UNREACHABLE


def messages(system: str, user: str | list[str | dict[str, object]]) -> list[BaseMessage]:
    """What a model is told to do, and what it is given to do it with."""
    # slow to import, and of use to few
    from langchain_core.messages import HumanMessage, SystemMessage

    return [SystemMessage(system), HumanMessage(user)]


SYSTEM = "Reply with one JSON object and nothing else."
USER = 'Reply with {"statements": []} and nothing else.'


def trial(line: ModelCaller) -> Ending:
    """How a call with a fixed text ends, within the model's time-out; `NOT_ASKED` when it is answered."""
    try:
        said = "".join(line.text([SystemMessage(SYSTEM), HumanMessage(USER)], Deadline(line.chat.timeout)))
    except CallFailedError as failed:
        return failed.ending
    return Ending.NOT_ASKED if said.strip() else Ending.DECLINED
