"""A breath gives one turn to others, whoever runs the coroutine."""

from __future__ import annotations

import asyncio

from releve.gateway.drive import drive
from releve.services.breath import BREATH


async def work(name, log):
    for turn in range(3):
        log.append((name, turn))
        await BREATH


async def test_tasks_take_turns():
    log = []
    await asyncio.gather(work("a", log), work("b", log))
    assert log == [(name, turn) for turn in range(3) for name in "ab"]


async def test_handlers_take_turns():
    log = []
    ends = [asyncio.get_running_loop().create_future() for _ in range(2)]
    for name, end in zip("ab", ends, strict=True):
        drive(work(name, log), lambda result, error, end=end: end.set_result(error))
    assert await asyncio.gather(*ends) == [None, None]
    assert sorted(log[:2]) == [("a", 0), ("b", 0)], "the second began before the first went on"
    assert len(log) == 6
