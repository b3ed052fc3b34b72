"""E16 for stations that keep no limits themselves: the system watches, and stops the transaction at its limit."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

import msgspec

from releve.domain.commands import Result
from releve.domain.ids import OperatorId, StationId
from releve.domain.limits import exceeded
from releve.domain.transaction import Transaction, TransactionState
from releve.services.commands import Commands
from releve.services.errors import RequestError
from releve.services.live import LiveTransaction
from releve.services.ports import Clock, Presence, Store
from releve.services.transaction_limits import ASK_SUPPORTED, TransactionLimits, running_seconds

BY_LIMIT = "limit"
"""Who stops a transaction at its limit, in the record of commands."""
AGAIN = timedelta(hours=1)
MOST_LIMITED = 10_000
"""As many as the store tells at once: then it is not known which it does not know."""


class CostSoFar(Protocol):
    async def __call__(self, row: Transaction) -> Decimal | None:
        """What a running transaction costs so far; None while it has no price."""


class LimitWatch:
    """Done now and then, not per message: a limit may be overrun by what is delivered in a few seconds."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        presence: Presence,
        commands: Commands,
        limits: TransactionLimits,
        cost: CostSoFar | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._presence = presence
        self._commands = commands
        self._limits = limits
        self._cost = cost
        self._recalled: dict[OperatorId, datetime] = {}

    async def recall(self, operator: OperatorId) -> None:
        """After a start, and every hour: watch those of an operator's transactions that the store knows, and those of
        connected stations, and no others."""
        now, last = self._clock.now(), self._recalled.get(operator)
        if last is not None and now - last < AGAIN:
            return
        async with self._store.work(operator) as work:
            rows = await work.transactions.limited()
        for row in rows:
            self._limits.watch(row)
        known = {row.id for row in rows}
        for transaction, (owner, station, _) in list(self._limits.watched.items()):
            gone = owner == operator and self._presence.live(station) is None
            if gone and transaction not in known and len(rows) < MOST_LIMITED:
                del self._limits.watched[transaction]
        self._recalled[operator] = now

    async def learn(self) -> int:
        """Ask stations whether they keep limits; number of those that answered."""
        learnt = 0
        for live in list(self._limits.unasked):
            self._limits.unasked.discard(live)
            station = live.station
            if self._presence.live(station.id) is not live:
                continue
            outcome = await self._commands.perform(
                station.operator, station.id, ASK_SUPPORTED, by=BY_LIMIT
            )
            known = any(result.value is not None for result in outcome.variables)
            if not known and outcome.result in (Result.ANSWERED, Result.UNSUPPORTED):
                self._limits.silent.add(live)
            learnt += known
        return learnt

    async def stop_at_limits(self) -> int:
        """Stop what has reached a limit that its station does not keep; number of transactions asked to stop."""
        asked = 0
        for transaction, (operator, station, reference) in list(self._limits.watched.items()):
            here = self._presence.live(station)
            live = here.transactions.get(reference) if here is not None else None
            if live is None:
                continue  # not connected: it cannot be stopped now
            if live.row.state is TransactionState.ENDED or live.row.limits is None:
                self._limits.watched.pop(transaction, None)
                continue
            asked += await self._stop_if_reached(operator, station, live)
        return asked

    async def _stop_if_reached(
        self, operator: OperatorId, station: StationId, live: LiveTransaction
    ) -> bool:
        row, now = live.row, self._clock.now()
        limits = row.limits
        if limits is None or limits.stopped:
            return False
        cost = None
        if self._cost is not None and limits.own.cost is not None:
            cost = await self._cost(row)
        kind = exceeded(
            limits.own,
            energy_wh=row.energy_wh,
            seconds=running_seconds(row, now),
            soc_pct=row.soc_pct,
            cost=cost,
        )
        if not kind:
            return False
        try:
            outcome = await self._commands.stop(operator, row.id, by=BY_LIMIT)
        except RequestError:  # it has ended meanwhile
            return False
        if outcome.accepted:
            await self._note(operator, live, kind, now)
        return outcome.accepted

    async def _note(
        self, operator: OperatorId, live: LiveTransaction, kind: str, now: datetime
    ) -> None:
        async with self._store.work(operator) as work:
            row = live.row
            if row.limits is None:
                return
            limits = msgspec.structs.replace(row.limits, reached=kind, stopped=True)
            live.row = msgspec.structs.replace(row, limits=limits)
            work.transactions.save(live.row)
