"""The bus of a single process: events from the store to whoever listens in this process."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Sequence
from typing import Protocol
from weakref import WeakSet

from releve.domain.ids import OperatorId
from releve.services.ports import Announced

ROOM = 1_000
"""Events that may wait for one listener."""
REPLAY_STEP = 500


class Replay(Protocol):
    """`services.views.Catalogue.announced`."""

    def __call__(
        self, operator: OperatorId, *, after: int, topics: frozenset[str], limit: int
    ) -> Awaitable[list[Announced]]:
        """Durable events with id > after, oldest first."""


class LocalBus:
    """Implements `services.ports.Feed`; the store publishes into it after each commit, in the order of commits.

    `replay` may be set after the making, because the store that replays is opened with the bus.
    """

    def __init__(self, replay: Replay | None = None, *, room: int = ROOM) -> None:
        self.replay = replay
        self._room = room
        self._listeners: dict[OperatorId, WeakSet[Listener]] = {}
        self._closed = False

    @property
    def listeners(self) -> int:
        """How many listen now."""
        return sum(map(len, self._listeners.values()))

    def publish(self, announced: Sequence[Announced]) -> None:
        """Hand events to the listeners of their operators. Never waits."""
        for one in announced:
            listeners = self._listeners.get(one.event.operator)
            if listeners:
                for listener in tuple(listeners):
                    listener.take(one)

    def listened(self, operator: OperatorId) -> bool:
        """Whether anyone listens to an operator's events now."""
        return operator in self._listeners

    def listen(
        self,
        operator: OperatorId,
        *,
        topics: frozenset[str] = frozenset(),
        after: int | None = None,
    ) -> AsyncIterator[Announced]:
        """Events from now on; first those durable ones after the outbox id `after`. See `services.ports.Feed`.

        Listening begins with this call and ends when the iterator is closed or dropped.
        """
        listener = Listener(self, operator, topics, after)
        if self._closed:
            listener.close()
            return listener
        self._listeners.setdefault(operator, WeakSet()).add(listener)
        return listener

    def close(self) -> None:
        """End every listener's iteration, of later ones too, so that whoever serves them can stop."""
        self._closed = True
        for listener in [one for listeners in self._listeners.values() for one in listeners]:
            listener.close()

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        listeners = self._listeners.get(listener.operator)
        if listeners is not None:
            listeners.discard(listener)
            if not listeners:
                del self._listeners[listener.operator]


class Listener:
    """One listener's events, as an asynchronous iterator.

    It listens before it replays, so nothing falls between the two; what it then has from both sides it knows by the id.
    While it replays, a durable event for which there is no room is not lost: it is in the outbox, and read from there.
    """

    def __init__(
        self, bus: LocalBus, operator: OperatorId, topics: frozenset[str], after: int | None
    ) -> None:
        self.operator = operator
        self._bus = bus
        self._topics = topics
        self._queue: deque[Announced] = deque()
        self._replaying = after is not None
        self._missed = (
            False  # while replaying, the queue had no room: the outbox is read again instead
        )
        self._seen = after or 0
        self._durable = 0  # of those in the queue
        self._lost = False
        self._closed = False
        self._wake: asyncio.Future[None] | None = None
        self._behind: deque[Announced] = deque()

    def __aiter__(self) -> Listener:
        return self

    async def __anext__(self) -> Announced:
        while True:
            if self._closed:
                raise StopAsyncIteration
            if self._behind:
                return self._passed(self._behind.popleft())
            if self._replaying:
                await self._read_on()
                continue
            if self._queue:
                one = self._queue.popleft()
                if one.id is None:
                    return one
                self._durable -= 1
                if one.id > self._seen:
                    return self._passed(one)
            elif self._lost:
                self.close()
            else:
                await self._sleep()

    def take(self, one: Announced) -> None:
        """Queue an event for this listener, or lose it by the rule: first those that are not durable."""
        if self._lost or (self._topics and one.event.topic not in self._topics):
            return
        if len(self._queue) >= self._bus._room and not self._make_room(one):
            return
        self._queue.append(one)
        if one.id is not None:
            self._durable += 1
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def aclose(self) -> None:
        """Stop listening; who waits for the next event is told that there is none."""
        self.close()

    def close(self) -> None:
        """As `aclose`, which needs not wait for anything."""
        self._closed = True
        self._bus.leave(self)
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def _passed(self, one: Announced) -> Announced:
        if one.id is not None:
            self._seen = one.id
        return one

    def _make_room(self, one: Announced) -> bool:
        """Whether there is room for `one` now. When a durable event has to go, the listener is to be closed."""
        if len(self._queue) > self._durable:
            place = next(n for n, queued in enumerate(self._queue) if queued.id is None)
            del self._queue[place]
            return True
        if one.id is not None:
            if self._replaying:
                self._missed = True
            else:
                self._lost = True
                self._bus.leave(self)
        return False

    async def _read_on(self) -> None:
        """Read the next durable events from the outbox; at its end, go live."""
        replay = self._bus.replay
        if replay is None:
            raise RuntimeError("this bus has nothing to replay from")
        self._missed = False
        found = await replay(
            self.operator, after=self._seen, topics=self._topics, limit=REPLAY_STEP
        )
        self._behind.extend(found)
        if not found and not self._missed:
            self._replaying = False
            self._queue = deque(one for one in self._queue if one.id is None or one.id > self._seen)
            self._durable = sum(one.id is not None for one in self._queue)

    async def _sleep(self) -> None:
        self._wake = asyncio.get_running_loop().create_future()
        try:
            await self._wake
        finally:
            self._wake = None
