"""The bounds of one piece of work: until when it may run, and whether anyone still waits for it.

The steps of an answer, and the loops over sentences in them, call `check`. Work that is out of time or no longer wanted
ends there, and its thread is free.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from assistant.errors import AbandonedError, OutOfTimeError
from assistant.messages import load_messages

Item = TypeVar("Item")
GIVING_WAY_SECONDS = 0.005  # until work that stands still looks again whether it may go on
MAX_GIVING_WAY_SECONDS = 3.0  # or who asked much would get no answer at all from a busy service


class Deadline:
    """A fixed point in time, a number of seconds from now on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        """Seconds until the deadline; 0 once it has passed."""
        return max(0.0, self._end - time.monotonic())


class Work:
    """One piece of work, which may take `seconds` from now. Its bounds may be read and set from any thread.

    While `gives_way` says so, it stands still wherever it is checked, for `MAX_GIVING_WAY_SECONDS` in all. Its time
    runs on.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.gives_way: Callable[[], bool] = lambda: False
        self._stood_still = 0.0  # seconds
        self._deadline = Deadline(seconds)
        self._is_abandoned = False

    @property
    def seconds_left(self) -> float:
        """Seconds until the work must end; 0 once its time is over."""
        return self._deadline.seconds_left

    def renew(self) -> None:
        """Gives the work its whole time again."""
        self._deadline = Deadline(self.seconds)

    def abandon(self) -> None:
        """Nobody waits for the result any more."""
        self._is_abandoned = True

    def _may_stand_still(self) -> bool:
        return self._stood_still < MAX_GIVING_WAY_SECONDS and self.seconds_left > 0 and not self._is_abandoned

    def check(self) -> None:
        """Waits while the work gives way to other work.

        Raises `AbandonedError` when nobody waits for the work, and `OutOfTimeError` when its time is over.
        """
        while self.gives_way() and self._may_stand_still():
            time.sleep(GIVING_WAY_SECONDS)
            self._stood_still += GIVING_WAY_SECONDS
        if self._is_abandoned:
            raise AbandonedError(load_messages().say("work.abandoned"))
        if not self.seconds_left:
            words, limit = load_messages(), f"{self.seconds:g}"
            raise OutOfTimeError(
                words.say("work.out_of_time", limit=limit), advice=words.say("work.out_of_time_advice")
            )


_CURRENT: ContextVar[Work | None] = ContextVar("work", default=None)


@contextmanager
def working(work: Work) -> Iterator[Work]:
    """Makes `work` the current one, unless there is one, which began earlier. Yields the current one."""
    current = _CURRENT.get()
    if current is not None:
        yield current
        return
    token = _CURRENT.set(work)
    try:
        yield work
    finally:
        _CURRENT.reset(token)


def in_work(work: Work, results: Iterator[Item]) -> Iterator[Item]:
    """Yields the results, each worked out within the bounds of `work`."""
    end = object()
    while True:
        with working(work):
            result = next(results, end)
        if result is end:
            return
        yield result  # type: ignore[misc]  # it is not `end`


def check() -> None:
    """Raises as `Work.check` does for the current work, if there is any. Costs some microseconds."""
    work = _CURRENT.get()
    if work is not None:
        work.check()


def renew() -> None:
    """Gives the current work its whole time again, after a repair that it had to wait for."""
    work = _CURRENT.get()
    if work is not None:
        work.renew()


def checked(items: Iterable[Item]) -> Iterator[Item]:
    """Yields the items, with a `check` before each."""
    for item in items:
        check()
        yield item
