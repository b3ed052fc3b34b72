"""What all links of one gateway share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from releve.gateway.journal import Journal
from releve.gateway.roster import Roster
from releve.gateway.wheel import Timer, Wheel
from releve.services.flags import Flags
from releve.services.ports import Clock, Ids, Store
from releve.services.services import Services


@dataclass(slots=True)
class House:
    """One for each process that holds stations."""

    store: Store
    services: Services
    clock: Clock
    ids: Ids
    flags: Flags
    journal: Journal
    roster: Roster
    new_message_id: Callable[[], str]
    wheel: Wheel | None = None
    """The door's timer wheel, once the door is open."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def after(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Run a callback in so many seconds."""
        assert self.wheel is not None, "the door is not open"
        return self.wheel.after(delay_s, callback)

    def cancel(self, timer: Timer) -> None:
        """Do not run it."""
        if self.wheel is not None:
            self.wheel.cancel(timer)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something short beside the messages, and keep it alive until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def settled(self) -> None:
        """Wait for the short-lived tasks that run now."""
        await asyncio.gather(*self.tasks, return_exceptions=True)
