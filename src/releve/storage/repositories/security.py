"""Security events, and the certificates that were signed for stations."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from releve.domain.ids import SecurityEventId, StationId
from releve.domain.security import CertificateState, SecurityEvent, StationCertificate
from releve.storage.mapping import Mapper
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import security_events, station_certificates
from releve.storage.tables.security import ALARM
from releve.storage.times import micros, moment
from releve.storage.unit import BASE_BYTES
from releve.storage.writes import insert, merge, update

EVENT = Mapper(SecurityEvent)
CERTIFICATE = Mapper(StationCertificate)
_OWN = ("id", "operator_id")
ADD_EVENT = insert(security_events, EVENT.columns)
SAVE_EVENT = update(security_events, _OWN, ("acknowledged_at", "acknowledged_by", "note"))
_PLACES = tuple(EVENT.columns.index(name) for name in SAVE_EVENT.columns)
SAVE_CERTIFICATE = merge(
    station_certificates, CERTIFICATE.columns, ("operator_id", "issuer", "serial")
)

e, c = security_events.c, station_certificates.c
_EVENTS = select(*(e[name] for name in EVENT.columns)).where(e.operator_id == value("operator"))
GET_EVENT = Query(_EVENTS.where(e.id == value("event")))
KNOWN = Query(
    select(e.id)
    .where(
        e.operator_id == value("operator"),
        e.station_id == value("station"),
        e.at == value("at"),
        e.kind == value("kind"),
        e.info == value("info"),
    )
    .limit(1)
)
ALARMS = Query(
    _EVENTS.where(e.station_id == value("station"), ALARM).order_by(e.id.desc()).limit(500)
)
_CERTIFICATES = select(*(c[name] for name in CERTIFICATE.columns)).where(
    c.operator_id == value("operator")
)
OF_STATION = Query(
    _CERTIFICATES.where(c.station_id == value("station"))
    .order_by(c.not_before.desc(), c.serial)
    .limit(100)
)
BY_NUMBER = Query(_CERTIFICATES.where(c.issuer == value("issuer"), c.serial == value("serial")))
_REVOKED = (CertificateState.REVOKED.value, CertificateState.REJECTED.value)
REVOKED = Query(
    select(c.issuer, c.serial, c.changed_at)
    .where(
        c.operator_id == value("operator"),
        or_(*(c.state == state for state in _REVOKED)),
        c.not_after > value("after"),
    )
    .order_by(c.serial)
)
ENDING = Query(
    _CERTIFICATES.where(c.state == CertificateState.ACTIVE.value, c.not_after < value("before"))
    .order_by(c.not_after)
    .limit(500)
)


class StoredSecurityEvents(Repository):
    """Implements `services.security.ports.SecurityEvents`."""

    __slots__ = ()

    async def get(self, event: SecurityEventId) -> SecurityEvent | None:
        """The event with this row id."""
        row = await self._row(GET_EVENT, event=event)
        return EVENT.decode(row) if row else None

    async def known(self, station: StationId, kind: str, at: datetime, info: str) -> bool:
        """Whether the station told this one already."""
        about = {"station": station, "kind": kind, "at": micros(at), "info": info}
        return await self._row(KNOWN, **about) is not None

    async def open(self, station: StationId) -> list[SecurityEvent]:
        """Alarms of the station, newest first."""
        return [EVENT.decode(row) for row in await self._rows(ALARMS, station=station)]

    def add(self, event: SecurityEvent) -> None:
        """Add one."""
        self._own(event.operator)
        self._unit.write(ADD_EVENT, EVENT.encode(event), event.id, 2 * BASE_BYTES)

    def save(self, event: SecurityEvent) -> None:
        """Note who acknowledged it."""
        self._own(event.operator)
        row = EVENT.encode(event)
        self._unit.write(SAVE_EVENT, tuple(row[place] for place in _PLACES), event.id)


class StoredStationCertificates(Repository):
    """Implements `services.security.ports.StationCertificates`."""

    __slots__ = ()

    async def of(self, station: StationId) -> list[StationCertificate]:
        """Those of one station, newest first."""
        return [CERTIFICATE.decode(row) for row in await self._rows(OF_STATION, station=station)]

    async def get(self, issuer: str, serial: str) -> StationCertificate | None:
        """The one with this number of this issuer."""
        row = await self._row(BY_NUMBER, issuer=issuer, serial=serial)
        return CERTIFICATE.decode(row) if row else None

    async def revoked(self, after: datetime) -> list[tuple[str, str, datetime]]:
        """Issuer, serial number and time of what was revoked and has not expired by `after`."""
        rows = await self._rows(REVOKED, after=micros(after))
        return [(str(issuer), str(serial), moment(at)) for issuer, serial, at in rows]

    async def ending(self, before: datetime) -> list[StationCertificate]:
        """Those in use that end before then, soonest first."""
        rows = await self._rows(ENDING, before=micros(before))
        return [CERTIFICATE.decode(row) for row in rows]

    def save(self, certificate: StationCertificate) -> None:
        """Add, or replace all but its number."""
        self._own(certificate.operator)
        self._unit.write(
            SAVE_CERTIFICATE,
            CERTIFICATE.encode(certificate),
            (certificate.issuer, certificate.serial),
            len(certificate.pem),
        )
