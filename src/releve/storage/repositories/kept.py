"""Holdings of stations and documents of operators: typed JSON by kind and key."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from sqlalchemy import select

from releve.domain.holding import Document, Holding, Kept
from releve.domain.ids import StationId
from releve.storage.mapping import clean, to_json
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import documents, holdings
from releve.storage.writes import delete, merge

H = TypeVar("H", bound=Holding)
D = TypeVar("D", bound=Document)

h, d = holdings.c, documents.c
_HELD = ("station_id", "kind", "key")
HOLD = merge(holdings, ("operator_id", *_HELD, "value"), _HELD)
LET_GO = delete(holdings, ("operator_id", *_HELD))
_FILED = ("operator_id", "kind", "key")
FILE = merge(documents, (*_FILED, "value"), _FILED)
DISCARD = delete(documents, _FILED)

_HOLDINGS = select(h.value).where(
    h.operator_id == value("operator"), h.station_id == value("station"), h.kind == value("kind")
)
ALL_HELD = Query(_HOLDINGS.order_by(h.key))
KEYS_HELD = Query(_HOLDINGS.with_only_columns(h.key))
ONE_HELD = Query(_HOLDINGS.where(h.key == value("key")))
OF_ALL = Query(
    select(h.station_id, h.value)
    .where(h.operator_id == value("operator"), h.kind == value("kind"))
    .order_by(h.station_id, h.key)
)
_DOCUMENTS = select(d.value).where(d.operator_id == value("operator"), d.kind == value("kind"))
ALL_FILED = Query(_DOCUMENTS.order_by(d.key))
ONE_FILED = Query(_DOCUMENTS.where(d.key == value("key")))


def _kind(kept: type[Kept]) -> str:
    if not kept.kind:
        raise TypeError(f"{kept.__name__} has no kind: it cannot be kept")
    return kept.kind


def _text(kept: Kept) -> str:
    return clean(to_json(kept))


class StoredHoldings(Repository):
    """Implements `services.ports.Holdings`."""

    __slots__ = ()

    async def all(self, station: StationId, kind: type[H]) -> list[H]:
        """Those of a kind that a station has, by key."""
        rows = await self._rows(ALL_HELD, station=station, kind=_kind(kind))
        return [msgspec.json.decode(text, type=kind) for (text,) in rows]

    async def get(self, station: StationId, kind: type[H], key: str) -> H | None:
        """The one under this key."""
        row = await self._row(ONE_HELD, station=station, kind=_kind(kind), key=key)
        return msgspec.json.decode(row[0], type=kind) if row else None

    async def of_all(self, kind: type[H]) -> list[tuple[StationId, H]]:
        """Every station's of a kind, by station and key."""
        rows = await self._rows(OF_ALL, kind=_kind(kind))
        return [
            (StationId(station), msgspec.json.decode(text, type=kind)) for station, text in rows
        ]

    def save(self, station: StationId, holding: Holding) -> None:
        """Add it, or replace the one under its key."""
        place = (station, _kind(type(holding)), clean(holding.key))
        self._unit.write(HOLD, (self._operator, *place, _text(holding)), place)

    def remove(self, station: StationId, kind: type[Holding], key: str) -> None:
        """It is no longer there."""
        place = (station, _kind(kind), clean(key))
        self._unit.write(LET_GO, (self._operator, *place), place)

    async def clear(self, station: StationId, kind: type[Holding]) -> None:
        """Remove all of the kind that are on disk; what this unit saves is not touched."""
        for (key,) in await self._rows(KEYS_HELD, station=station, kind=_kind(kind)):
            self.remove(station, kind, key)


class StoredDocuments(Repository):
    """Implements `services.ports.Documents`."""

    __slots__ = ()

    async def all(self, kind: type[D]) -> list[D]:
        """Those of a kind, by key."""
        rows = await self._rows(ALL_FILED, kind=_kind(kind))
        return [msgspec.json.decode(text, type=kind) for (text,) in rows]

    async def get(self, kind: type[D], key: str) -> D | None:
        """The one under this key."""
        row = await self._row(ONE_FILED, kind=_kind(kind), key=key)
        return msgspec.json.decode(row[0], type=kind) if row else None

    def save(self, document: Document) -> None:
        """Add it, or replace the one under its key."""
        place = (self._operator, _kind(type(document)), clean(document.key))
        self._unit.write(FILE, (*place, _text(document)), place)

    def remove(self, kind: type[Document], key: str) -> None:
        """Discard it."""
        place = (self._operator, _kind(kind), clean(key))
        self._unit.write(DISCARD, place, place)
