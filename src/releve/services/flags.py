"""Raising anomalies: once for each kind and transaction, however often the cause repeats."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from releve.domain.anomaly import Anomaly, AnomalyKind
from releve.domain.events import AnomalySeen
from releve.domain.ids import AnomalyId, TransactionId
from releve.domain.ledger import PLAUSIBLE_FROM, plausible
from releve.services.live import Inbound
from releve.services.ports import Ids, Work


class Flags:
    """Writes anomalies into a unit of work."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    async def raise_(
        self,
        work: Work,
        inbound: Inbound,
        kind: AnomalyKind,
        transaction: TransactionId | None = None,
        **detail: Any,
    ) -> None:
        """Flag `kind`, unless the same one is open already. detail: JSON values for the operator."""
        live = inbound.live
        key = (str(kind), transaction)
        if live.flagged is not None and key in live.flagged:
            return
        live.flagged = (live.flagged or set()) | {key}
        station = live.station
        if await work.anomalies.open(station.id, kind, transaction) is not None:
            return
        work.anomalies.add(
            Anomaly(
                id=AnomalyId(self._ids.next()),
                operator=station.operator,
                station=station.id,
                transaction=transaction,
                kind=kind,
                detail={**detail, "message": inbound.action, "message_id": inbound.message_id},
                seen_at=inbound.at,
            )
        )
        work.announce(
            AnomalySeen(
                operator=station.operator,
                station=station.id,
                identity=station.identity,
                at=inbound.at,
                kind=kind,
                transaction=transaction,
                detail=detail,
            )
        )

    async def check_clock(
        self, work: Work, inbound: Inbound, at: Any, offline: bool | None
    ) -> None:
        """Flag a station's time that cannot be right. offline None: the version does not say (1.6).

        Hot callers ask `in_time` first and come here only when the answer is no.
        """
        if not plausible(at, inbound.at):
            await self.raise_(work, inbound, AnomalyKind.CLOCK_IMPLAUSIBLE, reported=at.isoformat())
            return
        ahead = (at - inbound.at).total_seconds()
        if ahead > SKEW_S or (offline is False and ahead < -SKEW_S):
            await self.raise_(
                work, inbound, AnomalyKind.CLOCK_SKEW, reported=at.isoformat(), ahead_s=round(ahead)
            )


SKEW_S = 300.0
"""A clock is called wrong beyond this; stations are set by each heartbeat and boot."""
_SKEW = timedelta(seconds=SKEW_S)


def in_time(at: datetime, received_at: datetime, offline: bool | None) -> bool:
    """Whether a station's time needs no flag (`Flags.check_clock`)."""
    ahead = at - received_at
    if ahead > _SKEW or at < PLAUSIBLE_FROM:
        return False
    return offline is not False or ahead >= -_SKEW
