"""What an ended transaction amounts to, and what keeps it from being billed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.ledger import Point, effective, reckon, too_fast
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
        AnomalyKind.END_LOST,
    }
)
"""Anomalies of a transaction that hold it from billing until they are resolved."""
DERIVED = frozenset(
    {
        AnomalyKind.METER_WENT_BACK,
        AnomalyKind.METER_JUMP,
        AnomalyKind.METER_MISSING,
        AnomalyKind.UNAUTHORIZED_ENERGY,
        AnomalyKind.END_LOST,
        AnomalyKind.EVENTS_MISSING,
    }
)
"""Those that the facts alone decide: when later facts explain them, they are resolved without a person."""
BY_FACTS = "later messages of the station"


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
    problems = set(reckoning.problems)
    energy_wh = reckoning.energy_wh or 0.0
    if row.started_at and row.ended_at and too_fast(energy_wh, row.started_at, row.ended_at):
        problems.add(AnomalyKind.METER_JUMP)
    if row.verdict not in (None, Verdict.ACCEPTED) and energy_wh >= 1:
        problems.add(AnomalyKind.UNAUTHORIZED_ENERGY)
    if not live.saw_end:
        problems.add(AnomalyKind.END_LOST)  # closed by `services.gaps`, not by its station
    for kind in sorted(problems):
        await flags.raise_(
            work,
            inbound,
            kind,
            row.id,
            start_wh=row.meter_start_wh,
            stop_wh=row.meter_stop_wh,
            verdict=row.verdict,
        )
    if not live.complete:
        problems.add(
            AnomalyKind.EVENTS_MISSING
        )  # not raised here: what is missing may just be late
    held = await _explain(work, inbound, live, problems)
    live.row = msgspec.structs.replace(row, energy_wh=reckoning.energy_wh, held=held, power_w=0.0)
    work.transactions.save(live.row)


async def _explain(
    work: Work, inbound: Inbound, live: LiveTransaction, problems: set[AnomalyKind]
) -> bool:
    """Resolve what later facts have explained; whether anything still holds the transaction."""
    transaction = live.row.id
    flagged = inbound.live.flagged or set()
    for anomaly in await work.anomalies.open_of(transaction):
        if anomaly.kind in DERIVED and anomaly.kind not in problems:
            work.anomalies.save(
                msgspec.structs.replace(anomaly, resolved_at=inbound.at, resolved_by=BY_FACTS)
            )
            flagged.discard((str(anomaly.kind), transaction))
        else:
            flagged.add((str(anomaly.kind), transaction))
    inbound.live.flagged = flagged
    return any(kind in HOLDING for kind, of in flagged if of == transaction)
