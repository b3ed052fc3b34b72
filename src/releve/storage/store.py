"""The store: one for each process, opened once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select, update

from releve.domain.ids import DEFAULT_OPERATOR, OperatorId
from releve.domain.station import Connectivity, Station
from releve.services.ports import Announced, Clock, Conflict, Exchange, Ids, StoreFailed
from releve.storage.backend import Backend, StoreUnavailable
from releve.storage.catalogue import StoredCatalogue
from releve.storage.committer import Committer, Stats
from releve.storage.ids import SystemIds
from releve.storage.postgres import PostgresBackend
from releve.storage.queries import Query, value
from releve.storage.repositories.stations import FIND, chosen
from releve.storage.retention import Pruned, prune, prune_upkeep
from releve.storage.rollup import PAUSE_S, Rolled, Rollup
from releve.storage.sqlite import SqliteBackend
from releve.storage.tables import marks, operators, stations
from releve.storage.times import DAY_US, micros
from releve.storage.token_cache import TokenCache
from releve.storage.unit import Unit
from releve.storage.url import PostgresServer, SqliteFile, parse
from releve.storage.work import Shared, StoredWork
from releve.storage.writes import insert, merge

PROOF_AGE_S = 5.0
"""A commit as recent as this proves that the store works; otherwise `healthy` makes one."""
PROOF_WAIT_S = 5.0

MARK = merge(marks, ("operator_id", "name", "at", "value"), ("operator_id", "name"))
ADD_OPERATOR = insert(operators, ("id", "slug", "name", "created_at"))
ALL_OPERATORS = Query(select(operators.c.id).order_by(operators.c.id))
OPERATOR = Query(select(operators.c.id).where(operators.c.slug == value("slug")))


class Publisher(Protocol):
    """Who hears what was announced: `bus.local.LocalBus`."""

    def publish(self, announced: Sequence[Announced]) -> None:
        """Take events of one commit, in order; must not wait."""

    def listened(self, operator: OperatorId) -> bool:
        """Whether anyone listens to an operator's events now."""


class SqlStore:
    """Implements `services.ports.Store`. `stats`: counters for metrics. `backend.name`: sqlite or postgresql."""

    def __init__(
        self, backend: Backend, *, clock: Clock, ids: Ids, bus: Publisher, **limits: int
    ) -> None:
        self.backend = backend
        self.catalogue = StoredCatalogue(backend, clock)
        self._committer = Committer(backend, bus.publish, **limits)
        self._clock = clock
        self._ids = ids
        self._closed = False
        self._rollup = Rollup(backend, self._commit)
        self._shared = Shared(
            backend, self._committer, clock, TokenCache(clock.monotonic), bus.listened
        )

    @property
    def stats(self) -> Stats:
        """Counters since the start."""
        return self._committer.stats

    def work(self, operator: OperatorId) -> StoredWork:
        """A unit of work of this operator, to be used once."""
        return StoredWork(operator, self._shared)

    def log(self, exchange: Exchange) -> None:
        """Append to the message log with one of the next commits. Never waits, never fails."""
        self._committer.log(exchange, self._ids.next())

    async def locate(self, operator: str | None, identity: str) -> Station | None:
        """The station that knocks under `identity` at this operator's (its slug) door; None: the default operator's."""
        found: Any = DEFAULT_OPERATOR
        if operator is not None:
            rows = await self.backend.fetch(OPERATOR, slug=operator)
            if not rows:
                return None
            ((found,),) = rows
        rows = await self.backend.fetch(
            FIND, operator=found, key=identity.casefold(), identity=identity
        )
        return chosen(rows, identity)

    async def add_operator(self, operator: OperatorId, slug: str, name: str = "") -> None:
        """Add a tenant. slug: its name in the stations' path. Conflict when it is taken."""
        unit = Unit()
        row = (operator, slug, name, micros(self._clock.now()))
        unit.write(ADD_OPERATOR, row, operator)
        await self._commit(unit)

    async def operators(self) -> list[OperatorId]:
        """All operators, oldest first."""
        return [OperatorId(number) for (number,) in await self.backend.fetch(ALL_OPERATORS)]

    async def everyone_unknown(self, at: datetime) -> int:
        """At start: stations marked online become UNKNOWN since then. For one process on this database."""
        return await self.backend.execute(
            update(stations)
            .where(stations.c.online_state == Connectivity.ONLINE.value)
            .values(online_state=Connectivity.UNKNOWN.value, online_since=micros(at))
        )

    async def healthy(self) -> str | None:
        """None when something came to disk just now, else why it did not. Writes a mark if nothing else did lately."""
        committer = self._committer
        loop = asyncio.get_running_loop()
        if committer.trouble is None and loop.time() - committer.proven_at < PROOF_AGE_S:
            return None
        unit = Unit()
        row = (DEFAULT_OPERATOR, "alive", micros(self._clock.now()), "")
        unit.write(MARK, row, "alive")
        try:
            done = committer.submit(unit)
        except StoreFailed as failed:
            return str(failed)
        finished, _ = await asyncio.wait([done], timeout=PROOF_WAIT_S)
        if not finished:
            return f"the disk has not answered for {PROOF_WAIT_S:g} seconds"
        return None if unit.failure is None else str(unit.failure)

    async def prune(self, *, log_days: int, outbox_days: int) -> Pruned:
        """Delete old lines of the message log and old outbox rows, in steps between which others may write."""
        return await prune(self.backend, self._clock.now(), log_days, outbox_days)

    async def prune_upkeep(self, *, event_days: int, customer_days: int) -> None:
        """Delete old events of monitors, expired passes, and what stations told of customers."""
        await prune_upkeep(self.backend, self._clock.now(), event_days, customer_days)

    async def roll_up(self, *, raw_days: int, pause_s: float = PAUSE_S) -> Rolled:
        """Turn meter samples older than so many days into quarters of an hour, in steps that let others write."""
        before_us = micros(self._clock.now()) - raw_days * DAY_US
        return await self._rollup.sweep(before_us, pause_s)

    async def close(self) -> None:
        """Write what waits and close. Units that come later fail. Closing twice is closing once."""
        if self._closed:
            return
        self._closed = True
        await self._committer.close()
        await self.backend.close()

    async def _commit(self, unit: Unit) -> None:
        await self._committer.submit(unit)
        if isinstance(unit.failure, Conflict | StoreFailed):
            raise unit.failure


async def open_store(
    url: str,
    *,
    clock: Clock,
    bus: Publisher,
    ids: Ids | None = None,
    max_units: int = 20_000,
    max_bytes: int = 64 << 20,
) -> SqlStore:
    """Open the database at `url`, migrated already (`migrate`).

    max_units, max_bytes: how much may wait for the disk before more is refused. ValueError for a URL that means no
    database; StoreUnavailable when the database cannot be opened, or was never migrated.
    """
    place = parse(url)
    backend = _backend(place)
    try:
        await backend.fetch(OPERATOR, slug="")  # is it there, and does it have our tables?
    except StoreFailed as failed:
        await backend.close()
        raise StoreUnavailable(str(failed)) from failed
    return SqlStore(
        backend,
        clock=clock,
        ids=ids or SystemIds(),
        bus=bus,
        max_units=max_units,
        max_bytes=max_bytes,
    )


def _backend(place: SqliteFile | PostgresServer) -> Backend:
    return (
        SqliteBackend(place.path) if isinstance(place, SqliteFile) else PostgresBackend(place.url)
    )
