"""Bodies and results of the monitoring endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from releve.api.command_forms import AnyEvse, CommandResult, Name
from releve.api.here import Line
from releve.domain.monitoring import (
    Monitor,
    MonitorResult,
    MonitorType,
    Spot,
    Stream,
    StreamParams,
    WantedMonitor,
)

Whole = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
Severity = Annotated[int, msgspec.Meta(ge=0, le=9)]


class _Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Watched(_Body, frozen=True, kw_only=True, omit_defaults=True):
    """A variable of a component; in a report's filter it may be left out: all of the component's."""

    component: Name
    component_instance: Line = ""
    evse: AnyEvse | None = None
    connector: AnyEvse | None = None
    variable: Line = ""
    instance: Line = ""


class StreamForm(_Body, frozen=True, kw_only=True):
    """interval_s: flush it every so many seconds; values: flush it when so many have come together."""

    interval_s: Whole | None = None
    values: Whole | None = None


class NewMonitor(_Body, frozen=True, kw_only=True):
    """value: the threshold, the difference, or the seconds between two periodic events. id: replaces that monitor.

    severity: 0 danger, 1 hardware failure, 2 system failure, 3 critical, 4 error, 5 alert, 6 warning, 7 notice,
    8 informational, 9 debug. stream: values come by a stream (2.1, periodic monitors).
    """

    watched: Watched
    type: Literal[
        "UpperThreshold",
        "LowerThreshold",
        "Delta",
        "Periodic",
        "PeriodicClockAligned",
        "TargetDelta",
        "TargetDeltaRelative",
    ]
    value: float
    severity: Severity = 8
    transaction: bool = False
    id: Whole | None = None
    stream: StreamForm | None = None


class NewMonitors(_Body, frozen=True, kw_only=True):
    monitors: Annotated[list[NewMonitor], msgspec.Meta(min_length=1, max_length=500)]


class MonitorsClearing(_Body, frozen=True, kw_only=True):
    ids: Annotated[list[Whole], msgspec.Meta(min_length=1, max_length=500)]


class Base(_Body, frozen=True, kw_only=True):
    base: Literal["All", "FactoryDefault", "HardWiredOnly"]


class Level(_Body, frozen=True, kw_only=True):
    severity: Severity


class ReportRequest(_Body, frozen=True, kw_only=True):
    """Both empty: all monitors."""

    criteria: Annotated[
        list[Literal["ThresholdMonitoring", "DeltaMonitoring", "PeriodicMonitoring"]],
        msgspec.Meta(max_length=3),
    ] = []
    variables: Annotated[list[Watched], msgspec.Meta(max_length=500)] = []


class Adjustment(StreamForm, frozen=True, kw_only=True):
    pass


class MonitorView(msgspec.Struct, frozen=True, kw_only=True):
    """origin: HardWiredMonitor, PreconfiguredMonitor or CustomMonitor; empty when 2.0.1 did not tell."""

    id: int
    watched: Watched
    about: str
    type: str
    value: float
    severity: int
    transaction: bool
    origin: str
    stream: StreamForm | None
    reported_at: datetime


class MonitorResultView(msgspec.Struct, frozen=True, kw_only=True):
    """status: Accepted, Rejected, UnknownComponent, UnknownVariable, UnsupportedMonitorType, Duplicate, NotFound."""

    status: str
    id: int | None
    about: str
    type: str
    severity: int | None
    reason: str


class MonitorsResult(CommandResult, frozen=True, kw_only=True):
    """How the last message ended, and what the station answered for each monitor."""

    monitors: list[MonitorResultView]


class StreamView(msgspec.Struct, frozen=True, kw_only=True):
    """pending: values that waited at the station; growing: it cannot keep up, so let it send more at a time."""

    id: int
    monitor: int
    interval_s: int | None
    values: int | None
    pending: int
    growing: bool
    opened_at: datetime
    told_at: datetime | None


class StreamsResult(CommandResult, frozen=True, kw_only=True):
    streams: list[StreamView]


class StreamValueView(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    value: str


def spot_of(watched: Watched) -> Spot:
    """As the services take it."""
    return Spot(**msgspec.structs.asdict(watched))


def wanted_of(form: NewMonitor) -> WantedMonitor:
    """As the services take it."""
    stream = form.stream
    return WantedMonitor(
        spot=spot_of(form.watched),
        type=MonitorType(form.type),
        value=form.value,
        severity=form.severity,
        transaction=form.transaction,
        id=form.id,
        stream=StreamParams(interval_s=stream.interval_s, values=stream.values) if stream else None,
    )


def monitor_view(monitor: Monitor) -> MonitorView:
    """A monitor as the API shows it."""
    stream = monitor.stream
    return MonitorView(
        id=monitor.id,
        watched=Watched(**msgspec.structs.asdict(monitor.spot)),
        about=monitor.spot.label,
        type=monitor.type,
        value=monitor.value,
        severity=monitor.severity,
        transaction=monitor.transaction,
        origin=monitor.origin,
        stream=StreamForm(interval_s=stream.interval_s, values=stream.values) if stream else None,
        reported_at=monitor.reported_at,
    )


def result_view(result: MonitorResult) -> MonitorResultView:
    """A station's answer for one monitor."""
    return MonitorResultView(
        status=result.status,
        id=result.id,
        about=result.spot.label if result.spot else "",
        type=result.type,
        severity=result.severity,
        reason=result.reason,
    )


def stream_view(stream: Stream) -> StreamView:
    """A stream as the API shows it."""
    return StreamView(
        id=stream.id,
        monitor=stream.monitor,
        interval_s=stream.params.interval_s,
        values=stream.params.values,
        pending=stream.pending,
        growing=stream.growing,
        opened_at=stream.opened_at,
        told_at=stream.told_at,
    )
