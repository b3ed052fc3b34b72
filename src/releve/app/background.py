"""Tasks of this process, kept alive until they are done: implements `services.ports.Background`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from releve.services.ports import StoreFailed

log = structlog.get_logger(__name__)
Work = Callable[[], Coroutine[Any, Any, None]]


class Tasks:
    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: set[asyncio.TimerHandle] = set()
        self._stopped = False

    def start(self, work: Work, *, after_s: float = 0) -> None:
        """Do something soon, or in so many seconds."""
        if self._stopped:
            return
        if after_s > 0:
            self._wait(work, after_s)
            return
        task = asyncio.get_running_loop().create_task(_quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Drop what waits for its time, finish what is under way."""
        self._stopped = True
        for timer in self._timers:
            timer.cancel()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _wait(self, work: Work, after_s: float) -> None:
        def due() -> None:
            self._timers.discard(timer)
            self.start(work)

        timer = asyncio.get_running_loop().call_later(after_s, due)
        self._timers.add(timer)


async def _quietly(work: Work) -> None:
    try:
        await work()
    except StoreFailed as error:
        log.warning("not done", reason=str(error))
    except Exception as error:
        log.error("a task failed", exc_info=error)
