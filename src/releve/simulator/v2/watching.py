"""Monitors at work: variables are looked at in every step, and what fires is told by NotifyEvent (N07, N08)."""

from datetime import datetime
from typing import TYPE_CHECKING

from releve.ocpp.messages import v21
from releve.ocpp.messages.base import Response
from releve.ocpp.version import Version
from releve.simulator.evse import Evse
from releve.simulator.monitors import Monitor
from releve.simulator.outbox import Entry
from releve.simulator.place import Place
from releve.simulator.v2 import event_streams, wire
from releve.simulator.v2.variables import model_of

if TYPE_CHECKING:
    from releve.simulator.station import Station

INFORMATIONAL = 8
"""The severity of what is no alarm."""


def watch(station: "Station") -> None:
    """Look at every monitored variable; tell what fires, and what streams have gathered."""
    if not station.behaviour.monitoring_enabled:
        return
    events = []
    for monitor in station.monitors:
        event = _look(station, monitor)
        if event is not None:
            events.append(event)
    if events:
        _tell(station, events)
    event_streams.flush_due(station)


def arm(station: "Station", monitor: Monitor) -> None:
    """From now on: what a change is measured against, and when the first period ends."""
    if monitor.kind.trigger != "Alerting":
        _look(station, monitor)


async def tell_connector(
    station: "Station", evse: int, connector: int, status: str, at: datetime
) -> None:
    """A connector's AvailabilityState, instead of StatusNotification (2.1, G01.FR.03 and others)."""
    place = Place("Connector", "AvailabilityState", evse=evse, connector=connector)
    component, variable = wire.named(place)
    event = v21.EventData(
        event_id=station.monitors.next_event(),
        timestamp=at,
        trigger=v21.EventTriggerEnum.DELTA,
        actual_value=status,
        component=component,
        variable=variable,
        event_notification_type=v21.EventNotificationEnum.HARD_WIRED_NOTIFICATION,
        severity=INFORMATIONAL,
    )
    await _ask(station, _request(station, [event]))


def _look(station: "Station", monitor: Monitor) -> v21.EventData | None:
    entry = model_of(station).find(monitor.place)
    evse = None if monitor.place.evse is None else station.evses.get(monitor.place.evse)
    if entry is None or (monitor.transaction and not _in_transaction(station, evse)):
        return None
    value = entry.value(station)
    now = station.now()
    fired = monitor.fires(
        value,
        numeric=entry.numeric,
        now_s=station.clock.time(),
        day_s=now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6,
    )
    if fired is None:
        return None
    stream = station.monitors.stream_of(monitor.id)
    if stream is not None:
        stream.put(now, value)
        return None
    if monitor.severity > station.monitors.level:
        return None  # N05.FR.03, N07.FR.15
    return _event(station, monitor, evse, value, over=fired is False)


def _in_transaction(station: "Station", evse: Evse | None) -> bool:
    return station.busy if evse is None else evse.transaction is not None


def _event(
    station: "Station", monitor: Monitor, evse: Evse | None, value: str, *, over: bool
) -> v21.EventData:
    text = f"{monitor.place} is {value}" + (", no longer alarming" if over else "")
    station.note("event", text, monitor.place.evse, monitor=monitor.id, value=value, cleared=over)
    running = None if evse is None else evse.transaction
    component, variable = wire.named(monitor.place)
    return v21.EventData(
        event_id=station.monitors.next_event(),
        timestamp=station.now(),
        trigger=v21.EventTriggerEnum(monitor.kind.trigger),
        actual_value=value,
        cleared=True if over else None,
        transaction_id=running.key if running is not None and monitor.transaction else None,
        component=component,
        variable=variable,
        variable_monitoring_id=monitor.id,
        event_notification_type=v21.EventNotificationEnum(monitor.origin.value),
        severity=monitor.severity if station.plan.version is Version.V21 else None,
    )


def _tell(station: "Station", events: list[v21.EventData]) -> None:
    """At once, or when the line is back, if they are severe enough (N07.FR.04, N08.FR.03)."""
    if station.online:
        request = _request(station, events)
        station.post(lambda: _ask(station, request))
        return
    monitors = {monitor.id: monitor for monitor in station.monitors}
    least = station.behaviour.offline_queuing_severity
    kept = [
        event
        for event in events
        if (known := monitors.get(event.variable_monitoring_id or 0)) and known.severity <= least
    ]
    if kept:
        queued = _request(station, kept)
        station.queue(Entry("NotifyEvent", None, lambda _offline: queued, _nothing))


def _request(station: "Station", events: list[v21.EventData]) -> v21.NotifyEventRequest:
    return v21.NotifyEventRequest(
        generated_at=station.now(), tbc=False, seq_no=0, event_data=events
    )


async def _ask(station: "Station", request: v21.NotifyEventRequest) -> None:
    await station.ask(request)


def _nothing(_response: Response) -> None:
    """NotifyEventResponse has nothing to say."""
