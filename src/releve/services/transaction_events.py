"""E, the way of 2.x: TransactionEvent. Events come twice, late, out of order, or never; rows are merged from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from releve.domain.anomaly import Anomaly, AnomalyKind
from releve.domain.events import TransactionUpdated
from releve.domain.ids import AnomalyId, OperatorId, TransactionId
from releve.domain.ledger import effective, running_energy
from releve.domain.meter import MeterSample
from releve.domain.station import ChargingState
from releve.domain.token import IdToken, Judgement
from releve.domain.transaction import EventKind, Transaction, TransactionState
from releve.services.digests import digest
from releve.services.flags import in_time
from releve.services.live import Inbound, LiveTransaction, find_transaction
from releve.services.ports import Work
from releve.services.settling import settle_energy
from releve.services.transaction_steps import Steps

TRANSACTION_BEGIN = "Transaction.Begin"
TRANSACTION_END = "Transaction.End"
STOP_AUTHORIZED = "StopAuthorized"


class Report(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A TransactionEvent. Absent values were not sent: each is told once, in any event (E01, E02, E03)."""

    kind: EventKind
    reference: str
    seq_no: int
    at: datetime
    trigger: str
    offline: bool = False
    evse: int | None = None
    connector: int | None = None
    token: IdToken | None = None
    charging: ChargingState | None = None
    stop_reason: str | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    samples: tuple[MeterSample, ...] = ()


