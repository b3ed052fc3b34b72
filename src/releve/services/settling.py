"""What an ended transaction amounts to, and what keeps it from being billed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.ledger import Point, effective, reckon
from releve.domain.meter import MeterSample
from releve.domain.token import Verdict
from releve.services.flags import Flags
from releve.services.live import Inbound, LiveTransaction
from releve.services.ports import Work

HOLDING = frozenset(
    {
        AnomalyKind.METER_WENT_BACK,
        AnomalyKind.METER_JUMP,
        AnomalyKind.METER_MISSING,
        AnomalyKind.STOP_WITHOUT_START,
        AnomalyKind.STOP_UNMATCHED,
        AnomalyKind.CLOCK_IMPLAUSIBLE,
        AnomalyKind.UNAUTHORIZED_ENERGY,
    }
)
"""Anomalies of a transaction that hold it from billing until a person has resolved them."""


async def settle_energy(
    work: Work,
    flags: Flags,
    inbound: Inbound,
    live: LiveTransaction,
    samples: Sequence[MeterSample] = (),
) -> None:
    """Derive the energy of an ended transaction from all its registers, flag what does not fit, and save its row.

    samples: those of this very unit of work, which the store does not show yet.
    """
    row = live.row
    points = await work.samples.registers(row.id)
    points += [
        Point(effective(s.at, inbound.at), s.energy_wh) for s in samples if s.energy_wh is not None
    ]
    reckoning = reckon(row.meter_start_wh, row.meter_stop_wh, points)
    held = row.held
    for kind in reckoning.problems:
        held |= kind in HOLDING
        await flags.raise_(
            work, inbound, kind, row.id, start_wh=row.meter_start_wh, stop_wh=row.meter_stop_wh
        )
    refused = row.verdict is not None and row.verdict is not Verdict.ACCEPTED
    if refused and reckoning.energy_wh:
        held = True
        await flags.raise_(
            work,
            inbound,
            AnomalyKind.UNAUTHORIZED_ENERGY,
            row.id,
            verdict=row.verdict,
            energy_wh=reckoning.energy_wh,
        )
    live.row = msgspec.structs.replace(row, energy_wh=reckoning.energy_wh, held=held, power_w=0.0)
    work.transactions.save(live.row)
