"""Stations, their lines, and the states of their EVSEs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from releve.domain.ids import StationId
from releve.domain.station import Connectivity, Evse, Station
from releve.storage.mapping import Mapper, clean
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import evses, stations, variables
from releve.storage.times import micros
from releve.storage.writes import delete, insert, merge, update

STATION = Mapper(Station)
EVSE = Mapper(Evse)
_SECURITY = (
    "security_profile",
    "profile_next",
    "credential",
    "credential_next",
    "certificate_name",
    "accept_expired",
)
"""Written by `save_security` alone: else a boot would write back what another process, a command, say, has changed."""
_SETTINGS = tuple(name for name in STATION.columns[2:] if name not in _SECURITY)
_DERIVED = ("identity_key", "search")
_OWN = ("id", "operator_id")
_PRESENT = 't."removed_at" IS NULL'

ADD = insert(stations, (*STATION.columns, *_DERIVED))
SAVE = update(stations, _OWN, (*_SETTINGS, *_DERIVED), only=_PRESENT)
SAVE_SECURITY = update(stations, _OWN, _SECURITY, only=_PRESENT)
_SAVED = tuple(STATION.columns.index(name) for name in (*_OWN, *_SETTINGS))
_SECURED = tuple(STATION.columns.index(name) for name in (*_OWN, *_SECURITY))
REMOVE = update(stations, _OWN, ("removed_at", "online_state", "online_since"), only=_PRESENT)
FORGET_EVSES = delete(evses, ("station_id", "operator_id"))
FORGET_VARIABLES = delete(variables, ("station_id", "operator_id"))
CONNECTED = update(
    stations,
    _OWN,
    ("online_state", "online_since", "last_heard_at", "epoch", "peer", "version"),
    only=_PRESENT,
)
DISCONNECTED = update(stations, (*_OWN, "epoch"), ("online_state", "online_since"))
HEARD = update(
    stations,
    _OWN,
    ("last_heard_at",),
    only='t."last_heard_at" IS NULL OR t."last_heard_at" < v.{last_heard_at}',
)
SAVE_EVSE = merge(
    evses, ("operator_id", "station_id", *EVSE.columns), ("station_id", "evse", "connector")
)

_STATIONS = select(*(stations.c[name] for name in STATION.columns)).where(
    stations.c.operator_id == value("operator"), stations.c.removed_at.is_(None)
)
GET = Query(_STATIONS.where(stations.c.id == value("station")))
# Exact first; two are enough to know whether the folded match is the only one.
FIND = Query(
    _STATIONS.where(stations.c.identity_key == value("key"))
    .order_by(stations.c.identity != value("identity"), stations.c.id)
    .limit(2)
)
EVSES = Query(
    select(*(evses.c[name] for name in EVSE.columns))
    .where(evses.c.operator_id == value("operator"), evses.c.station_id == value("station"))
    .order_by(evses.c.evse, evses.c.connector)
)


def chosen(rows: Sequence[tuple[object, ...]], identity: str) -> Station | None:
    """The station among `FIND`'s rows: the exact one, or the only one that differs in case."""
    found = [STATION.decode(row) for row in rows]
    if found and (len(found) == 1 or found[0].identity == identity):
        return found[0]
    return None


def _derived(station: Station) -> tuple[str, str]:
    words = (
        station.identity,
        station.name,
        station.site,
        station.vendor,
        station.model,
        station.serial,
    )
    return station.identity.casefold(), clean("\n".join(words).casefold())


class StoredStations(Repository):
    """Implements `services.ports.Stations`."""

    __slots__ = ()

    async def get(self, station: StationId) -> Station | None:
        """The station with this row id."""
        row = await self._row(GET, station=station)
        return STATION.decode(row) if row else None

    async def find(self, identity: str) -> Station | None:
        """The station of this identity; ignoring case when just one matches."""
        rows = await self._rows(FIND, key=identity.casefold(), identity=identity)
        return chosen(rows, identity)

    def add(self, station: Station) -> None:
        """Add a station. Conflict at commit when its identity is taken."""
        self._own(station.operator)
        self._unit.write(ADD, STATION.encode(station) + _derived(station), station.id)

    def save(self, station: Station) -> None:
        """Replace all columns that are the station's own; not those of its line, nor of its security."""
        self._own(station.operator)
        row = STATION.encode(station)
        saved = tuple(row[place] for place in _SAVED)
        self._unit.write(SAVE, saved + _derived(station), station.id)

    def save_security(self, station: Station) -> None:
        """Replace what says how it proves who it is."""
        self._own(station.operator)
        row = STATION.encode(station)
        self._unit.write(SAVE_SECURITY, tuple(row[place] for place in _SECURED), station.id)

    def remove(self, station: StationId) -> None:
        """Hide it and free its identity. Its transactions stay, and so does its row under them."""
        now = micros(self._shared.clock.now())
        key = (station, self._operator)
        self._unit.write(REMOVE, (*key, now, Connectivity.OFFLINE, now), station)
        self._unit.write(FORGET_EVSES, key, station)
        self._unit.write(FORGET_VARIABLES, key, station)

    def connected(
        self, station: StationId, epoch: int, at: datetime, peer: str, version: str
    ) -> None:
        """Its line is up; `epoch` is the connection's."""
        at_us = micros(at)
        row = (station, self._operator, Connectivity.ONLINE, at_us, at_us, epoch, peer, version)
        self._unit.write(CONNECTED, row, station)

    def disconnected(self, station: StationId, epoch: int, at: datetime) -> None:
        """Its line is down, unless a newer connection (another epoch) has replaced the one that ended."""
        row = (station, self._operator, epoch, Connectivity.OFFLINE, micros(at))
        self._unit.write(DISCONNECTED, row, station)

    def heard(self, seen: Sequence[tuple[StationId, datetime]]) -> None:
        """When stations were last heard; an earlier time than the row's is ignored."""
        for station, at in seen:
            self._unit.write(HEARD, (station, self._operator, micros(at)), station, 32)

    async def evses(self, station: StationId) -> list[Evse]:
        """States of its connectors, by EVSE and connector."""
        return [EVSE.decode(row) for row in await self._rows(EVSES, station=station)]

    def save_evse(self, station: StationId, evse: Evse) -> None:
        """Add or replace the state of one connector."""
        row = (self._operator, station, *EVSE.encode(evse))
        self._unit.write(SAVE_EVSE, row, (station, evse.evse, evse.connector))