class TransactionEvents:
    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def report(self, inbound: Inbound, report: Report) -> Judgement | None:
        """Take an event in. The judgement answers its token (E02.FR.02, E05.FR.01); None without one."""
        content = _digest(report)
        async with self._steps.store.work(inbound.station.operator) as work:
            # Each "or await" stands for a coroutine that most events do without.
            live = inbound.live.transactions.get(report.reference)
            live = live or await find_transaction(work, inbound.live, report.reference)
            if live is None:
                live = self._create(work, inbound, report)
            elif not live.follows(report.seq_no):
                seen = await self._seen(work, live, report.seq_no)
                if content in seen:
                    return await self._judge(work, inbound, live, report, replay=True)
                if seen:
                    await self._contradiction(work, inbound, live, report, content)
                    return await self._judge(work, inbound, live, report, replay=True)
            judgement = None
            if report.token is not None:
                judgement = await self._judge(work, inbound, live, report, replay=False)
            await self._take(work, inbound, live, report, content, judgement)
            return judgement

    async def _seen(self, work: Work, live: LiveTransaction, seq_no: int) -> set[str]:
        """Digests of the events that came under this number; the store is asked only when memory cannot know."""
        if live.recent is not None and seq_no in live.recent:
            return {live.recent[seq_no]}
        if live.highest is None or live.lowest is None or not live.lowest <= seq_no <= live.highest:
            return set()
        if live.missing is not None and seq_no in live.missing:
            return set()
        facts = await work.transactions.facts(live.row.id)
        return {fact.digest for fact in facts if fact.seq_no == seq_no}

    def _create(self, work: Work, inbound: Inbound, report: Report) -> LiveTransaction:
        """Any event may be the first that arrives: the start may be lost, or late (E01, E04)."""
        row = Transaction(
            id=TransactionId(self._steps.ids.next()),
            operator=inbound.station.operator,
            station=inbound.station.id,
            reference=report.reference,
            received_at=inbound.at,
        )
        work.transactions.add(row)
        return inbound.live.remember(row)

    async def _contradiction(
        self, work: Work, inbound: Inbound, live: LiveTransaction, report: Report, content: str
    ) -> None:
        """Another content under a number that was seen: kept as a fact, without effect, and shown."""
        self._fact(work, inbound, live.row, report, content)
        await self._steps.flags.raise_(
            work, inbound, AnomalyKind.REPLAY_DIFFERS, live.row.id, seq_no=report.seq_no
        )

    def _fact(
        self, work: Work, inbound: Inbound, row: Transaction, report: Report, content: str
    ) -> None:
        self._steps.fact(
            work,
            inbound,
            row,
            report.kind,
            report.at,
            content,
            report.trigger,
            seq_no=report.seq_no,
            offline=report.offline,
            charging=report.charging or "",
        )

    async def _judge(
        self, work: Work, inbound: Inbound, live: LiveTransaction, report: Report, *, replay: bool
    ) -> Judgement | None:
        if report.token is None:
            return None
        authorization = self._steps.authorization
        if _stops(report) or replay or live.row.state is not TransactionState.ACTIVE:
            judgement, _ = await authorization.judge(work, inbound.live, report.token, inbound.at)
            same = live.row.token is not None and report.token.key == live.row.token.casefold()
            if replay and same and live.row.verdict is not None and not _stops(report):
                return msgspec.structs.replace(judgement, verdict=live.row.verdict)
            return judgement
        return await authorization.may_begin(
            work, inbound.live, report.token, inbound.at, live.row.id
        )

    async def _take(
        self,
        work: Work,
        inbound: Inbound,
        live: LiveTransaction,
        report: Report,
        content: str,
        judgement: Judgement | None,
    ) -> None:
        before = live.row
        newest = live.highest is None or report.seq_no > live.highest
        live.note(report.seq_no, content)
        live.saw_start |= report.kind is EventKind.STARTED
        live.saw_end |= report.kind is EventKind.ENDED
        live.row = self._merged(inbound, live, report, judgement, newest=newest)
        if live.row.state is TransactionState.ACTIVE and before.evse is None:
            live.row = await self._steps.displace(work, inbound, live.row)
        self._fact(work, inbound, live.row, report, content)
        self._steps.metering.take(work, inbound, live.row.evse or 0, live, report.samples)
        if not in_time(report.at, inbound.at, report.offline):
            await self._steps.flags.check_clock(work, inbound, report.at, report.offline)
        if report.kind is EventKind.STARTED:
            await self._steps.check_start(
                work, inbound, live.row, report.at, offline=report.offline
            )
        await self._announce(work, inbound, live, report, before)
        self._show_charging(work, inbound, live.row, newest=newest)

    async def _announce(
        self,
        work: Work,
        inbound: Inbound,
        live: LiveTransaction,
        report: Report,
        before: Transaction,
    ) -> None:
        """Save the row, with its energy settled when it has ended, and tell whom it concerns."""
        if live.row.state is TransactionState.ENDED:
            await settle_energy(work, self._steps.flags, inbound, live, report.samples)
            if before.state is not TransactionState.ENDED:
                self._steps.announce_ended(work, inbound, live.row)
            return
        work.transactions.save(live.row)
        if report.kind is EventKind.STARTED:
            self._steps.announce_began(work, inbound, live.row)
        elif live.row.charging != before.charging or live.row.token != before.token:
            self._steps.announce(work, inbound, live.row, TransactionUpdated)

    def _show_charging(
        self, work: Work, inbound: Inbound, row: Transaction, *, newest: bool
    ) -> None:
        """The EVSE's charging state is that of its transaction's latest event."""
        if newest and row.evse is not None:
            self._steps.availability.charging(work, inbound, row.evse, row.connector, row.charging)

    def _merged(
        self,
        inbound: Inbound,
        live: LiveTransaction,
        report: Report,
        judgement: Judgement | None,
        *,
        newest: bool,
    ) -> Transaction:
        """The row with what this event adds; what it leaves out stays as it was."""
        row, at = live.row, effective(report.at, inbound.at)
        changes = _told(row, report, newest=newest)
        if report.kind is EventKind.STARTED:
            changes["started_at"] = at
        if changes:
            row = msgspec.structs.replace(row, **changes)
        row = _with_token(row, live, report, judgement)
        row = _with_registers(row, report)
        if report.kind is EventKind.ENDED:
            stopping = report.token if _stops(report) else None
            row = self._steps.ended(
                row, at=at, reason=report.stop_reason, stop_wh=None, token=stopping
            )
        energy_wh = row.energy_wh
        if row.state is not TransactionState.ENDED:
            energy_wh = running_energy(row.meter_start_wh, row.meter_last_wh)
        if energy_wh != row.energy_wh or live.complete != row.complete:
            row = msgspec.structs.replace(row, energy_wh=energy_wh, complete=live.complete)
        return row

    async def settle(self, operator: OperatorId, before: datetime, now: datetime) -> int:
        """Flag transactions that ended before `before` and whose events did not all come (seqNo counts up)."""
        flagged = 0
        async with self._steps.store.work(operator) as work:
            for row in await work.transactions.unfinished(before):
                kind = AnomalyKind.EVENTS_MISSING
                if await work.anomalies.open(row.station, kind, row.id) is not None:
                    continue
                work.anomalies.add(
                    Anomaly(
                        id=AnomalyId(self._steps.ids.next()),
                        operator=operator,
                        station=row.station,
                        transaction=row.id,
                        kind=kind,
                        detail={"reference": row.reference},
                        seen_at=now,
                    )
                )
                flagged += 1
        return flagged


