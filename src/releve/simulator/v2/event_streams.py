"""Periodic event streams: values told in messages that nobody answers (2.1, N11 to N15)."""

from typing import TYPE_CHECKING

from releve.ocpp.messages import v21
from releve.simulator.dialect import Then
from releve.simulator.monitors import Monitor, Stream

if TYPE_CHECKING:
    from releve.simulator.station import Station


async def open_for(
    station: "Station", monitor: Monitor, params: v21.PeriodicEventStreamParams
) -> None:
    """Ask for a stream; where it is refused, the monitor goes on telling by events (N11.FR.02, N11.FR.07)."""
    book = station.monitors
    former = book.stream_of(monitor.id)
    if former is not None:
        await close(station, former)
    stream = book.new_stream(monitor.id, params.interval or 0, params.values or 0)
    if stream is None:
        station.note("stream", f"no more streams: monitor {monitor.id} tells by events")
        return
    answer = await station.ask(
        v21.OpenPeriodicEventStreamRequest(constant_stream_data=constant(stream))
    )
    station.note("stream", f"stream {stream.id}: {answer.status.value}", status=answer.status.value)
    if answer.status is v21.GenericStatusEnum.ACCEPTED:
        book.streams[stream.id] = stream


async def close(station: "Station", stream: Stream) -> None:
    """Tell what is left, and that no more comes (N13.FR.01, N13.FR.03)."""
    while stream.buffer:
        await _send(station, stream)
    station.monitors.streams.pop(stream.id, None)
    await station.ask(v21.ClosePeriodicEventStreamRequest(id=stream.id))
    station.note("stream", f"stream {stream.id} is closed", status="Closed")


def flush_due(station: "Station") -> None:
    """Send what is due; while the line is down it gathers."""
    if not station.online:
        return
    for stream in station.monitors.streams.values():
        if stream.due(station.clock.time()):
            station.post(_sending(station, stream))


def constant(stream: Stream) -> v21.ConstantStreamData:
    """What is fixed about a stream."""
    return v21.ConstantStreamData(
        id=stream.id,
        variable_monitoring_id=stream.monitor,
        params=v21.PeriodicEventStreamParams(
            interval=stream.interval_s or None, values=stream.values or None
        ),
    )


def _sending(station: "Station", stream: Stream) -> Then:
    return lambda: _send(station, stream)


async def _send(station: "Station", stream: Stream) -> None:
    values = stream.take()
    if not values:
        return
    begun = values[0][0]
    await station.tell(
        v21.NotifyPeriodicEventStreamRequest(
            id=stream.id,
            pending=len(stream.buffer),  # N15.FR.04
            basetime=begun,  # N15.FR.09
            data=[
                v21.StreamDataElement(t=round((at - begun).total_seconds(), 3), v=value)
                for at, value in values
            ],
        )
    )
    station.note("streamed", f"stream {stream.id}: {len(values)} values", count=len(values))
