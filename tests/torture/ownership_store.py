"""A store for the ownership simulation: rows in memory, every read and every commit as slow as the simulation wants.

Commits come to disk in the order in which they were asked for, as the real committer's do; reads may overtake them and
each other. Nothing that has not come to disk is ever read.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from random import Random
from typing import Any

from releve.domain.events import StationConnected, StationDisconnected
from releve.domain.ids import StationId
from releve.domain.station import Station
from releve.domain.transaction import Transaction
from releve.services.ports import Exchange, StoreFailed

Write = Callable[[], None]


class SlowStore:
    """Implements as much of `services.ports.Store` as links use."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.slow = 0.5
        """Chance that a read or a commit has to wait for `advance`."""
        self.failing = 0.0
        """Chance that a commit fails."""
        self.stations: dict[StationId, Station] = {}
        self.online: dict[StationId, bool] = {}
        self.epochs: dict[StationId, int] = {}
        self.announced: dict[StationId, bool] = {}
        """What the last event about a station's line said."""
        self.transactions: dict[StationId, dict[str, Transaction]] = {}
        self.doubled: list[Transaction] = []
        """Rows of a transaction that was on disk already: two handlers did not know of each other."""
        self._reads: list[asyncio.Future[None]] = []
        self._commits: deque[tuple[SlowWork, asyncio.Future[None]]] = deque()

    def work(self, operator: object) -> SlowWork:
        """A unit of work."""
        return SlowWork(self)

    def log(self, exchange: Exchange) -> None:
        """The message log is not what is simulated."""

    @property
    def busy(self) -> bool:
        """Whether anybody waits for this store."""
        return bool(self._reads or self._commits)

    def advance(self) -> None:
        """Let some of those go on who wait: any reads, the oldest commits."""
        random = self.random
        if self._reads and random.random() < 0.6:
            waiting = self._reads.pop(random.randrange(len(self._reads)))
            if not waiting.done():
                waiting.set_result(None)
        if self._commits and random.random() < 0.6:
            for _ in range(random.randint(1, len(self._commits))):
                self._commit_one()

    def add(self, station: Station) -> None:
        """Register a station."""
        self.stations[station.id] = station
        self.transactions[station.id] = {}
        self.online[station.id] = self.announced[station.id] = False
        self.epochs[station.id] = 0

    def keep(self, row: Transaction) -> None:
        """Write a transaction."""
        rows = self.transactions[row.station]
        if row.reference in rows:
            self.doubled.append(row)
        rows[row.reference] = row

    async def read(self) -> None:
        """Wait as long as a read takes."""
        if self.random.random() < self.slow:
            waiting = asyncio.get_running_loop().create_future()
            self._reads.append(waiting)
            await waiting

    def submit(self, work: SlowWork) -> asyncio.Future[None]:
        """Queue a unit; it is on disk when the future is done."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._commits.append((work, done))
        if len(self._commits) == 1 and self.random.random() >= self.slow:
            self._commit_one()
        return done

    def _commit_one(self) -> None:
        work, done = self._commits.popleft()
        if self.random.random() < self.failing:
            done.set_exception(StoreFailed("simulated"))
            return
        for write in work.writes:
            write()
        for event in work.events:
            if isinstance(event, StationConnected | StationDisconnected):
                self.announced[event.station] = isinstance(event, StationConnected)
        done.set_result(None)


class SlowWork:
    """One unit of work, and all of its repositories at once: their methods have different names, but for `add`."""

    def __init__(self, store: SlowStore) -> None:
        self._store = store
        self.writes: list[Write] = []
        self.events: list[Any] = []
        self.stations = self.transactions = self
        self.anomalies = _NoAnomalies()

    async def __aenter__(self) -> SlowWork:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and (self.writes or self.events):
            await self._store.submit(self)

    def announce(self, event: Any) -> None:
        self.events.append(event)

    async def get(self, station: StationId) -> Station | None:
        await self._store.read()
        return self._store.stations.get(station)

    async def evses(self, station: StationId) -> list[Any]:
        await self._store.read()
        return []

    async def live(self, station: StationId) -> list[Transaction]:
        await self._store.read()
        return list(self._store.transactions[station].values())

    async def facts(self, transaction: object) -> list[Any]:
        return []

    def add(self, row: Transaction) -> None:
        self.writes.append(lambda: self._store.keep(row))

    def connected(self, station: StationId, epoch: int, *_: object) -> None:
        def write() -> None:
            self._store.online[station] = True
            self._store.epochs[station] = epoch

        self.writes.append(write)

    def disconnected(self, station: StationId, epoch: int, *_: object) -> None:
        def write() -> None:
            if self._store.epochs[station] == epoch:
                self._store.online[station] = False

        self.writes.append(write)


class _NoAnomalies:
    """Flapping is expected here."""

    async def open(self, *_: object) -> None:
        return None

    def add(self, anomaly: object) -> None:
        """Not what is simulated."""
