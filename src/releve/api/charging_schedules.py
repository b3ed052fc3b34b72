"""K: composite schedules, limits from outside, what cars need, the supply behind an EVSE, price levels."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

import msgspec
from litestar import get, post, put
from litestar.params import JSONBody, PathParameter, QueryParameter

from releve.api.charging_forms import (
    ExternalLimitView,
    NeedsView,
    ProfileAnswer,
    Renegotiation,
    SupplyForm,
    SupplyView,
    limit_view,
    needs_view,
)
from releve.api.charging_profiles import profile_answer
from releve.api.command_forms import CommandResult, result_of
from releve.api.commands import ASKING, CONTROL, Patience
from releve.api.here import Asker, StationKey, TheDesk, aware, station_id
from releve.domain.charging_holdings import SupplyNote
from releve.domain.charging_profile import RateUnit
from releve.energy.compare import Difference
from releve.energy.composite import Composite, CompositePeriod
from releve.energy.supply import near
from releve.services.smart_charging.planning import PriceLevels, PriceStep
from releve.services.smart_charging.schedules import LONGEST_S, Comparison

TAGS = ["Smart charging"]
DIGITS = 3
Evse = Annotated[int, QueryParameter(description="0: the station as a whole.", ge=0, le=2**31 - 1)]
Seconds = Annotated[int, QueryParameter(description="How far, from now on.", ge=60, le=LONGEST_S)]
Unit = Annotated[
    RateUnit | None, QueryParameter(description="A or W; absent: the station's usual one.")
]
EvseKey = Annotated[int, PathParameter(description="The EVSE; 0: all others.", ge=0, le=2**31 - 1)]


class CompositeStepView(msgspec.Struct, frozen=True, kw_only=True):
    """From `start` on, `limit` in the schedule's unit (null: nothing limits); profiles: those that lead."""

    start: datetime
    limit: float | None
    limit_l2: float | None = None
    limit_l3: float | None = None
    number_phases: int | None = None
    phase_to_use: int | None = None
    discharge_limit: float | None = None
    setpoint: float | None = None
    operation_mode: str | None = None
    profiles: list[int] = []


class CompositeView(msgspec.Struct, frozen=True, kw_only=True):
    """A composite schedule: what all profiles together allow. unit A: amperes per phase; W: watts in all."""

    evse: int
    unit: RateUnit
    begin: datetime
    end: datetime
    periods: list[CompositeStepView]


class DifferenceView(msgspec.Struct, frozen=True, kw_only=True):
    """above: the station would take more than we reckon is allowed."""

    start: datetime
    end: datetime
    ours: float | None
    theirs: float | None
    above: bool


class ComparisonView(msgspec.Struct, frozen=True, kw_only=True):
    """answer: how asking the station ended. theirs: null when it told nothing."""

    ours: CompositeView
    theirs: CompositeView | None
    differences: list[DifferenceView]
    answer: CommandResult


class ExternalLimitsView(msgspec.Struct, frozen=True, kw_only=True):
    items: list[ExternalLimitView]


class AllNeeds(msgspec.Struct, frozen=True, kw_only=True):
    items: list[NeedsView]


class SupplyList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[SupplyView]


class PriceStepForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From `start` on, power has this level: 1 is the cheapest."""

    start: datetime
    level: Annotated[int, msgspec.Meta(ge=1, le=1000)]


class Prices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When power is cheap. Empty: it does not matter."""

    steps: Annotated[list[PriceStepForm], msgspec.Meta(max_length=1024)]


@get(
    "/stations/{station:str}/composite-schedule",
    operation_id="getCompositeSchedule",
    summary="What all profiles together allow",
    tags=TAGS,
)
async def get_composite(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    evse: Evse = 0,
    duration: Seconds = 86_400,
    unit: Unit = None,
) -> CompositeView:
    """By our own reckoning from all that is known to be installed; the station is not asked."""
    found = await desk.services.composite_schedules.ours(
        asker.operator, await station_id(desk, asker, station), evse, duration, unit
    )
    return composite_view(found)


@post(
    "/stations/{station:str}/composite-schedule",
    operation_id="compareCompositeSchedule",
    summary="Ask the station for its schedule, and compare",
    tags=TAGS,
    opt=ASKING,
    status_code=200,
)
async def compare_composite(
    desk: TheDesk,
    asker: Asker,
    station: StationKey,
    evse: Evse = 0,
    duration: Seconds = 86_400,
    unit: Unit = None,
    timeout: Patience = None,
) -> ComparisonView:
    """The station's schedule, ours, and where they differ by more than rounding and clocks explain."""
    found = await desk.services.composite_schedules.compared(
        asker.operator,
        await station_id(desk, asker, station),
        evse,
        duration,
        unit,
        by=asker.name,
        timeout=timeout,
    )
    return comparison_view(found)


@get(
    "/stations/{station:str}/charging-limits",
    operation_id="listChargingLimits",
    summary="Limits from outside",
    tags=TAGS,
)
async def list_limits(desk: TheDesk, asker: Asker, station: StationKey) -> ExternalLimitsView:
    """Limits that systems beside the station have set (an energy management system, the grid's operator)."""
    number = await station_id(desk, asker, station)
    found = await desk.services.charging_limits.all(asker.operator, number)
    return ExternalLimitsView(items=[limit_view(limit) for limit in found])


