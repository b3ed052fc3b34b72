"""E14: what is missing of a transaction is asked of its station, and settled by the answer.

A transaction with events missing, one that is presumed ended, and one that its station does not mention any more are
suspects. When the station is connected it is asked whether the transaction runs and whether messages about it wait:
then what is missing is waited for, given up and flagged, or the transaction is closed at its last reading.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from weakref import WeakSet

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.commands import Outcome, Result
from releve.domain.events import TransactionChecked, TransactionUpdated
from releve.domain.ids import CheckId, OperatorId, TransactionId
from releve.domain.station import Station
from releve.domain.transaction import Transaction, TransactionState
from releve.domain.transaction_check import (
    Finding,
    GetTransactionStatus,
    TransactionCheck,
    finding,
)
from releve.services.commands import Commands
from releve.services.errors import NotFound
from releve.services.lately import Lately
from releve.services.live import Inbound, LiveStation, LiveTransaction, find_transaction
from releve.services.ports import Clock, Ids, Presence, Store, Work
from releve.services.settling import settle_energy
from releve.services.transaction_steps import Steps

PATIENCE = timedelta(minutes=3)
"""How long events may be late before the station is asked: a queue that is being sent needs no question."""
AGAIN = timedelta(minutes=15)
"""After a station said that messages wait, or did not answer, it is asked again this much later."""
SILENCE = timedelta(hours=2)
"""A running transaction of a connected station that has not been heard of for so long is a suspect."""
MOST_AT_ONCE = 50


class Gaps:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        presence: Presence,
        commands: Commands,
        steps: Steps,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._presence = presence
        self._commands = commands
        self._steps = steps
        self._asked: Lately[TransactionId] = Lately(AGAIN)
        """Suspects that were asked about; those that are settled leave."""
        self._unable: WeakSet[LiveStation] = WeakSet()
        """Connections whose version has no such question."""

    async def check(
        self,
        operator: OperatorId,
        transaction: TransactionId,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> TransactionCheck:
        """Ask the station how a transaction stands, and act on the answer."""
        async with self._store.work(operator) as work:
            row = await work.transactions.get(transaction)
        if row is None:
            raise NotFound("There is no such transaction.")
        command = GetTransactionStatus(reference=row.reference)
        outcome = await self._commands.perform(
            operator, row.station, command, by=by, timeout=timeout
        )
        check = TransactionCheck(
            id=CheckId(self._ids.next()),
            operator=operator,
            station=row.station,
            transaction=transaction,
            at=self._clock.now(),
            by=by,
            finding=Finding.FAILED,
        )
        live = self._presence.live(row.station)
        if live is not None and outcome.result is Result.UNSUPPORTED:
            self._unable.add(live)
        async with self._store.work(operator) as work:
            if outcome.result is Result.ANSWERED and live is not None:
                ongoing, queued = told(outcome)
                check = msgspec.structs.replace(check, ongoing=ongoing, queued=queued)
                check = await self._settle(work, live, row, check)
            else:
                check = msgspec.structs.replace(check, description=_failure(outcome))
            work.checks.add(check)
            station = live.station if live is not None else await work.stations.get(row.station)
            if station is not None:
                self._announce(work, station, check)
        return check

    async def _settle(
        self, work: Work, station: LiveStation, row: Transaction, check: TransactionCheck
    ) -> TransactionCheck:
        """Do what the answer calls for."""
        live = await find_transaction(work, station, row.reference)
        if live is None:
            return check
        inbound = Inbound(station, check.at, "GetTransactionStatus", "", b"")
        found = finding(
            live.row.state,
            gaps=live.missing is not None or not live.saw_start,
            ended_for_sure=live.saw_end,
            ongoing=check.ongoing,
            queued=bool(check.queued),
        )
        if found is Finding.REOPENED and not self._reopen(work, inbound, live):
            found = Finding.RUNNING
        elif found is Finding.CLOSED:
            await self._close(work, inbound, live)
        elif found is Finding.LOST:
            await self._give_up(work, inbound, live)
        return msgspec.structs.replace(check, finding=found)

    def _reopen(self, work: Work, inbound: Inbound, live: LiveTransaction) -> bool:
        """Take it back as active, unless another one runs on its EVSE by the station's own account."""
        row = live.row
        if row.evse is not None and inbound.live.active_on(row.evse, but=row.id) is not None:
            return False
        live.row = msgspec.structs.replace(row, state=TransactionState.ACTIVE)
        work.transactions.save(live.row)
        self._steps.announce(work, inbound, live.row, TransactionUpdated)
        return True

    async def _close(self, work: Work, inbound: Inbound, live: LiveTransaction) -> None:
        """End it at its last reading: nothing more will come. Held, for its register at the end is not known."""
        if live.row.state is TransactionState.ENDED:
            return
        at = live.row.meter_last_at or live.row.started_at or live.row.received_at
        live.row = self._steps.ended(live.row, at=at, reason=None, stop_wh=None, token=None)
        await settle_energy(work, self._steps.flags, inbound, live)
        await self._steps.costs.settle(work, inbound, live)
        self._steps.limits.watch(live.row)
        self._steps.announce_ended(work, inbound, live.row)

    async def _give_up(self, work: Work, inbound: Inbound, live: LiveTransaction) -> None:
        """Flag what was lost for good."""
        missing = sorted(live.missing or ())
        await self._steps.flags.raise_(
            work,
            inbound,
            AnomalyKind.EVENTS_MISSING,
            live.row.id,
            reference=live.row.reference,
            missing=missing[:100],
            lost=True,
        )

    def _announce(self, work: Work, station: Station, check: TransactionCheck) -> None:
        work.announce(
            TransactionChecked(
                operator=check.operator,
                station=check.station,
                identity=station.identity,
                at=check.at,
                transaction=check.transaction,
                finding=check.finding,
                ongoing=check.ongoing,
                queued=check.queued,
            )
        )

    # --- in the background --------------------------------------------------------------------------------------

    async def sweep(self, operator: OperatorId, now: datetime) -> int:
        """Ask about suspects whose station is connected; number of questions."""
        async with self._store.work(operator) as work:
            suspects = await work.transactions.unfinished(now - PATIENCE)
            suspects += await work.transactions.presumed()
            suspects += await work.transactions.silent(now - SILENCE)
            suspects += self._unfilled(work, now)
            open_ = [
                row.id
                for row in suspects
                if await work.anomalies.open(row.station, AnomalyKind.EVENTS_MISSING, row.id)
            ]
        asked = 0
        for row in suspects:
            if asked >= MOST_AT_ONCE:
                break
            if row.id in open_ or not self._due(row, now):
                continue
            self._asked.note(row.id, now)
            check = await self.check(operator, row.id)
            asked += 1
            if check.finding not in (Finding.WAITING, Finding.FAILED, Finding.RUNNING):
                self._asked.forget(row.id)
        return asked

    def _due(self, row: Transaction, now: datetime) -> bool:
        live = self._presence.live(row.station)
        if live is None or live in self._unable:
            return False
        return not self._asked.count(row.id, now)

    def _unfilled(self, work: Work, now: datetime) -> list[Transaction]:
        """Active transactions of connected stations with a gap that was not filled in time."""
        found = []
        for (station, reference), since in list(self._steps.suspects.items()):
            live = self._presence.live(station)
            known = live.transactions.get(reference) if live is not None else None
            if known is None or known.missing is None or not known.active:
                del self._steps.suspects[(station, reference)]
            elif known.row.operator == work.operator and now - since >= PATIENCE:
                del self._steps.suspects[(station, reference)]
                found.append(known.row)
        return found


def told(outcome: Outcome) -> tuple[bool | None, bool]:
    """What a station answered: whether it runs (None: not told), whether messages wait."""
    details = outcome.details or {}
    return details.get("ongoing"), bool(details.get("queued"))


def _failure(outcome: Outcome) -> str:
    """Why there is no usable answer, in an operator's words; never empty."""
    return outcome.description or f"The call ended as {outcome.result}."
