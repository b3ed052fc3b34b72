"""I02: the running cost at an interval, for drivers whose station sends no events that could be answered with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from releve.domain.commands import Outcome, Result
from releve.domain.ids import OperatorId, TransactionId
from releve.domain.tariff_commands import CostUpdated
from releve.domain.transaction import TransactionState
from releve.services.commands import Commands
from releve.services.costs import Costs
from releve.services.errors import NotNow
from releve.services.live import LiveStation, LiveTransaction
from releve.services.ports import Caller


class CostTelling:
    def __init__(self, costs: Costs, commands: Commands, caller: Caller) -> None:
        self._costs = costs
        self._commands = commands
        self._caller = caller

    def due(self, live: LiveStation, now: datetime, every: timedelta) -> bool:
        """Whether a driver at this station has to be told."""
        registered = live.station.registered
        return registered and any(_due(t, now, every) for t in live.transactions.values())

    async def tell_due(self, live: LiveStation, now: datetime, every: timedelta) -> int:
        """Send CostUpdated for each running transaction of a station whose driver has not been told for `every`, if
        the cost has changed; how many were sent. Not written to the events: it says nothing that the row does not."""
        told = 0
        for transaction in [t for t in live.transactions.values() if _due(t, now, every)]:
            bill = transaction.bill
            total = bill.total if bill is not None else None
            if bill is None or total is None:
                continue
            command = CostUpdated(reference=transaction.row.reference, total=total)
            outcome = await self._caller.perform(live.station.id, command)
            bill.told_at = now
            if outcome.result is Result.ANSWERED:
                bill.told = total
                told += 1
            elif outcome.result in (Result.UNSUPPORTED, Result.ERROR):
                bill.mute = True  # it has no such message: asking again would be noise
        return told

    async def tell(
        self,
        operator: OperatorId,
        transaction: TransactionId,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Show the driver the cost so far, now (I02.FR.01)."""
        row, cost = await self._costs.of(operator, transaction)
        if row.state is TransactionState.ENDED:
            raise NotNow("This transaction has ended already.")
        if cost is None:
            raise NotNow("No tariff applies to this transaction: there is no cost to show.")
        command = CostUpdated(reference=row.reference, total=cost.total)
        return await self._commands.perform(operator, row.station, command, by=by, timeout=timeout)


def _due(transaction: LiveTransaction, now: datetime, every: timedelta) -> bool:
    bill = transaction.bill
    if bill is None or not bill.tariffs or bill.mute or not transaction.active:
        return False
    if bill.told_at is not None and now - bill.told_at < every:
        return False
    return bill.total != bill.told
