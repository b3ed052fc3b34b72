"""The numbers on top of the overview."""

from __future__ import annotations

import asyncio
from typing import Any

from sqlalchemy import Select, func, select

from releve.domain.ids import OperatorId
from releve.domain.station import Connectivity, ConnectorStatus
from releve.services.views import Summary
from releve.storage.catalogue.base import Part
from releve.storage.tables import anomalies, evses, stations, transactions
from releve.storage.tables.charging import ACTIVE
from releve.storage.times import midnight_us

s, e, t = stations.c, evses.c, transactions.c


class SummaryCatalogue(Part):
    """The overview."""

    async def summary(self, operator: OperatorId) -> Summary:
        """Counts and sums over the operator's stations; those in quarantine are counted apart."""
        today = midnight_us(self._clock.now())
        (
            line,
            ((charging, power_w, going_wh),),
            faulted,
            ended_wh,
            begun,
            trouble,
        ) = await asyncio.gather(
            self._stations(operator),
            self._rows(_going(operator)),
            self._number(_faulted(operator)),
            self._number(_ended_wh(operator, today)),
            self._number(_begun(operator, today)),
            self._number(_trouble(operator)),
        )
        return Summary(
            **line,
            faulted=int(faulted),
            charging=charging,
            power_w=float(power_w or 0),
            energy_today_wh=float(ended_wh) + float(going_wh or 0),
            transactions_today=int(begun),
            open_anomalies=int(trouble),
        )

    async def _stations(self, operator: OperatorId) -> dict[str, int]:
        found = dict.fromkeys(("stations", *Connectivity, "quarantined"), 0)
        rows = await self._rows(
            select(s.online_state, s.quarantined, func.count())
            .where(s.operator_id == operator, s.removed_at.is_(None))
            .group_by(s.online_state, s.quarantined)
        )
        for line, quarantined, count in rows:
            if quarantined:
                found["quarantined"] += count
            else:
                found["stations"] += count
                found[line] += count
        return {str(name): count for name, count in found.items()}

    async def _number(self, statement: Any) -> float:
        row = await self._row(statement)
        return (row[0] if row else None) or 0


def _faulted(operator: OperatorId) -> Select[Any]:
    return (
        select(func.count(e.station_id.distinct()))
        .join(stations, s.id == e.station_id)
        .where(
            e.operator_id == operator,
            s.operator_id == operator,
            e.status == ConnectorStatus.FAULTED.value,
        )
    )


def _going(operator: OperatorId) -> Select[Any]:
    sums: tuple[Any, ...] = (func.count(), func.sum(t.power_w), func.sum(t.energy_wh))
    return select(*sums).where(ACTIVE, t.operator_id == operator)


def _ended_wh(operator: OperatorId, today: int) -> Select[Any]:
    return select(func.sum(t.energy_wh)).where(
        t.operator_id == operator, t.ended_at >= today, t.state != "active", t.held.is_(False)
    )


def _begun(operator: OperatorId, today: int) -> Select[Any]:
    return select(func.count()).where(t.operator_id == operator, t.sorted_at >= today)


def _trouble(operator: OperatorId) -> Select[Any]:
    a = anomalies.c
    return select(func.count()).where(a.operator_id == operator, a.resolved_at.is_(None))
