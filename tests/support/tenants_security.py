"""Security events and certificates of another operator, and how each method is asked for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec

from releve.domain.ids import OperatorId, SecurityEventId, StationId
from releve.domain.security import (
    CertificateState,
    SecurityEvent,
    StationCertificate,
)
from releve.services.security_views import SecurityEventFilter
from tests.support.stores import NOW, ONE

LATER = NOW + timedelta(days=400)


class TheirSecurity:
    """Rows of the other operator."""

    def __init__(self, operator: OperatorId, station: StationId) -> None:
        self.station = station
        self.event = SecurityEvent(
            id=SecurityEventId(91),
            operator=operator,
            station=station,
            kind="TamperDetectionActivated",
            critical=True,
            info="lid",
            at=NOW,
            received_at=NOW,
        )
        self.certificate = StationCertificate(
            operator=operator,
            station=station,
            serial="1a",
            issuer="30",
            issuer_name="Theirs",
            common_name="THEIRS",
            state=CertificateState.ACTIVE,
            not_before=NOW,
            not_after=NOW + timedelta(days=300),
            pem="pem",
            changed_at=NOW,
        )
        self.revoked = msgspec.structs.replace(
            self.certificate, serial="1b", state=CertificateState.REVOKED
        )

    def keep(self, work: Any) -> None:
        """Write them."""
        work.security_events.add(self.event)
        work.station_certificates.save(self.certificate)
        work.station_certificates.save(self.revoked)


def ours(value: Any, **changes: Any) -> Any:
    """The same as if it were the first operator's."""
    return msgspec.structs.replace(value, operator=ONE, **changes)


Method = Callable[[Any, Any], Any]
READS: dict[str, Method] = {
    "security_events.get": lambda w, t: w.security_events.get(t.security.event.id),
    "security_events.known": lambda w, t: w.security_events.known(
        t.station.id, "TamperDetectionActivated", NOW, "lid"
    ),
    "security_events.open": lambda w, t: w.security_events.open(t.station.id),
    "station_certificates.of": lambda w, t: w.station_certificates.of(t.station.id),
    "station_certificates.get": lambda w, t: w.station_certificates.get("30", "1a"),
    "station_certificates.revoked": lambda w, t: w.station_certificates.revoked(NOW),
    "station_certificates.ending": lambda w, t: w.station_certificates.ending(LATER),
}
WRITES: dict[str, Method] = {
    "stations.save_security": lambda w, t: w.stations.save_security(
        ours(t.station, security_profile=3)
    ),
    "security_events.add": lambda w, t: w.security_events.add(ours(t.security.event)),
    "security_events.save": lambda w, t: w.security_events.save(
        ours(t.security.event, acknowledged_at=NOW)
    ),
    "station_certificates.save": lambda w, t: w.station_certificates.save(
        ours(t.security.certificate, state=CertificateState.REVOKED)
    ),
}
SHOWN: dict[str, Method] = {
    "security_events": lambda c, t: c.security_events(
        ONE, SecurityEventFilter(station=str(t.station.id))
    ),
    "security_alarms": lambda c, t: c.security_alarms(ONE),
}
