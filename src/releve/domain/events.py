"""What has happened, in the past tense: announced by services, carried by the outbox and the bus to whom it concerns.

Every event names its operator and station. `topic` is its stable name outside (SSE event name, webhook type).
DURABLE events are written to the outbox by the commit that made them true and can be replayed from their id; the
others (meter samples, heartbeats) are copies of rows that anyone can read, and go to live listeners only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import msgspec

from releve.domain.ids import (
    OperationId,
    OperatorId,
    ReservationId,
    StationId,
    TransactionId,
)


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    topic: ClassVar[str] = ""
    durable: ClassVar[bool] = True

    operator: OperatorId
    station: StationId
    identity: str
    at: datetime
    """The system's time."""


class StationConnected(Event, frozen=True, kw_only=True, omit_defaults=True):
    topic: ClassVar[str] = "station.connected"
    version: str
    peer: str = ""


class StationDisconnected(Event, frozen=True, kw_only=True, omit_defaults=True):
    topic: ClassVar[str] = "station.disconnected"
    reason: str = ""


class StationBooted(Event, frozen=True, kw_only=True, omit_defaults=True):
    topic: ClassVar[str] = "station.booted"
    decision: str
    vendor: str = ""
    model: str = ""
    firmware: str = ""
    reason: str = ""


class StationAppeared(Event, frozen=True, kw_only=True, omit_defaults=True):
    """An unknown station knocked and stands in the inbox."""

    topic: ClassVar[str] = "station.appeared"


class StationChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The operator changed its settings; `what` names the fields."""

    topic: ClassVar[str] = "station.changed"
    what: tuple[str, ...] = ()


class EvseStatusChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    topic: ClassVar[str] = "evse.status"
    evse: int
    connector: int
    status: str
    charging: str | None = None
    reported: str = ""
    error: str = ""


class TransactionChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Common to began, updated and ended: what a live page needs to draw its row."""

    transaction: TransactionId
    reference: str
    evse: int | None = None
    token: str | None = None
    state: str = "active"
    charging: str | None = None
    energy_wh: float | None = None


class TransactionBegan(TransactionChanged, frozen=True, kw_only=True, omit_defaults=True):
    topic: ClassVar[str] = "transaction.began"
    verdict: str | None = None


class TransactionUpdated(TransactionChanged, frozen=True, kw_only=True, omit_defaults=True):
    topic: ClassVar[str] = "transaction.updated"


class TransactionEnded(TransactionChanged, frozen=True, kw_only=True, omit_defaults=True):
    topic: ClassVar[str] = "transaction.ended"
    reason: str | None = None
    held: bool = False


class MeterSampled(Event, frozen=True, kw_only=True, omit_defaults=True):
    topic: ClassVar[str] = "meter.sampled"
    durable: ClassVar[bool] = False
    evse: int
    transaction: TransactionId | None = None
    sampled_at: datetime
    energy_wh: float | None = None
    """The register, not the transaction's energy."""
    power_w: float | None = None
    current_a: float | None = None
    soc_pct: float | None = None


class AnomalySeen(Event, frozen=True, kw_only=True, omit_defaults=True):
    topic: ClassVar[str] = "anomaly.seen"
    kind: str
    transaction: TransactionId | None = None
    detail: dict[str, Any] = {}


class StationReported(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A station told something that is kept as it came: a security event, a firmware, log or diagnostics status, ..."""

    topic: ClassVar[str] = "station.reported"
    what: str
    detail: dict[str, Any] = {}


class ReservationChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A reservation was asked for, taken on, used, or ended; `state` says which (`domain.reservation`)."""

    topic: ClassVar[str] = "reservation.changed"
    reservation: ReservationId
    number: int
    evse: int | None = None
    token: str
    state: str
    status: str = ""
    expires_at: datetime
    transaction: TransactionId | None = None


class TransactionChecked(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The station was asked how a transaction stands (E14); `finding` says what came of it."""

    topic: ClassVar[str] = "transaction.checked"
    transaction: TransactionId
    finding: str
    ongoing: bool | None = None
    queued: bool | None = None


class SecurityEventSeen(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A station told of something about its security, or this system noticed it (source: station, system)."""

    topic: ClassVar[str] = "security.event"
    kind: str
    critical: bool
    alarm: bool
    source: str
    info: str = ""


class SecurityEventAcknowledged(Event, frozen=True, kw_only=True, omit_defaults=True):
    topic: ClassVar[str] = "security.acknowledged"
    kind: str
    by: str = ""


class CommandEnded(Event, frozen=True, kw_only=True, omit_defaults=True):
    topic: ClassVar[str] = "command.ended"
    command: str
    result: str
    status: str | None = None
    by: str = ""


class OperationChanged(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A long-running operation began, moved on or ended."""

    topic: ClassVar[str] = "operation.changed"
    operation: OperationId
    kind: str
    state: str
    status: str = ""
    parts: int = 0


class FileArrived(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A station handed in a file; it is on disk."""

    topic: ClassVar[str] = "file.arrived"
    file: int
    name: str
    size: int
    operation: int | None = None


class EventTold(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A monitor of the station told something (NotifyEvent). event: its row. about: component and variable."""

    topic: ClassVar[str] = "monitor.event"
    event: int
    trigger: str
    severity: int | None = None
    about: str
    value: str | None = None
    cleared: bool = False
    problem: bool = False


class StreamTold(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Values came by a periodic event stream; `last` is the newest of them."""

    topic: ClassVar[str] = "stream.values"
    durable: ClassVar[bool] = False
    stream: int
    monitor: int
    values: int
    last: str = ""
    pending: int = 0


KINDS: tuple[type[Event], ...] = (
    StationConnected,
    StationDisconnected,
    StationBooted,
    StationAppeared,
    StationChanged,
    EvseStatusChanged,
    TransactionBegan,
    TransactionUpdated,
    TransactionEnded,
    MeterSampled,
    AnomalySeen,
    StationReported,
    SecurityEventSeen,
    SecurityEventAcknowledged,
    CommandEnded,
    OperationChanged,
    ReservationChanged,
    TransactionChecked,
    FileArrived,
    EventTold,
    StreamTold,
)
TOPICS: dict[str, type[Event]] = {kind.topic: kind for kind in KINDS}
