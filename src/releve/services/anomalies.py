"""Anomalies are resolved by people."""

from __future__ import annotations

import msgspec

from releve.domain.anomaly import Anomaly
from releve.domain.ids import AnomalyId, OperatorId
from releve.services.errors import NotFound, NotNow
from releve.services.ports import Clock, Presence, Store, Work
from releve.services.settling import HOLDING


class AnomalyDesk:
    def __init__(self, store: Store, clock: Clock, presence: Presence) -> None:
        self._store = store
        self._clock = clock
        self._presence = presence

    async def resolve(
        self, operator: OperatorId, anomaly: AnomalyId, *, by: str, note: str = ""
    ) -> Anomaly:
        """Mark as seen to. A transaction that only this one held is released for billing."""
        async with self._store.work(operator) as work:
            found = await work.anomalies.get(anomaly)
            if found is None:
                raise NotFound("There is no such anomaly.")
            if found.resolved_at is not None:
                raise NotNow("This anomaly is resolved already.")
            resolved = msgspec.structs.replace(
                found, resolved_at=self._clock.now(), resolved_by=by, note=note[:1000]
            )
            work.anomalies.save(resolved)
            await self._release(work, resolved)
        return resolved

    async def _release(self, work: Work, resolved: Anomaly) -> None:
        live = self._presence.live(resolved.station)
        if live is not None and live.flagged is not None:
            live.flagged.discard((str(resolved.kind), resolved.transaction))
        if resolved.transaction is None:
            return
        others = [
            a
            for a in await work.anomalies.open_of(resolved.transaction)
            if a.id != resolved.id and a.kind in HOLDING
        ]
        row = await work.transactions.get(resolved.transaction)
        if row is None or others:
            return
        known = live.transactions.get(row.reference) if live is not None else None
        released = msgspec.structs.replace(known.row if known is not None else row, held=False)
        work.transactions.save(released)
        if known is not None:
            known.row = released
