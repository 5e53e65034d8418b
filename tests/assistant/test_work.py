from __future__ import annotations

from collections.abc import Iterator

import pytest

from assistant.errors import AbandonedError, OutOfTimeError
from assistant.work import GIVING_WAY_SECONDS, MAX_GIVING_WAY_SECONDS, Work, check, checked, in_work, renew, working

NO_TIME = 1e-9
HOUR = 3600


def test_work_ends_when_its_time_is_over() -> None:
    with working(Work(NO_TIME)), pytest.raises(OutOfTimeError, match="1e-09 seconds"):
        check()
    check()  # outside of it nothing is limited


def test_a_loop_ends_once_nobody_waits() -> None:
    work = Work(HOUR)
    items = checked(range(10))
    with working(work):
        assert [next(items), next(items)] == [0, 1]
        work.abandon()
        with pytest.raises(AbandonedError):
            next(items)


def test_the_deadline_of_a_request_holds_for_the_question_in_it() -> None:
    with working(Work(NO_TIME)), working(Work(HOUR)), pytest.raises(OutOfTimeError):
        check()


def test_after_a_repair_the_work_has_its_whole_time_again() -> None:
    work = Work(HOUR)
    with working(work):
        before = work.seconds_left
        renew()
        assert work.seconds_left >= before


def test_results_that_come_one_by_one_are_each_worked_out_within_the_bounds() -> None:
    work = Work(HOUR)

    def results() -> Iterator[int]:
        for item in range(3):
            check()
            yield item

    given = in_work(work, results())
    assert next(given) == 0
    work.abandon()
    with pytest.raises(AbandonedError):
        next(given)
    check()


def test_work_stands_still_while_it_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    answers, slept = [True, True, False], list[float]()
    monkeypatch.setattr("assistant.work.time.sleep", slept.append)
    work = Work(60)
    work.gives_way = lambda: answers.pop(0)
    work.check()
    assert (answers, slept) == ([], [GIVING_WAY_SECONDS] * 2)


def test_work_does_not_stand_still_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    slept = list[float]()
    monkeypatch.setattr("assistant.work.time.sleep", slept.append)
    work = Work(60)
    work.gives_way = lambda: True
    work.check()
    assert sum(slept) == pytest.approx(MAX_GIVING_WAY_SECONDS, abs=GIVING_WAY_SECONDS)
    slept.clear()
    work.check()
    assert slept == []


def test_work_that_gives_way_still_ends_in_time_and_when_nobody_waits() -> None:
    late, unwanted = Work(0.05), Work(60)
    late.gives_way = unwanted.gives_way = lambda: True
    with pytest.raises(OutOfTimeError):
        late.check()
    unwanted.abandon()
    with pytest.raises(AbandonedError):
        unwanted.check()
