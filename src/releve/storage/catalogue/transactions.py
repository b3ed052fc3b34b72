"""Transactions and their facts."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Select, and_, func, select

from releve.domain.cost import Cost, ToldCost
from releve.domain.ids import OperatorId
from releve.domain.limits import Limits
from releve.domain.notice import Notice
from releve.domain.transaction import TariffUse
from releve.services.views import FactView, Page, TransactionFilter, TransactionView
from releve.storage.catalogue.base import row_id
from releve.storage.catalogue.search import SearchCatalogue
from releve.storage.paging import after, bounded, page
from releve.storage.tables import NONE, facts, stations, tokens, transactions
from releve.storage.tables.charging import ACTIVE, HELD, PRESUMED, UNUSUAL_EVSE
from releve.storage.times import micros, moment

t, f = transactions.c, facts.c

_SHOWN = (
    "reference",
    "evse",
    "connector",
    "token",
    "token_type",
    "verdict",
    "state",
    "charging",
    "offline",
    "started_at",
    "ended_at",
    "received_at",
    "stop_reason",
    "stop_token",
    "remote_start_id",
    "meter_start_wh",
    "meter_last_wh",
    "meter_last_at",
    "meter_stop_wh",
    "energy_wh",
    "power_w",
    "soc_pct",
    "held",
    "complete",
    "reservation_id",
    "operation_mode",
    "limits",
    "notice",
    "tariffs",
    "cost",
    "cost_details",
)
_STRUCTS: dict[str, Any] = {
    "limits": Limits,
    "notice": Notice,
    "tariffs": tuple[TariffUse, ...],
    "cost": Cost,
    "cost_details": ToldCost,
}
_TIMES = frozenset({"started_at", "ended_at", "received_at", "meter_last_at"})
_FLAGS = frozenset({"offline", "held", "complete"})
# 1.6 tells no type: then any token of the value is meant.
_LABEL = (
    select(tokens.c.label)
    .where(
        tokens.c.operator_id == t.operator_id,
        tokens.c.value_key == t.token_key,
        func.coalesce(t.token_type, "").in_(("", tokens.c.type)),
    )
    .limit(1)
    .scalar_subquery()
)
_KEYS = (t.sorted_at, t.id)
_FACT_COLUMNS = (
    f.kind,
    f.seq_no,
    f.at,
    f.received_at,
    f.trigger,
    f.offline,
    f.charging,
    f.raw,
)


# In the words of the partial indexes.
_STATES = {"active": ACTIVE, "presumed-ended": PRESUMED}


class TransactionCatalogue(SearchCatalogue):
    """Transactions and facts."""

    async def transactions(
        self,
        operator: OperatorId,
        filter: TransactionFilter,
        *,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[TransactionView]:
        """Newest first."""
        many = bounded(limit) + 1
        query = _ordered(_filtered(_of(operator), filter), after)
        if filter.search.strip():
            places = _ordered(_filtered(select(t.id, t.sorted_at), filter), after)
            query = query.where(await self._found(places, operator, filter.search, many))
        rows = await self._rows(query.limit(many))
        return page(rows, limit, _view, lambda row: (row[4], row[0]))

    async def transaction(self, operator: OperatorId, transaction: str) -> TransactionView | None:
        """By row id."""
        row = await self._row(_of(operator).where(t.id == row_id(transaction)))
        return _view(row) if row else None

    async def facts(self, operator: OperatorId, transaction: str) -> list[FactView]:
        """By sequence number, then receipt."""
        query = (
            select(*_FACT_COLUMNS)
            .where(f.operator_id == operator, f.transaction_id == row_id(transaction))
            .order_by(f.seq_no, f.received_at, f.at)
        )
        return [_fact(row) for row in await self._rows(query)]


def _of(operator: OperatorId) -> Select[Any]:
    return (
        select(
            t.id,
            t.station_id,
            stations.c.identity,
            stations.c.name,
            t.sorted_at,
            _LABEL.label("label"),
            *(t[name] for name in _SHOWN),
        )
        # Outer, though the station is always there: for an inner join SQLite first reads all stations (a Bloom filter).
        .outerjoin(
            stations,
            and_(stations.c.id == t.station_id, stations.c.operator_id == t.operator_id),
        )
        .where(t.operator_id == operator)
    )


def _ordered(query: Select[Any], place: str | None) -> Select[Any]:
    return after(query, _KEYS, place, (int, int), descending=True)


def _filtered(query: Select[Any], wanted: TransactionFilter) -> Select[Any]:
    if wanted.station is not None:
        query = query.where(t.station_id == row_id(wanted.station))
    if wanted.evse is not None:
        query = query.where(t.evse == wanted.evse)
        if wanted.evse not in (1, 2):
            query = query.where(UNUSUAL_EVSE)
    if wanted.token is not None:
        query = query.where(t.token_key == wanted.token.casefold())
    if wanted.state is not None:
        query = query.where(_STATES.get(wanted.state, t.state == wanted.state))
    if wanted.held is not None:
        query = query.where(HELD if wanted.held else t.held.is_(False))
    if wanted.since is not None:
        query = query.where(t.sorted_at >= micros(wanted.since))
    if wanted.until is not None:
        query = query.where(t.sorted_at < micros(wanted.until))
    return query


def _view(row: tuple[Any, ...]) -> TransactionView:
    number, station, identity, name, _, label, *rest = row
    shown = dict(zip(_SHOWN, rest, strict=True))
    for time in _TIMES:
        shown[time] = moment(shown[time])
    for flag in _FLAGS:
        shown[flag] = bool(shown[flag])
    for field, kind in _STRUCTS.items():
        if shown[field] is None:
            del shown[field]
        else:
            shown[field] = msgspec.json.decode(shown[field], type=kind)
    return TransactionView(
        id=str(number),
        station=str(station),
        identity=identity,
        station_name=name,
        token_label=label or "",
        **shown,
    )


def _fact(row: tuple[Any, ...]) -> FactView:
    kind, seq_no, at, received_at, trigger, offline, charging, raw = row
    try:
        payload = msgspec.json.decode(raw)
    except msgspec.DecodeError:
        payload = raw  # kept as it came, whatever it was
    return FactView(
        kind=kind,
        seq_no=None if seq_no == NONE else seq_no,
        at=moment(at),
        received_at=moment(received_at),
        trigger=trigger,
        offline=bool(offline),
        charging=charging,
        payload=payload,
    )
