"""E, the way of 2.x: TransactionEvent. Events come twice, late, out of order, or never; rows are merged from them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from releve.domain.anomaly import Anomaly, AnomalyKind
from releve.domain.events import TransactionUpdated
from releve.domain.ids import AnomalyId, OperatorId, TransactionId
from releve.domain.ledger import effective, running_energy
from releve.domain.token import DIRECT_PAYMENT, Judgement
from releve.domain.transaction import EventKind, Transaction, TransactionState
from releve.services.flags import in_time
from releve.services.live import Inbound, LiveTransaction, find_transaction
from releve.services.ports import Work
from releve.services.settling import settle_energy
from releve.services.transaction_report import (
    Answer,
    Report,
    answer_of,
    concerns_driver,
    digest_of,
    next_notice,
    stops,
    told,
    with_registers,
    with_token,
)
from releve.services.transaction_steps import Steps


class TransactionEvents:
    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    async def report(self, inbound: Inbound, report: Report) -> Answer | None:
        """Take an event in; every event is answered (J02.FR.19). None: with nothing but that it was taken in."""
        content = digest_of(report)
        async with self._steps.store.work(inbound.station.operator) as work:
            # Each "or await" stands for a coroutine that most events do without.
            live = inbound.live.transactions.get(report.reference)
            live = live or await find_transaction(work, inbound.live, report.reference)
            if live is None:
                live = self._create(work, inbound, report)
            elif not live.follows(report.seq_no):
                seen = await self._seen(work, live, report.seq_no)
                if seen:
                    if content not in seen:
                        await self._contradiction(work, inbound, live, report, content)
                    return await self._again(work, inbound, live, report)
            judgement = None
            if report.token is not None:
                judgement = await self._judge(work, inbound, live, report, replay=False)
            return await self._take(work, inbound, live, report, content, judgement)

    async def _again(
        self, work: Work, inbound: Inbound, live: LiveTransaction, report: Report
    ) -> Answer | None:
        """The answer to an event that came before, the same as then: it may have been lost on the way."""
        judgement = await self._judge(work, inbound, live, report, replay=True)
        limit = self._steps.limits.again(live, report.seq_no)
        notice = live.row.notice
        if notice is not None and notice.told_in != report.seq_no:
            notice = None
        return answer_of(judgement, limit, notice)

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
        if stops(report) or replay or live.row.state is not TransactionState.ACTIVE:
            judgement, _ = await authorization.judge(work, inbound.live, report.token, inbound.at)
            same = live.row.token is not None and report.token.key == live.row.token.casefold()
            if replay and same and live.row.verdict is not None and not stops(report):
                return msgspec.structs.replace(judgement, verdict=live.row.verdict)
            return judgement
        evse = report.evse or live.row.evse
        return await authorization.may_begin(
            work, inbound.live, report.token, inbound.at, live.row.id, evse
        )

    async def _take(
        self,
        work: Work,
        inbound: Inbound,
        live: LiveTransaction,
        report: Report,
        content: str,
        judgement: Judgement | None,
    ) -> Answer | None:
        before = live.row
        newest = live.highest is None or report.seq_no > live.highest
        live.note(report.seq_no, content)
        if live.missing is not None:
            suspect = (inbound.station.id, report.reference)
            self._steps.suspects.setdefault(suspect, inbound.at)
        live.saw_start |= report.kind is EventKind.STARTED
        live.saw_end |= report.kind is EventKind.ENDED
        live.row = self._merged(inbound, live, report, judgement, newest=newest)
        if live.row.state is TransactionState.ACTIVE and before.evse is None:
            live.row = await self._steps.displace(work, inbound, live.row)
        self._fact(work, inbound, live.row, report, content)
        if live.bill is None or live.bill.token != live.row.token:
            await self._steps.costs.open(work, inbound, live)
        if live.bill is not None and report.charging is not None:
            live.bill.note_state(effective(report.at, inbound.at), report.charging)
        self._steps.metering.take(work, inbound, live.row.evse or 0, live, report.samples)
        answer = None
        if concerns_driver(live.row, report, judgement):
            answer = await self._for_driver(work, inbound, live, report, judgement)
        if not in_time(report.at, inbound.at, report.offline):
            await self._steps.flags.check_clock(work, inbound, report.at, report.offline)
        if report.kind is EventKind.STARTED:
            await self._steps.check_start(
                work, inbound, live.row, report.at, offline=report.offline
            )
        await self._announce(work, inbound, live, report, before)
        self._show_charging(work, inbound, live.row, newest=newest)
        return answer

    async def _for_driver(
        self,
        work: Work,
        inbound: Inbound,
        live: LiveTransaction,
        report: Report,
        judgement: Judgement | None,
    ) -> Answer | None:
        """What the answer says beside that the event was taken in; and the reservation that the event used."""
        if report.reservation_id is not None:
            await self._steps.used(work, inbound, report.reservation_id, live.row)
        required = None if judgement is None or stops(report) else judgement.limit
        if live.row.token_type == DIRECT_PAYMENT:
            await self._steps.settlements.began(work, inbound, live.row)
        if report.remote_start_id is not None:  # F07.FR.02
            asked = self._steps.remote_limit(inbound, report.remote_start_id)
            required = asked.lowest(required) if asked is not None else required
        limit = None
        if not (live.row.limits is None and report.limit is None and required is None):
            limit = await self._steps.limits.weigh(
                work,
                inbound,
                live,
                seq_no=report.seq_no,
                reported=report.limit,
                required=required,
                trigger=report.trigger,
                offline=report.offline,
                answers=report.answers_limits,
            )
        return answer_of(judgement, limit, next_notice(live, report))

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
            await self._steps.costs.settle(work, inbound, live, report.samples)
            await self._steps.settlements.ended(work, inbound, live.row)
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
        changes = told(row, report, newest=newest)
        if report.kind is EventKind.STARTED:
            changes["started_at"] = at
        if changes:
            row = msgspec.structs.replace(row, **changes)
        row = with_token(row, live, report, judgement)
        row = with_registers(row, report)
        if report.kind is EventKind.ENDED:
            stopping = report.token if stops(report) else None
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
