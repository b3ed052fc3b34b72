"""Messages that the CSMS asks for (TriggerMessage). They tell the present, never the past (1.6, 5.17)."""

from typing import TYPE_CHECKING

from releve.simulator import firmware, sampling
from releve.simulator.dialect import Registration, Then
from releve.simulator.evse import Evse
from releve.simulator.meter import Context

if TYPE_CHECKING:
    from releve.simulator.station import Station


def prepare(station: "Station", wanted: str, number: int | None) -> Then | None:
    """What is to follow the answer, or None if the station will not send it.

    `wanted` is the wire's name; `number` the EVSE, None for all of them, 0 for the station.
    """
    evses = _chosen(station, number)
    if evses is None:
        return None
    match wanted:
        case "BootNotification":
            return _boot(station)
        case "Heartbeat":
            return station.beat
        case "StatusNotification":
            return lambda: _statuses(station, evses, station_too=number in (None, 0))
        case "MeterValues":
            return lambda: _meter_values(station, evses)
        case "FirmwareStatusNotification":
            return lambda: station.dialect.firmware_status(
                station, firmware.state_to_tell(station), station.transfers.update_request
            )
        case "LogStatusNotification":
            return lambda: station.dialect.log_status(
                station,
                station.transfers.log_state,
                0 if station.transfers.log_request is None else station.transfers.log_request,
            )
        case "DiagnosticsStatusNotification":
            return lambda: station.dialect.log_status(station, station.transfers.log_state, None)
        case _:
            return None


def _chosen(station: "Station", number: int | None) -> list[Evse] | None:
    if number is None:
        return list(station.evses.values())
    if number == 0:
        return []
    evse = station.evses.get(number)
    return None if evse is None else [evse]


def _boot(station: "Station") -> Then | None:
    """Not after the CSMS has accepted (1.6 errata, F06.FR.17)."""
    if station.registration is Registration.ACCEPTED:
        return None

    async def boot_now() -> None:
        station.boot_again.set()

    return boot_now


async def _statuses(station: "Station", evses: list[Evse], *, station_too: bool) -> None:
    at = station.now()
    if station_too:
        await station.dialect.report_status(station, None, station.status, at)
    for evse in evses:
        evse.last_reported = station.dialect.visible(evse)
        await station.dialect.report_status(station, evse, evse.status, at, evse.fault)


async def _meter_values(station: "Station", evses: list[Evse]) -> None:
    station.catch_up()
    for evse in evses:
        found = sampling.take(station, evse, Context.TRIGGER, station.behaviour.sampled)
        if found.readings:
            station.dialect.aligned(station, evse, found)
