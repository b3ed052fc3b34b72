"""The message log, and what was announced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, func, literal, or_, select

from releve.domain.ids import OperatorId
from releve.services.ports import Announced
from releve.services.views import ExchangeView, Page
from releve.storage.catalogue.base import Part, row_id
from releve.storage.outbox import event_of
from releve.storage.paging import after as after_cursor
from releve.storage.paging import bounded, holds, opened, page
from releve.storage.tables import message_log, outbox, stations
from releve.storage.times import BUCKET_US, micros, moment

m = message_log.c

_LINE = (
    m.id,
    m.station_id,
    stations.c.identity,
    m.at,
    m.inbound,
    m.action,
    m.message_id,
    m.request,
    m.response,
    m.outcome,
    m.error,
    m.duration_ms,
)
_KEYS = (m.at, m.id)
_WINDOWS = (4, 96, 96 * 7, 96 * 31, 96 * 366)
"""How many buckets are looked at in one query: an hour, a day, a week, a month, a year."""
# Each by itself is one look into the index; together they would read all of it.
_EXTENT = select(
    select(func.min(m.bucket)).scalar_subquery(), select(func.max(m.bucket)).scalar_subquery()
)


class JournalCatalogue(Part):
    """Message log and outbox."""

    async def messages(
        self,
        operator: OperatorId,
        station: str,
        *,
        action: str | None = None,
        outcome: str | None = None,
        search: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[ExchangeView]:
        """A station's lines, newest first. `station`: row id. search: part of what was said, ignoring ASCII case."""
        limit = bounded(limit)
        query = _lines(operator).where(m.station_id == row_id(station))
        if action is not None:
            query = query.where(m.action == action)
        if outcome is not None:
            query = query.where(m.outcome == outcome)
        if search.strip():
            query = query.where(_says(search))
        if since is not None:
            query = query.where(m.at >= micros(since))
        if until is not None:
            query = query.where(m.at < micros(until))
        query = after_cursor(query, _KEYS, after, (int, int), descending=True)
        rows: list[tuple[Any, ...]] = []
        for first, last in _windows(*await self._range(since, until, after)):
            rows += await self._rows(_within(query, first, last).limit(limit + 1 - len(rows)))
            if len(rows) > limit:
                break
        return page(rows, limit, _line, lambda row: (row[3], row[0]))

    async def message(self, operator: OperatorId, message: str) -> ExchangeView | None:
        """By row id."""
        row = await self._row(_lines(operator).where(m.id == row_id(message)))
        return _line(row) if row else None

    async def announced(
        self,
        operator: OperatorId,
        *,
        after: int,
        topics: frozenset[str] = frozenset(),
        limit: int = 500,
    ) -> list[Announced]:
        """Durable events from the outbox with id > after, oldest first. Empty only when there is none."""
        while True:
            rows = await self._rows(_events(operator, after, topics).limit(bounded(limit)))
            found = [one for row in rows if (one := event_of(*row)) is not None]
            if found or not rows:
                return found
            after = rows[-1][0]  # a page of events that only a newer version knows

    async def last_announced(self, operator: OperatorId) -> int:
        """The greatest outbox id of the operator; 0 when there is none."""
        query = select(func.max(outbox.c.id)).where(outbox.c.operator_id == operator)
        row = await self._row(query)
        return int(row[0]) if row and row[0] is not None else 0

    async def _range(
        self, since: datetime | None, until: datetime | None, place: str | None
    ) -> tuple[int, int]:
        """First and last bucket in which a line can be."""
        row = await self._row(_EXTENT)
        if row is None or row[0] is None:
            return 0, -1
        first, last = row
        if since is not None:
            first = max(first, micros(since) // BUCKET_US)
        if until is not None:
            last = min(last, micros(until) // BUCKET_US)
        if place is not None:
            last = min(last, opened(place, (int, int))[0] // BUCKET_US)
        return first, last


def _events(operator: OperatorId, after: int, topics: frozenset[str]) -> Select[Any]:
    o = outbox.c
    query = select(o.id, o.topic, o.event).where(o.operator_id == operator, o.id > after)
    if topics:
        query = query.where(o.topic.in_(sorted(topics)))
    return query.order_by(o.id)


def _windows(first: int, last: int) -> Iterator[tuple[int, int]]:
    """Ranges of buckets from the newest back, each longer than the one before."""
    step = 0
    while last >= first:
        size = _WINDOWS[min(step, len(_WINDOWS) - 1)]
        yield max(first, last - size + 1), last
        last -= size
        step += 1


def _within(query: Select[Any], first: int, last: int) -> Select[Any]:
    buckets = select(literal(first, Integer).label("n")).cte("buckets", recursive=True)
    buckets = buckets.union_all(select(buckets.c.n + 1).where(buckets.c.n < last))
    return query.where(m.bucket == buckets.c.n)


def _lines(operator: OperatorId) -> Select[Any]:
    return (
        select(*_LINE)
        .join(stations, stations.c.id == m.station_id)
        .where(m.operator_id == operator, stations.c.operator_id == operator)
    )


def _says(search: str) -> Any:
    said = (m.action, m.message_id, m.request, m.response, m.error)
    return or_(*(holds(func.lower(column), search) for column in said))


def _line(row: tuple[Any, ...]) -> ExchangeView:
    number, station, identity, at, inbound, action, message_id, *rest = row
    request, response, outcome, error, duration_ms = rest
    return ExchangeView(
        id=str(number),
        station=str(station),
        identity=identity,
        at=moment(at),
        inbound=bool(inbound),
        action=action,
        message_id=message_id,
        request=request,
        response=response,
        outcome=outcome,
        error=error,
        duration_ms=duration_ms,
    )
