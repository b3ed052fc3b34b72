"""Stations with what is known of their EVSEs: four queries for a page, whatever its length."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select

from releve.domain.ids import OperatorId
from releve.domain.station import ChargingState
from releve.services.views import EvseView, Page, StationFilter, StationView
from releve.storage.catalogue.base import Part, row_id
from releve.storage.paging import after, bounded, holds, page
from releve.storage.tables import anomalies, evses, stations, transactions
from releve.storage.tables.charging import ACTIVE
from releve.storage.tables.stations import QUARANTINED
from releve.storage.times import moment

s, e, t = stations.c, evses.c, transactions.c

_COLUMNS = (
    s.id,
    s.identity,
    s.name,
    s.site,
    s.online_state,
    s.online_since,
    s.last_heard_at,
    s.boot,
    s.registered,
    s.quarantined,
    s.disabled,
    s.version,
    s.vendor,
    s.model,
    s.serial,
    s.firmware,
    s.security_profile,
    s.credential,
    s.booted_at,
    s.created_at,
    s.heartbeat_s,
    s.peer,
    s.identity_key,
)
_KEYS = (s.identity_key, s.id)
RARE = 500
"""Connectors in a status. With more, of two hundred thousand, a page is full after some ten thousand stations."""


class StationCatalogue(Part):
    """Stations."""

    async def stations(
        self,
        operator: OperatorId,
        filter: StationFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[StationView]:
        """By identity, ignoring case."""
        query = _filtered(_of(operator), filter)
        if filter.status is not None:
            query = query.where(await self._has_status(operator, filter.status))
        rows = await self._rows(_ordered(query, after).limit(bounded(limit) + 1))
        more = await self._more(operator, [row[0] for row in rows[:limit]])
        return page(rows, limit, lambda row: _view(row, *more), lambda row: (row[-1], row[0]))

    async def station(self, operator: OperatorId, station: str) -> StationView | None:
        """By identity as it is written, else by row id."""
        row = await self._row(
            _of(operator).where(s.identity_key == station.casefold(), s.identity == station)
        ) or await self._row(_of(operator).where(s.id == row_id(station)))
        if row is None:
            return None
        return _view(row, *await self._more(operator, [row[0]]))

    async def _has_status(self, operator: OperatorId, status: str) -> ColumnElement[bool]:
        """A rare status by its connectors, a common one by going through the stations: those are met soon."""
        column = e.charging if status == ChargingState.CHARGING.value else e.status
        having = select(e.station_id).where(e.operator_id == operator, column == status)
        some = await self._rows(having.limit(RARE + 1))
        if len(some) <= RARE:
            return s.id.in_({row[0] for row in some})
        return exists().where(e.operator_id == operator, e.station_id == s.id, column == status)

    async def _more(
        self, operator: OperatorId, ids: Sequence[int]
    ) -> tuple[dict[int, list[EvseView]], dict[int, int]]:
        """EVSEs with their active transactions, and the number of open anomalies, of these stations."""
        if not ids:
            return {}, {}
        known = await self._rows(
            select(e.station_id, e.evse, e.connector, *_EVSE)
            .where(e.operator_id == operator, e.station_id.in_(ids))
            .order_by(e.station_id, e.evse, e.connector)
        )
        going = await self._rows(
            select(t.station_id, t.evse, t.connector, *_GOING)
            .where(ACTIVE, t.operator_id == operator, t.station_id.in_(ids))
            .order_by(t.sorted_at, t.id)
        )
        open_ones = await self._rows(
            select(anomalies.c.station_id, func.count())
            .where(
                anomalies.c.operator_id == operator,
                anomalies.c.station_id.in_(ids),
                anomalies.c.resolved_at.is_(None),
            )
            .group_by(anomalies.c.station_id)
        )
        return _evses(known, going), {station: int(count) for station, count in open_ones}


_EVSE = (
    e.status,
    e.charging,
    e.reported,
    e.error,
    e.info,
    e.vendor_error,
    e.reported_at,
    e.received_at,
)
_GOING = (t.id, t.token, t.energy_wh, t.power_w, t.soc_pct, t.started_at, t.received_at)


def _of(operator: OperatorId) -> Select[Any]:
    return select(*_COLUMNS).where(s.operator_id == operator, s.removed_at.is_(None))


def _ordered(query: Select[Any], place: str | None) -> Select[Any]:
    return after(query, _KEYS, place, (str, int), descending=False)


def _filtered(query: Select[Any], wanted: StationFilter) -> Select[Any]:
    if wanted.search.strip():
        query = query.where(holds(s.search, wanted.search))
    if wanted.connectivity is not None:
        query = query.where(s.online_state == wanted.connectivity)
    if wanted.quarantined is not None:
        query = query.where(QUARANTINED if wanted.quarantined else s.quarantined.is_(False))
    return query


def _evses(
    known: Sequence[tuple[Any, ...]], going: Sequence[tuple[Any, ...]]
) -> dict[int, list[EvseView]]:
    """Views by station. A transaction is shown at its connector, or at its EVSE's first where none is told."""
    running = {(row[0], row[1], row[2]): row[3:] for row in going}
    found: dict[int, list[EvseView]] = defaultdict(list)
    first: set[tuple[int, int]] = set()
    for station, evse, connector, *rest in known:
        here = running.get((station, evse, connector))
        if here is None and (station, evse) not in first:
            here = running.get((station, evse, None))
        first.add((station, evse))
        found[station].append(_evse_view(evse, connector, rest, here))
    return found


def _evse_view(
    evse: int, connector: int, row: Sequence[Any], going: tuple[Any, ...] | None
) -> EvseView:
    status, charging, reported, error, info, vendor_error, reported_at, received_at = row
    number, token, energy_wh, power_w, soc_pct, started_at, began_at = going or (None,) * 7
    return EvseView(
        evse=evse,
        connector=connector,
        status=status,
        charging=charging,
        reported=reported,
        error=error,
        info=info,
        vendor_error=vendor_error,
        reported_at=moment(reported_at),
        received_at=moment(received_at),
        transaction=None if number is None else str(number),
        token=token,
        energy_wh=energy_wh,
        power_w=power_w,
        soc_pct=soc_pct,
        since=moment(started_at if started_at is not None else began_at),
    )


def _view(
    row: tuple[Any, ...], evses_of: dict[int, list[EvseView]], anomalies_of: dict[int, int]
) -> StationView:
    value = {column.name: cell for column, cell in zip(_COLUMNS, row, strict=True)}
    return StationView(
        id=str(value["id"]),
        identity=value["identity"],
        name=value["name"],
        site=value["site"],
        connectivity=value["online_state"],
        connectivity_since=moment(value["online_since"]),
        last_heard_at=moment(value["last_heard_at"]),
        boot=value["boot"],
        registered=bool(value["registered"]),
        quarantined=bool(value["quarantined"]),
        disabled=bool(value["disabled"]),
        version=value["version"],
        vendor=value["vendor"],
        model=value["model"],
        serial=value["serial"],
        firmware=value["firmware"],
        security_profile=value["security_profile"],
        has_password=value["credential"] is not None,
        booted_at=moment(value["booted_at"]),
        created_at=moment(value["created_at"]),
        heartbeat_s=value["heartbeat_s"],
        peer=value["peer"],
        evses=evses_of.get(value["id"], []),
        open_anomalies=anomalies_of.get(value["id"], 0),
    )
