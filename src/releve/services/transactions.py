"""E: transactions are money. Facts are kept as they came, answered as the standard wants, and never guessed away.

1.6 tells a transaction by `begin` and `finish` (StartTransaction, StopTransaction); 2.x by `report` (TransactionEvent).
Both write the same rows by the same rules; the parts they share are in `transaction_steps`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.ids import OperatorId, TransactionId
from releve.domain.ledger import effective, plausible
from releve.domain.meter import MeterSample
from releve.domain.token import IdToken, Judgement
from releve.domain.transaction import EventKind, Transaction, TransactionState
from releve.services.digests import digest
from releve.services.live import Inbound, LiveTransaction, PendingStart, find_transaction
from releve.services.ports import Work
from releve.services.settling import settle_energy
from releve.services.transaction_events import TransactionEvents
from releve.services.transaction_report import Answer, Report
from releve.services.transaction_steps import Steps


class Begin(msgspec.Struct, frozen=True, kw_only=True):
    """A 1.6 StartTransaction. meter_wh: register, Wh. at: the station's time."""

    evse: int
    connector: int = 1
    token: IdToken
    meter_wh: float
    at: datetime
    reservation_id: int | None = None


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """transaction.reference is the decimal transactionId of 1.6."""

    transaction: Transaction
    judgement: Judgement


class Finish(msgspec.Struct, frozen=True, kw_only=True):
    """A 1.6 StopTransaction. reference: None without a usable id (null, -1, 0); `claimed` is what came."""

    reference: int | None
    claimed: str = ""
    token: IdToken | None = None
    meter_wh: float | None
    """None: the station's register could not be read."""
    at: datetime
    reason: str
    samples: tuple[MeterSample, ...] = ()


