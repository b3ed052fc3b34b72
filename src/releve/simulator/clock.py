"""Time as the simulator sees it: injected, so that hours may pass in a second and tests need no waiting."""

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Simulated time. `time` is in simulated seconds and never goes back; `now` is aware and in UTC."""

    @property
    def speed(self) -> float:
        """Simulated seconds per real second."""
        ...

    def now(self) -> datetime: ...

    def time(self) -> float: ...

    async def sleep(self, seconds: float) -> None:
        """Return when `seconds` of simulated time have passed."""
        ...


class WallClock:
    """The machine's clock, `speed` times faster. At speed 1 it is simply the present."""

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError(f"speed must be greater than 0, not {speed}")
        self._speed = speed
        self._loop = asyncio.get_running_loop()
        self._started_at = datetime.now(UTC)
        self._origin = self._loop.time()

    @property
    def speed(self) -> float:
        return self._speed

    def time(self) -> float:
        return (self._loop.time() - self._origin) * self._speed

    def now(self) -> datetime:
        return self._started_at + timedelta(seconds=self.time())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, seconds) / self._speed)


class ManualClock:
    """A clock that stands still until `advance` is called. For tests."""

    speed = 1.0

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
        self._seconds = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def time(self) -> float:
        return self._seconds

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._seconds)

    async def sleep(self, seconds: float) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        due = self._seconds + max(0.0, seconds)
        heapq.heappush(self._sleepers, (due, next(self._order), waiter))
        await waiter

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass, waking each sleeper at its own moment and in order."""
        target = self._seconds + seconds
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, waiter = heapq.heappop(self._sleepers)
            self._seconds = max(self._seconds, due)
            if not waiter.done():
                waiter.set_result(None)
            await _let_others_run()
        self._seconds = target
        await _let_others_run()


async def _let_others_run() -> None:
    """Give woken tasks the turns they need to reach their next wait."""
    for _ in range(5):
        await asyncio.sleep(0)
