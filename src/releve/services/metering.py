"""J: meter values, attached to their transaction when they have one, and kept as they came."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.events import MeterSampled
from releve.domain.ids import TransactionId
from releve.domain.ledger import effective, running_energy
from releve.domain.meter import MeterSample
from releve.domain.transaction import Transaction, TransactionState
from releve.services.breath import BREATH
from releve.services.costs import Costs
from releve.services.digests import digest_63
from releve.services.flags import Flags, in_time
from releve.services.live import Inbound, LiveTransaction, find_transaction
from releve.services.ports import Store, Work
from releve.services.settling import settle_energy

AT_ONCE = 20
"""Samples taken without a pause: what a station kept while it was offline must not hold up the others."""


class Metering:
    def __init__(self, store: Store, flags: Flags, costs: Costs) -> None:
        self._store = store
        self._flags = flags
        self._costs = costs

    async def sampled(
        self, inbound: Inbound, evse: int, reference: str | None, samples: Sequence[MeterSample]
    ) -> None:
        """Keep MeterValues. reference: the transaction that the station names, None for none.

        Values of an ended transaction are still its own (1.6 4.7); values without one belong to the EVSE only, even
        while one runs there: clock-aligned samples name their transaction when they have one.
        """
        station = inbound.station
        async with self._store.work(station.operator) as work:
            live = None
            if reference is not None:
                # Nearly always in memory: then it costs no coroutine.
                live = inbound.live.transactions.get(reference)
                live = live or await find_transaction(work, inbound.live, reference)
            if reference is not None and live is None:
                await self._flags.raise_(
                    work, inbound, AnomalyKind.FOREIGN_TRANSACTION, reference=reference, evse=evse
                )
            if live is not None and live.bill is None:  # the first of its messages since a restart
                await self._costs.open(work, inbound, live)
            self.take(work, inbound, evse, live, samples[:AT_ONCE])
            for at in range(AT_ONCE, len(samples), AT_ONCE):
                await BREATH
                self.take(work, inbound, evse, live, samples[at : at + AT_ONCE])
            if live is not None and live.row.state is TransactionState.ENDED:
                await settle_energy(work, self._flags, inbound, live, samples)
                await self._costs.settle(work, inbound, live, samples)
            elif live is not None:
                work.transactions.save(live.row)
            for sample in samples:
                if not in_time(sample.at, inbound.at, None):
                    await self._flags.check_clock(work, inbound, sample.at, None)

    def take(
        self,
        work: Work,
        inbound: Inbound,
        evse: int,
        live: LiveTransaction | None,
        samples: Sequence[MeterSample],
    ) -> None:
        """Write samples and derive the transaction's latest values. The caller saves the transaction's row."""
        station = inbound.station
        transaction = live.row.id if live is not None else None
        watched = work.wants(MeterSampled)
        for sample in samples:
            if not sample.readings:
                continue
            work.samples.add(
                station.id, evse, transaction, sample, inbound.at, digest_63(sample.readings)
            )
            if live is not None:
                live.row = with_latest(live.row, sample, inbound.at)
                if live.bill is not None:
                    live.bill.sampled(live.row, sample, inbound.at)
            if watched:
                work.announce(_sampled(inbound, evse, transaction, sample))


def _sampled(
    inbound: Inbound, evse: int, transaction: TransactionId | None, sample: MeterSample
) -> MeterSampled:
    station = inbound.station
    return MeterSampled(
        operator=station.operator,
        station=station.id,
        identity=station.identity,
        at=inbound.at,
        evse=evse,
        transaction=transaction,
        sampled_at=sample.at,
        energy_wh=sample.energy_wh,
        power_w=sample.power_w,
        current_a=sample.current_a,
        soc_pct=sample.soc_pct,
    )


def with_latest(row: Transaction, sample: MeterSample, received_at: datetime) -> Transaction:
    """A transaction's row with a sample taken into account, when it is the latest one by the station's time.

    Ties go to the higher register, so that the order of arrival does not matter.
    """
    at = effective(sample.at, received_at)
    if row.meter_last_at is not None and at < row.meter_last_at:
        return row
    energy = sample.energy_wh
    last = row.meter_last_wh
    if energy is not None and (last is None or row.meter_last_at != at or energy > last):
        last = energy
    return msgspec.structs.replace(
        row,
        meter_last_wh=last,
        meter_last_at=at,
        energy_wh=row.energy_wh
        if row.state is TransactionState.ENDED
        else running_energy(row.meter_start_wh, last),
        power_w=sample.power_w if sample.power_w is not None else row.power_w,
        soc_pct=sample.soc_pct if sample.soc_pct is not None else row.soc_pct,
    )