def _stops(report: Report) -> bool:
    """Whether the event's token is the one that stopped, not the one that began (E07)."""
    return report.trigger == STOP_AUTHORIZED


def _told(row: Transaction, report: Report, *, newest: bool) -> dict[str, Any]:
    """The fields of the row that an event changes. Most change none: then the row need not be copied."""
    changes: dict[str, Any] = {}
    if report.evse is not None and report.evse != row.evse:
        changes["evse"] = report.evse
    if report.connector is not None and report.connector != row.connector:
        changes["connector"] = report.connector
    if report.offline and not row.offline:
        changes["offline"] = True
    if newest and report.charging is not None and report.charging is not row.charging:
        changes["charging"] = report.charging
    if report.remote_start_id is not None:
        changes["remote_start_id"] = report.remote_start_id
    if report.reservation_id is not None:
        changes["reservation_id"] = report.reservation_id
    return changes


def _with_token(
    row: Transaction, live: LiveTransaction, report: Report, judgement: Judgement | None
) -> Transaction:
    """The token that began is that of the earliest event that carries one; a later one only stops (E07)."""
    if report.token is None or judgement is None:
        return row
    if _stops(report):
        return msgspec.structs.replace(row, stop_token=report.token.value)
    if live.token_seq is not None and report.seq_no > live.token_seq:
        return row
    if row.token is not None and live.token_seq is None:
        return row  # loaded from the store: known from before
    live.token_seq = report.seq_no
    return msgspec.structs.replace(
        row,
        token=report.token.value,
        token_type=report.token.type,
        token_group=judgement.group,
        verdict=judgement.verdict,
    )


def _with_registers(row: Transaction, report: Report) -> Transaction:
    """Registers at start and end: the readings marked so, else those of the first and the last event."""
    begin = _register(report.samples, TRANSACTION_BEGIN)
    end = _register(report.samples, TRANSACTION_END)
    if begin is None and report.kind is EventKind.STARTED and report.samples:
        begin = report.samples[0].energy_wh
    if end is None and report.kind is EventKind.ENDED and report.samples:
        end = report.samples[-1].energy_wh
    if begin is None and end is None:
        return row
    return msgspec.structs.replace(
        row,
        meter_start_wh=row.meter_start_wh if begin is None else begin,
        meter_stop_wh=row.meter_stop_wh if end is None else end,
    )


def _register(samples: Sequence[MeterSample], context: str) -> float | None:
    for sample in samples:
        for reading in sample.readings:
            if reading.context == context and sample.energy_wh is not None:
                return sample.energy_wh
    return None


def _digest(report: Report) -> str:
    """Of the content without `offline`: a queued event becomes an offline one by the time it is sent again."""
    return digest(
        report.kind,
        report.at,
        report.trigger,
        report.evse,
        report.token,
        report.charging,
        report.stop_reason,
        report.samples,
    )
