"""What happens on a station, told to logs, tests and anyone who waits for it."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened. `kind` is for programs, `text` for people.

    Kinds: connected, disconnected, refused, booted, boot-answered, status, plugged, unplugged, authorized,
    not-authorized, transaction-started, transaction-ended, charging-state, sampled, delivered, discarded,
    call-received, call-refused, profile-set, profile-cleared, reset, firmware, log, offline, online, raw.
    """

    kind: str
    station: str
    at: datetime
    text: str
    evse: int | None = None
    data: Mapping[str, object] = field(default_factory=dict)


Listener = Callable[[Happening], None]
Match = Callable[[Happening], bool]


@dataclass(eq=False, slots=True)
class _Waiter:
    kinds: tuple[str, ...]
    match: Match | None
    future: asyncio.Future[Happening]

    def fits(self, happening: Happening) -> bool:
        return happening.kind in self.kinds and (self.match is None or self.match(happening))


class Journal:
    """A station's happenings: the latest are kept, listeners are told, waiters are woken."""

    def __init__(self, listeners: tuple[Listener, ...] = (), keep: int = 2_000) -> None:
        self._kept: deque[tuple[int, Happening]] = deque(maxlen=keep)
        self._listeners = listeners
        self._waiters: list[_Waiter] = []
        self._count = 0
        self._seen: dict[str, int] = {}

    @property
    def kept(self) -> list[Happening]:
        """The latest happenings, oldest first."""
        return [happening for _, happening in self._kept]

    def add(self, happening: Happening) -> None:
        """Record `happening` and tell everyone who wants to know."""
        self._count += 1
        self._kept.append((self._count, happening))
        for listener in self._listeners:
            listener(happening)
        for waiter in [each for each in self._waiters if each.fits(happening)]:
            self._waiters.remove(waiter)
            if not waiter.future.done():
                self._seen[happening.kind] = self._count
                waiter.future.set_result(happening)

    async def wait_for(
        self, kind: str, match: Match | None = None, timeout_s: float | None = 10.0
    ) -> Happening:
        """The next happening of `kind` (that `match` accepts) that no wait for that kind has returned yet.

        What happened before the call counts too, so that a test cannot miss it. Real seconds; None waits for ever.

        Raises:
            TimeoutError: it did not happen in `timeout_s`.
        """
        return await self.wait_for_any((kind,), timeout_s, match)

    async def wait_for_any(
        self, kinds: tuple[str, ...], timeout_s: float | None = 10.0, match: Match | None = None
    ) -> Happening:
        """As `wait_for`, for whichever of `kinds` comes first."""
        waiter = _Waiter(kinds, match, asyncio.get_running_loop().create_future())
        for number, happening in self._kept:
            if number > self._seen.get(happening.kind, 0) and waiter.fits(happening):
                self._seen[happening.kind] = number
                return happening
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                return await waiter.future
        except TimeoutError:
            wanted = " or ".join(kinds)
            latest = "; ".join(happening.text for happening in self.kept[-5:])
            raise TimeoutError(f"no {wanted} within {timeout_s} s; lately: {latest}") from None
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
