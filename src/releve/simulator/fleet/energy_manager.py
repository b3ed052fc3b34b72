"""The energy manager of a site: now and then it has the cars give back, and lets them charge again."""

from collections.abc import Awaitable

from releve.simulator import external
from releve.simulator.line import CallFailed
from releve.simulator.scenario import EnergyManager
from releve.simulator.station import Station


async def manage(station: Station, plan: EnergyManager) -> None:
    """Set and lift the setpoint of `station`, for ever (2.1, Q06)."""
    if plan.discharge_kw <= 0:
        return
    while True:
        await station.clock.sleep(plan.charge_minutes * 60)
        await _told(station, external.steer(station, -plan.discharge_kw * 1000))
        await station.clock.sleep(plan.discharge_minutes * 60)
        await _told(station, external.lift(station))


async def _told(station: Station, doing: Awaitable[None]) -> None:
    try:
        await doing
    except CallFailed as problem:
        station.note("undelivered", f"a setpoint from outside was not told: {problem}")