class Transactions:
    """The ledger, and the 1.6 way into it. `services.transaction_events` has the way of 2.x."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._events = TransactionEvents(steps)

    async def report(self, inbound: Inbound, report: Report) -> Answer | None:
        """Take a 2.x TransactionEvent in; see `TransactionEvents.report`."""
        return await self._events.report(inbound, report)

    # --- StartTransaction ---------------------------------------------------------------------------------------

    async def begin(self, inbound: Inbound, begin: Begin) -> Begun:
        """Open a transaction, even for a refused token: the station may have been offline, and a stop will follow.

        A replay, known by its content, gets the same complete answer as the first time (1.6 4.8, errata 3.x).
        """
        key = digest(begin.evse, begin.token.key, begin.at, begin.meter_wh)
        async with self._steps.store.work(inbound.station.operator) as work:
            known = await self._known_start(work, inbound, begin, key)
            if known is not None:
                judgement, _ = await self._steps.authorization.judge(
                    work, inbound.live, begin.token, inbound.at
                )
                verdict = known.verdict or judgement.verdict
                return Begun(
                    transaction=known, judgement=msgspec.structs.replace(judgement, verdict=verdict)
                )
            judgement = await self._steps.authorization.may_begin(
                work, inbound.live, begin.token, inbound.at, None, begin.evse
            )
            row = await self._open(work, inbound, begin, key, judgement)
            return Begun(transaction=row, judgement=judgement)

    async def _known_start(
        self, work: Work, inbound: Inbound, begin: Begin, key: str
    ) -> Transaction | None:
        """The transaction that this start opened before.

        A station whose clock stands still in 1970 and whose register restarts at 0 begins different transactions with
        the same content: once the first has ended, such a start is a new one.
        """
        known = None
        for live in inbound.live.transactions.values():
            if live.row.start_key == key:
                known = live.row
        known = known or await work.transactions.find_start(inbound.station.id, key)
        if known is None or known.state is TransactionState.ACTIVE:
            return known
        return known if plausible(begin.at, inbound.at) else None

    async def _open(
        self, work: Work, inbound: Inbound, begin: Begin, key: str, judgement: Judgement
    ) -> Transaction:
        asked = self._steps.remote_start(inbound, begin.token, begin.evse)
        row = Transaction(
            id=TransactionId(self._steps.ids.next()),
            operator=inbound.station.operator,
            station=inbound.station.id,
            reference=await self._number(work, inbound),
            evse=begin.evse,
            connector=begin.connector,
            token=begin.token.value,
            token_type=begin.token.type,
            token_group=judgement.group,
            verdict=judgement.verdict,
            started_at=effective(begin.at, inbound.at),
            received_at=inbound.at,
            start_key=key,
            remote_start_id=asked.remote_start_id if asked is not None else None,
            reservation_id=begin.reservation_id,
            meter_start_wh=begin.meter_wh,
            meter_last_wh=begin.meter_wh,
            meter_last_at=effective(begin.at, inbound.at),
            energy_wh=0.0,
        )
        row = await self._steps.displace(work, inbound, row)
        live = inbound.live.remember(row)
        live.saw_start = True
        await self._steps.costs.open(work, inbound, live, fresh=True)
        row = live.row
        work.transactions.add(row)
        self._steps.fact(work, inbound, row, EventKind.STARTED, begin.at, key)
        if begin.reservation_id is not None:
            await self._steps.used(work, inbound, begin.reservation_id, row)
        await self._limit(work, inbound, live, judgement, asked)
        await self._steps.check_start(work, inbound, row, begin.at, offline=None)
        self._steps.announce_began(work, inbound, live.row)
        return live.row

    async def _limit(
        self,
        work: Work,
        inbound: Inbound,
        live: LiveTransaction,
        judgement: Judgement,
        asked: PendingStart | None,
    ) -> None:
        """Take up the limit of the token or of the remote start. No message of 1.6 carries one: it is kept here."""
        required = judgement.limit
        if asked is not None and asked.limit is not None:
            required = asked.limit.lowest(required)
        if required is None:
            return
        await self._steps.limits.weigh(
            work,
            inbound,
            live,
            seq_no=None,
            reported=None,
            required=required,
            trigger="",
            offline=False,
            answers=False,
        )
        work.transactions.save(live.row)

    async def _number(self, work: Work, inbound: Inbound) -> str:
        """A free transactionId: random, so that no station can guess another's, never from the clock."""
        while True:
            reference = str(self._steps.ids.number())
            if reference in inbound.live.transactions:
                continue
            if await work.transactions.find(inbound.station.id, reference) is None:
                return reference

    # --- StopTransaction ----------------------------------------------------------------------------------------

    async def finish(self, inbound: Inbound, finish: Finish) -> Judgement | None:
        """End a transaction. A stop cannot be refused (1.6 4.10); the answer's judgement is about the stopping token.

        None: no token was presented, so the answer has no idTagInfo.
        """
        content = digest(finish.claimed, finish.at, finish.meter_wh, finish.reason)
        async with self._steps.store.work(inbound.station.operator) as work:
            live = await self._match(work, inbound, finish, content)
            if live is None:
                live = await self._orphan(work, inbound, finish, content)
            elif not live.saw_end:
                await self._close(work, inbound, live, finish, content)
            else:
                await self._again(work, inbound, live, content)
            if finish.token is None:
                return None
            judgement, _ = await self._steps.authorization.judge(
                work, inbound.live, finish.token, inbound.at
            )
            return judgement

    async def _match(
        self, work: Work, inbound: Inbound, finish: Finish, content: str
    ) -> LiveTransaction | None:
        if finish.reference is not None:
            return await find_transaction(work, inbound.live, str(finish.reference))
        replayed = await find_transaction(work, inbound.live, _orphan_reference(content))
        if replayed is not None:
            return replayed
        for live in inbound.live.transactions.values():
            if (
                live.saw_end
                and live.row.stop_reason == finish.reason
                and await self._has(work, live, content)
            ):
                return live
        fitting = [t for t in inbound.live.transactions.values() if _fits(t, finish, inbound)]
        if len(fitting) != 1:
            return None
        await self._steps.flags.raise_(
            work, inbound, AnomalyKind.STOP_WITHOUT_ID, fitting[0].row.id, claimed=finish.claimed
        )
        return fitting[0]

    async def _has(self, work: Work, live: LiveTransaction, content: str) -> bool:
        return any(fact.digest == content for fact in await work.transactions.facts(live.row.id))

    async def _again(
        self, work: Work, inbound: Inbound, live: LiveTransaction, content: str
    ) -> None:
        """A second stop of the same transaction: a replay, or one that says something else. The first one counts."""
        facts = await work.transactions.facts(live.row.id)
        if any(fact.digest == content for fact in facts):
            return
        self._steps.fact(work, inbound, live.row, EventKind.ENDED, inbound.at, content)
        await self._steps.flags.raise_(work, inbound, AnomalyKind.REPLAY_DIFFERS, live.row.id)

    async def _close(
        self, work: Work, inbound: Inbound, live: LiveTransaction, finish: Finish, content: str
    ) -> None:
        row = live.row
        if row.state is TransactionState.PRESUMED_ENDED:
            await self._steps.flags.raise_(work, inbound, AnomalyKind.END_AFTER_PRESUMED, row.id)
        live.row = row = self._steps.ended(
            row,
            at=effective(finish.at, inbound.at),
            reason=finish.reason,
            stop_wh=finish.meter_wh,
            token=finish.token,
        )
        live.saw_end = True
        self._steps.metering.take(work, inbound, row.evse or 0, live, finish.samples)
        live.row = msgspec.structs.replace(live.row, complete=live.complete)
        self._steps.fact(
            work, inbound, live.row, EventKind.ENDED, finish.at, content, finish.reason
        )
        await self._steps.flags.check_clock(work, inbound, finish.at, None)
        await settle_energy(work, self._steps.flags, inbound, live, finish.samples)
        await self._steps.costs.settle(work, inbound, live, finish.samples)
        await self._steps.settlements.ended(work, inbound, live.row)
        self._steps.announce_ended(work, inbound, live.row)

    async def _orphan(
        self, work: Work, inbound: Inbound, finish: Finish, content: str
    ) -> LiveTransaction:
        """Keep a stop that belongs to no known transaction as one without a start: its energy is unknown, and held."""
        kind = (
            AnomalyKind.STOP_UNMATCHED
            if finish.reference is None
            else AnomalyKind.STOP_WITHOUT_START
        )
        reference = (
            _orphan_reference(content) if finish.reference is None else str(finish.reference)
        )
        row = Transaction(
            id=TransactionId(self._steps.ids.next()),
            operator=inbound.station.operator,
            station=inbound.station.id,
            reference=reference,
            state=TransactionState.ENDED,
            received_at=inbound.at,
            held=True,
        )
        row = self._steps.ended(
            row,
            at=effective(finish.at, inbound.at),
            reason=finish.reason,
            stop_wh=finish.meter_wh,
            token=finish.token,
        )
        live = inbound.live.remember(row)
        live.saw_end = True
        work.transactions.add(row)
        self._steps.metering.take(work, inbound, 0, live, finish.samples)
        self._steps.fact(work, inbound, row, EventKind.ENDED, finish.at, content, finish.reason)
        await self._steps.flags.raise_(
            work, inbound, kind, row.id, claimed=finish.claimed, meter_stop_wh=finish.meter_wh
        )
        work.transactions.save(live.row)
        self._steps.announce_ended(work, inbound, live.row)
        return live

    # --- in the background --------------------------------------------------------------------------------------

    async def settle(self, operator: OperatorId, now: datetime, *, patience: timedelta) -> int:
        """Flag ended transactions whose events did not all come within `patience`; number of those newly flagged."""
        return await self._events.settle(operator, now - patience, now)


def _orphan_reference(content: str) -> str:
    return f"stop-{content[:16]}"


def _fits(live: LiveTransaction, finish: Finish, inbound: Inbound) -> bool:
    """Whether an open transaction may be the one that a stop without an id means."""
    row = live.row
    if live.saw_end or row.state is TransactionState.ENDED or row.started_at is None:
        return False
    if finish.token is not None and row.token is not None:
        same = finish.token.value.casefold() == row.token.casefold()
        if not same and row.token_group is None:
            return False
    if row.started_at > effective(finish.at, inbound.at):
        return False
    begun, ended = row.meter_start_wh, finish.meter_wh
    return begun is None or ended is None or begun <= ended
