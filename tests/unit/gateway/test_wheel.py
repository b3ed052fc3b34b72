"""Deadlines on a clock that the test turns."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.gateway.wheel import Timer, Wheel


class Clock:
    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_deadline_comes_once_and_never_early(clock):
    wheel, calls = Wheel(clock, tick_s=0.1), []
    wheel.after(0.25, lambda: calls.append(clock.now))
    for _ in range(10):
        clock.now += 0.05
        wheel.turn()

    assert len(calls) == 1
    assert 1000.25 <= calls[0] <= 1000.36
    assert wheel.waiting == 0


def test_a_delay_of_nothing_waits_for_the_next_tick(clock):
    wheel, calls = Wheel(clock, tick_s=0.1), []
    wheel.after(0, lambda: calls.append(1))
    wheel.turn()
    assert calls == []
    clock.now += 0.11
    wheel.turn()
    assert calls == [1]


def test_a_deadline_beyond_one_revolution_waits_for_its_round(clock):
    wheel, calls = Wheel(clock, tick_s=1, buckets=8), []
    wheel.after(20.5, lambda: calls.append(clock.now))
    for _ in range(30):
        clock.now += 1
        wheel.turn()

    assert calls == [1021.0]


def test_a_cancelled_deadline_does_not_come(clock):
    wheel, calls = Wheel(clock), []
    timer = wheel.after(1, lambda: calls.append(1))
    wheel.cancel(timer)
    wheel.cancel(timer)
    clock.now += 5
    wheel.turn()

    assert calls == []
    assert wheel.waiting == 0


def test_a_new_plan_replaces_the_old_one(clock):
    wheel, calls = Wheel(clock), []
    timer = wheel.after(1, lambda: calls.append(clock.now))
    wheel.schedule(timer, 3)
    for _ in range(40):
        clock.now += 0.1
        wheel.turn()

    assert len(calls) == 1
    assert calls[0] >= 1003


def test_a_deadline_may_plan_again_and_cancel_its_neighbours(clock):
    wheel, calls = Wheel(clock, tick_s=1), []

    class Again:
        due_tick = 0

        def due(self, now: float) -> None:
            calls.append(now)
            for other in others:
                if other is not self:
                    wheel.cancel(other)
            wheel.schedule(self, 2)

    others = [Again(), Again(), Again()]
    for item in others:
        wheel.schedule(item, 1)
    for _ in range(7):
        clock.now += 1
        wheel.turn()

    assert calls == [1001.0, 1003.0, 1005.0, 1007.0]  # one of them only
    assert wheel.waiting == 1


def test_a_stall_of_the_loop_is_caught_up(clock):
    wheel, calls = Wheel(clock, tick_s=0.1, buckets=16), []
    for delay in (0.5, 3, 30, 300):
        wheel.after(delay, lambda delay=delay: calls.append(delay))
    clock.now += 100
    wheel.turn()
    assert sorted(calls) == [0.5, 3, 30]
    clock.now += 1000
    wheel.turn()
    assert sorted(calls) == [0.5, 3, 30, 300]


def test_a_callback_that_fails_does_not_stop_the_wheel(clock, caplog):
    wheel, calls = Wheel(clock), []
    wheel.after(1, lambda: 1 // 0)
    wheel.after(1, lambda: calls.append(1))
    wheel.after(2, lambda: calls.append(2))
    clock.now += 3
    wheel.turn()

    assert sorted(calls) == [1, 2]
    assert "ZeroDivisionError" in caplog.text


@given(
    st.lists(st.floats(0, 100), max_size=30),
    st.lists(st.floats(0.01, 40), min_size=1, max_size=20),
    st.integers(1, 64),
)
def test_all_deadlines_come_in_the_first_turn_after_their_time(delays, steps, buckets):
    clock = Clock()
    wheel = Wheel(clock, tick_s=0.5, buckets=buckets)
    called: dict[int, float] = {}
    for i, delay in enumerate(delays):
        wheel.after(delay, lambda i=i: called.setdefault(i, clock.now))
    turns = []
    for step in steps:
        clock.now += step
        wheel.turn()
        turns.append(clock.now)
    for i, delay in enumerate(delays):
        due = [now for now in turns if now >= 1000 + delay + 1.0]
        if i in called:
            assert called[i] >= 1000 + delay
            assert not due or called[i] <= due[0]
        else:
            assert not due
    assert wheel.waiting == len(delays) - len(called)


async def test_it_turns_by_itself_until_stopped():
    loop = asyncio.get_running_loop()
    wheel = Wheel(loop.time, tick_s=0.01)
    wheel.start(loop)
    done = loop.create_future()
    wheel.after(0.02, lambda: done.set_result(loop.time()))
    await done
    wheel.stop()
    late: list[int] = []
    wheel.after(0.01, lambda: late.append(1))
    await asyncio.sleep(0.05)  # as long as it takes to show that nothing happens

    assert late == []
    assert isinstance(Timer(lambda: None), Timer)
