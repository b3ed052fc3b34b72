"""Composite schedules of a station, whatever the version that asks."""

from typing import TYPE_CHECKING

from releve.ocpp.version import Version
from releve.simulator.electrical import Unit
from releve.simulator.profiles.composite import CompositePeriod, composite, station_composite

if TYPE_CHECKING:
    from releve.simulator.station import Station


def composite_schedule(
    station: "Station", number: int, duration_s: int, unit: Unit
) -> list[CompositePeriod] | None:
    """The schedule of EVSE `number`, or of the station (0); None for an unknown EVSE (K08.FR.05).

    Without a transaction it is that of one which would begin now (K08.FR.06).
    """
    now = station.now()
    if number == 0:
        parts = []
        for evse in station.evses.values():
            transaction = evse.transaction
            key = transaction.key if transaction else None
            origin = (transaction.energy_origin if transaction else None) or now
            parts.append((station.profiles.touching(evse.id, key), evse.supply, origin))
        return station_composite(parts, unit, now, duration_s)
    evse_asked = station.evses.get(number)
    if evse_asked is None:
        return None
    running = evse_asked.transaction
    origin = (running.energy_origin if running else None) or now
    profiles = station.profiles.touching(number, running.key if running else None)
    priority = running is not None and running.priority
    return composite(
        profiles,
        evse_asked.supply,
        unit,
        now,
        duration_s,
        origin,
        priority=priority,
        steered=station.plan.version is Version.V21,
    )


def usual_unit(station: "Station") -> Unit:
    """The unit for an answer when none was asked for: one that the station works in."""
    units = station.profiles.rules.units
    return Unit.AMPERE if Unit.AMPERE in units else Unit.WATT
