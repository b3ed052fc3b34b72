"""Reservations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, select

from releve.domain.ids import ReservationId, StationId
from releve.domain.reservation import Reservation
from releve.storage.mapping import Mapper
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import reservations
from releve.storage.tables.reservations import RESERVED
from releve.storage.times import micros
from releve.storage.writes import insert, update

RESERVATION = Mapper(Reservation)
ADD = insert(reservations, RESERVATION.columns)
_OWN = ("id", "operator_id")
SAVE = update(
    reservations,
    _OWN,
    tuple(name for name in RESERVATION.columns if name not in (*_OWN, "station_id")),
)
_PLACES = tuple(RESERVATION.columns.index(name) for name in SAVE.columns)

r = reservations.c
_ALL = select(*(r[name] for name in RESERVATION.columns)).where(r.operator_id == value("operator"))
GET = Query(_ALL.where(r.id == value("reservation")))
NUMBERED = Query(
    _ALL.where(r.station_id == value("station"), r.number == value("number"))
    .order_by(case((RESERVED, 1), else_=0).desc(), r.id.desc())
    .limit(1)
)
OPEN_AT = Query(_ALL.where(r.station_id == value("station"), RESERVED).order_by(r.id))
DUE = Query(_ALL.where(RESERVED, r.expires_at < value("before")).order_by(r.expires_at).limit(500))


class StoredReservations(Repository):
    """Implements `services.ports.Reservations`."""

    __slots__ = ()

    def add(self, reservation: Reservation) -> None:
        """Add one."""
        self._own(reservation.operator)
        self._unit.write(ADD, RESERVATION.encode(reservation), reservation.id)

    def save(self, reservation: Reservation) -> None:
        """Replace all but id, operator and station."""
        self._own(reservation.operator)
        row = RESERVATION.encode(reservation)
        self._unit.write(SAVE, tuple(row[place] for place in _PLACES), reservation.id)

    async def get(self, reservation: ReservationId) -> Reservation | None:
        """The one with this row id."""
        row = await self._row(GET, reservation=reservation)
        return RESERVATION.decode(row) if row else None

    async def numbered(self, station: StationId, number: int) -> Reservation | None:
        """The open one of this number at a station, else the latest: a replacement takes over the number."""
        row = await self._row(NUMBERED, station=station, number=number)
        return RESERVATION.decode(row) if row else None

    async def open(self, station: StationId) -> list[Reservation]:
        """Those that keep something free at a station, oldest first."""
        return [RESERVATION.decode(row) for row in await self._rows(OPEN_AT, station=station)]

    async def due(self, before: datetime) -> list[Reservation]:
        """Open ones that expired before then; at most 500."""
        return [RESERVATION.decode(row) for row in await self._rows(DUE, before=micros(before))]