@get(
    "/stations/{station:str}/charging-needs",
    operation_id="listChargingNeeds",
    summary="What cars need",
    tags=TAGS,
)
async def list_needs(desk: TheDesk, asker: Asker, station: StationKey) -> AllNeeds:
    """The latest needs that a car told at each EVSE (ISO 15118), and what came of them."""
    number = await station_id(desk, asker, station)
    found = await desk.services.charging_needs.all(asker.operator, number)
    return AllNeeds(items=[needs_view(noted) for noted in found])


@post(
    "/stations/{station:str}/charging-needs/renegotiate",
    operation_id="renegotiateSchedule",
    summary="Plan anew for a car",
    tags=TAGS,
    opt=CONTROL,
    status_code=200,
)
async def renegotiate(
    desk: TheDesk, asker: Asker, station: StationKey, data: JSONBody[Renegotiation]
) -> ProfileAnswer:
    """Make a schedule from its needs and the present limits and send it; the station renegotiates with the car."""
    number = await station_id(desk, asker, station)
    result = await desk.services.charging_needs.renegotiate(asker.operator, number, data.evse)
    return profile_answer(result)


@get(
    "/stations/{station:str}/supply",
    operation_id="listSupplies",
    summary="What stands behind the EVSEs",
    tags=TAGS,
)
async def list_supplies(desk: TheDesk, asker: Asker, station: StationKey) -> SupplyList:
    """Voltage, phases and fuse as noted; by these amperes and watts are converted."""
    found = await desk.services.smart_charging.situation(
        asker.operator, await station_id(desk, asker, station)
    )
    return SupplyList(items=[supply_view(note) for note in found.notes])


@put(
    "/stations/{station:str}/supply/{evse:int}",
    operation_id="setSupply",
    summary="Note what stands behind an EVSE",
    tags=TAGS,
    opt={"scope": "admin", "pace": "gentle"},
)
async def set_supply(
    desk: TheDesk, asker: Asker, station: StationKey, evse: EvseKey, data: JSONBody[SupplyForm]
) -> SupplyView:
    """Nothing is sent to the station."""
    most = data.max_current_a
    note = SupplyNote(
        evse=evse,
        phases=data.phases,
        voltage_v=Decimal(str(data.voltage_v)),
        max_current_a=None if most is None else Decimal(str(most)),
        direct=data.direct,
    )
    number = await station_id(desk, asker, station)
    await desk.services.smart_charging.note_supply(asker.operator, number, note)
    return supply_view(note)


@get(
    "/charging-prices",
    operation_id="getChargingPrices",
    summary="When power is cheap",
    tags=TAGS,
)
async def get_prices(desk: TheDesk, asker: Asker) -> Prices:
    """Price levels by which schedules for cars are made."""
    return prices_view(await desk.services.planner.levels(asker.operator))


@put(
    "/charging-prices",
    operation_id="setChargingPrices",
    summary="Say when power is cheap",
    tags=TAGS,
    opt={"scope": "admin", "pace": "gentle"},
)
async def set_prices(desk: TheDesk, asker: Asker, data: JSONBody[Prices]) -> Prices:
    """Replaces all steps. Schedules that are out already stay as they are."""
    steps = tuple(
        PriceStep(start=aware(step.start, "steps") or step.start, level=step.level)
        for step in data.steps
    )
    return prices_view(
        await desk.services.planner.set_levels(asker.operator, PriceLevels(steps=steps))
    )


def prices_view(levels: PriceLevels) -> Prices:
    """As the API shows it."""
    return Prices(steps=[PriceStepForm(start=s.start, level=s.level) for s in levels.steps])


def supply_view(note: SupplyNote) -> SupplyView:
    """As the API shows it."""
    return SupplyView(
        evse=note.evse,
        phases=note.phases,
        voltage_v=float(note.voltage_v),
        max_current_a=None if note.max_current_a is None else float(note.max_current_a),
        direct=note.direct,
    )


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(near(value, DIGITS))


def _step(period: CompositePeriod) -> CompositeStepView:
    mode = period.operation_mode
    return CompositeStepView(
        start=period.start,
        limit=_number(period.limit),
        limit_l2=_number(period.limit_l2),
        limit_l3=_number(period.limit_l3),
        number_phases=period.number_phases,
        phase_to_use=period.phase_to_use,
        discharge_limit=_number(period.discharge_limit),
        setpoint=_number(period.setpoint),
        operation_mode=None if mode is None else mode.value,
        profiles=list(period.profiles),
    )


def composite_view(found: Composite) -> CompositeView:
    """As the API shows it."""
    return CompositeView(
        evse=found.evse,
        unit=found.unit,
        begin=found.begin,
        end=found.begin + timedelta(seconds=found.duration_s),
        periods=[_step(period) for period in found.periods],
    )


def difference_view(found: Difference) -> DifferenceView:
    """As the API shows it."""
    return DifferenceView(
        start=found.start,
        end=found.end,
        ours=_number(found.ours),
        theirs=_number(found.theirs),
        above=found.above,
    )


def comparison_view(found: Comparison) -> ComparisonView:
    """As the API shows it."""
    outcome = msgspec.structs.replace(found.outcome, schedule=None)
    return ComparisonView(
        ours=composite_view(found.ours),
        theirs=None if found.theirs is None else composite_view(found.theirs),
        differences=[difference_view(each) for each in found.differences],
        answer=result_of(outcome),
    )


ROUTES = (
    get_composite,
    compare_composite,
    list_limits,
    list_needs,
    renegotiate,
    list_supplies,
    set_supply,
    get_prices,
    set_prices,
)
