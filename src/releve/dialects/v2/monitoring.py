"""N: monitors and what they tell, as 2.0.1 and 2.1 write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from releve.dialects.v2.outcome import explanation
from releve.dialects.v2.wire import WireComponent, WireEventData, WireStatusInfo, WireVariable
from releve.domain.commands import Outcome, Result
from releve.domain.monitoring import (
    GetMonitoringReport,
    Monitor,
    MonitorResult,
    SetVariableMonitoring,
    Spot,
    StreamParams,
    WantedMonitor,
)
from releve.services.monitors import ToldEvent

ACCEPTED = "Accepted"
EMPTY = "EmptyResultSet"


def monitors(command: SetVariableMonitoring, *, streams: bool) -> dict[str, Any]:
    """SetVariableMonitoringRequest. streams: whether the version has periodic event streams (2.1)."""
    return {"setMonitoringData": [_wanted(one, streams) for one in command.monitors]}


def _wanted(one: WantedMonitor, streams: bool) -> dict[str, Any]:
    stream = one.stream if streams else None
    return {
        "id": one.id,
        "transaction": one.transaction or None,
        "value": one.value,
        "type": str(one.type),
        "severity": one.severity,
        "component": component(one.spot),
        "variable": variable(one.spot),
        "periodicEventStream": params(stream) if stream is not None else None,
    }


def report(command: GetMonitoringReport) -> dict[str, Any]:
    """GetMonitoringReportRequest; lists that are empty are left out."""
    spots = [
        {"component": component(spot), "variable": variable(spot) if spot.variable else None}
        for spot in command.spots
    ]
    return {
        "requestId": command.request_id,
        "monitoringCriteria": [str(one) for one in command.criteria] or None,
        "componentVariable": spots or None,
    }


def params(stream: StreamParams) -> dict[str, Any]:
    """PeriodicEventStreamParams."""
    return {"interval": stream.interval_s, "values": stream.values}


def component(spot: Spot) -> dict[str, Any]:
    """ComponentType."""
    evse = None if spot.evse is None else {"id": spot.evse, "connectorId": spot.connector}
    return {"name": spot.component, "instance": spot.component_instance or None, "evse": evse}


def variable(spot: Spot) -> dict[str, Any]:
    """VariableType."""
    return {"name": spot.variable, "instance": spot.instance or None}


def spot_of(where: WireComponent, what: WireVariable | None) -> Spot:
    """A component and variable of the wire."""
    evse = where.evse
    return Spot(
        component=where.name,
        component_instance=where.instance or "",
        evse=evse.id if evse is not None else None,
        connector=evse.connector_id if evse is not None else None,
        variable=what.name if what is not None else "",
        instance=(what.instance or "") if what is not None else "",
    )


def set_outcome(results: Sequence[Any]) -> Outcome:
    """What SetVariableMonitoringResponse says for each monitor, in the order of the request."""
    return _outcome(
        [
            MonitorResult(
                status=str(one.status),
                id=one.id,
                spot=spot_of(one.component, one.variable),
                type=str(one.type),
                severity=one.severity,
                reason=_reason(one.status_info),
            )
            for one in results
        ]
    )


def clear_outcome(results: Sequence[Any]) -> Outcome:
    """What ClearVariableMonitoringResponse says for each id."""
    return _outcome(
        [
            MonitorResult(status=str(one.status), id=one.id, reason=_reason(one.status_info))
            for one in results
        ]
    )


def report_outcome(outcome: Outcome) -> Outcome:
    """An empty result set is a good answer: there is nothing to report (N02.FR.10)."""
    if outcome.status == EMPTY:
        return msgspec.structs.replace(outcome, accepted=True, complete=True)
    return outcome


def _reason(info: WireStatusInfo | None) -> str:
    return explanation(info)


def _outcome(results: list[MonitorResult]) -> Outcome:
    words = {one.status for one in results}
    return Outcome(
        result=Result.ANSWERED,
        status=words.pop() if len(words) == 1 else None,
        accepted=bool(results) and all(one.status == ACCEPTED for one in results),
        details=msgspec.to_builtins(results),
    )


def reported(data: Sequence[Any], at: datetime) -> list[Monitor]:
    """Monitors of a NotifyMonitoringReport. 2.0.1 does not say where one comes from, nor has it streams."""
    return [
        Monitor(
            id=one.id,
            spot=spot_of(part.component, part.variable),
            type=str(one.type),
            value=one.value,
            severity=one.severity,
            transaction=one.transaction,
            origin=str(getattr(one, "event_notification_type", "")),
            reported_at=at,
        )
        for part in data
        for one in part.variable_monitoring
    ]


def told(data: Sequence[WireEventData]) -> list[ToldEvent]:
    """Events of a NotifyEvent. An empty value is that of a variable which can only be written."""
    return [_told(one) for one in data]


def _told(one: Any) -> ToldEvent:
    return ToldEvent(
        event=one.event_id,
        at=one.timestamp,
        trigger=str(one.trigger),
        notification=str(one.event_notification_type),
        severity=getattr(one, "severity", None),
        cause=one.cause,
        spot=spot_of(one.component, one.variable),
        value=one.actual_value or None,
        cleared=bool(one.cleared),
        monitor=one.variable_monitoring_id,
        tech_code=one.tech_code or "",
        tech_info=one.tech_info or "",
        reference=one.transaction_id or "",
    )
