"""Limits that reach the station from outside OCPP: the grid operator's, an energy manager's (K11 to K14)."""

from typing import TYPE_CHECKING

from releve.simulator.electrical import Unit
from releve.simulator.profiles.model import Kind, Mode, Period, Profile, Purpose, Schedule

if TYPE_CHECKING:
    from releve.simulator.station import Station

EXTERNAL_ID = -1
"""Its profile id: of a range that no CSMS uses."""


async def impose(
    station: "Station", limit: float, unit: Unit, duration_s: int | None = None
) -> None:
    """Limit the whole station from now on, and tell the CSMS if the version can (K12.FR.02)."""
    now = station.now()
    profile = Profile(
        id=EXTERNAL_ID,
        evse=0,
        stack_level=0,
        purpose=Purpose.EXTERNAL,
        kind=Kind.ABSOLUTE,
        schedule=Schedule(unit, (Period(0, limit),), start=now, duration_s=duration_s),
        installed_at=now,
    )
    station.profiles.impose(profile)
    station.note("external-limit", f"limited from outside to {limit:g} {unit}")
    station.catch_up()
    station.settle()
    await station.dialect.external_limit(station, profile)


async def steer(
    station: "Station",
    setpoint_w: float,
    discharge_w: float | None = None,
    duration_s: int | None = None,
) -> None:
    """An energy manager sets what the whole station follows, below zero: give back (Q06; 2.1 only)."""
    now = station.now()
    period = Period(
        0,
        None,
        mode=Mode.EXTERNAL_SETPOINT,
        setpoint=setpoint_w,
        discharge_limit=None if discharge_w is None else -discharge_w,
    )
    schedule = Schedule(Unit.WATT, (period,), start=now, duration_s=duration_s)
    profile = Profile(
        EXTERNAL_ID, 0, 0, Purpose.EXTERNAL, Kind.ABSOLUTE, schedule, installed_at=now
    )
    station.profiles.impose(profile)
    station.note("external-setpoint", f"an energy manager asks for {setpoint_w / 1000:g} kW")
    station.catch_up()
    station.settle()
    await station.dialect.external_limit(station, profile)


async def lift(station: "Station") -> None:
    """The limit from outside is gone (K13.FR.02)."""
    if not station.profiles.lift(EXTERNAL_ID):
        return
    station.note("external-limit", "no longer limited from outside")
    station.catch_up()
    station.settle()
    await station.dialect.external_limit(station, None)
