"""A hashed timer wheel: one loop timer for any number of deadlines.

Each deadline hashes to a bucket by its tick; turning the wheel looks only at the bucket whose turn
it is. Adding and cancelling cost O(1) and no timer object: the thing that waits sits in the bucket
itself. (Varghese and Lauck, 1987, scheme 6.)
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from typing import Protocol

__all__ = ["Due", "Timer", "Wheel"]

log = logging.getLogger(__name__)


class Due(Protocol):
    """Something that waits for one deadline at a time."""

    due_tick: int
    """The wheel's own note; 0 while not waiting. Nobody else writes it."""

    def due(self, now: float) -> None:
        """The deadline has come. May schedule itself again."""
        ...


class Timer:
    """A callback that waits, for those who cannot be `Due` themselves."""

    __slots__ = ("_callback", "due_tick")

    def __init__(self, callback: Callable[[], None]) -> None:
        self.due_tick = 0
        self._callback = callback

    def due(self, now: float) -> None:
        self._callback()


class Wheel:
    """Deadlines to the nearest `tick_s` seconds, never early. `clock` is monotonic, in seconds."""

    __slots__ = ("_buckets", "_clock", "_handle", "_loop", "_tick_s", "_turned", "waiting")

    def __init__(
        self, clock: Callable[[], float], *, tick_s: float = 0.1, buckets: int = 1024
    ) -> None:
        self._clock = clock
        self._tick_s = tick_s
        self._buckets: list[set[Due]] = [set() for _ in range(buckets)]
        self._turned = int(clock() / tick_s)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: asyncio.TimerHandle | None = None
        self.waiting = 0

    def schedule(self, item: Due, delay_s: float) -> None:
        """Call `item.due` once, `delay_s` from now, instead of any earlier plan for it."""
        self.cancel(item)
        tick = math.ceil((self._clock() + delay_s) / self._tick_s)
        item.due_tick = max(tick, self._turned + 1)
        self._buckets[item.due_tick % len(self._buckets)].add(item)
        self.waiting += 1

    def after(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Call `callback` once, `delay_s` from now. Give the result to `cancel` to prevent it."""
        timer = Timer(callback)
        self.schedule(timer, delay_s)
        return timer

    def cancel(self, item: Due) -> None:
        """Forget the plan for `item`, if there is one."""
        if item.due_tick:
            self._buckets[item.due_tick % len(self._buckets)].discard(item)
            item.due_tick = 0
            self.waiting -= 1

    def turn(self) -> None:
        """Call everything whose time has come, also what a late turn missed."""
        now = self._clock()
        first, last = self._turned + 1, int(now / self._tick_s)
        # After a long stall each bucket needs one look, not one per tick missed.
        first = max(first, last - len(self._buckets) + 1)
        for tick in range(first, last + 1):
            self._turned = tick
            bucket = self._buckets[tick % len(self._buckets)]
            for item in [item for item in bucket if item.due_tick <= last]:
                # One that was called before may have cancelled or moved this one.
                if 0 < item.due_tick <= last:
                    self.cancel(item)
                    self._call(item, now)

    @staticmethod
    def _call(item: Due, now: float) -> None:
        try:
            item.due(now)
        except Exception:
            log.exception("a deadline's callback failed")

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Turn by itself from now on."""
        self._loop = loop
        self._handle = loop.call_later(self._tick_s, self._run)

    def stop(self) -> None:
        """Turn no more. What waits keeps waiting."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._loop = None

    def _run(self) -> None:
        self.turn()
        if self._loop is not None:
            self._handle = self._loop.call_later(self._tick_s, self._run)
