"""K08: the composite schedule, ours and the station's, and where they differ."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import msgspec

from releve.domain.charging_profile import RateUnit
from releve.domain.ids import OperatorId, StationId
from releve.domain.smart_charging import GetCompositeSchedule, ReportedSchedule, ScheduleOutcome
from releve.energy.compare import Difference, differences, uncertain_spans
from releve.energy.composite import Composite, CompositePeriod, composite, station_composite
from releve.energy.supply import Supply
from releve.services.commands import Commands
from releve.services.smart_charging.profiles import SmartCharging
from releve.services.smart_charging.situation import Situation

LONGEST_S = 7 * 86_400


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """theirs: what the station told; None when it told nothing, as `outcome` says."""

    ours: Composite
    outcome: ScheduleOutcome
    theirs: Composite | None = None
    differences: tuple[Difference, ...] = ()


class CompositeSchedules:
    def __init__(self, commands: Commands, profiles: SmartCharging) -> None:
        self._commands = commands
        self._profiles = profiles

    async def ours(
        self,
        operator: OperatorId,
        station: StationId,
        evse: int,
        duration_s: int,
        unit: RateUnit | None = None,
    ) -> Composite:
        """What all that is installed allows from now on, by our own reckoning. evse 0: the station as a whole."""
        situation = await self._profiles.situation(operator, station)
        return reckoned(situation, evse, unit or usual_unit(situation), duration_s)

    async def compared(
        self,
        operator: OperatorId,
        station: StationId,
        evse: int,
        duration_s: int,
        unit: RateUnit | None = None,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Comparison:
        """Ask the station for its schedule (K08.FR.01) and hold it against ours."""
        command = GetCompositeSchedule(evse=evse, duration=duration_s, unit=unit)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        situation = await self._profiles.situation(operator, station)
        told = outcome.schedule if isinstance(outcome, ScheduleOutcome) else None
        heard = (
            outcome
            if isinstance(outcome, ScheduleOutcome)
            else msgspec.convert(outcome, ScheduleOutcome, from_attributes=True)
        )
        if told is None or not told.periods:
            ours = reckoned(situation, evse, unit or usual_unit(situation), duration_s)
            return Comparison(ours=ours, outcome=heard)
        theirs = as_composite(told)
        ours = reckoned(situation, evse, theirs.unit, theirs.duration_s, begin_as=theirs)
        frame = situation.case(evse).frame
        spans = uncertain_spans(situation.profiles(), frame, theirs.begin, theirs.end)
        supply = situation.supply(evse) if evse else grid(situation)
        found = differences(ours, theirs, supply, spans)
        return Comparison(ours=ours, outcome=heard, theirs=theirs, differences=found)


def reckoned(
    situation: Situation,
    evse: int,
    unit: RateUnit,
    duration_s: int,
    *,
    begin_as: Composite | None = None,
    choice: int = 0,
) -> Composite:
    """The composite schedule of an EVSE, or of the station (0). begin_as: one whose begin it shares."""
    begin = situation.now if begin_as is None else begin_as.begin
    profiles = situation.profiles()
    if evse:
        case = situation.case(evse, choice=choice)
        return composite(case, profiles, unit, begin, duration_s)
    cases = [situation.case(number) for number in situation.numbers]
    return station_composite(cases, grid(situation), profiles, unit, begin, duration_s)


def grid(situation: Situation) -> Supply:
    """The station's connection: three phases of its voltage; a limit on it is a profile's business."""
    one = situation.supply(0)
    return Supply(voltage_v=one.voltage_v, max_current_a=None)


def usual_unit(situation: Situation) -> RateUnit:
    """A unit that the station takes."""
    units = situation.abilities().units
    return RateUnit.AMPERE if not units or RateUnit.AMPERE in units else RateUnit.WATT


def as_composite(told: ReportedSchedule) -> Composite:
    """What a station told, in the shape of our own computation."""

    def exact(value: object) -> Fraction | None:
        return None if value is None else Fraction(str(value))

    periods = tuple(
        CompositePeriod(
            start=told.begin + timedelta(seconds=p.start_period),
            limit=exact(p.limit),
            limit_l2=exact(p.limit_l2),
            limit_l3=exact(p.limit_l3),
            number_phases=p.number_phases,
            phase_to_use=p.phase_to_use,
            discharge_limit=exact(p.discharge_limit),
            setpoint=exact(p.setpoint),
            setpoint_reactive=exact(p.setpoint_reactive),
            operation_mode=p.operation_mode,
        )
        for p in told.periods
    )
    return Composite(told.evse, told.unit, told.begin, min(told.duration, LONGEST_S), periods)
