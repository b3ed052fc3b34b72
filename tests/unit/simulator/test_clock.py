"""Injected time."""

import asyncio
from datetime import UTC, datetime

import pytest

from releve.simulator import ManualClock, WallClock


async def test_a_manual_clock_wakes_sleepers_in_their_order():
    clock, woken = ManualClock(datetime(2026, 1, 1, tzinfo=UTC)), []

    async def sleep(name, *seconds):
        for wait in seconds:
            await clock.sleep(wait)
            woken.append((name, clock.time()))

    tasks = [asyncio.ensure_future(sleep("a", 10, 10)), asyncio.ensure_future(sleep("b", 15))]
    await asyncio.sleep(0)
    await clock.advance(30)
    await asyncio.gather(*tasks)

    assert woken == [("a", 10), ("b", 15), ("a", 20)]
    assert clock.now() == datetime(2026, 1, 1, 0, 0, 30, tzinfo=UTC)


async def test_a_cancelled_sleeper_is_no_trouble():
    clock = ManualClock()
    task = asyncio.ensure_future(clock.sleep(5))
    await asyncio.sleep(0)
    task.cancel()
    await clock.advance(10)
    assert task.cancelled()


async def test_a_fast_clock_runs_fast():
    clock = WallClock(speed=1000)
    before = clock.now()
    await clock.sleep(5)
    assert 5 <= (clock.now() - before).total_seconds() < 500


async def test_time_does_not_stand_still():
    with pytest.raises(ValueError, match="greater than 0"):
        WallClock(speed=0)
