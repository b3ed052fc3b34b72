"""Work that goes on beside what was asked for: one task each, ended with the node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

from releve.services.ports import StoreFailed

T = TypeVar("T")
log = structlog.get_logger(__name__)


class TaskErrands:
    """Implements `services.security.ports.Errands`."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None], /) -> None:
        """Run it in a task of its own; what it raises is logged."""
        task = asyncio.get_running_loop().create_task(self._run(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        name = getattr(work, "__qualname__", "errand")
        try:
            await work
        except StoreFailed as error:
            log.error("store failed", errand=name, reason=str(error))
        except Exception:
            log.exception("an errand failed", errand=name)

    async def pause(self, seconds: float, /) -> None:
        """Let time go by."""
        await asyncio.sleep(seconds)

    async def aside(self, work: Callable[[], T], /) -> T:
        """Run something slow in a thread."""
        return await asyncio.get_running_loop().run_in_executor(None, work)

    async def settled(self) -> None:
        """Wait for what runs now."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """End everything; what was not finished is taken up by what asks for it again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
