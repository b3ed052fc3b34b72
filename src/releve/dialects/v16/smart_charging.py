"""Charging profiles (1.6, smart charging profile): one schedule, and limits of one decimal."""

from __future__ import annotations

from fractions import Fraction

import msgspec

from releve.dialects.outcome import outcome
from releve.dialects.registry import Unsupported
from releve.dialects.v16.availability import connector_id
from releve.dialects.v16.version import v16
from releve.domain.charging_profile import (
    ChargingProfile,
    ChargingSchedule,
    ChargingSchedulePeriod,
    Purpose,
    RateUnit,
)
from releve.domain.commands import Outcome, Result
from releve.domain.smart_charging import (
    ClearChargingProfile,
    GetCompositeSchedule,
    ReportedSchedule,
    ScheduleOutcome,
    SetChargingProfile,
)
from releve.ocpp.messages import v16 as wire
from releve.services.live import LiveStation

_PURPOSES = {
    Purpose.STATION_MAX: wire.ChargingProfilePurposeType.CHARGE_POINT_MAX_PROFILE,
    Purpose.TX_DEFAULT: wire.ChargingProfilePurposeType.TX_DEFAULT_PROFILE,
    Purpose.TX: wire.ChargingProfilePurposeType.TX_PROFILE,
}
_KNOWN: dict[type, frozenset[str]] = {
    ChargingProfile: frozenset(
        {
            "id",
            "stack_level",
            "purpose",
            "kind",
            "recurrency",
            "valid_from",
            "valid_to",
            "transaction_id",
            "schedules",
        }
    ),
    # An id names a schedule among several: 1.6 has one, which needs none.
    ChargingSchedule: frozenset(
        {"id", "unit", "periods", "start_schedule", "duration", "min_charging_rate"}
    ),
    ChargingSchedulePeriod: frozenset({"start_period", "limit", "number_phases"}),
}


@v16.asks
def set_charging_profile(
    command: SetChargingProfile, station: LiveStation
) -> wire.SetChargingProfileRequest:
    return wire.SetChargingProfileRequest(
        connector_id=connector_id(command.evse), cs_charging_profiles=wire_profile(command.profile)
    )


@v16.hears
def charging_profile_set(
    command: SetChargingProfile, response: wire.SetChargingProfileResponse
) -> Outcome:
    return outcome(response.status)


@v16.asks
def clear_charging_profile(
    command: ClearChargingProfile, station: LiveStation
) -> wire.ClearChargingProfileRequest:
    return wire.ClearChargingProfileRequest(
        id=command.id,
        connector_id=command.evse,
        charging_profile_purpose=None if command.purpose is None else _purpose(command.purpose),
        stack_level=command.stack_level,
    )


@v16.hears
def charging_profile_cleared(
    command: ClearChargingProfile, response: wire.ClearChargingProfileResponse
) -> Outcome:
    return outcome(response.status)


@v16.asks
def get_composite_schedule(
    command: GetCompositeSchedule, station: LiveStation
) -> wire.GetCompositeScheduleRequest:
    return wire.GetCompositeScheduleRequest(
        connector_id=connector_id(command.evse),
        duration=command.duration,
        charging_rate_unit=None
        if command.unit is None
        else wire.ChargingRateUnitType(command.unit.value),
    )


@v16.hears
def composite_schedule_told(
    command: GetCompositeSchedule, response: wire.GetCompositeScheduleResponse
) -> Outcome:
    return ScheduleOutcome(
        result=Result.ANSWERED,
        status=str(response.status),
        accepted=response.status == wire.GetCompositeScheduleStatus.ACCEPTED,
        schedule=_reported(command, response),
    )


def wire_profile(profile: ChargingProfile) -> wire.ChargingProfile:
    """A profile in 1.6's words; raises Unsupported for what it has none for."""
    _expressible(profile)
    if len(profile.schedules) != 1:
        raise Unsupported("a charging profile of OCPP 1.6 has one schedule")
    if profile.recurrency is None and profile.kind.value not in _KINDS:
        raise Unsupported(f"OCPP 1.6 has no charging profiles of kind {profile.kind}")
    reference = profile.transaction_id
    if reference is not None and not reference.isdecimal():
        raise Unsupported("a transaction of OCPP 1.6 is named by a number")
    recurrency = profile.recurrency
    return wire.ChargingProfile(
        charging_profile_id=profile.id,
        transaction_id=None if reference is None else int(reference),
        stack_level=profile.stack_level,
        charging_profile_purpose=_purpose(profile.purpose),
        charging_profile_kind=wire.ChargingProfileKindType(profile.kind.value),
        recurrency_kind=None if recurrency is None else wire.RecurrencyKindType(recurrency.value),
        valid_from=profile.valid_from,
        valid_to=profile.valid_to,
        charging_schedule=_schedule(profile.schedule),
    )


_KINDS = frozenset(kind.value for kind in wire.ChargingProfileKindType)


def _schedule(schedule: ChargingSchedule) -> wire.ChargingSchedule:
    rate = schedule.min_charging_rate
    return wire.ChargingSchedule(
        duration=schedule.duration,
        start_schedule=schedule.start_schedule,
        charging_rate_unit=wire.ChargingRateUnitType(schedule.unit.value),
        charging_schedule_period=[_period(period) for period in schedule.periods],
        min_charging_rate=None if rate is None else float(rate),
    )


def _period(period: ChargingSchedulePeriod) -> wire.ChargingSchedulePeriod:
    if period.limit is None:
        raise Unsupported("every period of OCPP 1.6 has a limit")
    return wire.ChargingSchedulePeriod(
        start_period=period.start_period,
        limit=_tenths(Fraction(period.limit)),
        number_phases=period.number_phases,
    )


def _tenths(value: Fraction) -> float:
    """One digit behind the point (1.6, 7.14), never more than was meant."""
    return (value * 10).__floor__() / 10


def _expressible(value: msgspec.Struct) -> None:
    known = _KNOWN[type(value)]
    for field in msgspec.structs.fields(type(value)):
        inner = getattr(value, field.name)
        if field.name not in known and inner is not None and inner != ():
            raise Unsupported(f"OCPP 1.6 has no {field.name} in a charging profile")
        if isinstance(inner, tuple):
            for each in inner:
                _expressible(each)


def _purpose(purpose: Purpose) -> wire.ChargingProfilePurposeType:
    found = _PURPOSES.get(purpose)
    if found is None:
        raise Unsupported(f"OCPP 1.6 has no charging profiles of purpose {purpose}")
    return found


def _reported(
    command: GetCompositeSchedule, response: wire.GetCompositeScheduleResponse
) -> ReportedSchedule | None:
    schedule = response.charging_schedule
    begin = response.schedule_start or (schedule.start_schedule if schedule else None)
    if schedule is None or begin is None:
        return None
    periods = tuple(
        msgspec.convert(
            {"start_period": p.start_period, "limit": p.limit, "number_phases": p.number_phases},
            ChargingSchedulePeriod,
        )
        for p in schedule.charging_schedule_period
    )
    return ReportedSchedule(
        evse=command.evse,
        begin=begin,
        duration=schedule.duration or command.duration,
        unit=RateUnit(schedule.charging_rate_unit.value),
        periods=periods,
    )
