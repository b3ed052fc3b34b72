"""A charging station, its EVSEs and what is known of their state."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from releve.domain.ids import OperatorId, StationId

IDENTITY_LIMIT_2X = 48
_IDENTIFIER = re.compile(r"[A-Za-z0-9*\-_=+|@.]+\Z")


class BootDecision(StrEnum):
    """What the operator has decided to answer to BootNotification (2.1 RegistrationStatusEnumType)."""

    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"


class Connectivity(StrEnum):
    """Whether the station's line is up. UNKNOWN: the system itself restarted and the station has not come back yet."""

    ONLINE = "online"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


class ConnectorStatus(StrEnum):
    """2.1 ConnectorStatusEnumType, plus UNKNOWN for a connector that never reported."""

    AVAILABLE = "Available"
    OCCUPIED = "Occupied"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"
    UNKNOWN = "Unknown"


class ChargingState(StrEnum):
    """2.1 ChargingStateEnumType: the finer state of an occupied EVSE."""

    EV_CONNECTED = "EVConnected"
    CHARGING = "Charging"
    SUSPENDED_EV = "SuspendedEV"
    SUSPENDED_EVSE = "SuspendedEVSE"
    IDLE = "Idle"


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """One OCPP identity and what the operator and the station itself have told about it."""

    id: StationId
    operator: OperatorId
    identity: str
    name: str = ""
    site: str = ""
    boot: BootDecision = BootDecision.ACCEPTED
    quarantined: bool = False
    """In the inbox of unknown stations: it may connect and boot (Pending), and nothing else."""
    disabled: bool = False
    version: str | None = None
    """Subprotocol of its last connection: ocpp1.6, ocpp2.0.1, ocpp2.1."""
    vendor: str = ""
    model: str = ""
    serial: str = ""
    firmware: str = ""
    security_profile: int = 0
    """What it has to come with (A00.FR.001): 0 nothing, 1 a password, 2 a password over TLS, 3 a certificate."""
    profile_next: int | None = None
    """It may come with this one as well: it is being changed, and the first connection with it settles it (A05)."""
    credential: str | None = None
    """Verifier of its Basic password (`services.credentials`); None: no password wanted."""
    credential_next: str | None = None
    """Verifier of a password that was sent to it and may have been taken: both are accepted until that is known."""
    certificate_name: str = ""
    """The common name that its certificate has to have; empty: its serial number or identity, until it is known."""
    accept_expired: bool = False
    """It may come in with an expired certificate, only to get a new one (A00.FR.429)."""
    booted_at: datetime | None = None
    registered: bool = False
    """Whether its last BootNotification was accepted. Survives restarts: stations come back without booting."""
    heartbeat_s: int | None = None
    """Heartbeat interval for this station, seconds; None: the operator's default."""
    quirks: dict[str, Any] = {}
    """What the operator switched of this station's quirks (`domain.quirks.Quirks`), by name; learned limits with it."""
    created_at: datetime


class Evse(msgspec.Struct, frozen=True, kw_only=True):
    """State of one connector of one EVSE (1.6: connector n is EVSE n, connector 1). EVSE 0 is the station itself."""

    evse: int
    connector: int = 1
    status: ConnectorStatus = ConnectorStatus.UNKNOWN
    charging: ChargingState | None = None
    reported: str = ""
    """The word that the station used, for display."""
    error: str = ""
    info: str = ""
    vendor_error: str = ""
    reported_at: datetime | None = None
    """The station's time, when it gave one."""
    received_at: datetime | None = None


def identity_problem(identity: str, *, strict: bool) -> str | None:
    """Say in words why `identity` cannot name a station, or None when it can.

    strict: the rule of 2.x (identifierString, at most 48 characters, no colon). 1.6 sets no limit; ours is 255 and no
    control characters.
    """
    if not identity:
        return "the identity is empty"
    if any(ord(c) < 32 or ord(c) == 127 for c in identity):
        return "the identity has control characters"
    if identity in {".", ".."} or "../" in identity:
        return "the identity looks like a path"
    if strict and len(identity) > IDENTITY_LIMIT_2X:
        return f"the identity is longer than {IDENTITY_LIMIT_2X} characters"
    if len(identity) > 255:
        return "the identity is longer than 255 characters"
    if strict and not _IDENTIFIER.match(identity):
        return "the identity may have only letters, digits and * - _ = + | @ ."
    return None
