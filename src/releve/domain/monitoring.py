"""N: monitors of a station's variables, what they told, and periodic event streams (2.x)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NewType

import msgspec

from releve.domain.commands import Command
from releve.domain.holding import Holding
from releve.domain.ids import OperatorId, StationId

EventId = NewType("EventId", int)

REPORT = "monitoring-report"
GRAVEST_HARMLESS = 5
"""From this severity on an event is no problem that somebody has to look after."""


class MonitoringBase(StrEnum):
    ALL = "All"
    FACTORY_DEFAULT = "FactoryDefault"
    HARD_WIRED_ONLY = "HardWiredOnly"


class MonitorType(StrEnum):
    UPPER_THRESHOLD = "UpperThreshold"
    LOWER_THRESHOLD = "LowerThreshold"
    DELTA = "Delta"
    PERIODIC = "Periodic"
    PERIODIC_CLOCK_ALIGNED = "PeriodicClockAligned"
    TARGET_DELTA = "TargetDelta"
    TARGET_DELTA_RELATIVE = "TargetDeltaRelative"

    @property
    def periodic(self) -> bool:
        return self in (MonitorType.PERIODIC, MonitorType.PERIODIC_CLOCK_ALIGNED)


class Criterion(StrEnum):
    THRESHOLD = "ThresholdMonitoring"
    DELTA = "DeltaMonitoring"
    PERIODIC = "PeriodicMonitoring"


class Spot(msgspec.Struct, frozen=True, kw_only=True, order=True, omit_defaults=True):
    """A component and, but for reports, a variable of it. variable empty: all of the component's."""

    component: str
    component_instance: str = ""
    evse: int | None = None
    connector: int | None = None
    variable: str = ""
    instance: str = ""

    @property
    def label(self) -> str:
        """As people read it: `EVSE 1 / AvailabilityState`."""
        where = self.component + (
            f" ({self.component_instance})" if self.component_instance else ""
        )
        if self.evse is not None:
            where += f" {self.evse}" + (f".{self.connector}" if self.connector is not None else "")
        what = self.variable + (f" ({self.instance})" if self.instance else "")
        return f"{where} / {what}" if what else where


class StreamParams(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When a stream is flushed: every `interval_s` seconds, or when `values` have come together; or both."""

    interval_s: int | None = None
    values: int | None = None


class WantedMonitor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A monitor to be set. id: replaces that one. stream: values come by a stream instead of events (2.1)."""

    spot: Spot
    type: MonitorType
    value: float
    severity: int
    transaction: bool = False
    id: int | None = None
    stream: StreamParams | None = None


class MonitorResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the station answered for one monitor. status: SetMonitoringStatus or ClearMonitoringStatus."""

    status: str
    id: int | None = None
    spot: Spot | None = None
    type: str = ""
    severity: int | None = None
    reason: str = ""


class Monitor(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """A monitor that a station has, as it last confirmed or reported."""

    kind: ClassVar[str] = "monitor"

    id: int
    spot: Spot
    type: str
    value: float
    severity: int
    transaction: bool = False
    origin: str = "CustomMonitor"
    """HardWiredMonitor, PreconfiguredMonitor, CustomMonitor; 2.0.1 does not tell: then as we know it."""
    stream: StreamParams | None = None
    reported_at: datetime

    @property
    def key(self) -> str:
        return str(self.id)


class Stream(Holding, frozen=True, kw_only=True, omit_defaults=True):
    """An open periodic event stream (2.1 N11)."""

    kind: ClassVar[str] = "event-stream"

    id: int
    monitor: int
    params: StreamParams
    opened_at: datetime
    pending: int = 0
    """Values that the station had ready when it last sent some; growing: it cannot keep up (N15.FR.05)."""
    growing: bool = False
    grown: int = 0
    """In so many messages in a row what waits has grown."""
    told_at: datetime | None = None

    @property
    def key(self) -> str:
        return str(self.id)


class StationEvent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event that a station told (EventDataType). value None: a variable that can only be written has none."""

    id: EventId
    operator: OperatorId
    station: StationId
    event: int
    """The station's own number of it; `cause` names another's."""
    at: datetime
    received_at: datetime
    trigger: str
    notification: str
    severity: int | None = None
    cause: int | None = None
    component: str
    component_instance: str = ""
    evse: int | None = None
    connector: int | None = None
    variable: str
    instance: str = ""
    value: str | None = None
    cleared: bool = False
    monitor: int | None = None
    tech_code: str = ""
    tech_info: str = ""
    reference: str = ""
    """The transaction it is about, by the station's name for it."""

    @property
    def spot(self) -> Spot:
        return Spot(
            component=self.component,
            component_instance=self.component_instance,
            evse=self.evse,
            connector=self.connector,
            variable=self.variable,
            instance=self.instance,
        )

    @property
    def about(self) -> str:
        """What clears it again: the monitor, or the variable when none is named."""
        return f"monitor {self.monitor}" if self.monitor is not None else self.spot.label

    @property
    def problem(self) -> bool:
        """Whether somebody has to look after it: an alert that is graver than a warning, or a Problem that is true."""
        if self.trigger != "Alerting" and self.variable.casefold() != "problem":
            return False
        if self.variable.casefold() == "problem":
            return (self.value or "").casefold() == "true" and not self.cleared
        return self.severity is not None and self.severity < GRAVEST_HARMLESS and not self.cleared


class StreamValue(msgspec.Struct, frozen=True, kw_only=True):
    """One value of a stream. part: its place among those of the same instant."""

    operator: OperatorId
    station: StationId
    monitor: int
    at: datetime
    part: int
    value: str
    received_at: datetime


class SetMonitoringBase(Command, frozen=True, kw_only=True):
    """Go back to a set of monitors (N03)."""

    base: MonitoringBase


class SetMonitoringLevel(Command, frozen=True, kw_only=True):
    """Events of this severity and graver are told (N05). severity: 0, the gravest, to 9."""

    severity: int


class SetVariableMonitoring(Command, frozen=True, kw_only=True):
    monitors: tuple[WantedMonitor, ...]


class ClearVariableMonitoring(Command, frozen=True, kw_only=True):
    ids: tuple[int, ...]


class GetMonitoringReport(Command, frozen=True, kw_only=True):
    """criteria and spots empty: all monitors (N02)."""

    request_id: int
    criteria: tuple[Criterion, ...] = ()
    spots: tuple[Spot, ...] = ()

    while_pending: ClassVar[bool] = True
    expects: ClassVar[tuple[str, ...]] = ("NotifyMonitoringReport",)


class AdjustPeriodicEventStream(Command, frozen=True, kw_only=True):
    """Change when a stream is flushed (2.1 N14)."""

    stream: int
    params: StreamParams


class GetPeriodicEventStream(Command, frozen=True, kw_only=True):
    """Which streams are open (2.1 N12)."""
