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


class Journal:
    """A station's happenings: the latest are kept, listeners are told, waiters are woken."""

    def __init__(self, listeners: tuple[Listener, ...] = (), keep: int = 2_000) -> None:
        self._kept: deque[tuple[int, Happening]] = deque(maxlen=keep)
        self._listeners = listeners
        self._waiters: list[tuple[str, Match | None, asyncio.Future[Happening]]] = []
        self._count = 0
        self._seen: dict[str, int] = {}

    @property
    def kept(self) -> list[Happening]:
        return [happening for _, happening in self._kept]

    def add(self, happening: Happening) -> None:
        self._count += 1
        self._kept.append((self._count, happening))
        for listener in self._listeners:
            listener(happening)
        for waiter in [each for each in self._waiters if _fits(each, happening)]:
            self._waiters.remove(waiter)
            if not waiter[2].done():
                self._seen[waiter[0]] = self._count
                waiter[2].set_result(happening)

    async def wait_for(
        self, kind: str, match: Match | None = None, timeout_s: float = 10.0
    ) -> Happening:
        """The next happening of `kind` (that `match` accepts) that no wait for that kind has returned yet.

        What happened before the call counts too, so that a test cannot miss it. Real seconds.

        Raises:
            TimeoutError: it did not happen in `timeout_s`.
        """
        for number, happening in self._kept:
            if (
                number > self._seen.get(kind, 0)
                and happening.kind == kind
                and (match is None or match(happening))
            ):
                self._seen[kind] = number
                return happening
        future: asyncio.Future[Happening] = asyncio.get_running_loop().create_future()
        waiter = (kind, match, future)
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(timeout_s):
                return await future
        except TimeoutError:
            latest = "; ".join(happening.text for happening in self.kept[-5:])
            raise TimeoutError(f"no {kind!r} within {timeout_s} s; lately: {latest}") from None
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)


def _fits(
    waiter: tuple[str, Match | None, asyncio.Future[Happening]], happening: Happening
) -> bool:
    kind, match, _ = waiter
    return happening.kind == kind and (match is None or match(happening))
