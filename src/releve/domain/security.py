"""A: security profiles, security events and how grave they are."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from releve.domain.ids import OperatorId, SecurityEventId, StationId

HIGHEST_PROFILE = 3
BASIC_PROFILES = frozenset({1, 2})
"""The station proves who it is by a password."""
TLS_FROM = 2
"""Security profiles 2 and 3 are over TLS."""
CERTIFICATE_PROFILE = 3

# Names of 1.6 (security extension, section 8) -> 2.1.
_RENAMED = {
    "FailedToAuthenticationAtCentralSystem": "FailedToAuthenticateAtCsms",
    "CentralSystemFailedToAuthentication": "CsmsFailedToAuthenticate",
    "InvalidCentralSystemCertificate": "InvalidCsmsCertificate",
    "InvalidChargePointCertificate": "InvalidChargingStationCertificate",
}
CRITICAL = {
    "FirmwareUpdated": True,
    "FailedToAuthenticateAtCsms": False,
    "CsmsFailedToAuthenticate": False,
    "SettingSystemTime": True,
    "StartupOfTheDevice": True,
    "ResetOrReboot": True,
    "SecurityLogWasCleared": True,
    "ReconfigurationOfSecurityParameters": False,
    "MemoryExhaustion": True,
    "InvalidMessages": False,
    "AttemptedReplayAttacks": False,
    "TamperDetectionActivated": True,
    "InvalidFirmwareSignature": True,
    "InvalidFirmwareSigningCertificate": True,
    "InvalidCsmsCertificate": True,
    "InvalidChargingStationCertificate": True,
    "DiscardedRenewedClientCertificate": True,
    "InvalidTLSVersion": True,
    "InvalidTLSCipherSuite": True,
    "MaintenanceLoginAccepted": True,
    "MaintenanceLoginFailed": True,
}
"""2.1 appendix 1: event -> critical. 1.6 calls fewer of them critical; one event is as grave in every version here."""
ROUTINE = frozenset({"StartupOfTheDevice", "ResetOrReboot"})
"""Critical by the standard, so that the station tells them; they come at every start, and nobody has to act."""
REJECTED_CERTIFICATE = "InvalidChargingStationCertificate"
DISCARDED_CERTIFICATE = "DiscardedRenewedClientCertificate"
FAILED_TO_AUTHENTICATE = "FailedToAuthenticateAtCsms"


class Source(StrEnum):
    """Who noticed."""

    STATION = "station"
    SYSTEM = "system"
    """This system, at its door or when it judged a request for a certificate (A00.FR.408)."""


def canonical(kind: str) -> str:
    """The 2.1 name of a security event."""
    return _RENAMED.get(kind, kind)


def is_critical(kind: str) -> bool:
    """Whether the standard calls it critical. An event that it does not know is taken seriously."""
    return CRITICAL.get(canonical(kind), True)


class SecurityEvent(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to a station's security. An alarm is one that is critical and not acknowledged."""

    id: SecurityEventId
    operator: OperatorId
    station: StationId
    kind: str
    """The 2.1 name, or the station's own word for what has none."""
    critical: bool
    source: Source = Source.STATION
    info: str = ""
    """techInfo as the station sent it, or this system's explanation."""
    at: datetime
    """The station's time."""
    received_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    note: str = ""

    @property
    def alarm(self) -> bool:
        return self.critical and self.acknowledged_at is None


class CertificateState(StrEnum):
    """A certificate that was signed for a station."""

    SENT = "sent"
    """Signed; the station has not said whether it takes it."""
    ACTIVE = "active"
    """The station has taken it."""
    REPLACED = "replaced"
    """The station has taken a newer one; this one still works until it expires, for a station that falls back."""
    REJECTED = "rejected"
    """The station did not take it. Revoked."""
    REVOKED = "revoked"


class StationCertificate(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate that was signed for a station, by the built-in authority or through the port for another one."""

    operator: OperatorId
    station: StationId
    serial: str
    """Hexadecimal, lower case."""
    issuer: str
    """DER of the issuer's name, hexadecimal: with the serial number it names a certificate."""
    issuer_name: str
    common_name: str
    state: CertificateState
    not_before: datetime
    not_after: datetime
    pem: str
    """The chain that was sent, leaf first."""
    changed_at: datetime
    """When it came into this state."""

    @property
    def revoked(self) -> bool:
        return self.state in {CertificateState.REVOKED, CertificateState.REJECTED}
