"""Turns: at most so many at a time, and the one who has used the least is next."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from assistant.web.security.turns import Turns


async def _waits(turns: Turns, used: float, name: str, order: list[str], go: asyncio.Event) -> None:
    async with turns.turn(used):
        order.append(name)
        await go.wait()


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_of_those_that_wait_the_one_that_used_least_is_next_and_the_first_of_equals(used: list[int]) -> None:
    order: list[str] = []

    async def each_in_turn() -> None:
        turns, go = Turns(1), asyncio.Event()
        async with turns.turn(0):
            waiting = [
                asyncio.create_task(_waits(turns, share, f"{place}", order, go)) for place, share in enumerate(used)
            ]
            await _settle()
            assert order == []
        go.set()
        await asyncio.gather(*waiting)

    asyncio.run(each_in_turn())
    assert order == [f"{place}" for place, _ in sorted(enumerate(used), key=lambda one: one[1])]


async def test_no_more_than_the_size_work_at_a_time() -> None:
    turns, go, order = Turns(2), asyncio.Event(), list[str]()
    tasks = [asyncio.create_task(_waits(turns, 0, f"{number}", order, go)) for number in range(5)]
    await _settle()
    assert len(order) == 2
    go.set()
    await asyncio.gather(*tasks)
    assert len(order) == 5


async def test_who_gives_up_while_waiting_takes_no_turn() -> None:
    turns, go, order = Turns(1), asyncio.Event(), list[str]()
    tasks = [asyncio.create_task(_waits(turns, 0, f"{number}", order, go)) for number in range(3)]
    await _settle()
    tasks[1].cancel()
    go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == ["0", "2"]


async def test_a_turn_that_came_just_when_it_was_given_up_is_passed_on() -> None:
    turns, order = Turns(1), list[str]()
    first, rest = asyncio.Event(), asyncio.Event()
    rest.set()
    holder = asyncio.create_task(_waits(turns, 0, "holder", order, first))
    await _settle()
    leaver = asyncio.create_task(_waits(turns, 0, "leaver", order, rest))
    last = asyncio.create_task(_waits(turns, 1, "last", order, rest))
    await _settle()
    first.set()
    await holder
    leaver.cancel()
    await asyncio.gather(leaver, last, return_exceptions=True)
    assert order in (["holder", "last"], ["holder", "leaver", "last"])
    async with asyncio.timeout(5), turns.turn(0):
        order.append("free again")
    assert order[-1] == "free again"
